//! How a chain is looked at by what verifies: whose word counts, and at which block.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use modelmark_chain::{ChainId, Network, ReadAt};

use crate::options::ChainArgs;

/// Which chain is looked at, and how. See `docs/reference/assurance.md`.
#[derive(Clone, Debug, Args)]
pub(crate) struct LookArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    /// How many of the endpoints have to give an answer for it to count: more than half of them [default: the smallest majority]
    #[arg(long, value_name = "K", env = "MODELMARK_RPC_AGREE", hide_env_values = true, help_heading = "Chain")]
    pub(crate) rpc_agree: Option<usize>,
    /// Block to look at: `latest`, `safe`, `finalized` or a number [default: finalized; on the embedded chain and others that have no finality, latest]
    #[arg(long, value_name = "BLOCK", env = "MODELMARK_BLOCK", hide_env_values = true, help_heading = "Chain")]
    pub(crate) block: Option<BlockArg>,
    /// How old the block may be by this machine's clock, in seconds, unless --block is a number; 0 for any age [default: 3 hours on the chains of `modelmark
    /// networks`, else any age]
    #[arg(long, value_name = "SECONDS", env = "MODELMARK_MAX_BLOCK_AGE", hide_env_values = true, help_heading = "Chain")]
    pub(crate) max_block_age: Option<u64>,
}

/// A block as users name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockArg(ReadAt);

impl FromStr for BlockArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "latest" => ReadAt::Latest,
            "safe" => ReadAt::Safe,
            "finalized" => ReadAt::Finalized,
            number => ReadAt::Number(number.parse().map_err(|_| "neither `latest` nor `safe` nor `finalized` nor a number".to_owned())?),
        }))
    }
}

impl LookArgs {
    /// Returns which block is looked at; `None` when nobody said, and it is not known whether the chain has finality.
    pub(crate) fn read_at(&self, chain: ChainId) -> Option<ReadAt> {
        match self.block {
            Some(BlockArg(read_at)) => Some(read_at),
            None if chain == ChainId::DEVELOPMENT => Some(ReadAt::Latest),
            None => Network::of(chain).map(|_| ReadAt::Finalized),
        }
    }

    /// Returns how old it may be.
    pub(crate) fn max_age(&self, chain: ChainId) -> Option<Duration> {
        match self.max_block_age {
            Some(0) => None,
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => chain.max_block_age(),
        }
    }
}
