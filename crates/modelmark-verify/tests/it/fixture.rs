//! A model, its record, its signature and what an honest chain says about them.

use std::path::Path;

use alloy::primitives::B256;
use modelmark_chain::{Authenticity, Block, ChainId, Collection, License, TokenId, TokenRef, Wallet};
use modelmark_digest::{CidProfile, Manifest, Request, Sha256Digest};
use modelmark_record::{Account, CanonicalRecord, Claims, Evaluation, Facts, Record, SignedRecord};
use modelmark_remote::Receipt;
use modelmark_verify::{
    Ancestry, ChainLevel, ChainView, Evidence, Finality, Look, RecordBytes, Scope, SeenWeights, SignatureFile, Standing, Surveyed,
    TokenEvidence,
};

pub(crate) struct Published {
    pub(crate) manifest: Manifest,
    pub(crate) record: CanonicalRecord,
    pub(crate) document: Vec<u8>,
    pub(crate) wallet: Wallet,
}

/// Fingerprints, composes and signs; `seed` decides the weights, `account` the development account that signs.
pub(crate) fn publish(seed: &str, account: usize) -> Published {
    let model = modelmark_testkit::model::small(seed).unwrap();
    publish_at(model.path(), &Wallet::development(ChainId::DEVELOPMENT, account).unwrap())
}

/// The same for the model at `path`.
pub(crate) fn publish_at(path: &Path, wallet: &Wallet) -> Published {
    publish_as(path, CidProfile::default(), wallet)
}

/// The same with CIDs of this profile.
pub(crate) fn publish_as(path: &Path, profile: CidProfile, wallet: &Wallet) -> Published {
    let manifest = modelmark_digest::digest(path, &Request { profile, ..Request::default() }, &()).unwrap();
    signed(manifest, wallet, Claims::default())
}

/// The model of [`publish`], made at the beginning of November 2026, with these measurements: metric, dataset, value.
pub(crate) fn publish_claiming(seed: &str, measured: &[(&str, Option<&str>, &str)]) -> Published {
    let model = modelmark_testkit::model::small(seed).unwrap();
    let manifest = modelmark_digest::digest(model.path(), &Request::default(), &()).unwrap();
    let evaluation = |(metric, dataset, value): &(&str, Option<&str>, &str)| Evaluation {
        dataset: dataset.map(|dataset| dataset.parse().unwrap()),
        ..Evaluation::new(metric.parse().unwrap(), value.parse().unwrap())
    };
    let claims = Claims {
        evaluations: measured.iter().map(evaluation).collect(),
        created_at: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        ..Claims::default()
    };
    signed(manifest, &Wallet::development(ChainId::DEVELOPMENT, 0).unwrap(), claims)
}

fn signed(manifest: Manifest, wallet: &Wallet, claims: Claims) -> Published {
    let record = record(&manifest, wallet, claims);
    let signed = SignedRecord::sign_with(record.clone(), |authorship| wallet.sign_digest(&authorship.signing_hash().0)).unwrap();
    let document = signed.document_bytes().unwrap();
    Published { manifest, record, document, wallet: wallet.clone() }
}

fn record(manifest: &Manifest, wallet: &Wallet, claims: Claims) -> CanonicalRecord {
    let claims = Claims {
        name: Some("Tiny".parse().unwrap()),
        license: Some(modelmark_record::License { spdx: "Apache-2.0".parse().unwrap(), uri: None }),
        royalty: Some("5%".parse().unwrap()),
        creator: Some(Account::from(wallet.address())),
        ..claims
    };
    Record::compose(manifest, Facts { claims, sources: Vec::new() }).unwrap().canonical().unwrap()
}

impl Published {
    /// Returns what an honest look at everything finds.
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence {
            path: Some("model".to_owned()),
            model: Look::Found(self.manifest.clone()),
            scope: Scope::Whole,
            code: Look::Found(Vec::new()),
            surveyed: Look::Found(surveyed()),
            looked_at: Some(1_795_428_000),
            sha256: true,
            tensors: true,
            seen: Some(seen()),
            ancestry: Look::Found(Ancestry::default()),
            token: Look::Found(self.token()),
            record: Look::Found(RecordBytes { bytes: self.record.bytes().to_vec(), source: "memory".to_owned() }),
            signatures: vec![lying(self.document.clone())],
            receipts: Look::Found(vec![self.receipt()]),
            ..Evidence::default()
        }
    }

    /// Returns what a place said when it took the model.
    fn receipt(&self) -> Receipt {
        Receipt { at: "2026-01-01T00:00:00Z".to_owned(), ..Receipt::now(self.manifest.cid, "s3://bucket", 1) }
    }

    pub(crate) fn token(&self) -> TokenEvidence {
        TokenEvidence {
            token: TokenRef::new(ChainId::DEVELOPMENT, Collection::canonical().address(), TokenId::from(alloy::primitives::U256::from(7))),
            authenticity: Authenticity::Canonical,
            id_matches: true,
            weights: self.manifest.weights.cid.digest(),
            record: self.record.id().digest(),
            license: "Apache-2.0".to_owned(),
            royalty_bps: 500,
            creator: self.wallet.address().to_checksum(None),
            standing: Standing { creator: modelmark_chain::Status::Active, curators: Look::NotAsked },
            lineage: modelmark_chain::Lineage::default(),
            block: 1,
        }
    }

    /// Returns what the registry is told at the mint.
    pub(crate) fn input(&self) -> modelmark_chain::ModelInput {
        modelmark_chain::ModelInput {
            weights: self.manifest.weights.cid.digest(),
            record: self.record.id().digest(),
            dataset: None,
            architecture: None,
            framework: None,
            metrics: None,
            license: License::new("Apache-2.0", None).unwrap(),
            kind: modelmark_chain::Kind::Model,
            royalty: 500.try_into().unwrap(),
            creator: self.wallet.address(),
            lineage: modelmark_chain::Lineage::default(),
        }
    }
}

/// The block that an honest endpoint calls its newest.
pub(crate) fn seen() -> ChainView {
    let block = Block { number: 1, hash: B256::repeat_byte(1), time: 1_800_000_000 };
    ChainView { level: ChainLevel::Endpoint, agreement: None, block, finality: Finality::Latest }
}

pub(crate) fn other_digest() -> Sha256Digest {
    Sha256Digest::of(b"something else")
}

/// A signature document that lies in a store.
pub(crate) fn lying(bytes: Vec<u8>) -> SignatureFile {
    SignatureFile { bytes, source: "memory".to_owned(), brought: false }
}

/// A signature document that the caller gives.
pub(crate) fn brought(bytes: Vec<u8>) -> SignatureFile {
    SignatureFile { brought: true, ..lying(bytes) }
}

/// What a look over the fixture's files finds.
fn surveyed() -> Surveyed {
    let weights = vec![SeenWeights { path: "model.safetensors".to_owned(), format: Some("safetensors".to_owned()) }];
    Surveyed { findings: Vec::new(), weights }
}
