//! From a model and a key to a bundle that every client reads: whole files, SHA-256, in the order of code points.

use std::collections::BTreeSet;
use std::path::Path;

use modelmark_digest::{DigestError, ManifestKind, Observer, Request, Scope, Selection, Sha256Digest};
use serde_json::json;

use crate::bundle::{Bundle, MAX_BUNDLE_BYTES, Material};
use crate::certificate::{Certificates, MAX_CHAIN};
use crate::key::{KeyError, PrivateKey};
use crate::statement::{OMS_PREDICATE, Statement};
use crate::uncovered::GIT_PATHS;

/// How a model is signed.
#[derive(Debug)]
pub struct Signing<'s> {
    /// With which key.
    pub key: &'s PrivateKey,
    /// The signer's certificate and those that vouch for it, in order; absent when verifiers know the key.
    pub certificates: Option<&'s Certificates>,
    /// Paths, as they stand below the model's folder, that are left out.
    pub ignore_paths: BTreeSet<String>,
    /// Where the bundle will lie, when it will lie in the model's folder.
    pub signature_path: Option<String>,
    /// Whether files are read that are hardly more than holes; without, they are an error.
    pub holes: bool,
}

/// A model that cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The model cannot be read, or is refused.
    #[error(transparent)]
    Model(#[from] DigestError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The model is one file; clients disagree on how to list it.
    #[error("the model is a single file, which clients list in different ways")]
    SingleFile,
    /// Nothing is left to sign.
    #[error("nothing is left of the model to sign")]
    Empty,
    /// The certificate is of another key.
    #[error("the certificate is not of the private key")]
    OtherKey,
    /// The chain is too long.
    #[error("the chain has more than {MAX_CHAIN} certificates")]
    LongChain,
    /// The bundle would be larger than verifiers accept.
    #[error("the bundle would have more than {MAX_BUNDLE_BYTES} bytes")]
    TooLarge,
    /// The key made no signature.
    #[error("the key made no signature that it verifies")]
    NoSignature,
}

impl Signing<'_> {
    /// Signs a statement.
    ///
    /// # Errors
    /// When the certificates do not fit the key, or the bundle is too large.
    pub fn seal(&self, statement: &Statement) -> Result<Bundle, SignError> {
        let public = self.key.public_key()?;
        let material = match self.certificates {
            None => Material::Key(Some(public.hint().to_string())),
            Some(chain) if chain.first_key()? != public => return Err(SignError::OtherKey),
            Some(chain) if chain.der().len() > MAX_CHAIN => return Err(SignError::LongChain),
            Some(chain) => Material::Certificates(chain.der().to_vec()),
        };
        let unsigned = Bundle::new(material.clone(), statement.bytes(), Vec::new());
        let message = unsigned.signed_bytes();
        let signature = self.key.sign(&message).map_err(|_| SignError::NoSignature)?;
        // A fault while signing could give the key away to whoever sees the signature.
        if !public.verifies(&message, &signature) {
            return Err(SignError::NoSignature);
        }
        let bundle = Bundle::new(material, unsigned.payload().to_vec(), vec![signature]);
        if bundle.bytes().len() > MAX_BUNDLE_BYTES { Err(SignError::TooLarge) } else { Ok(bundle) }
    }
}

/// Signs the model in the folder `path`, and returns what was said of it with the bundle.
///
/// The same model, key and paths give the same statement, and but for P-521 the same bundle.
///
/// # Errors
/// When the model cannot be read, holds links or special files, or the key does not fit.
pub fn sign(path: &Path, signing: &Signing<'_>, observer: &dyn Observer) -> Result<(Statement, Bundle), SignError> {
    let ignored: BTreeSet<String> = GIT_PATHS
        .into_iter()
        .map(str::to_owned)
        .chain(signing.ignore_paths.iter().cloned())
        .chain(signing.signature_path.clone())
        .collect();
    let selection = Selection::of(path, Scope { leave_out: ignored.clone(), ..Scope::default() })?;
    if selection.kind() == ManifestKind::File {
        return Err(SignError::SingleFile);
    }
    let files = selection.digest(&Request { sha256: true, holes: signing.holes, ..Request::cids() }, observer)?;
    if files.is_empty() {
        return Err(SignError::Empty);
    }
    let digests = files.iter().filter_map(|file| file.sha256);
    let root: Vec<u8> = digests.flat_map(|digest| *digest.as_bytes()).collect();
    // The byte order of UTF-8, in which the files come, is that of code points.
    let resources: Vec<_> = files
        .iter()
        .filter_map(|file| Some(json!({"name": file.path.as_str(), "algorithm": "sha256", "digest": file.sha256?.to_string()})))
        .collect();
    let statement = Statement {
        name: name_of(path),
        digest: Sha256Digest::of(&root),
        predicate_type: OMS_PREDICATE.to_owned(),
        predicate: json!({
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false, "ignore_paths": ignored},
            "resources": resources,
        }),
    };
    let bundle = signing.seal(&statement)?;
    Ok((statement, bundle))
}

/// The folder's own name, as it is called where it lies.
fn name_of(path: &Path) -> String {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    whole.file_name().map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned())
}
