//! The codes of the checks. Each is public interface: scripts match on them, so they are never renamed or given another meaning.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Which check.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl Code {
            /// Every code, in the order in which reports list them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the code as text, such as `record.digest`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Returns what the check looks at, for the reference page.
            #[must_use]
            pub fn explanation(self) -> String {
                match self { $(Self::$variant => [$($doc),+].concat(),)+ }.trim().to_owned()
            }

            /// Returns where the check is explained, as a path in the documentation.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self { $(Self::$variant => concat!("reference/checks.md#", $text),)+ }
            }
        }
    };
}

codes! {
    /// The bundle is whole and in its one form, its proofs lead to the hash of its block, and that is the block that the caller trusts, if one was named. Else the reason, by its code. Looked at with `--bundle`.
    BundleValid = "bundle.valid",
    /// The token exists on the chain. When only files are given, a token was found that names their weights.
    TokenExists = "token.exists",
    /// The token id is the hash of what the contract says about the token (weights, record, parents, licence, kind, creator), so the RPC endpoint cannot have changed any of these.
    TokenId = "token.id",
    /// The contract is a modelmark registry: its address follows from our init code and the CREATE2 factory, or it is in the address book.
    ContractAuthentic = "contract.authentic",
    /// The record that the token names was found.
    RecordFound = "record.found",
    /// The SHA-256 of the record's bytes is the digest on the chain.
    RecordDigest = "record.digest",
    /// The record's bytes are a well-formed record in canonical form.
    RecordValid = "record.valid",
    /// The token's fields agree with the record: weights, licence, royalty, creator.
    RecordToken = "record.token",
    /// The creator's EIP-712 signature over the record is valid and by the creator that the token names.
    CreatorSignature = "creator.signature",
    /// Every signature in the documents that speak of this record holds and is by an account that the record names; each wrong one is named with its reason, whatever else is signed well. A wrong one that only lies in the store is told and fails nothing, because anybody may have put it there. What a contract wallet signed is asked of the wallet.
    RecordSignatures = "record.signatures",
    /// Every local file that the record lists has the CID that the record gives, which binds its bytes. Once the record is known, files of other sizes are not read.
    ModelFiles = "model.files",
    /// Every local file that the record lists has the SHA-256 that the record gives. Computed with `--full`; without, the CIDs bind the bytes, and what the record says of SHA-256 is the creator's word.
    ModelSha256 = "model.sha256",
    /// No file that the record lists is missing.
    ModelMissing = "model.missing",
    /// There is no local file that the record does not list.
    ModelExtra = "model.extra",
    /// The CID of the whole model (names, sizes and bytes) is the record's.
    ModelCid = "model.cid",
    /// The weights among the local files, and their CID, are the ones that the record (and so the token) speaks of.
    WeightsCid = "weights.cid",
    /// The tensors of the local weights (number, parameters, types, exact root) are what the record says. Looked at with `--full`.
    WeightsTensors = "weights.tensors",
    /// The leaves that hold the bytes asked for are those of the record's files. Looked at with `--range`, or with `--proof` and a proof of `digest --range`; says nothing about the rest.
    ModelRange = "model.range",
    /// Leaves that were chosen at random are those of the record's files, and so are all names and sizes. Looked at with `--sample`; never passes, its status is `sampled`, because it says nothing certain about the leaves that were not chosen.
    ModelSample = "model.sample",
    /// Whatever is there of the files on the record is as recorded, and there is no other file. Looked at with `--partial`; passes for an unfinished download too, and tells how much of it is missing.
    ModelPart = "model.part",
    /// The bytes given are those of the tensor, under the root of all tensors on the record. Looked at with `--proof` and a proof of `digest --slice`; says nothing about the rest.
    WeightsSlice = "weights.slice",
    /// The summary of another verifier is signed with the key that the caller trusts, and is one. Looked at with `--accept-vsa`; so are the other `summary.` checks, see `reference/summaries.md`.
    SummarySignature = "summary.signature",
    /// The verifier that the summary names is the one that the caller trusts.
    SummaryVerifier = "summary.verifier",
    /// The verification that the summary speaks of passed.
    SummaryResult = "summary.result",
    /// That verification is neither too old nor of the future.
    SummaryTime = "summary.time",
    /// The policy of that verification is the one of this.
    SummaryPolicy = "summary.policy",
    /// The summary speaks of this token and this record.
    SummarySubject = "summary.subject",
    /// The files of the summary are those of the record, and the names and sizes of the local files are those, too. Nothing here read their bytes: that they are the recorded ones is the word of the summary's verifier, about files that only their names and sizes bind to these.
    SummaryFiles = "summary.files",
    /// No file of the model runs code when it is loaded as usual, or may do so for all that can be seen; told by content, not by name. Skipped with a list of such files, unless the policy denies code.
    CodeNone = "code.none",
    /// Nothing speaks against the token: its creator did not recall it, and no curator whom the policy follows disputes or revokes it. An endpoint can hide that: no hash binds it.
    StatusToken = "status.token",
    /// Nothing speaks against what the token comes from: up to 256 ancestors of 16 generations in the token's own registry, followed when the model itself is as recorded. Parents in other registries are listed and not looked at.
    StatusLineage = "status.lineage",
    /// The token's creator was the first who claimed these weights: by a commitment that was shown, else by the mint. Passes with a list of who claimed them later. Where others did so earlier it is skipped with a list of them, because anybody may claim a public model before its maker does, unless the policy wants the first claim. Looked at when the token was found by the weights, or the policy wants it. An endpoint can hide claims.
    ClaimFirst = "claim.first",
    /// Places said when they took the model that they keep it, as the block store notes it. Informative: passes with a list of them, skipped without any, never fails. Nobody looked whether they still have it; `storage check` does.
    StorageReceipts = "storage.receipts",
    /// The metadata of a token that is not of a modelmark registry was found and can be read. Looked at when `--token` names such a token; so are the other `foreign.` checks.
    ForeignMetadata = "foreign.metadata",
    /// The bytes of the foreign metadata are the ones that the token's URI names: by their CID, or because they stand in it. Unknown when nothing binds them (a web server may answer differently tomorrow), unless the policy accepts that.
    ForeignBound = "foreign.bound",
    /// The foreign metadata states a digest of the model in one of the places that are known, and it has only one reading; else the reason, by its code.
    ForeignDigest = "foreign.digest",
    /// The local weights have every digest that the foreign metadata states. Says nothing about the files beside them, unless the digest is a CID of the whole folder.
    ForeignWeights = "foreign.weights",
    /// A signature of OpenSSF model signing over the local files is by the key, or by somebody for whom the certificates vouch, that the caller trusts. Looked at when the caller names either.
    OmsSignature = "oms.signature",
    /// The policy's list of creators holds the record's creator.
    PolicyCreator = "policy.creator",
    /// The policy's list of licences holds the record's licence.
    PolicyLicense = "policy.license",
    /// As many accounts that the record names signed it as the policy demands, and those whom it demands; in thresholds, signers of the files count with them. Unknown when they may be in a signature document that cannot be read: nobody could look then.
    PolicySignatures = "policy.signatures",
    /// Somebody whom the policy names signed the files with OpenSSF model signing: in `model.sig` or `model.*.sig` in the model's folder, or in what `--oms-signature` names. Unknown when no such signature could be looked at.
    PolicyIdentity = "policy.identity",
    /// The token's contract is one of those that the policy names, and as much is known of its code as the policy demands.
    PolicyContract = "policy.contract",
    /// The token's chain is one of those that the policy names.
    PolicyChain = "policy.chain",
    /// The state of the chain rests on as good a word, and on as final a block, as the policy demands (docs/reference/assurance.md).
    PolicyAssurance = "policy.assurance",
    /// Every ancestor that the policy demands is there on chain, and none that it forbids. Unknown when some ancestors could not be looked at and one of them may decide it.
    PolicyParents = "policy.parents",
    /// The record states the measurements that the policy demands, and every one of them is within its bounds. They are the creator's word.
    PolicyMetrics = "policy.metrics",
    /// Every weights file is of a format that the policy names, by its content.
    PolicyFormats = "policy.formats",
    /// Nothing was noticed about the files that the policy denies, and nothing that it does not accept where it lists what it accepts.
    PolicyFindings = "policy.findings",
    /// The record is no older, by its own word, than the policy wants. Unknown when the record states no time.
    PolicyAge = "policy.age",
    /// As many places as the policy demands said that they took the model, and none of these words has run out.
    PolicyStorage = "policy.storage",
}

