//! What a policy file names beside it: keys, certificates and trusted roots are read once, with the policy, and stand in their files' place.

use std::path::Path;

use modelmark_oms::{Certificates, MAX_KEY_BYTES, MAX_TRUST_ROOT_BYTES, PublicKey, TrustRoot, TrustRootError};
use modelmark_verify::{Beside, Digest, Identity, Key, Rules, Vouching};

use crate::error::{CommandError, Result};
use crate::session::read_input;

/// Most bytes of certificates in one file.
const MAX_ROOTS_BYTES: u64 = MAX_KEY_BYTES as u64;

/// Puts what identities name in their place: of keys the fingerprints, of certificates and trusted roots the content. What is no key and no certificate is
/// refused here, before anything is looked at.
pub(super) fn settle(policy: &Path, rules: &mut Rules) -> Result<()> {
    let wrong = |what: String| CommandError::usage(format!("the policy `{}`: {what}", policy.display()));
    for identity in rules.identities_mut() {
        match identity {
            Identity::Key(key) => {
                let read = match key {
                    Key::Fingerprint(_) => continue,
                    Key::Pem(pem) => PublicKey::from_pem(pem.as_bytes()).map_err(|error| wrong(format!("`pem`: {error}")))?,
                    Key::File(file) => {
                        let pem = read_beside(policy, file, MAX_KEY_BYTES as u64)?;
                        PublicKey::from_pem(&pem).map_err(|error| wrong(format!("`{file}`: {error}")))?
                    }
                    Key::Did(did) => PublicKey::from_did(did.as_str()).map_err(|error| wrong(format!("`{did}`: {error}")))?,
                };
                *key = Key::Fingerprint(Digest::from(read.hint()));
            }
            Identity::Keyless { vouching: Some(vouching), .. } => {
                let (name, json) = content(policy, vouching, MAX_TRUST_ROOT_BYTES as u64)?;
                let root = String::from_utf8(json).map_err(|_| wrong(format!("`{name}` is not UTF-8 text")))?;
                match TrustRoot::from_json(root.as_bytes()) {
                    // A build that cannot look says so when it should.
                    Ok(_) | Err(TrustRootError::NotBuilt) => {}
                    Err(error) => return Err(wrong(format!("`{name}`: {error}"))),
                }
                let value: serde_json::Value = serde_json::from_str(&root).map_err(|error| wrong(format!("`{name}`: {error}")))?;
                *vouching = Vouching::Text(value.to_string());
            }
            Identity::Certificate { vouching, .. } => {
                let (name, pem) = content(policy, vouching, MAX_ROOTS_BYTES)?;
                let roots = Certificates::from_pem(&pem).map_err(|error| wrong(format!("`{name}`: {error}")))?;
                *vouching = Vouching::Text(roots.to_pem());
            }
            Identity::Keyless { vouching: None, .. } => {}
        }
    }
    Ok(())
}

fn content(policy: &Path, vouching: &Vouching, limit: u64) -> Result<(String, Vec<u8>)> {
    match vouching {
        Vouching::Text(text) => Ok(("the text in the policy".to_owned(), text.clone().into_bytes())),
        Vouching::File(file) => Ok((file.to_string(), read_beside(policy, file, limit)?)),
    }
}

/// Reads a plain file below the folder that the policy file lies in. A link may lead to another file there, and nowhere else.
fn read_beside(policy: &Path, file: &Beside, limit: u64) -> Result<Vec<u8>> {
    let told = |what: &str| CommandError::usage(format!("the policy `{}` names `{file}`, {what}", policy.display()));
    if policy == Path::new("-") {
        return Err(told("and there are no files beside one from stdin; put the text in the policy"));
    }
    let folder = policy.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let root = std::fs::canonicalize(folder).map_err(|error| told(&format!("whose folder cannot be found: {error}")))?;
    let path = std::fs::canonicalize(root.join(file.path())).map_err(|error| told(&format!("which cannot be read: {error}")))?;
    if !path.starts_with(&root) {
        return Err(told("which leads out of the folder that the policy lies in"));
    }
    if !std::fs::metadata(&path).is_ok_and(|found| found.is_file()) {
        return Err(told("which is no plain file"));
    }
    read_input(&path, limit)
}
