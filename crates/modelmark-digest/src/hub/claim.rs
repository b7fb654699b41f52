//! What the name of a cached file says about its bytes, held against the bytes.
//!
//! No proof of anything: whoever can write to the cache chose both. It tells a download that went wrong from one that went right.

use std::io::Read as _;

use data_encoding::HEXLOWER_PERMISSIVE;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

use super::error::HubError;
use crate::engine::FileDigests;
use crate::walk::{FoundFile, Tree};
use crate::{Codec, DigestError, Sha256Digest};

/// Largest file whose git name is computed, which takes a second read; the hub keeps none above 10 MB in git.
const MAX_GIT_BYTES: u64 = 16 << 20;

/// A digest that an etag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Of a file in LFS or Xet storage.
    Sha256(Sha256Digest),
    /// Of a file in git: SHA-1 of a header and the bytes.
    Git([u8; 20]),
}

impl Claim {
    /// Reads an etag; other forms claim nothing.
    pub(super) fn of(etag: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(etag.as_bytes()).ok()?;
        match bytes.len() {
            32 => <[u8; 32]>::try_from(bytes).ok().map(|digest| Self::Sha256(digest.into())),
            20 => bytes.try_into().ok().map(Self::Git),
            _ => None,
        }
    }
}

/// Makes sure that files of a cache are what their names say, as far as the digests that were made can tell.
pub(crate) fn check(tree: &Tree, digests: &[FileDigests]) -> Result<(), DigestError> {
    for (found, digests) in tree.files.iter().zip(digests) {
        match found.claim {
            Some(Claim::Sha256(claimed)) => {
                // A file of one leaf has its leaf's digest.
                let leaf = (digests.entry.cid.codec() == Codec::Raw).then(|| digests.entry.cid.digest());
                if let Some(digest) = digests.entry.sha256.or(leaf).filter(|digest| *digest != claimed) {
                    return Err(damaged(tree, found, "SHA-256", digest.to_string(), claimed.to_string()));
                }
            }
            Some(Claim::Git(claimed)) if found.size <= MAX_GIT_BYTES => {
                let name = git_name(tree, found)?;
                if name != claimed {
                    return Err(damaged(tree, found, "git SHA-1", HEXLOWER_PERMISSIVE.encode(&name), HEXLOWER_PERMISSIVE.encode(&claimed)));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn damaged(tree: &Tree, file: &FoundFile, kind: &'static str, found: String, claimed: String) -> DigestError {
    HubError::Damaged { path: tree.full(&file.path), kind, found, claimed }.into()
}

/// What git calls a file with these bytes.
fn git_name(tree: &Tree, found: &FoundFile) -> Result<[u8; 20], DigestError> {
    let mut bytes = Vec::new();
    tree.open(found)?.take(MAX_GIT_BYTES + 1).read_to_end(&mut bytes).map_err(|source| tree.failed(&found.path, source))?;
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(format!("blob {}\0", bytes.len()).as_bytes());
    context.update(&bytes);
    context.finish().as_ref().try_into().map_err(|_| tree.changed(found))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn an_etag_is_told_by_its_length() {
        assert_eq!(Claim::of(&"ab".repeat(20)), Some(Claim::Git([0xab; 20])));
        let Some(Claim::Sha256(digest)) = Claim::of(&"cd".repeat(32)) else { panic!("no SHA-256") };
        assert_eq!(digest.as_bytes(), &[0xcd; 32]);
        for other in ["", "abc", "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e-12", &"zz".repeat(20)] {
            assert_eq!(Claim::of(other), None, "{other}");
        }
    }

    #[test]
    fn files_have_the_names_that_git_gives_them() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), "hello\n").unwrap();
        let tree = Tree::find(dir.path()).unwrap();
        // `printf 'hello\n' | git hash-object --stdin`
        assert_eq!(
            HEXLOWER_PERMISSIVE.encode(&git_name(&tree, tree.files.first().unwrap()).unwrap()),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
    }
}
