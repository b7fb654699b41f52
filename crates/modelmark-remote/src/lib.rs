#![doc = include_str!("../README.md")]

mod address;
mod error;
pub mod http;
mod memory;
mod receipt;
mod remote;
mod unverified;

pub use address::Address;
pub use error::RemoteError;
pub use memory::MemoryRemote;
pub use receipt::{Cost, Receipt};
pub use remote::{Abilities, ByteStream, Item, PinState, Remote, Want, Watch};
pub use unverified::Unverified;
