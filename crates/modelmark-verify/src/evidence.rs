//! What was found out before anything is judged. Plain data: the same evidence gives the same report on any machine.

mod file;
pub(crate) mod stored;

pub use self::file::{EvidenceError, MAX_EVIDENCE_BYTES};

use modelmark_chain::{Authenticity, Lineage, TokenRef};
use modelmark_digest::{Manifest, Sha256Digest};
use modelmark_formats::FindingCode;
use modelmark_record::WalletQuestion;
use modelmark_remote::Receipt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assurance::ChainView;
use crate::foreign::{ForeignToken, FoundSignature, OmsEvidence};
use crate::part::{PartEvidence, Scope};
use crate::standing::{Ancestry, Standing};

use self::stored::Object;

/// The outcome of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Look<T> {
    /// It was there.
    Found(T),
    /// We could look, and it was not there; the text says what was looked for and where.
    Absent(String),
    /// We could not look; the text says why.
    Unreachable(String),
    /// Nobody asked, or there was nothing to go by.
    #[default]
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

    /// Returns the same look at something else.
    pub(crate) fn map<U>(self, into: impl FnOnce(T) -> U) -> Look<U> {
        match self {
            Self::Found(value) => Look::Found(into(value)),
            Self::Absent(why) => Look::Absent(why),
            Self::Unreachable(why) => Look::Unreachable(why),
            Self::NotAsked => Look::NotAsked,
        }
    }
}

/// Everything that was gathered about one model. The default is that of a look at nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Evidence {
    /// The path of the local files as the caller named it.
    pub path: Option<String>,
    /// Fingerprints of the local files. Absent when what is there cannot be a recorded model: empty, or with a link or special file in it.
    #[schemars(with = "Look<Object>")]
    pub model: Look<Manifest>,
    /// Local files that were not read, because they cannot be those of the record. They are not in `model`, whose CID says nothing then.
    pub unread: Option<Unread>,
    /// Whether the bytes of the local files were not looked at because something else failed first.
    pub stopped: bool,
    /// How much of the local files was to be looked at.
    #[serde(skip)]
    pub scope: Scope,
    /// What was found when that was a part only.
    #[serde(skip)]
    pub part: Look<PartEvidence>,
    /// What runs code when the local files are loaded, or may: each the file and what was noticed.
    pub code: Look<Vec<String>>,
    /// What else was noticed about the local files, and of which formats the weights are.
    pub surveyed: Look<Surveyed>,
    /// When it was looked, in seconds since 1970, by the clock of whoever looked.
    pub looked_at: Option<u64>,
    /// Whether the SHA-256 of the local files was asked for.
    pub sha256: bool,
    /// Whether the tensors of the local files were asked for.
    pub tensors: bool,
    /// The state of the chain that all of it was read from; none when the chain could not be asked, or was not.
    pub seen: Option<ChainView>,
    /// What a bundle proved that took the chain's place; absent when it is refused.
    pub bundle: Look<String>,
    /// The token that the caller named.
    #[schemars(with = "Option<String>")]
    pub named: Option<TokenRef>,
    /// The token.
    pub token: Look<TokenEvidence>,
    /// The token, when its contract is none of our registries; `token` was not asked for then.
    pub foreign: Option<ForeignToken>,
    /// Who claims the same weights. Looked at when the token was found by them, or the policy wants the first claim.
    pub claims: Look<Claims>,
    /// What came of a signature of OpenSSF model signing.
    pub oms: Look<OmsEvidence>,
    /// Signatures of OpenSSF model signing that were looked for because the policy names who has to have signed the files.
    pub signed: Look<Vec<FoundSignature>>,
    /// What the token comes from. Looked at when nothing is wrong with the model itself.
    pub ancestry: Look<Ancestry>,
    /// The record's bytes.
    pub record: Look<RecordBytes>,
    /// What places said when they took the model that the record speaks of. It is their word: nobody looked whether they still have it.
    #[schemars(with = "Look<Vec<Object>>")]
    pub receipts: Look<Vec<Receipt>>,
    /// Signature documents that came with the record, as they were found.
    pub signatures: Vec<SignatureFile>,
    /// Why not every signature document that is known of could be read, if so: who signed those, nobody can tell.
    pub unread_signatures: Option<String>,
    /// What contract wallets said about signatures in these documents.
    pub wallets: Vec<WalletAnswer>,
    /// Remarks for the reader that change no verdict.
    pub notes: Vec<String>,
}

