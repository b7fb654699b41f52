//! Proofs that a range belongs to a file: made from its leaves, checked against its CID alone.
#![expect(clippy::single_range_in_vec_init, reason = "lists of one range are meant")]

use modelmark_digest::outboard::LeafList;
use modelmark_digest::partial::{KnownLeaves, MAX_RANGE_PROOF_BYTES, Piece, RangeDigests, RangeProof, RangeProofError, hold};
use modelmark_digest::{Blake3Digest, CidProfile, ContentId, Keccak256Digest, Request, Sha256Digest};
use modelmark_formats::ReadAt;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What a hostile hand does to a document.
type Change<'c> = &'c dyn Fn(&mut Value);

fn pattern(size: u64) -> Vec<u8> {
    (0..size).map(|i| (i * 31 + (i >> 13)) as u8).collect()
}

fn list(profile: CidProfile, content: &[u8]) -> LeafList {
    LeafList::read(profile, &content, content.len() as u64).unwrap()
}

fn parsed(document: &Value) -> Result<RangeProof, RangeProofError> {
    RangeProof::parse(document.to_string().as_bytes())
}

#[test]
fn a_list_that_is_read_is_that_of_a_fingerprint() {
    for size in [0, 1, 256 << 10, (256 << 10) + 1, (5 << 20) + 3] {
        let content = pattern(size);
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), &content).unwrap();
        for profile in CidProfile::ALL {
            let manifest = modelmark_digest::digest(&dir.path().join("file"), &Request { profile, ..Request::cids() }, &()).unwrap();
            assert_eq!(list(profile, &content).cid(), manifest.cid, "{profile} {size}");
        }
    }
    assert!(LeafList::read(CidProfile::default(), &[1_u8, 2].as_slice(), 3).is_err());
}

#[test]
fn a_piece_is_verified_without_the_rest() {
    let content = pattern((60 << 20) + 5);
    let leaves = list(CidProfile::default(), &content);
    assert!(leaves.len() > 174, "the tree has two levels");
    let proof = RangeProof::new(&leaves, (50 << 20) + 7..(51 << 20)).unwrap();
    let read = parsed(&proof.to_json()).unwrap();
    assert_eq!(read, proof);
    // The root and the second of the two nodes below it.
    assert_eq!(proof.nodes().len(), 2);
    let proven = read.check(&leaves.cid()).unwrap();
    assert_eq!((proven.indexes(), proven.span()), (200..204, 50 << 20..51 << 20));
    let mut piece = content[50 << 20..51 << 20].to_vec();
    let all: Vec<usize> = proven.indexes().collect();
    let held = |piece: &[u8]| hold(&Piece { file: piece, start: 50 << 20 }, 51 << 20, &proven, &all, &|_| {}).unwrap();
    assert!(held(&piece).is_good());
    piece[600_000] ^= 1;
    assert_eq!(held(&piece).bad, [(50 << 20) + (512 << 10)..(50 << 20) + (768 << 10)]);
    assert_eq!(proven.digest(199), None);
    assert_eq!(proven.digest(200), leaves.digest(200));
}

#[test]
fn a_range_has_bytes_and_they_are_in_the_file() {
    let leaves = list(CidProfile::default(), &pattern(1000));
    for (start, end) in [(0, 0), (5, 5), (6, 5), (0, 1001), (1000, 1001), (1000, u64::MAX), (u64::MAX, 0)] {
        assert_eq!(RangeProof::new(&leaves, start..end), Err(RangeProofError::Range { start, end, size: 1000 }));
    }
    assert!(matches!(RangeProof::new(&list(CidProfile::default(), b""), 0..1), Err(RangeProofError::Range { .. })));
    let whole = RangeProof::new(&leaves, 0..1000).unwrap();
    assert_eq!(whole.nodes().len(), 0);
    assert_eq!(whole.check(&leaves.cid()).unwrap().span(), 0..1000);
}

