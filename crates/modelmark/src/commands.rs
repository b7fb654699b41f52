//! The verbs: one file each, with its arguments and what it does.

pub(crate) mod car;
pub(crate) mod cat;
pub(crate) mod collection;
pub(crate) mod dataset;
pub(crate) mod deploy;
pub(crate) mod devnet;
pub(crate) mod diff;
pub(crate) mod digest;
pub(crate) mod inspect;
pub(crate) mod mint;
pub(crate) mod networks;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod verify;
pub(crate) mod wallet;
