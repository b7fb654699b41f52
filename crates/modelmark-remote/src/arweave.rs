//! Arweave: signed data that is kept for good, and the place `ar://` that gives and takes it.
//!
//! A *data item* (ANS-104) is bytes with tags, signed; its id is the SHA-256 of the signature, and bundlers put many of them into one transaction.
//! Whoever has a whole item needs to believe nobody: [`bound_data`].

mod bound;
mod bundle;
mod check;
mod chunks;
mod data_item;
mod deep_hash;
mod error;
mod gateway;
mod id;
mod key;
mod parts;
mod place;
mod sections;
mod settings;
mod signature;
mod spool;
mod tags;
mod transaction;
mod upload;

pub use bound::bound_data;
pub use bundle::{Held, MAX_BUNDLE_DEPTH, MAX_BUNDLE_ITEMS, read_bundle, write_bundle};
pub use check::Signed;
pub use data_item::{DataItem, Draft, MAX_HEAD_BYTES};
pub use deep_hash::{BlobHash, DeepHash, blob, list};
pub use error::ItemError;
pub use id::ItemId;
pub use key::{ArweaveKey, ItemSigner};
pub use place::Arweave;
pub use signature::SignatureType;
pub use tags::{MAX_TAG_BYTES, MAX_TAGS, Tag};
