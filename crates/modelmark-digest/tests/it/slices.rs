//! Proofs of slices of tensors: against the slow twin, against hostile documents, and from whole models.

use modelmark_digest::fingerprint::{
    CHUNK_BYTES, MAX_SLICE_PROOF_BYTES, Roots, Run, SliceError, SliceOfModelError, SliceProof, TensorDigest, TensorHasher, prove_slice,
};
use modelmark_digest::partial::{KnownLeaves, Piece, hold};
use modelmark_digest::{Request, Sha256Digest, digest};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::content::{list, text, vectors};
use crate::safetensors_files::{shard, tensor};
use crate::weight_vectors::data;

/// What a hostile hand does to a document.
type Change<'c> = &'c dyn Fn(&mut Value);

/// A model of the vectors: its tensors, the bytes of each, the root and the proofs.
struct Vectors {
    tensors: Vec<(TensorDigest, Vec<u8>)>,
    root: Sha256Digest,
    proofs: Vec<Value>,
}

impl Vectors {
    fn read() -> Self {
        let vectors = vectors("weights/slices.json");
        let tensors = list(&vectors, "tensors").iter().map(|tensor| {
            let bytes = data(tensor);
            let shape: Vec<u64> = list(tensor, "shape").iter().map(|dim| dim.as_u64().unwrap()).collect();
            let mut hasher = TensorHasher::new(text(tensor, "dtype"));
            hasher.update(&bytes);
            (hasher.finish(text(tensor, "name"), &shape), bytes)
        });
        Self { tensors: tensors.collect(), root: text(&vectors, "root").parse().unwrap(), proofs: list(&vectors, "proofs").to_vec() }
    }

    fn digests(&self) -> Vec<TensorDigest> {
        self.tensors.iter().map(|(tensor, _)| tensor.clone()).collect()
    }

    fn bytes(&self, name: &str) -> &[u8] {
        self.tensors.iter().find(|(tensor, _)| tensor.name == name).map(|(_, bytes)| bytes.as_slice()).unwrap()
    }

    fn prove(&self, name: &str, range: std::ops::Range<u64>) -> Result<SliceProof, SliceError> {
        let bytes = self.tensors.iter().find(|(tensor, _)| tensor.name == name).map_or(&[][..], |(_, bytes)| bytes);
        let chunks: Vec<Sha256Digest> = bytes.chunks(CHUNK_BYTES).map(Sha256Digest::of).collect();
        SliceProof::new(&self.digests(), name, range, &chunks)
    }
}

#[test]
fn proofs_are_those_of_the_slow_twin_and_bind_their_bytes() {
    let vectors = Vectors::read();
    assert_eq!(Roots::of(&vectors.digests()).exact, vectors.root);
    assert!(vectors.proofs.len() > 20);
    for theirs in &vectors.proofs {
        let (name, range) = (text(&theirs["tensor"], "name"), &theirs["range"]);
        let range = range["start"].as_u64().unwrap()..range["end"].as_u64().unwrap();
        let ours = vectors.prove(name, range.clone()).unwrap();
        assert_eq!(serde_json::to_value(&ours).unwrap(), *theirs, "{name} {range:?}");
        let read = SliceProof::parse(theirs.to_string().as_bytes()).unwrap();
        let proven = read.check(&vectors.root).unwrap();
        let span = proven.span();
        assert!(span.start <= range.start && range.end <= span.end);
        let piece = &vectors.bytes(name)[span.start as usize..span.end as usize];
        let all: Vec<usize> = proven.indexes().collect();
        let held = |piece: &[u8]| hold(&Piece { file: piece, start: span.start }, span.end, &proven, &all, &|_| {}).unwrap();
        assert!(held(piece).is_good());
        let mut changed = piece.to_vec();
        changed[(range.start - span.start) as usize] ^= 1;
        assert!(!held(&changed).is_good());
    }
}

