//! Options that several commands share, as typed by the user.

mod finding;
mod gate;
mod looking;
mod places;
mod policy;
mod policy_files;

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::HdPath;
use modelmark_digest::CidProfile;

pub(crate) use self::finding::FindArgs;
pub(crate) use self::gate::GateArgs;
pub(crate) use self::looking::LookArgs;
pub(crate) use self::places::{PlaceArgs, SourceArgs};
pub(crate) use self::policy::{PolicyArgs, policy_file, required_signer};

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Print the result as JSON on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but the result and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Where the block store and the embedded chain live [default: the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "MODELMARK_DATA_DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Whether files that did not change are read again.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct CacheArgs {
    /// Read every file again, also those that did not change since their digests were made, and renew the cache
    #[arg(long, help_heading = "Cache")]
    pub(crate) recheck: bool,
    #[command(flatten)]
    pub(crate) holes: HolesArgs,
}

/// Whether files are read whose length says little about what is stored.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct HolesArgs {
    /// Read files too that are hardly more than holes, which takes as long as their length says; without, a file of 16 GiB or more is refused when less than a
    /// 64th of it is stored
    #[arg(long)]
    pub(crate) read_holes: bool,
}

/// How CIDs are made.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ProfileArgs {
    /// How CIDs are made: `unixfs-v1-256KiB-174` as Kubo does by default, or `unixfs-v1-2025` of IPIP-499 (leaves of 1 MiB)
    #[arg(long, value_name = "PROFILE", default_value_t)]
    pub(crate) cid_profile: CidProfile,
}

/// Which chain, and which contract on it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Chain")]
pub(crate) struct ChainArgs {
    /// JSON-RPC endpoint of the chain; repeatable, or several with commas between [default: the embedded chain in the data directory]. What verifies asks all of
    /// them, everything else the first
    #[arg(long, value_name = "URL", env = "MODELMARK_RPC_URL", hide_env_values = true, value_delimiter = ',')]
    pub(crate) rpc_url: Vec<String>,
    /// How long the endpoint may take for one answer, in seconds
    #[arg(long, value_name = "SECONDS", env = "MODELMARK_RPC_TIMEOUT", hide_env_values = true, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) rpc_timeout: u64,
    /// Refuse any other chain than this: a CAIP-2 id (`eip155:8453`) or a name (`base`); for a name its public endpoint is asked unless another is named
    #[arg(long, value_name = "CAIP2|NAME", env = "MODELMARK_CHAIN", hide_env_values = true)]
    pub(crate) chain: Option<String>,
    /// Collection to use instead of the canonical registry
    #[arg(long, value_name = "ADDRESS", env = "MODELMARK_REGISTRY", hide_env_values = true)]
    pub(crate) registry: Option<String>,
}

/// Who signs.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Signer (default: $MODELMARK_PRIVATE_KEY, else on chain 31337 the first development account)")]
pub(crate) struct SignerArgs {
    /// Encrypted keystore file (Web3 Secret Storage, as `cast wallet` writes)
    #[arg(long, value_name = "FILE", env = "MODELMARK_KEYSTORE", hide_env_values = true)]
    pub(crate) keystore: Option<PathBuf>,
    /// File with the keystore's password [default: $MODELMARK_PASSWORD, else a prompt on the terminal]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Development account to use on chain 31337
    #[arg(long, value_name = "N", conflicts_with = "keystore", value_parser = clap::value_parser!(u32).range(..10))]
    pub(crate) dev_account: Option<u32>,
    /// Sign with a key in AWS KMS, with the region and credentials of the AWS environment; needs a build with the feature `aws-kms`
    #[arg(long, conflicts_with_all = ["keystore", "password_file", "dev_account"])]
    pub(crate) aws: bool,
    /// Sign on a Ledger device with its Ethereum app open; on USB (Linux), or behind $LEDGER_PROXY_ADDRESS:$LEDGER_PROXY_PORT (Speculos)
    #[arg(long, conflicts_with_all = ["keystore", "password_file", "dev_account", "aws"])]
    pub(crate) ledger: bool,
    /// Which of its keys: a path, `live:N` for account N of Ledger's own wallet, or `legacy:N` of its old one
    #[arg(long, value_name = "PATH", requires = "ledger", default_value = "m/44'/60'/0'/0/0")]
    pub(crate) hd_path: HdPath,
    /// Key id, alias (`alias/creator`) or ARN of that key [default: $AWS_KMS_KEY_ID]
    #[arg(long, value_name = "ID", requires = "aws")]
    pub(crate) aws_key_id: Option<String>,
}

/// How a transaction is sent.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sending")]
pub(crate) struct SendArgs {
    /// Do not ask before sending to a chain that costs money
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Blocks to wait for, the one with the transaction included
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) confirmations: u64,
}
