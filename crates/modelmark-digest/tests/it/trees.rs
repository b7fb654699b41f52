//! Random trees of files: the engine agrees with the slow twin, whatever the sizes, threads and digests asked for.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use modelmark_digest::{Blake3Digest, CidProfile, Keccak256Digest, Request, Sha256Digest, digest};
use proptest::prelude::*;

use crate::content::{content, write};
use crate::slow_unixfs;

const LEAF: usize = 262_144;

// Made once: the generator is slow without optimisation.
static PATTERN: LazyLock<Vec<u8>> = LazyLock::new(|| content(13 * LEAF + 1000));

fn size() -> impl Strategy<Value = usize> {
    let near = |edge: usize| (edge - 1)..(edge + 2);
    prop_oneof![12 => 0..3000_usize, 2 => near(LEAF), 1 => near(2 * LEAF), 2 => near(4 * LEAF), 1 => near(8 * LEAF), 1 => 5 * LEAF..13 * LEAF]
}

fn files() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    // Directories and files draw from different letters, so that no name is both.
    let path = ("([a-c]/){0,3}", "[x-zé-ü\u{ff5e}\u{1f600}][ -.0-9A-Z]{0,6}").prop_map(|(folder, name)| format!("{folder}{name}"));
    let piece = (size(), 0..1000_usize).prop_map(|(size, start)| PATTERN[start..start + size].to_vec());
    proptest::collection::btree_map(path, piece, 1..14)
}

fn request() -> impl Strategy<Value = Request> {
    (0..2_usize, any::<[bool; 4]>(), 1..5_usize).prop_map(|(profile, [sha256, keccak256, blake3, tensors], threads)| Request {
        profile: CidProfile::ALL[profile],
        sha256,
        keccak256,
        blake3,
        tensors,
        threads: NonZeroUsize::new(threads),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_engine_agrees_with_the_slow_twin(files in files(), request in request()) {
        let dir = tempfile::tempdir().unwrap();
        files.iter().for_each(|(path, content)| write(dir.path(), path, content));
        let manifest = digest(dir.path(), &request, &()).unwrap();

        prop_assert_eq!(manifest.cid, slow_unixfs::directory(request.profile, &files).cid);
        prop_assert_eq!(manifest.profile, request.profile);
        prop_assert_eq!(manifest.size, files.values().map(|content| content.len() as u64).sum::<u64>());
        prop_assert_eq!(manifest.files.len(), files.len());
        for (entry, (path, content)) in manifest.files.iter().zip(&files) {
            prop_assert_eq!(entry.path.as_str(), path);
            prop_assert_eq!(entry.cid, slow_unixfs::file(request.profile, content).cid);
            prop_assert_eq!(entry.sha256, request.sha256.then(|| Sha256Digest::of(content)));
            prop_assert_eq!(entry.keccak256, request.keccak256.then(|| Keccak256Digest::of(content)));
            prop_assert_eq!(entry.blake3, request.blake3.then(|| Blake3Digest::of(content)));
        }
    }
}
