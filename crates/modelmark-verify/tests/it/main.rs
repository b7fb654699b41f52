//! Tests of the crate's public face.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod assurance;
mod claims;
mod code;
mod endings;
mod evidence_file;
mod fixture;
mod foreign;
mod gather;
mod generated;
mod judge;
mod policy;
mod policy_demands;
mod policy_file;
mod policy_guide;
mod policy_identities;
mod policy_properties;
mod policy_words;
mod signatures;
mod standing;
mod summary;
mod together;
mod total;
