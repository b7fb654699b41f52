//! The public face of the storage crate: one suite over all stores, imports, upkeep, CAR files, crashes.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is a failed test")]

mod backends;
mod caches;
mod car;
mod faults;
mod file;
mod fixture;
mod import;
mod processes;
mod receipts;
mod selections;
mod upkeep;
