//! Small models and facts that the tests start from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use alloy::signers::SignerSync;
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};
use modelmark_digest::{CidProfile, ContentId, FileEntry, Manifest, ManifestKind, ModelPath, Sha256Digest, TensorSummary, Weights};
use modelmark_record::{CanonicalRecord, Claims, Facts, License, Record, SigningRequest};

/// Derived once: the derivation is slow on purpose.
static KEYS: LazyLock<Vec<PrivateKeySigner>> = LazyLock::new(|| {
    let phrase = "test test test test test test test test test test test junk";
    let derive = |index| MnemonicBuilder::<English>::default().phrase(phrase).index(index).unwrap().build().unwrap();
    (0..3).map(derive).collect()
});

/// The `index`th account of the mnemonic that every Ethereum development tool knows.
pub(crate) fn key(index: usize) -> PrivateKeySigner {
    KEYS.get(index).unwrap().clone()
}

/// Signs as a wallet does.
pub(crate) fn sign(key: &PrivateKeySigner, request: &SigningRequest) -> Result<[u8; 65], alloy::signers::Error> {
    key.sign_hash_sync(&request.signing_hash()).map(|signature| signature.as_bytes())
}

pub(crate) fn entry(path: &str, contents: &str) -> FileEntry {
    let cid = ContentId::raw(contents.as_bytes());
    FileEntry {
        sha256: Some(Sha256Digest::of(contents.as_bytes())),
        ..FileEntry::new(ModelPath::try_from(path).unwrap(), contents.len() as u64, cid)
    }
}

/// A directory with a model card and one weights file.
pub(crate) fn manifest() -> Manifest {
    let files = vec![entry("README.md", "card"), entry("model.safetensors", "weights")];
    let weights = Weights {
        cid: ContentId::raw(b"weights"),
        sha256: Some(Sha256Digest::of(b"weights")),
        files: vec![ModelPath::try_from("model.safetensors").unwrap()],
        format: Some("safetensors".to_owned()),
        tensors: Some(TensorSummary {
            count: 4,
            parameters: 4810,
            dtypes: BTreeMap::from([("F32".to_owned(), 4810)]),
            root: Sha256Digest::of(b"root"),
            content: Sha256Digest::of(b"content"),
            value: Sha256Digest::of(b"value"),
        }),
        unread: None,
    };
    let cid = ContentId::dag_pb(b"directory");
    Manifest { cid, kind: ManifestKind::Directory, profile: CidProfile::default(), size: 11, files, ignored: vec![], origin: None, weights }
}

/// The least that must be known about a model.
pub(crate) fn claims() -> Claims {
    Claims {
        name: Some("sample".parse().unwrap()),
        license: Some(License { spdx: "mit".parse().unwrap(), uri: None }),
        creator: Some(key(0).address().into()),
        ..Claims::default()
    }
}

pub(crate) fn record() -> Record {
    Record::compose(&manifest(), Facts { claims: claims(), sources: vec![] }).unwrap()
}

pub(crate) fn canonical() -> CanonicalRecord {
    record().canonical().unwrap()
}
