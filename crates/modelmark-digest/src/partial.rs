//! Checking parts of a model against its leaves: ranges, random samples, downloads that are not finished.
//!
//! [`Listing`] says which files are there, [`hold`] which leaves of one of them are those of its [`LeafList`](crate::outboard::LeafList), [`sample`]
//! chooses leaves at random, and [`chance_of_missing`] says what a sample is worth. A [`RangeProof`] shows which leaves hold a range, for one who has
//! neither the list nor the rest of the file. All of it speaks of the moment of reading.

mod held;
mod listing;
mod range_digests;
mod range_proof;
mod sample;
mod unfinished;

pub(crate) use held::leaf_digests;
pub use held::{Held, KnownLeaves, Piece, hold};
pub use listing::Listing;
pub use range_digests::RangeDigests;
pub use range_proof::{MAX_RANGE_PROOF_BYTES, ProvenRange, RANGE_PROOF, RangeProof, RangeProofError};
pub use sample::{chance_of_missing, sample};
pub use unfinished::Unfinished;
