#![doc = include_str!("../README.md")]

mod address;
pub mod car_stream;
mod credentials;
mod error;
mod gateway;
pub mod http;
mod memory;
mod object;
mod open;
mod policy;
mod reader;
mod receipt;
pub mod redundancy;
mod remote;
mod second_store;
mod unverified;

pub use address::Address;
pub use credentials::{Credentials, EthereumKey, Secret, SignDigest};
pub use error::RemoteError;
pub use gateway::{Gateway, PUBLIC_GATEWAYS};
pub use memory::MemoryRemote;
pub use object::ObjectPlace;
pub use open::{SCHEMES, open};
pub use policy::Policy;
pub use reader::{Limits, Reader, Served, Sink, Stats, StoreSink};
pub use receipt::{Cost, Receipt};
pub use remote::{Abilities, ByteStream, Item, PinState, Remote, Want, Watch};
pub use second_store::SecondStore;
pub use unverified::Unverified;