#[test]
fn a_slice_has_bytes_of_a_tensor_that_is_there() {
    let vectors = Vectors::read();
    assert!(matches!(vectors.prove("x", 0..1), Err(SliceError::Name(_))));
    for (name, start, end) in [("a", 0, 0), ("a", 2, 1), ("a", 0, 9), ("a", 8, u64::MAX), ("c", 0, 1), ("c", 0, 0)] {
        assert!(matches!(vectors.prove(name, start..end), Err(SliceError::Range { .. })), "{name} {start}..{end}");
    }
    let chunk = Sha256Digest::of(b"");
    for chunks in [&[][..], &[chunk], &[chunk, chunk]] {
        assert!(matches!(SliceProof::new(&vectors.digests(), "a", 0..1, chunks), Err(SliceError::Chunks(_))));
    }
}

#[test]
fn hostile_documents_are_refused() {
    let vectors = Vectors::read();
    let chunk = CHUNK_BYTES as u64;
    let good = serde_json::to_value(vectors.prove("b", 3 * chunk..6 * chunk).unwrap()).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = good.clone();
        change(&mut document);
        SliceProof::parse(document.to_string().as_bytes()).and_then(|proof| proof.check(&vectors.root))
    };
    assert!(changed(&|_| {}).is_ok());
    let other = json!(Sha256Digest::of(b"other"));
    let refused: [(&str, Change<'_>); 22] = [
        ("another format", &|d| d["format"] = json!("modelmark-slice-proof-v2")),
        ("a further key", &|d| d["more"] = json!(1)),
        ("a further key of the tensor", &|d| d["tensor"]["narrowed"] = json!(null)),
        ("another name", &|d| d["tensor"]["name"] = json!("c")),
        ("another type", &|d| d["tensor"]["dtype"] = json!("I8")),
        ("another shape", &|d| d["tensor"]["shape"] = json!([3, 5])),
        ("another length", &|d| d["tensor"]["bytes"] = json!(9 * chunk)),
        ("a length beyond 2^53", &|d| d["tensor"]["bytes"] = json!(1_u64 << 53)),
        ("another digest", &|d| d["tensor"]["digest"] = other.clone()),
        ("another place among the tensors", &|d| d["leaf"]["index"] = json!(0)),
        ("a way too short", &|d| drop(d["leaf"]["hashes"].as_array_mut().unwrap().pop())),
        ("a range one chunk on", &|d| d["range"] = json!({"start": 4 * chunk, "end": 7 * chunk})),
        ("a range of one chunk less", &|d| d["range"]["end"] = json!(5 * chunk)),
        ("a range of everything", &|d| d["range"] = json!({"start": 0, "end": 9 * chunk + 5})),
        ("a range out of the tensor", &|d| d["range"]["end"] = json!(9 * chunk + 6)),
        ("a range without a byte", &|d| d["range"]["end"] = json!(3 * chunk)),
        ("another chunk", &|d| d["chunks"][1] = other.clone()),
        ("a chunk too few", &|d| drop(d["chunks"].as_array_mut().unwrap().pop())),
        ("a chunk too many", &|d| d["chunks"].as_array_mut().unwrap().push(other.clone())),
        ("chunks swapped", &|d| d["chunks"].as_array_mut().unwrap().swap(0, 1)),
        ("a hash too few", &|d| drop(d["hashes"].as_array_mut().unwrap().pop())),
        ("a hash too many", &|d| d["hashes"].as_array_mut().unwrap().push(other.clone())),
    ];
    for (what, change) in refused {
        assert!(changed(change).is_err(), "{what}");
    }
    assert!(SliceProof::parse(" ".repeat(MAX_SLICE_PROOF_BYTES + 1).as_bytes()).is_err());
    let proof = vectors.prove("b", 0..1).unwrap();
    assert!(matches!(proof.check(&Sha256Digest::of(b"another model")), Err(SliceError::OtherModel(_))));
}

