//! `modelmark royalty stack`: ancestors that each get a fixed part of all that a token earns.

use clap::{Args, Subcommand};
use modelmark_chain::{Ancestor, Chain, Inheritance, RoyaltyVault, TokenRef, Wei, ancestor_key};
use serde_json::json;

use super::{CurrencyArgs, look};
use crate::chain_source;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Pay every ancestor a fixed part of all that a token earns, instead of passing shares up from parent to parent
#[derive(Debug, Subcommand)]
pub(crate) enum StackCommand {
    Declare(Box<DeclareArgs>),
    Distribute(Box<DistributeArgs>),
    Show(ShowArgs),
}

/// Have a token pay each of its ancestors a fixed part, for good
///
/// Only its creator may, once. The stack is the parents with their shares, and the stacks that the parents have declared; a parent without one passes what
/// it gets on to its own parents as before. At most 64 ancestors, and half of what the token earns in all.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty stack declare eip155:31337/erc721:0x…/123… --dry-run")]
pub(crate) struct DeclareArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Give ancestors what was set aside for them
///
/// Anybody may. `royalty distribute` of the token sets the parts aside first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty stack distribute eip155:31337/erc721:0x…/123…")]
pub(crate) struct DistributeArgs {
    /// Token whose ancestors are served, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Ancestor to serve; repeatable [default: all that are due something]
    #[arg(long, value_name = "TOKEN")]
    ancestor: Vec<String>,
    #[command(flatten)]
    currency: CurrencyArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show a token's stack, and what each ancestor would get now
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty stack show eip155:31337/erc721:0x…/123…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    currency: CurrencyArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(super) fn run(session: &Session<'_>, command: &StackCommand) -> Result<()> {
    match command {
        StackCommand::Declare(args) => session.block_on(declare(session, args)),
        StackCommand::Distribute(args) => session.block_on(distribute(session, args)),
        StackCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn declare(session: &Session<'_>, args: &DeclareArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let acting = args.transaction.act(session).await?;
    let (vault, model) = look(&acting.chain, &token).await?;
    if model.lineage.parents().is_empty() {
        return Err(CommandError::refused(format!("{token} names no parents: there is nobody to pay")));
    }
    let call = vault.declare_stack(&model).await.map_err(explain)?;
    acting
        .make_and_tell(session, vec![call], |_| {
            let value = json!({"token": token, "declared": true});
            Ok((value, format!("{token} pays each ancestor a fixed part; `royalty stack show` lists them")))
        })
        .await
}

async fn distribute(session: &Session<'_>, args: &DistributeArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let wanted: Vec<TokenRef> = args.ancestor.iter().map(|text| text.parse()).collect::<std::result::Result<_, _>>().or_usage()?;
    let acting = args.transaction.act(session).await?;
    let (vault, _) = look(&acting.chain, &token).await?;
    let (stack, mut due) = due(&vault, &token, &args.currency).await?;
    for ancestor in &wanted {
        if !stack.iter().any(|entry| is(entry, ancestor, &acting.chain)) {
            return Err(CommandError::refused(format!("{ancestor} is not in the stack of {token}")));
        }
    }
    due.retain(|entry| wanted.is_empty() || wanted.iter().any(|ancestor| is(&entry.ancestor, ancestor, &acting.chain)));
    due.retain(|entry| entry.due != Wei::default());
    if due.is_empty() {
        return Err(CommandError::refused("nothing is set aside for them")
            .hint("`modelmark royalty distribute TOKEN` splits what the token earned, and sets their parts aside"));
    }
    let places: Vec<u64> = due.iter().map(|entry| entry.place).collect();
    let amount = due.iter().fold(Wei::default(), |sum, entry| sum.saturating_add(entry.due));
    let currency = args.currency.address()?;
    acting
        .make_and_tell(session, vec![vault.distribute_stack(token.id(), currency, &stack, &places)], |_| {
            let value = json!({"token": token, "currency": currency.to_checksum(None), "amount": amount, "ancestors": due});
            Ok((value, format!("{} for {} ancestors", args.currency.amount(&acting.chain, amount), due.len())))
        })
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let (vault, model) = look(&chain, &token).await?;
    let (_, due) = due(&vault, &token, &args.currency).await?;
    let value = json!({"token": token, "stack": due});
    session.output.result(&value, || {
        let name = |entry: &Inheritance| {
            let parents = model.lineage.parents().iter().filter(|parent| parent.external.is_none());
            let mut parents = parents.map(|parent| TokenRef::new(chain.id(), token.contract(), parent.token_id));
            parents
                .find(|parent| is(&entry.ancestor, parent, &chain))
                .map_or_else(|| entry.ancestor.token.to_string(), |parent| parent.to_string())
        };
        let line = |entry: &Inheritance| {
            let rest = if entry.ancestor.settled { "its alone" } else { "passed on to its parents" };
            format!("{}  {}  {}, {rest}", entry.ancestor.part, name(entry), args.currency.amount(&chain, entry.due))
        };
        match due.is_empty() {
            true => "no ancestor gets a part".to_owned(),
            false => due.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    })
}

/// Returns a token's stack, and what each ancestor in it would get now.
async fn due(vault: &RoyaltyVault, token: &TokenRef, currency: &CurrencyArgs) -> Result<(Vec<Ancestor>, Vec<Inheritance>)> {
    let stack = vault.stack(token.id()).await.map_err(explain)?;
    let stack = stack.ok_or_else(|| {
        CommandError::refused(format!("{token} has no stack: its parents get their shares, and pass on those of theirs"))
            .hint("its creator can declare one with `modelmark royalty stack declare`")
    })?;
    let due = vault.inheritances(token.id(), currency.address()?, &stack).await.map_err(explain)?;
    Ok((stack, due))
}

fn is(entry: &Ancestor, token: &TokenRef, chain: &Chain) -> bool {
    token.chain() == chain.id() && entry.token == ancestor_key(token.contract(), token.id())
}
