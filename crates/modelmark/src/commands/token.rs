//! `modelmark token`: what an owner does with a token beside selling it.

use clap::{Args, Subcommand};
use modelmark_chain::{Loan, MetadataPlace, Model, Registry, TokenRef, parse_address};
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;
use crate::transaction::{Acting, TransactionArgs};

const DAY: u64 = 86_400;

/// Send, lend or lock a token, say where its metadata is read, and show all of it
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    Lend(Box<LendArgs>),
    Reclaim(Box<ReclaimArgs>),
    Send(Box<SendTokenArgs>),
    Lock(Box<LockArgs>),
    Metadata(Box<MetadataArgs>),
    Show(ShowArgs),
}

/// Let an account use a token for some time, without selling it
///
/// The account may do with the model what its owner may (`license show --account` says so), as ERC-4907 has it. The owner can take the token back at any
/// time, and a sale ends the loan: whoever pays for it should know that, or buy a licence instead.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark token lend eip155:31337/erc721:0x…/123… 0x… --days 30")]
pub(crate) struct LendArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Account that may use it
    user: String,
    /// For how long, from now on
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    days: u64,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// End a loan
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark token reclaim eip155:31337/erc721:0x…/123…")]
pub(crate) struct ReclaimArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Send a token to another account, for nothing
///
/// A loan ends with it. A contract that cannot hold tokens refuses it; whoever has no key to the account that is named has lost the token.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark token send eip155:31337/erc721:0x…/123… 0x…")]
pub(crate) struct SendTokenArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Account that gets it
    to: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Bind a token to its owner for good (ERC-5192): it can never be sent, sold or divided again
///
/// Only the owner may, and nobody can undo it. Lending it and granting licences go on.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark token lock eip155:31337/erc721:0x…/123… --for-good")]
pub(crate) struct LockArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Say that you know that there is no way back
    #[arg(long, required = true)]
    for_good: bool,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Say where a token's metadata is read: on IPFS, on Arweave, or made on chain
///
/// The record stays the one that the token was minted for. No contract can see what is in an Arweave transaction: readers compare it with the record's
/// digest, as `verify` does.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark token metadata eip155:31337/erc721:0x…/123… chain\n  \
                        modelmark token metadata eip155:31337/erc721:0x…/123… ar://HN8c8F…")]
pub(crate) struct MetadataArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Where: ipfs, chain, or ar:// and an Arweave transaction
    place: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show who owns and who uses a token, and where its metadata is read
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark token show eip155:31337/erc721:0x…/123…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    chain: ChainArgs,
}

/// A token of a registry of ours, and the account that acts on it.
struct Held<'a> {
    acting: Acting<'a>,
    registry: Registry,
    model: Model,
}

