//! Checking parts of a model against its leaves: ranges, random samples, downloads that are not finished.
//!
//! [`Listing`] says which files are there, [`hold`] which leaves of one of them are those of its [`LeafList`](crate::outboard::LeafList), [`sample`]
//! chooses leaves at random, and [`chance_of_missing`] says what a sample is worth. All of it speaks of the moment of reading.

mod held;
mod listing;
mod sample;

pub use held::{Held, hold};
pub use listing::Listing;
pub use sample::{chance_of_missing, sample};
