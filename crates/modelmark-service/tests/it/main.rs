//! The routers, asked as clients ask, over what really judges.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod admission;
mod fixture;
mod manifests;
mod verify;
