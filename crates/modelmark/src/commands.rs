//! The verbs: one file each, with its arguments and what it does.

pub(crate) mod anchor;
pub(crate) mod car;
pub(crate) mod cat;
pub(crate) mod collection;
pub(crate) mod dataset;
pub(crate) mod deploy;
pub(crate) mod derive;
pub(crate) mod devnet;
pub(crate) mod diff;
pub(crate) mod digest;
pub(crate) mod inspect;
pub(crate) mod license;
pub(crate) mod market;
pub(crate) mod mint;
pub(crate) mod networks;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod royalty;
pub(crate) mod shares;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod wallet;
