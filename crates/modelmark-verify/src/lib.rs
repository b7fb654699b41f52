#![doc = include_str!("../README.md")]

mod code;
mod evidence;
pub mod exit_codes;
mod gather;
mod judge;
mod policy;
mod report;

pub use code::Code;
pub use evidence::{Evidence, Look, RecordBytes, TokenEvidence};
pub use gather::{GatherError, Sources, verify};
pub use judge::judge;
pub use policy::Policy;
pub use report::{Check, Report, Status, Verdict};
