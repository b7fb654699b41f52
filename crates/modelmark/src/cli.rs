//! The command line as typed by the user. What it means is settled in the command files.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{car, cat, deploy, devnet, digest, mint, publish, record, show, sign, store, verify, wallet};

/// Give a machine-learning model a provable identity, and check it
///
/// modelmark fingerprints model files, writes a signed provenance record, keeps it in content-addressed storage, mints it as an ERC-721 token, and
/// proves that the files at hand are the ones on the record.
#[derive(Debug, Parser)]
#[command(name = "modelmark", version, max_term_width = 110, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done or verified, 1 does not verify or refused, 2 usage, 3 could not look (chain, storage or file out of reach), 4 refused by policy.

Example: publish a model on the embedded chain, then check it
  modelmark publish ./my-model --license apache-2.0 --royalty 5% --dataset ./data
  modelmark verify ./my-model";

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

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Publish(Box<publish::PublishArgs>),
    Verify(Box<verify::VerifyArgs>),
    Show(show::ShowArgs),
    Digest(digest::DigestArgs),
    Record(Box<record::RecordArgs>),
    Sign(sign::SignArgs),
    Store(store::StoreArgs),
    Mint(Box<mint::MintArgs>),
    Cat(cat::CatArgs),
    #[command(subcommand)]
    Car(car::CarCommand),
    Devnet(devnet::DevnetArgs),
    Deploy(deploy::DeployArgs),
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
}

/// Which chain, and which contract on it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Chain")]
pub(crate) struct ChainArgs {
    /// JSON-RPC endpoint of the chain [default: the embedded chain in the data directory]
    #[arg(long, value_name = "URL", env = "MODELMARK_RPC_URL", hide_env_values = true)]
    pub(crate) rpc_url: Option<String>,
    /// Refuse any other chain than this CAIP-2 id (`eip155:8453`)
    #[arg(long, value_name = "CAIP2", env = "MODELMARK_CHAIN", hide_env_values = true)]
    pub(crate) chain: Option<String>,
    /// Collection to use instead of the canonical registry
    #[arg(long, value_name = "ADDRESS", env = "MODELMARK_REGISTRY", hide_env_values = true)]
    pub(crate) registry: Option<String>,
}

/// Who signs.
#[derive(Clone, Debug, Args)]
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