/// What it means when a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is not as recorded: the model does not verify.
    Error,
    /// Everything is as recorded, but the policy does not want it.
    Policy,
}

impl Code {
    /// Tells whether the check looks at a part of the files only.
    #[must_use]
    pub const fn is_of_a_part(self) -> bool {
        matches!(self, Self::ModelRange | Self::ModelSample | Self::ModelPart | Self::WeightsSlice)
    }

    /// Tells whether the check is about a summary that another verifier signed.
    #[must_use]
    pub const fn is_of_a_summary(self) -> bool {
        matches!(
            self,
            Self::SummarySignature
                | Self::SummaryVerifier
                | Self::SummaryResult
                | Self::SummaryTime
                | Self::SummaryPolicy
                | Self::SummarySubject
                | Self::SummaryFiles
        )
    }

    /// Tells whether the check is about what others than modelmark made: tokens of any contract, signatures of OpenSSF model signing.
    #[must_use]
    pub const fn is_foreign(self) -> bool {
        matches!(self, Self::ForeignMetadata | Self::ForeignBound | Self::ForeignDigest | Self::ForeignWeights | Self::OmsSignature)
    }

    /// Tells whether the check is about how the token and its ancestors stand. A policy may accept what it finds, but not that it could not be seen.
    #[must_use]
    pub const fn is_of_standing(self) -> bool {
        matches!(self, Self::StatusToken | Self::StatusLineage)
    }

    /// Returns what it means when the check fails.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self.is_policy() { Severity::Policy } else { Severity::Error }
    }

    /// Tells whether the check is about what a policy wants, not about what is true.
    #[must_use]
    pub fn is_policy(self) -> bool {
        matches!(self, Self::CodeNone | Self::StatusToken | Self::StatusLineage | Self::ClaimFirst) || self.as_str().starts_with("policy.")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
