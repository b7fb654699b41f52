//! Integration tests: one suite over every place.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed test says where")]

mod arweave_answers;
mod arweave_daemon;
mod arweave_items;
mod arweave_place;
mod cloud;
mod fetch;
mod foreign;
mod gateways;
mod hostile;
mod kubo;
mod object;
mod object_credentials;
mod pinata;
mod pinning;
mod places;
mod reads;
mod redundancy;
mod rpc_server;
mod server;
mod suite;
mod web;
