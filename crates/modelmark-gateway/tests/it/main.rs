//! The gateway as its clients see it: the cases of the public conformance suite, and what it has to survive.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]

mod bounds;
mod conformance_car;
mod conformance_files;
mod conformance_raw;
mod fixture;
