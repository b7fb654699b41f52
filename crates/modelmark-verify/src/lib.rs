#![doc = include_str!("../README.md")]

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

pub use code::{Code, Severity};
pub use evidence::{Evidence, Look, RecordBytes, SignatureFile, TokenEvidence, WalletAnswer, WalletWord};
pub use foreign::{Binding, ForeignToken, MetadataBytes, OmsEvidence};
pub use gather::{GatherError, Sources, ask_wallets, foreign_metadata, verify, wallet_questions};
pub use judge::{judge, judge_signatures};
pub use part::{FilePart, FileRange, PartEvidence, SampleSize, Scope};
pub use policy::{Policy, RequiredSigner};
pub use report::{Check, Part, Report, Span, Status, Verdict};
pub use standing::{Ancestor, Ancestry, Descent, Standing};
pub use summary::{SummaryError, VERIFIED_LEVEL, summary};
