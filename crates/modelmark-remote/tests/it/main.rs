//! Integration tests: one suite over every place.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed test says where")]

mod gateways;
mod moto;
mod object;
mod places;
mod reads;
mod redundancy;
mod server;
mod suite;
