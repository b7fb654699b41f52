//! `modelmark delegate`: accounts and contracts that act as a creator.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use alloy::primitives::U256;
use clap::{Args, Subcommand};
use modelmark_chain::{Address, Delegation, Registry, SignedDelegation, parse_address};
use serde_json::json;

use crate::chain_source;
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::{Session, read_input};
use crate::transaction::TransactionArgs;

const MAX_WORD_BYTES: u64 = 16 << 10;
const DAY: u64 = 86_400;

/// Let an account or a contract act as a creator in a registry, or no longer
#[derive(Debug, Subcommand)]
pub(crate) enum DelegateCommand {
    Allow(Box<AllowArgs>),
    Revoke(Box<RevokeArgs>),
    Submit(Box<SubmitArgs>),
    Show(ShowArgs),
}

/// Let an account act in one's name: mint, set statuses, payees and stacks of one's tokens
///
/// It can do all that for each of your models in the registry until it is revoked, and so say who is paid for them: allow only whom you trust as yourself. It
/// cannot move your tokens or take out what you are owed already.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark delegate allow 0x…\n  modelmark delegate allow 0x… --sign > word.json")]
pub(crate) struct AllowArgs {
    #[command(flatten)]
    word: WordArgs,
}

/// Let an account act in one's name no longer
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark delegate revoke 0x…")]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    word: WordArgs,
}

/// Whom it is about, and how the creator says it.
#[derive(Debug, Args)]
struct WordArgs {
    /// Account or contract
    delegate: String,
    /// Send nothing: sign it, and print what `delegate submit` takes, so that somebody else pays
    #[arg(long)]
    sign: bool,
    /// How long the signature counts
    #[arg(long, value_name = "DAYS", requires = "sign", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=3650))]
    days: u64,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Submit what a creator signed
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark delegate submit word.json --dry-run")]
pub(crate) struct SubmitArgs {
    /// What `delegate allow --sign` or `delegate revoke --sign` printed, or - for stdin
    word: PathBuf,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show whether an account may act as a creator
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark delegate show 0x… --creator 0x…")]
pub(crate) struct ShowArgs {
    /// Account or contract
    delegate: String,
    /// In whose name
    #[arg(long, value_name = "ADDRESS")]
    creator: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &DelegateCommand) -> Result<()> {
    match command {
        DelegateCommand::Allow(args) => session.block_on(set(session, &args.word, true)),
        DelegateCommand::Revoke(args) => session.block_on(set(session, &args.word, false)),
        DelegateCommand::Submit(args) => session.block_on(submit(session, args)),
        DelegateCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn set(session: &Session<'_>, args: &WordArgs, allowed: bool) -> Result<()> {
    let delegate = address("the delegate", &args.delegate)?;
    let acting = args.transaction.act(session).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let creator = acting.wallet.address();
    if delegate.is_zero() || delegate == creator {
        return Err(CommandError::usage("a delegate is somebody else than nobody or the creator").hint("name another account"));
    }
    if args.sign {
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() + args.days * DAY;
        let nonce = registry.delegation_nonce(creator).await.map_err(explain)?;
        let delegation = Delegation { creator, delegate, allowed, nonce, deadline: U256::from(deadline) };
        let signature = registry.sign_delegation(&delegation, &acting.wallet).map_err(explain)?;
        let (chain, registry) = (acting.chain.id(), registry.address());
        let word = SignedDelegation { chain, registry, creator, delegate, allowed, nonce, deadline, signature };
        let json = serde_json::to_string_pretty(&word).or_refused()?;
        return session.output.result(&word, || json);
    }
    let is_so = registry.acts_for(delegate, creator).await.map_err(explain)? == allowed;
    let calls = if is_so { Vec::new() } else { vec![registry.set_delegate(delegate, allowed)] };
    acting.make_and_tell(session, calls, |_| Ok(told(&registry, creator, delegate, allowed, !is_so))).await
}

async fn submit(session: &Session<'_>, args: &SubmitArgs) -> Result<()> {
    let word = read(&args.word)?;
    let acting = args.transaction.act(session).await?;
    if word.chain != acting.chain.id() {
        return Err(CommandError::usage(format!("the creator signed for {}, and the endpoint serves {}", word.chain, acting.chain.id())));
    }
    let registry = Registry::at(&acting.chain, word.registry);
    genuine(&registry).await?;
    let SignedDelegation { creator, delegate, allowed, nonce, .. } = word;
    let next = registry.delegation_nonce(creator).await.map_err(explain)?;
    if nonce != next {
        let told = format!("the word has number {nonce}, and the registry waits for number {next} of {creator}; nothing was sent");
        return Err(CommandError::refused(told).hint("words are submitted once each, in the order of their numbers"));
    }
    let call = registry.submit_delegation(&word.word(), word.signature);
    acting.make_and_tell(session, vec![call], |_| Ok(told(&registry, creator, delegate, allowed, true))).await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let (delegate, creator) = (address("the delegate", &args.delegate)?, address("--creator", &args.creator)?);
    let connected = chain_source::connect(session, &args.chain).await?;
    genuine(&connected.registry).await?;
    let allowed = connected.registry.acts_for(delegate, creator).await.map_err(explain)?;
    let (value, text) = told(&connected.registry, creator, delegate, allowed, false);
    session.output.result(&value, || text)
}

fn told(registry: &Registry, creator: Address, delegate: Address, allowed: bool, changed: bool) -> (serde_json::Value, String) {
    let value = json!({
        "chain": registry.chain().id(),
        "registry": registry.address().to_checksum(None),
        "creator": creator.to_checksum(None),
        "delegate": delegate.to_checksum(None),
        "allowed": allowed,
        "changed": changed,
    });
    let may = if allowed { "acts" } else { "does not act" };
    (value, format!("{delegate} {may} for {creator} in {}", registry.address()))
}

fn read(path: &Path) -> Result<SignedDelegation> {
    let bytes = read_input(path, MAX_WORD_BYTES)?;
    serde_json::from_slice(&bytes).map_err(|error| CommandError::usage(format!("`{}` is no creator's word: {error}", path.display())))
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