#[test]
fn hostile_documents_are_refused() {
    let leaves = list(CidProfile::default(), &pattern((60 << 20) + 5));
    let good = RangeProof::new(&leaves, 100..200).unwrap().to_json();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = good.clone();
        change(&mut document);
        parsed(&document).and_then(|proof| proof.check(&leaves.cid()))
    };
    assert!(changed(&|_| {}).is_ok());
    let refused: [(&str, Change<'_>); 16] = [
        ("another format", &|d| d["format"] = json!("modelmark-range-proof-v2")),
        ("another profile", &|d| d["profile"] = json!("unixfs-v1-2025")),
        ("no profile", &|d| d["profile"] = json!("x")),
        ("another file", &|d| d["cid"] = json!(ContentId::raw(b"x"))),
        ("a size of another tree", &|d| d["size"] = json!(300)),
        ("a size one less", &|d| d["size"] = json!((60 << 20) + 4)),
        ("a size beyond 2^53", &|d| d["size"] = json!(1_u64 << 53)),
        ("an exabyte", &|d| d["size"] = json!((1_u64 << 53) - 1)),
        ("a range out of the file", &|d| d["range"]["end"] = json!((60 << 20) + 6)),
        ("a range without a byte", &|d| d["range"]["end"] = json!(100)),
        ("a range elsewhere", &|d| d["range"] = json!({"start": 50 << 20, "end": 51 << 20})),
        ("a block missing", &|d| drop(d["nodes"].as_array_mut().unwrap().pop())),
        ("a block twice", &|d| {
            let node = d["nodes"][1].clone();
            d["nodes"].as_array_mut().unwrap().push(node);
        }),
        ("blocks in another order", &|d| d["nodes"].as_array_mut().unwrap().reverse()),
        ("no base64", &|d| d["nodes"][0] = json!("*")),
        ("a further key", &|d| d["more"] = json!(1)),
    ];
    for (what, change) in refused {
        assert!(changed(change).is_err(), "{what}");
    }
    let long = " ".repeat(MAX_RANGE_PROOF_BYTES + 1);
    assert!(matches!(RangeProof::parse(long.as_bytes()), Err(RangeProofError::Document(_))));
    let block = data_encoding::BASE64.encode(&vec![0; (2 << 20) + 1]);
    assert!(matches!(changed(&|d| d["nodes"][0] = json!(block)), Err(RangeProofError::Document(_))));
}

#[test]
fn digests_are_those_of_the_bytes_alone() {
    let content = pattern((2 << 20) + 9);
    let request = Request { keccak256: true, blake3: true, ..Request::default() };
    for range in [0..1, 5..(1 << 20) + 5, 0..content.len() as u64] {
        let bytes = &content[range.start as usize..range.end as usize];
        let digests = RangeDigests::of(&content.as_slice(), &range, &request).unwrap();
        assert_eq!(digests.sha256, Some(Sha256Digest::of(bytes)));
        assert_eq!(digests.keccak256, Some(Keccak256Digest::of(bytes)));
        assert_eq!(digests.blake3, Some(Blake3Digest::of(bytes)));
    }
    assert!(RangeDigests::of(&content.as_slice(), &(0..content.len() as u64 + 1), &request).is_err());
    assert_eq!(RangeDigests::of(&content.as_slice(), &(0..1), &Request::cids()).unwrap(), RangeDigests::default());
}

#[test]
fn a_piece_is_read_by_the_positions_of_its_file() {
    let piece = Piece { file: [1_u8, 2, 3].as_slice(), start: 10 };
    let mut buffer = [0; 2];
    piece.read_exact_at(&mut buffer, 11).unwrap();
    assert_eq!((buffer, piece.size().unwrap()), ([2, 3], 13));
    assert!(piece.read_exact_at(&mut buffer, 9).is_err());
    assert!(piece.read_exact_at(&mut buffer, 12).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_range_is_proven_by_its_leaves(which in 0..2_usize, size in 1..(6_u64 << 20), a: prop::sample::Index, b: prop::sample::Index, flip: prop::sample::Index) {
        let profile = CidProfile::ALL[which];
        let leaves = list(profile, &pattern(size));
        let (a, b) = (a.index(size as usize) as u64, b.index(size as usize) as u64);
        let range = a.min(b)..a.max(b) + 1;
        let proof = RangeProof::new(&leaves, range.clone()).unwrap();
        let proven = proof.check(&leaves.cid()).unwrap();
        prop_assert_eq!(proven.indexes(), leaves.covering(&range));
        for index in proven.indexes() {
            prop_assert_eq!(proven.digest(index), leaves.digest(index));
            prop_assert_eq!(KnownLeaves::place(&proven, index), leaves.place(index));
        }
        // No changed byte of a document proves anything but what it proved before.
        let mut bytes = proof.to_json().to_string().into_bytes();
        let at = flip.index(bytes.len());
        bytes[at] ^= 1;
        if let Ok(other) = RangeProof::parse(&bytes).and_then(|proof| proof.check(&leaves.cid())) {
            for index in other.indexes() {
                prop_assert_eq!(other.digest(index), leaves.digest(index));
            }
        }
    }
}
