//! The public face of the chain: one suite over the chain in process, the chain over HTTP and a real anvil, and tests of what only this chain promises.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod counter;
mod durability;
mod hostile;
mod http;
mod node;
mod own;
mod suite;
