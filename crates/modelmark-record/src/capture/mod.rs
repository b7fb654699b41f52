//! Facts about a model, gathered from what its owner says and from the files that lie beside it.
//!
//! What is explicit wins: flags, then `modelmark.toml`, then the model card, then `config.json`. The caller reads the files; nothing here does.

mod card;
mod claims;
mod config;
mod finding;
mod intake;
mod merge;
mod project;
mod stated;
mod yaml;

pub use claims::{Claims, ParentClaim};
pub use finding::{CaptureError, Finding, FindingCode, LeftOut};
pub use merge::{Beside, Capture, Document, Facts, MAX_SOURCE_BYTES, NamedParent, gather};