/// A tensor of 2^53 - 1 bytes costs nothing to claim; it must cost nothing to refuse.
#[test]
fn a_claim_of_petabytes_ends_where_the_document_ends() {
    let facts = json!({"name": "t", "dtype": "U8", "shape": [1], "bytes": (1_u64 << 53) - 1, "digest": Sha256Digest::of(b"")});
    let document = json!({
        "format": "modelmark-slice-proof-v1", "tensor": facts, "leaf": {"index": 0, "size": 1, "hashes": []},
        "range": {"start": 0, "end": (1_u64 << 53) - 1}, "chunks": vec![Sha256Digest::of(b""); 1000], "hashes": [],
    });
    let proof = SliceProof::parse(document.to_string().as_bytes()).unwrap();
    // The root of a model of this one tensor, which anybody can compute.
    let nothing = Sha256Digest::of(b"");
    let leaf = [
        b"\0mpv1:tensor\0".as_slice(),
        &[1, 0, 0, 0, b't', 2, 0, 0, 0, b'U', b'8', 1, 0, 0, 0],
        &1_u64.to_le_bytes(),
        &((1_u64 << 53) - 1).to_le_bytes(),
        nothing.as_bytes(),
    ];
    assert!(matches!(proof.check(&Sha256Digest::of(&leaf.concat())), Err(SliceError::Chunks(_))));
}

#[test]
fn a_slice_of_a_model_is_proven_from_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let long: Vec<u8> = (0..2 * CHUNK_BYTES + 8).map(|i| (i / 3) as u8).collect();
    std::fs::write(dir.path().join("model-00001-of-00002.safetensors"), shard(&[tensor("a", &[3], &[1, 2, 3])])).unwrap();
    std::fs::write(dir.path().join("model-00002-of-00002.safetensors"), shard(&[tensor("b", &[long.len()], &long)])).unwrap();
    let root = digest(dir.path(), &Request::default(), &()).unwrap().weights.tensors.unwrap().root;
    let request = Request::default();
    let prove = |name: &str, range: std::ops::Range<u64>| {
        let mut bytes = Vec::new();
        prove_slice(dir.path(), name, range, Run { request: &request, observer: &(), cache: None }, &mut bytes).map(|slice| (slice, bytes))
    };
    let (slice, bytes) = prove("b", CHUNK_BYTES as u64 + 1..u64::MAX).unwrap();
    assert_eq!((slice.root, bytes.as_slice()), (root, &long[CHUNK_BYTES..]));
    let proven = slice.proof.check(&root).unwrap();
    assert_eq!((proven.indexes(), slice.proof.tensors()), (1..3, 2));
    assert_eq!(KnownLeaves::digest(&proven, 2), Some(Sha256Digest::of(&long[2 * CHUNK_BYTES..])));
    assert!(matches!(prove("x", 0..1), Err(SliceOfModelError::Slice(SliceError::Name(_)))));
    assert!(matches!(prove("a", 3..4), Err(SliceOfModelError::Slice(SliceError::Range { .. }))));
    std::fs::remove_file(dir.path().join("model-00001-of-00002.safetensors")).unwrap();
    std::fs::remove_file(dir.path().join("model-00002-of-00002.safetensors")).unwrap();
    std::fs::write(dir.path().join("model.gguf"), b"x").unwrap();
    assert!(matches!(prove("a", 0..1), Err(SliceOfModelError::NoFingerprint(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_slice_of_every_tree_is_proven(count in 1..40_usize, a: prop::sample::Index, b: prop::sample::Index, tail in 1..CHUNK_BYTES as u64) {
        // Only digests matter here: a tensor is its chunks.
        let chunks: Vec<Sha256Digest> = (0..count).map(|number| Sha256Digest::of(&number.to_le_bytes())).collect();
        let entries: Vec<Sha256Digest> = chunks.iter().map(|chunk| modelmark_digest::merkle::leaf_hash(chunk.as_bytes())).collect();
        let bytes = (count as u64 - 1) * CHUNK_BYTES as u64 + tail;
        let tensor = TensorDigest {
            name: "t".to_owned(), dtype: "U8".to_owned(), shape: vec![bytes], elements: bytes, bytes, digest: modelmark_digest::merkle::root(&entries), narrowed: None,
        };
        let root = Roots::of(std::slice::from_ref(&tensor)).exact;
        let (a, b) = (a.index(bytes as usize) as u64, b.index(bytes as usize) as u64);
        let range = a.min(b)..a.max(b) + 1;
        let proof = SliceProof::new(&[tensor], "t", range.clone(), &chunks).unwrap();
        let proven = proof.check(&root).unwrap();
        prop_assert!(proven.span().start <= range.start && range.end <= proven.span().end);
        for index in proven.indexes() {
            prop_assert_eq!(proven.digest(index), Some(chunks[index]));
        }
    }
}
