//! Which places beyond this machine are to keep something.

use clap::Args;
use modelmark_remote::Address;

/// Places beyond this machine.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Places")]
pub(crate) struct PlaceArgs {
    /// Place beyond this machine that keeps it too, such as `ipfs+http://127.0.0.1:5001`, `s3://bucket/folder` or `file:///mnt/backup`; repeatable
    #[arg(long = "place", value_name = "URL", env = "MODELMARK_PLACES", hide_env_values = true, value_delimiter = ',')]
    pub(crate) places: Vec<Address>,
}
