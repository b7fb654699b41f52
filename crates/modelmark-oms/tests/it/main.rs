//! Bundles of other people's clients, bundles that lie, models that were changed, and what our own bundles say.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod attacks;
mod envelope;
#[cfg(feature = "keyless")]
mod keyless;
mod keys;
mod models;
mod properties;
mod recover;
mod vectors;
mod world;
