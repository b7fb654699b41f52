//! Integration tests: one suite over every place.
#![expect(clippy::unwrap_used, reason = "a failed test says where")]

mod gateways;
mod places;
mod reads;
mod server;
mod suite;
