//! Integration tests of the credential crate: official and foreign vectors, our own credentials, and hostile ones.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken expectation is a failed test")]

mod attacks;
mod binding;
mod data_integrity;
mod jwt;
mod properties;
mod rdf;
mod sample;
mod sd_jwt;
mod vectors;
