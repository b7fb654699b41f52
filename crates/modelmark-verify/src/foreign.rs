//! What was found of what others made: a token of any ERC-721 contract, a signature of OpenSSF model signing. Plain data, as all evidence.

use modelmark_chain::{Address, Authenticity, TokenRef};
use modelmark_digest::{ContentId, Manifest, Sha256Digest};
use modelmark_remote::arweave::ItemId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Look;
use crate::evidence::stored;

/// A token of a contract that is none of our registries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ForeignToken {
    /// The token.
    #[schemars(with = "String")]
    pub token: TokenRef,
    /// What is known of the contract.
    #[serde(with = "stored::contract")]
    #[schemars(with = "stored::Contract")]
    pub contract: Authenticity,
    /// Who owns the token.
    #[serde(with = "stored::spelled")]
    #[schemars(with = "String")]
    pub owner: Address,
    /// Number of the block that was read.
    pub block: u64,
    /// Its metadata.
    pub metadata: Look<MetadataBytes>,
    /// The local files as each profile names them, with the digests that the metadata asks for; more than one only when it states a CID.
    #[schemars(with = "Vec<stored::Object>")]
    pub models: Vec<Manifest>,
    /// The version 0 CID of the one weights file, when the metadata states a CID that no profile gives.
    #[schemars(with = "Option<String>")]
    pub version_0: Option<ContentId>,
}

/// Metadata as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MetadataBytes {
    /// The bytes.
    #[serde(with = "stored::packed")]
    #[schemars(with = "String")]
    pub bytes: Vec<u8>,
    /// Where they came from, for people.
    pub source: String,
    /// What binds them to the token.
    pub binding: Binding,
}

/// What binds metadata to the URI that the token names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Binding {
    /// They stand in the URI.
    InUri,
    /// They hash to the CID in the URI.
    Cid(#[schemars(with = "String")] ContentId),
    /// They were found below a folder whose CID is in the URI, every block checked.
    Folder(#[schemars(with = "String")] ContentId),
    /// They are not what the CID in the URI names.
    Other(#[schemars(with = "String")] ContentId),
    /// They are the data of the Arweave item whose id is in the URI, and its signature holds.
    Item(
        #[serde(with = "stored::spelled")]
        #[schemars(with = "String")]
        ItemId,
    ),
    /// They were brought as an Arweave item, and are not that of the URI or not signed; the text says what.
    OtherItem(String),
    /// Nothing but the word of a web server, which was asked just now; the text is its address.
    Mutable(String),
    /// Nothing; the text says why.
    Nothing(String),
}

/// What came of looking at a signature of OpenSSF model signing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OmsEvidence {
    /// Who signed, in words; absent when the signature does not hold.
    pub signer: Option<String>,
    /// The same for programs; absent when the signature does not hold.
    pub identity: Option<OmsSigner>,
    /// How many files are as they were signed.
    pub files: usize,
    /// Reasons not to believe the model, each beginning with its code. Empty when it verifies.
    pub refused: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// A signature of OpenSSF model signing that was looked at because a policy names who has to have signed the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FoundSignature {
    /// Where it lies, for people.
    pub source: String,
    /// SHA-256 of what vouches for the signer, as it stands in the policy: certificates, or a trusted root. None for a key, and where it is Sigstore's
    /// public instance that vouches.
    #[schemars(with = "Option<String>")]
    pub vouched: Option<Sha256Digest>,
    /// What came of it.
    pub found: OmsEvidence,
}

impl FoundSignature {
    /// Returns who signed, if the signature holds and speaks for the files.
    #[must_use]
    pub fn signer(&self) -> Option<&OmsSigner> {
        self.found.identity.as_ref().filter(|_| self.found.refused.is_empty() && self.found.files > 0)
    }
}

/// Who signed with OpenSSF model signing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum OmsSigner {
    /// The holder of the key whose PEM text has this SHA-256.
    Key(#[schemars(with = "String")] Sha256Digest),
    /// Who was logged in so.
    Keyless {
        /// Who: an e-mail address, or the URI of a workflow.
        identity: String,
        /// Where they were logged in.
        issuer: String,
    },
    /// The holder of a certificate, who is whom those say who vouch for it.
    Certificate {
        /// The name in it (RFC 4514).
        subject: String,
        /// SHA-256 of the PEM text of its key.
        #[schemars(with = "String")]
        key: Sha256Digest,
    },
}

impl OmsSigner {
    /// Tells whether both are, for all that is known, the same one: by name, or by key.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let key = |signer: &Self| match signer {
            Self::Key(key) | Self::Certificate { key, .. } => Some(*key),
            Self::Keyless { .. } => None,
        };
        let subject = |signer: &Self| match signer {
            Self::Certificate { subject, .. } => Some(subject.clone()),
            _ => None,
        };
        self == other || key(self).is_some() && key(self) == key(other) || subject(self).is_some() && subject(self) == subject(other)
    }
}
