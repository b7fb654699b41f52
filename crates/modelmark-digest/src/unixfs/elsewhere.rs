//! The CIDs that others may have given a file: which bytes a foreign CID names depends on how its maker cut them.

use std::io::{self, Read};

use super::file::FileTree;
use crate::{CidProfile, ContentId};

/// Returns the version 0 CID (`Qm…`) of a file, as `ipfs add` makes it without options, in the form of the version 1 CID of the same block.
///
/// Memory is bounded by one leaf.
///
/// # Errors
/// When the file cannot be read.
pub fn cid_of_version_0(mut file: impl Read) -> io::Result<ContentId> {
    let mut tree = FileTree::of_version_0();
    let mut leaf = Vec::new();
    let mut first = true;
    loop {
        leaf.clear();
        file.by_ref().take(CidProfile::UnixfsV1Legacy.leaf_bytes() as u64).read_to_end(&mut leaf)?;
        if leaf.is_empty() && !first {
            return Ok(tree.finish(&mut |_, _| {}).cid);
        }
        tree.push_wrapped(&leaf);
        first = false;
    }
}

/// Returns the CIDs that `bytes` get as one raw block, as a file under each of our profiles, and as a file of version 0.
///
/// A file that was cut in yet another way has a CID that is not among them, and nothing can be said of it without its blocks.
#[must_use]
pub fn cids_of(bytes: &[u8]) -> Vec<ContentId> {
    let mut cids = vec![ContentId::raw(bytes)];
    for profile in CidProfile::ALL {
        let mut tree = FileTree::new(profile);
        for leaf in bytes.chunks(profile.leaf_bytes()) {
            tree.push(ContentId::raw(leaf), leaf.len() as u64, &mut |_, _| {});
        }
        cids.push(tree.finish(&mut |_, _| {}).cid);
    }
    // Reading bytes in memory cannot fail.
    cids.extend(cid_of_version_0(bytes));
    cids.dedup();
    cids
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed read is a failed test")]
    use super::*;

    /// What Kubo prints for `ipfs add` of the empty file and of `hello world` with a newline.
    #[test]
    fn well_known_files_have_their_well_known_cids() {
        for (bytes, cid) in [
            (&b""[..], "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
            (b"hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"),
        ] {
            let cid = ContentId::from_any_version(cid).unwrap();
            assert_eq!(cid_of_version_0(bytes).unwrap(), cid);
            assert!(cids_of(bytes).contains(&cid) && cids_of(bytes).contains(&ContentId::raw(bytes)));
            assert!(!cids_of(b"other").contains(&cid));
        }
    }
}
