//! Random trees of files: the engine agrees with the slow twin, whatever the sizes, threads and digests asked for.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use modelmark_digest::lanes::{Backend, set_backend};
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
        holes: false,
        threads: NonZeroUsize::new(threads),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_engine_agrees_with_the_slow_twin(files in files(), request in request(), backend in any::<prop::sample::Index>()) {
        // For the whole process; that other tests run with it too does no harm.
        set_backend(*backend.get(&Backend::available().collect::<Vec<_>>())).unwrap();
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

#[test]
fn many_files_of_several_blocks_side_by_side() {
    let files: BTreeMap<String, Vec<u8>> =
        (0..23).map(|i| (format!("shard-{i:02}"), PATTERN[i * 31..][..3 * LEAF + i * 131_073 % (9 * LEAF)].to_vec())).collect();
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, content)| write(dir.path(), path, content));
    for backend in Backend::available() {
        set_backend(backend).unwrap();
        for (profile, threads) in CidProfile::ALL.into_iter().flat_map(|profile| [1, 2, 5].map(|threads| (profile, threads))) {
            let request = Request { profile, threads: NonZeroUsize::new(threads), ..Request::default() };
            let manifest = digest(dir.path(), &request, &()).unwrap();
            assert_eq!(manifest.cid, slow_unixfs::directory(profile, &files).cid, "{backend} {profile} {threads}");
            for (entry, content) in manifest.files.iter().zip(files.values()) {
                assert_eq!(entry.sha256, Some(Sha256Digest::of(content)), "{backend} {profile} {threads} {}", entry.path);
            }
        }
    }
}

#[test]
fn a_folder_of_small_files() {
    let files: BTreeMap<String, Vec<u8>> = (0..1500).map(|i| (format!("{}/{i}", i % 7), PATTERN[i..][..i * 37 % 5000].to_vec())).collect();
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, content)| write(dir.path(), path, content));
    for threads in [1, 3] {
        let request = Request { threads: NonZeroUsize::new(threads), keccak256: true, ..Request::default() };
        let manifest = digest(dir.path(), &request, &()).unwrap();
        assert_eq!(manifest.cid, slow_unixfs::directory(request.profile, &files).cid);
        assert_eq!(manifest.files[700].keccak256, Some(Keccak256Digest::of(&files[manifest.files[700].path.as_str()])));
    }
}
