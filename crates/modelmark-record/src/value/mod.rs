//! The small checked values that a record is made of; each refuses, where it enters, what a record may not hold.

mod account;
mod amount;
mod decimal;
mod hex;
mod license;
mod names;
mod scalar;
mod text;
mod timestamp;
mod uri;

pub use account::{Account, AssetId, Signer, TokenId};
pub use amount::{BasisPoints, Count, MAX_COUNT, RoyaltyBps, ShareBps};
pub use decimal::Decimal;
pub use license::Spdx;
pub use names::{Commit, ContainerImage, MediaType};
pub use scalar::Scalar;
pub use text::{Label, Prose, ValueError};
pub use timestamp::Timestamp;
pub use uri::{ImageUri, Uri};

pub(crate) use hex::{hash, hashes, optional_hash};
pub(crate) use text::{Refusal, text_value};
