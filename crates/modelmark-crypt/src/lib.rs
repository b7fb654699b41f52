#![doc = include_str!("../README.md")]

mod age_file;
mod decrypt;
mod encrypt;
mod error;
mod keys;
mod objects;
mod opened;
mod place;
mod resume;

pub use age_file::MAX_HEADER_BYTES;
pub use decrypt::decrypt;
pub use encrypt::{Holders, add_recipients, encrypt};
pub use error::CryptError;
pub use keys::{Identities, MAX_IDENTITIES_BYTES, MAX_RECIPIENTS, Recipient};
pub use objects::{Folder, MAX_KEYS, Objects, key_name, object_name, outboard_name};
pub use opened::{DecryptedFile, Opened};
