//! Facts about a model, gathered from what its owner says and from the files that lie beside it.
//!
//! What is explicit wins: flags, then `modelmark.toml`, then the metadata of a token that is taken over, then the model card, then `config.json`, then what training tools wrote. The caller reads the files;
//! nothing here does. Which file fills what is specified in `docs/spec/capture.md`.

mod arguments;
mod card;
mod claims;
mod config;
mod croissant;
mod data;
mod document;
mod finding;
mod gather;
mod imported;
mod intake;
pub(crate) mod json;
mod merge;
mod number;
mod project;
mod run_time;
mod settings;
mod stated;
mod stored_run;
mod tokenizer;
mod tracker;
mod trainer;
pub(crate) mod yaml;

pub use claims::{Claims, ParentClaim};
pub use document::{SOURCE_FILES, SOURCE_FOLDERS, is_source};
pub use finding::{CaptureError, Finding, FindingCode, LeftOut};
pub use gather::{Beside, Capture, DataDocument, Document, Facts, MAX_SOURCE_BYTES, NamedParent, Statement, gather};
pub use imported::ImportedToken;
pub use project::project_text;
pub use run_time::repository;
pub use stored_run::StoredRun;
