//! Logs, checkpoints and proofs against those that Go's own packages make (`vectors/log`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::slice::from_ref;

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::ConsistencyProof;
use modelmark_log::{LogError, LogKey, LogReader, LogWriter, ProofFile, SignedCheckpoint, VerifierKey};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../../vectors/log/logs.json");
/// What stands before the seed in an Ed25519 key in PKCS #8 (RFC 8410, section 10.3).
const PKCS8: &[u8] = &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

struct Vectors {
    json: Value,
    scratch: tempfile::TempDir,
}

impl Vectors {
    fn read() -> Self {
        Self { json: serde_json::from_str(VECTORS).unwrap(), scratch: tempfile::tempdir().unwrap() }
    }

    /// The log's key, by way of a file as openssl writes it.
    fn key(&self) -> LogKey {
        let path = self.scratch.path().join("key.der");
        fs::write(&path, [PKCS8, &hex(&self.json["seed"])].concat()).unwrap();
        LogKey::read(text(&self.json["origin"]), &path).unwrap()
    }

    fn verifier(&self, name: &str) -> VerifierKey {
        text(&self.json[name]).parse().unwrap()
    }

    fn logs(&self) -> impl Iterator<Item = (u64, &Value)> {
        self.json["logs"].as_array().unwrap().iter().map(|log| (log["size"].as_u64().unwrap(), log))
    }

    /// Makes the log of this size, signed.
    fn make(&self, size: u64) -> tempfile::TempDir {
        let folder = tempfile::tempdir_in(self.scratch.path()).unwrap();
        let mut log = LogWriter::open(folder.path()).unwrap();
        (0..size).for_each(|number| log.push(number.to_string().as_bytes()).unwrap());
        log.commit(&self.key()).unwrap();
        folder
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text(value).as_bytes()).unwrap()
}

fn hash(value: &Value) -> Sha256Digest {
    <[u8; 32]>::try_from(hex(value)).unwrap().into()
}

/// Returns the digest of every file below `folder` but the checkpoint, by path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let parts: Vec<_> = path.strip_prefix(root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
                let digest = Sha256Digest::of(&fs::read(&path).unwrap());
                found.insert(parts.join("/"), data_encoding::HEXLOWER.encode(digest.as_bytes()));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found.remove("checkpoint");
    found
}

#[test]
fn files_and_proofs_are_those_of_the_go_packages() {
    let vectors = Vectors::read();
    let roots: BTreeMap<_, _> = vectors.logs().map(|(size, log)| (size, hash(&log["root"]))).collect();
    for (size, wanted) in vectors.logs() {
        let folder = vectors.make(size);
        assert_eq!(fs::read_to_string(folder.path().join("checkpoint")).unwrap(), text(&wanted["checkpoint"]), "{size}");
        check_files(wanted, &files(folder.path()));
        let log = LogReader::open(folder.path()).unwrap();
        for proof in wanted["proofs"].as_array().unwrap() {
            check_proof(text(proof), &log, &vectors.verifier("key"));
        }
        for step in wanted["growth"].as_array().unwrap() {
            check_growth(step, &log, &roots);
        }
    }
}

fn check_files(wanted: &Value, made: &BTreeMap<String, String>) {
    if let Some(files) = wanted["files"].as_object() {
        let files: BTreeMap<_, _> = files.iter().map(|(path, digest)| (path.clone(), text(digest).to_owned())).collect();
        assert_eq!(*made, files);
    }
    let mut lines: Vec<_> = made.iter().map(|(path, digest)| format!("{path} {digest}\n")).collect();
    lines.sort();
    assert_eq!(Sha256Digest::of(lines.concat().as_bytes()), hash(&wanted["listing"]), "{}", wanted["size"]);
}

fn check_proof(proof: &str, log: &LogReader, key: &VerifierKey) {
    let read: ProofFile = proof.parse().unwrap();
    read.checkpoint().verify(from_ref(key)).unwrap();
    let index = read.proof().index();
    assert_eq!(read.entry(), Some(index.to_string().as_bytes()));
    assert_eq!(log.prove(index).unwrap().to_string(), proof);
}

fn check_growth(step: &Value, log: &LogReader, roots: &BTreeMap<u64, Sha256Digest>) {
    let (old, size) = (step["from"].as_u64().unwrap(), log.checkpoint().checkpoint().size());
    let hashes: Vec<_> = step["hashes"].as_array().unwrap().iter().map(hash).collect();
    assert_eq!(log.prove_growth(old).unwrap().hashes(), hashes, "{old} to {size}");
    let proof = ConsistencyProof::new(old, size, hashes).unwrap();
    let lie = Sha256Digest::of(b"another root");
    if let Some(root) = roots.get(&old) {
        assert!(proof.verify(root, &roots[&size]) && !proof.verify(root, &lie), "{old} to {size}");
    }
    assert!(!proof.verify(&lie, &roots[&size]), "{old} to {size}");
}

#[test]
fn signatures_of_the_go_packages_are_believed_and_those_of_others_ignored() {
    let vectors = Vectors::read();
    let (key, witness) = (vectors.verifier("key"), vectors.verifier("witness"));
    assert_eq!(key, vectors.key().verifier());
    let stranger = LogKey::generate(key.name()).unwrap().verifier();
    for (size, wanted) in vectors.logs() {
        let cosigned = text(&wanted["cosigned"]);
        let read: SignedCheckpoint = cosigned.parse().unwrap();
        assert_eq!((read.to_string().as_str(), read.checkpoint().size()), (cosigned, size));
        assert_eq!(read.checkpoint().root(), hash(&wanted["root"]));
        read.verify(from_ref(&key)).unwrap();
        read.verify(from_ref(&witness)).unwrap();
        read.verify(&[key.clone(), witness.clone()]).unwrap();
        assert!(matches!(read.verify(from_ref(&stranger)), Err(LogError::Signature(_))));
        let other: SignedCheckpoint = cosigned.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1).parse().unwrap();
        assert!(other.verify(from_ref(&key)).is_err() && other.verify(from_ref(&witness)).is_err());
    }
}

#[test]
fn every_mangling_of_a_published_key_is_refused() {
    let key = text(&Vectors::read().json["key"]).to_owned();
    assert!(key.parse::<VerifierKey>().is_ok());
    for start in 0..=key.len() {
        for end in start..=key.len() {
            assert!((start, end) == (0, key.len()) || key[start..end].parse::<VerifierKey>().is_err(), "{start}..{end}");
        }
    }
    for place in 0..key.len() {
        let mut bytes = key.clone().into_bytes();
        bytes[place] += 1;
        assert!(String::from_utf8(bytes).unwrap().parse::<VerifierKey>().is_err(), "{place}");
    }
    // Keys of a wrong length or an unknown algorithm, with the id that fits, as the tests of sumdb/note have them.
    for wrong in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong}");
    }
}
