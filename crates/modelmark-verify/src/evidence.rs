//! What was found out before anything is judged. Plain data: the same evidence gives the same report on any machine.

use modelmark_chain::{Authenticity, Lineage, TokenRef};
use modelmark_digest::{Manifest, Sha256Digest};
use modelmark_record::WalletQuestion;

use crate::foreign::{ForeignToken, OmsEvidence};
use crate::part::{PartEvidence, Scope};
use crate::standing::{Ancestry, Standing};

/// The outcome of one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It was there.
    Found(T),
    /// We could look, and it was not there; the text says what was looked for and where.
    Absent(String),
    /// We could not look; the text says why.
    Unreachable(String),
    /// Nobody asked, or there was nothing to go by.
    NotAsked,
}

impl<T> Look<T> {
    /// Returns what was found.
    pub const fn found(&self) -> Option<&T> {
        match self {
            Self::Found(value) => Some(value),
            _ => None,
        }
    }
}

/// Everything that was gathered about one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The path of the local files as the caller named it.
    pub path: Option<String>,
    /// Fingerprints of the local files. Absent when what is there cannot be a recorded model: empty, or with a link or special file in it.
    pub model: Look<Manifest>,
    /// How much of the local files was to be looked at.
    pub scope: Scope,
    /// What was found when that was a part only.
    pub part: Look<PartEvidence>,
    /// What runs code when the local files are loaded, or may: each the file and what was noticed.
    pub code: Look<Vec<String>>,
    /// Whether the SHA-256 of the local files was asked for.
    pub sha256: bool,
    /// Whether the tensors of the local files were asked for.
    pub tensors: bool,
    /// The token that the caller named.
    pub named: Option<TokenRef>,
    /// The token.
    pub token: Look<TokenEvidence>,
    /// The token, when its contract is none of our registries; `token` was not asked for then.
    pub foreign: Option<ForeignToken>,
    /// What came of a signature of OpenSSF model signing.
    pub oms: Look<OmsEvidence>,
    /// What the token comes from. Looked at when nothing is wrong with the model itself.
    pub ancestry: Look<Ancestry>,
    /// The record's bytes.
    pub record: Look<RecordBytes>,
    /// Signature documents that came with the record, as they were found.
    pub signatures: Vec<SignatureFile>,
    /// What contract wallets said about signatures in these documents.
    pub wallets: Vec<WalletAnswer>,
    /// Remarks for the reader that change no verdict.
    pub notes: Vec<String>,
}

/// What the chain says about a token, all of it at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenEvidence {
    /// The token.
    pub token: TokenRef,
    /// Whether the contract is ours.
    pub authenticity: Authenticity,
    /// Whether the token id is the hash of the fields below and of the token's parents.
    pub id_matches: bool,
    /// Digest of the weights' CID.
    pub weights: Sha256Digest,
    /// Record id.
    pub record: Sha256Digest,
    /// SPDX expression.
    pub license: String,
    /// Royalty in basis points.
    pub royalty_bps: u16,
    /// Creator's address, EIP-55 spelling.
    pub creator: String,
    /// How it stands.
    pub standing: Standing,
    /// Its direct parents.
    pub lineage: Lineage,
    /// Number of the block that was read.
    pub block: u64,
}

/// A record as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBytes {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they came from, for people.
    pub source: String,
}

/// What a contract wallet said about a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletAnswer {
    /// What it was asked.
    pub question: WalletQuestion,
    /// What it said.
    pub word: Look<WalletWord>,
}

/// A wallet's word, which holds for one block: its owners may be others in the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletWord {
    /// Whether it accepts the signature.
    pub accepts: bool,
    /// Number of the block that it was asked at.
    pub block: u64,
}

/// A signature document as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFile {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they came from, for people.
    pub source: String,
    /// Whether the caller brought it along. What only lies in a store may be anybody's: a wrong signature there is told and fails nothing.
    pub brought: bool,
}
