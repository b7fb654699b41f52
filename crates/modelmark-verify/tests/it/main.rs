//! Tests of the crate's public face.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod code;
mod fixture;
mod foreign;
mod gather;
mod generated;
mod judge;
mod signatures;
mod standing;
mod summary;
