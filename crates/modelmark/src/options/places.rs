//! Which places beyond this machine are to keep something, and how many of them have to.

use std::time::Duration;

use clap::Args;
use modelmark_remote::{Address, Policy};

/// Places beyond this machine.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Places")]
pub(crate) struct PlaceArgs {
    /// Place beyond this machine that keeps it too, such as `ipfs+http://127.0.0.1:5001`, `s3://bucket/folder` or `file:///mnt/backup`; repeatable
    #[arg(long = "place", value_name = "URL", env = "MODELMARK_PLACES", hide_env_values = true, value_delimiter = ',')]
    pub(crate) places: Vec<Address>,
    /// How many of them have to keep it before anything is minted, such as `2 of {ipfs, arweave, s3}` [default: all]
    #[arg(long, value_name = "POLICY", env = "MODELMARK_KEEP", hide_env_values = true)]
    pub(crate) keep: Option<Policy>,
    /// How long a place that is still working on it is asked again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) place_wait: u64,
}

impl PlaceArgs {
    /// Returns how long a place that is still working on something is asked again.
    pub(crate) const fn wait(&self) -> Duration {
        Duration::from_secs(self.place_wait)
    }
}

/// Places to read from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Places")]
pub(crate) struct SourceArgs {
    /// Place to read from what is not in the block store, such as `https://ipfs.io`, `ipfs+http://127.0.0.1:5001`, or `gateways` for the public ones; repeatable.
    /// No place is believed: every byte is held against its CID
    #[arg(long = "place", value_name = "URL", env = "MODELMARK_PLACES", hide_env_values = true, value_delimiter = ',')]
    pub(crate) places: Vec<Address>,
}
