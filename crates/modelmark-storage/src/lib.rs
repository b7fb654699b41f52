#![doc = include_str!("../README.md")]

mod cache;
pub mod car;
mod dag;
mod error;
mod file;
mod local;
mod memory;
mod resolve;
mod store;

pub use cache::{BlockCache, Held, LocalCache};
pub use dag::leaves;
pub use error::StorageError;
pub use file::{FileReader, MAX_DEPTH, cat};
pub use local::{Damage, Freed, Fsck, Import, Lease, Leaves, LocalStore, MAX_RECEIPT_BYTES, Noted, Pin, Role};
pub use memory::MemoryStore;
pub use resolve::{Resolved, resolve};
pub use store::{Block, MAX_BLOCK_BYTES, Store};
