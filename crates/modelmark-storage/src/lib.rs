#![doc = include_str!("../README.md")]

mod error;
mod local;
mod memory;
mod store;

pub use error::StorageError;
pub use local::{Lease, LocalStore, Pin, Role};
pub use memory::MemoryStore;
pub use store::{Block, MAX_BLOCK_BYTES, Store};
