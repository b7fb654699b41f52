//! Integration tests: whole models there and back, files that lie, and foreign age.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test says where")]

mod foreign;
mod hostile;
mod model;
mod round_trip;
