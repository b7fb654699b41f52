//! Integration tests of the record crate: foreign vectors, schemas, hostile input, signatures, capture and properties.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken expectation is a failed test")]

mod capture;
mod capture_runs;
mod compose;
mod export;
mod foreign;
mod hostile;
mod picture;
mod properties;
mod sample;
mod schema;
mod signature;
mod vectors;
mod weights;