/// What the chain says about a token, all of it at one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TokenEvidence {
    /// The token.
    #[schemars(with = "String")]
    pub token: TokenRef,
    /// Whether the contract is ours.
    #[serde(with = "stored::contract")]
    #[schemars(with = "stored::Contract")]
    pub authenticity: Authenticity,
    /// Whether the token id is the hash of the fields below and of the token's parents.
    pub id_matches: bool,
    /// Digest of the weights' CID.
    #[schemars(with = "String")]
    pub weights: Sha256Digest,
    /// Record id.
    #[schemars(with = "String")]
    pub record: Sha256Digest,
    /// SPDX expression.
    pub license: String,
    /// Royalty in basis points.
    pub royalty_bps: u16,
    /// Creator's address, EIP-55 spelling.
    pub creator: String,
    /// How it stands.
    pub standing: Standing,
    /// Its direct parents. No check looks at them, only at what was found of them, so that they are not in the file.
    #[serde(skip)]
    pub lineage: Lineage,
    /// Number of the block that was read.
    pub block: u64,
}

/// Who claims the same weights, as far as that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Claims {
    /// In the order of who said it first.
    pub claims: Vec<WeightsClaim>,
    /// Why commitments could not be looked at, so that the order is that of the mints alone.
    pub unranked: Option<String>,
}

/// Somebody registered the weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WeightsClaim {
    /// The token.
    #[schemars(with = "String")]
    pub token: TokenRef,
    /// Who claims to have made the model, EIP-55 spelling.
    pub creator: String,
    /// Block of the mint.
    pub block: u64,
    /// The earliest time, in Unix seconds, at which the creator is shown to have committed to the weights.
    pub committed: Option<u64>,
}

/// A record as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordBytes {
    /// The bytes.
    #[serde(with = "stored::packed")]
    #[schemars(with = "String")]
    pub bytes: Vec<u8>,
    /// Where they came from, for people.
    pub source: String,
}

/// What a contract wallet said about a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WalletAnswer {
    /// What it was asked.
    #[serde(with = "stored::question")]
    #[schemars(with = "stored::Question")]
    pub question: WalletQuestion,
    /// What it said.
    pub word: Look<WalletWord>,
}

/// A wallet's word, which holds for one block: its owners may be others in the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WalletWord {
    /// Whether it accepts the signature.
    pub accepts: bool,
    /// Number of the block that it was asked at.
    pub block: u64,
}

/// A signature document as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SignatureFile {
    /// The bytes.
    #[serde(with = "stored::packed")]
    #[schemars(with = "String")]
    pub bytes: Vec<u8>,
    /// Where they came from, for people.
    pub source: String,
    /// Whether the caller brought it along. What only lies in a store may be anybody's: a wrong signature there is told and fails nothing.
    pub brought: bool,
}

/// Local files with another size than the record's file of their name, or a name that the record does not have: whatever is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Unread {
    /// Their paths inside the model and their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// Whether any of them belongs to the weights, as the local files are, so that the CID of the weights says nothing either.
    pub weights: bool,
}

/// What a look over local files came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Surveyed {
    /// What was noticed.
    pub findings: Vec<Noticed>,
    /// The weights files of every kind, whichever of them a fingerprint takes.
    pub weights: Vec<SeenWeights>,
}

/// Something that was noticed about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Noticed {
    /// What kind of thing.
    #[serde(with = "stored::finding")]
    #[schemars(with = "crate::Finding")]
    pub code: FindingCode,
    /// The file and what was noticed, for people.
    pub line: String,
}

/// A weights file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SeenWeights {
    /// Path inside the model.
    pub path: String,
    /// Its format, by its content; nothing when that is none that is read, or malformed.
    pub format: Option<String>,
}
