#![doc = include_str!("../README.md")]

mod assurance;
mod bundle;
mod code;
mod evidence;
pub mod exit_codes;
mod foreign;
mod gather;
mod judge;
mod part;
mod policy;
mod report;
mod standing;
mod summary;
mod trial;

pub use assurance::{Agreement, Assurance, ChainLevel, ChainView, ContractLevel, Finality, SeenBlock};
pub use bundle::{Bundle, BundleError, MAX_BUNDLE_BYTES, Offline, Rival, TrustedBlock, bundle_evidence, rfc3339, verify_bundle};
pub use code::{Code, Severity};
pub use evidence::{
    Claims, Evidence, EvidenceError, Look, MAX_EVIDENCE_BYTES, Noticed, RecordBytes, SeenWeights, SignatureFile, Surveyed, TokenEvidence,
    Unread, WalletAnswer, WalletWord, WeightsClaim,
};
pub use foreign::{Binding, ForeignToken, FoundSignature, MetadataBytes, OmsEvidence, OmsSigner};
pub use gather::{
    Begun, DEADLINE, GatherError, Gathered, Rooted, Sources, Together, ask_wallets, begin, foreign_metadata, gather, gather_begun, rooted,
    verify, wallet_questions,
};
pub use judge::{ReadEvidence, judge, judge_signatures};
pub use part::{FilePart, FileRange, PartEvidence, SampleSize, Scope};
pub use policy::{
    AgeRules, Beside, ChainRules, ClaimRules, CodeRule, Collection, ContractRules, Digest, Example, Finding, Form, FormatRules, Identity,
    Keep, Key, Licenses, MAX_POLICY_BYTES, MetricRule, NameError, Named, Number, ParentRule, ParentRules, Pattern, Policy, PolicyError,
    Problem, Reaction, RequiredSigner, Rules, Signers, StatusRules, StorageRules, Threshold, Version, Vouching, Who, template,
};
pub use report::{Check, ClaimedBy, Part, Report, RivalClaim, Rivals, Span, Status, Verdict};
pub use standing::{Ancestor, Ancestry, Descent, Standing};
pub use summary::{BroughtSummary, MAX_SUMMARY_BYTES, SummaryError, VERIFIED_LEVEL, VerificationSummary, summary};
pub use trial::{StatedLevel, Trial, TrialAssurance};
