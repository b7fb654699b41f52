//! A signature of OpenSSF model signing that `modelmark verify` looks at beside everything else.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use modelmark_oms::{Certificates, MAX_BUNDLE_BYTES, MAX_KEY_BYTES, Options, PublicKey, Signer, Trust, VerifyError};
use modelmark_verify::{Look, OmsEvidence, OmsSigner};

use super::sign::certificates;
use super::verify::trust_root;
use super::{bad_key, place};
use crate::error::{CommandError, OrKind as _, Result};
use crate::files_signed::told;
use crate::progress::Progress;
use crate::session::{Session, read_input, read_judged};

/// The name under which signatures lie in models.
const SIGNATURE: &str = "model.sig";

/// Whose signature of OpenSSF model signing has to speak for the files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signature of OpenSSF model signing")]
pub(crate) struct OmsArgs {
    /// Public key (PEM) whose holder has to have signed the files; a model without a token then verifies by that alone
    #[arg(long, value_name = "FILE", conflicts_with_all = ["oms_certificate_roots", "oms_identity", "part"])]
    oms_key: Option<PathBuf>,
    /// Certificates (PEM) that have to vouch for who signed the files: authorities, or the signer's own; repeatable
    #[arg(long, value_name = "FILE", conflicts_with_all = ["oms_identity", "part"])]
    oms_certificate_roots: Vec<PathBuf>,
    /// Who has to have signed the files while logged in at --oms-issuer, letter by letter: an e-mail address, or the URI of a workflow (Sigstore)
    #[arg(long, value_name = "IDENTITY", requires = "oms_issuer", conflicts_with = "part", value_parser = NonEmptyStringValueParser::new())]
    oms_identity: Option<String>,
    /// Where that signer was logged in, letter by letter
    #[arg(long, value_name = "URL", requires = "oms_identity", value_parser = NonEmptyStringValueParser::new())]
    oms_issuer: Option<String>,
    /// Authority and logs that vouch for that signer (`trusted_root.json`) [default: Sigstore's public instance]
    #[arg(long, value_name = "FILE", requires = "oms_identity")]
    oms_trust_root: Option<PathBuf>,
    /// The signature [default: `model.sig` in the model]
    #[arg(long, value_name = "FILE", conflicts_with = "part")]
    oms_signature: Option<PathBuf>,
}

impl OmsArgs {
    /// Tells whether a signature was asked for.
    pub(crate) const fn asked(&self) -> bool {
        self.oms_key.is_some() || !self.oms_certificate_roots.is_empty() || self.oms_identity.is_some()
    }

    /// Tells whether a signature was named, which can be of one model only.
    pub(crate) const fn names_signature(&self) -> bool {
        self.oms_signature.is_some()
    }

    /// Returns the signature that was brought, for a policy file that names who may have made it.
    pub(crate) fn brought(&self, signature: Option<&Path>) -> Vec<PathBuf> {
        self.oms_signature.iter().cloned().chain(signature.map(Path::to_owned)).collect()
    }

    /// Looks whether the signature speaks for the files of `model`: the one that the options name, else `signature`, else the one in the model. Where the policy's
    /// file names who signs files (`named`), a signature needs nobody else.
    ///
    /// # Errors
    /// When a key, a certificate or a signature that was named cannot be read, or two were.
    pub(crate) fn look(&self, session: &Session<'_>, model: &Path, signature: Option<&Path>, named: bool) -> Result<Look<OmsEvidence>> {
        if self.names_signature() && signature.is_some() {
            return Err(CommandError::usage("two signatures are named").hint("name the model, and the signature with --oms-signature"));
        }
        let signature = self.oms_signature.as_deref().or(signature);
        if let Some(path) = &self.oms_key {
            let pem = read_input(path, MAX_KEY_BYTES as u64)?;
            let key = PublicKey::from_pem(&pem).map_err(|error| bad_key(path, &error))?;
            return held_against(session, (model, signature), Trust::Key(&key));
        }
        if !self.oms_certificate_roots.is_empty() {
            let mut roots = Certificates::default();
            self.oms_certificate_roots.iter().try_for_each(|path| certificates(path).map(|more| roots.extend(more)))?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).or_unreachable()?;
            return held_against(session, (model, signature), Trust::Certificates { roots: &roots, now });
        }
        if let (Some(identity), Some(issuer)) = (&self.oms_identity, &self.oms_issuer) {
            let root = trust_root(self.oms_trust_root.as_deref(), false)?;
            return held_against(session, (model, signature), Trust::Keyless { root: &root, identity, issuer });
        }
        match signature {
            Some(_) if !named => Err(CommandError::usage("a signature without anybody to trust").hint(
                "add --oms-key, --oms-certificate-roots, --oms-identity with --oms-issuer, or a --policy that names who signs files",
            )),
            _ => Ok(Look::NotAsked),
        }
    }
}

fn held_against(session: &Session<'_>, (model, named): (&Path, Option<&Path>), trust: Trust<'_>) -> Result<Look<OmsEvidence>> {
    let path = named.map_or_else(|| in_model(model), Path::to_owned);
    let bundle = match named {
        Some(path) => read_judged(path, MAX_BUNDLE_BYTES)?,
        None => match found(&path)? {
            Some(bundle) => bundle,
            None => return Ok(Look::Absent(format!("there is no signature `{}`", path.display()))),
        },
    };
    let options = Options { signature_path: place::below(model, &path), ..Options::default() };
    let progress = Progress::new(session.output, "verifying the signature");
    Ok(match modelmark_oms::verify(model, &bundle, trust, &options, &progress) {
        Ok(report) => Look::Found(told(&report)),
        Err(error) => Look::Unreachable(unlooked(&error)),
    })
}

/// Returns who signed, for policies.
pub(crate) fn known(signer: &Signer) -> Option<OmsSigner> {
    match signer {
        Signer::Key { hint, .. } => Some(OmsSigner::Key(*hint)),
        Signer::Keyless { identity, issuer, .. } => Some(OmsSigner::Keyless { identity: identity.clone(), issuer: issuer.clone() }),
        Signer::Certificate { subject, hint, .. } => Some(OmsSigner::Certificate { subject: subject.clone(), key: *hint }),
        _ => None,
    }
}

/// Returns where the signature of a model lies if nobody says otherwise.
pub(crate) fn in_model(model: &Path) -> PathBuf {
    let folder = if model.is_dir() { model } else { model.parent().unwrap_or(model) };
    folder.join(SIGNATURE)
}

/// Reads a signature that is a plain file, or a link of a hub's cache. A model may hold anything under that name, and opening a pipe would wait for ever.
pub(crate) fn found(path: &Path) -> Result<Option<Vec<u8>>> {
    let unreadable = |error: std::io::Error| CommandError::unreachable(format!("cannot read `{}`: {error}", path.display()));
    let file = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Some(File::open(path).map_err(unreadable)?),
        Ok(metadata) if metadata.is_symlink() => modelmark_digest::hub::open_linked(path).or_refused()?,
        _ => None,
    };
    let Some(file) = file else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(MAX_BUNDLE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(Some(bytes))
}

/// Says why files could not be looked at.
pub(crate) fn unlooked(error: &VerifyError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
