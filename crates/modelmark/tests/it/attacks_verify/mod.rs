//! Attacks on a verification, as `attacks/verify/README.md` lists them.

mod claims;
mod contracts;
mod endpoints;
mod files;
mod index;
pub(crate) mod lying;
mod named;
mod oms;
mod places;
mod policy;
mod sizes;
mod terminal;
mod tokens;
