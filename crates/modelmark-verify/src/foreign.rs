//! What was found of what others made: a token of any ERC-721 contract, a signature of OpenSSF model signing. Plain data, as all evidence.

use modelmark_chain::{Address, Authenticity, TokenRef};
use modelmark_digest::{ContentId, Manifest};
use modelmark_remote::arweave::ItemId;

use crate::Look;

/// A token of a contract that is none of our registries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignToken {
    /// The token.
    pub token: TokenRef,
    /// What is known of the contract.
    pub contract: Authenticity,
    /// Who owns the token.
    pub owner: Address,
    /// Number of the block that was read.
    pub block: u64,
    /// Its metadata.
    pub metadata: Look<MetadataBytes>,
    /// The local files as each profile names them, with the digests that the metadata asks for; more than one only when it states a CID.
    pub models: Vec<Manifest>,
    /// The version 0 CID of the one weights file, when the metadata states a CID that no profile gives.
    pub version_0: Option<ContentId>,
}

/// Metadata as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataBytes {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they came from, for people.
    pub source: String,
    /// What binds them to the token.
    pub binding: Binding,
}

/// What binds metadata to the URI that the token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// They stand in the URI.
    InUri,
    /// They hash to the CID in the URI.
    Cid(ContentId),
    /// They were found below a folder whose CID is in the URI, every block checked.
    Folder(ContentId),
    /// They are not what the CID in the URI names.
    Other(ContentId),
    /// They are the data of the Arweave item whose id is in the URI, and its signature holds.
    Item(ItemId),
    /// They were brought as an Arweave item, and are not that of the URI or not signed; the text says what.
    OtherItem(String),
    /// Nothing but the word of a web server, which was asked just now; the text is its address.
    Mutable(String),
    /// Nothing; the text says why.
    Nothing(String),
}

/// What came of looking at a signature of OpenSSF model signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OmsEvidence {
    /// Who signed, in words; absent when the signature does not hold.
    pub signer: Option<String>,
    /// How many files are as they were signed.
    pub files: usize,
    /// Reasons not to believe the model, each beginning with its code. Empty when it verifies.
    pub refused: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
}