pub(crate) fn run(session: &Session<'_>, command: &TokenCommand) -> Result<()> {
    match command {
        TokenCommand::Lend(args) => session.block_on(lend(session, args)),
        TokenCommand::Reclaim(args) => session.block_on(reclaim(session, args)),
        TokenCommand::Send(args) => session.block_on(send(session, args)),
        TokenCommand::Lock(args) => session.block_on(lock(session, args)),
        TokenCommand::Metadata(args) => session.block_on(metadata(session, args)),
        TokenCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn lend(session: &Session<'_>, args: &LendArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let user = parse_address(&args.user).map_err(|error| CommandError::usage(format!("the user: {error}")))?;
    let Held { acting, registry, model } = hold(session, &args.transaction, &token).await?;
    if user.is_zero() || user == model.owner {
        return Err(CommandError::usage(format!("a token is lent to somebody else than nobody or its owner {}", model.owner)));
    }
    if let Some(loan) = registry.loan(token.id()).await.map_err(explain)?.filter(|loan| loan.user != user) {
        let told = format!("{token} is lent to {} until {} (Unix time); nothing was sent", loan.user, loan.until);
        return Err(CommandError::refused(told).hint("end that loan first with `modelmark token reclaim`"));
    }
    let now = acting.chain.block().await.map_err(explain)?.time;
    let loan = Loan { user, until: now.saturating_add(args.days.saturating_mul(DAY)) };
    acting
        .make_and_tell(session, vec![registry.lend(token.id(), loan)], |_| {
            Ok((json!({"token": token, "loan": loan}), format!("{token} is lent to {user} until {} (Unix time)", loan.until)))
        })
        .await
}

async fn reclaim(session: &Session<'_>, args: &ReclaimArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let Held { acting, registry, .. } = hold(session, &args.transaction, &token).await?;
    let loan = registry.loan(token.id()).await.map_err(explain)?;
    let loan = loan.ok_or_else(|| CommandError::refused(format!("{token} is not lent to anybody; nothing was sent")))?;
    acting
        .make_and_tell(session, vec![registry.end_loan(token.id())], |_| {
            Ok((json!({"token": token, "ended": loan}), format!("{} may not use {token} any more", loan.user)))
        })
        .await
}

async fn send(session: &Session<'_>, args: &SendTokenArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let to = parse_address(&args.to).map_err(|error| CommandError::usage(format!("the account: {error}")))?;
    let Held { acting, registry, model } = hold(session, &args.transaction, &token).await?;
    if to.is_zero() || to == model.owner {
        return Err(CommandError::usage(format!("a token is sent to somebody else than nobody or its owner {}", model.owner)));
    }
    acting
        .make_and_tell(session, vec![registry.send(token.id(), model.owner, to)], |_| {
            let value = json!({"token": token, "from": model.owner.to_checksum(None), "to": to.to_checksum(None)});
            Ok((value, format!("{token} is owned by {to}")))
        })
        .await
}

async fn lock(session: &Session<'_>, args: &LockArgs) -> Result<()> {
    debug_assert!(args.for_good, "clap asks for it");
    let token: TokenRef = args.token.parse().or_usage()?;
    let Held { acting, registry, model } = hold(session, &args.transaction, &token).await?;
    let is_so = registry.is_bound_to_owner(token.id()).await.map_err(explain)?;
    let calls = if is_so { Vec::new() } else { vec![registry.bind_to_owner(token.id())] };
    acting
        .make_and_tell(session, calls, |_| {
            let news = if is_so { "is bound already" } else { "is bound" };
            let value = json!({"token": token, "owner": model.owner.to_checksum(None), "changed": !is_so});
            Ok((value, format!("{token} {news} to {} for good", model.owner)))
        })
        .await
}

async fn metadata(session: &Session<'_>, args: &MetadataArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let place: MetadataPlace = args.place.parse().or_usage()?;
    let Held { acting, registry, model } = hold(session, &args.transaction, &token).await?;
    let is_there = MetadataPlace::of_uri(&model.token_uri) == Some(place);
    let calls = if is_there { Vec::new() } else { vec![registry.set_metadata_place(token.id(), place)] };
    acting
        .make_and_tell(session, calls, |_| {
            let news = if is_there { "is read there already" } else { "is read there from now on" };
            let value = json!({"token": token, "place": place.to_string(), "changed": !is_there});
            Ok((value, format!("{place}: the metadata of {token} {news}")))
        })
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let registry = registry_of(&chain, &token);
    genuine(&registry).await?;
    let model = model(&registry, &token).await?;
    let loan = registry.loan(token.id()).await.map_err(explain)?;
    let bound = registry.is_bound_to_owner(token.id()).await.map_err(explain)?;
    let place = MetadataPlace::of_uri(&model.token_uri).map(|place| place.to_string());
    let value = json!({
        "token": token,
        "owner": model.owner.to_checksum(None),
        "loan": loan,
        "boundToOwner": bound,
        "metadata": place,
        "tokenUri": model.token_uri,
    });
    session.output.result(&value, || {
        let mut lines = vec![format!("owner     {}{}", model.owner, if bound { ", for good" } else { "" })];
        lines.push(loan.map_or_else(
            || "user      nobody else".to_owned(),
            |loan| format!("user      {} until {} (Unix time)", loan.user, loan.until),
        ));
        lines.push(match place.as_deref() {
            Some("chain") => "metadata  made on chain".to_owned(),
            _ => format!("metadata  {}", printable(&model.token_uri)),
        });
        lines.join("\n")
    })
}

/// Opens key and chain for a token that is there, in a registry of ours.
async fn hold<'a>(session: &Session<'_>, args: &'a TransactionArgs, token: &TokenRef) -> Result<Held<'a>> {
    let acting = args.act(session).await?;
    check_chain(&acting.chain, token)?;
    let registry = registry_of(&acting.chain, token);
    genuine(&registry).await?;
    let model = model(&registry, token).await?;
    Ok(Held { acting, registry, model })
}

async fn model(registry: &Registry, token: &TokenRef) -> Result<Model> {
    let model = registry.model(token.id()).await.map_err(explain)?;
    model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))
}
