//! The public face of the crate: vectors of foreign tools, slow twins, refusals, and what a run must hold to.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a panic is a failed test")]

mod cached;
mod changes;
mod containers;
mod content;
mod held;
mod hub;
mod hub_names;
mod lanes;
mod memory;
mod merkle;
mod models;
mod outboards;
mod parts;
mod range_proofs;
mod refusals;
mod safetensors_files;
mod slices;
mod slow_unixfs;
mod survey;
mod trees;
mod unixfs_vectors;
mod variants;
mod watching;
mod weight_vectors;
