//! `modelmark label`: what a token's picture shows beside what its registry stores.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};
use modelmark_chain::{Label, MAX_LABEL, Model, Registry, TokenId, TokenRef, depth_of, label_of, prove_depth, set_label};
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// More generations than are proven by one command.
const MAX_ANCESTORS: usize = 64;

/// Name a token for marketplaces, prove how deep its lineage is, and show both
#[derive(Debug, Subcommand)]
pub(crate) enum LabelCommand {
    Set(Box<SetArgs>),
    Depth(Box<DepthArgs>),
    Show(ShowArgs),
}

/// Name a token, once and for good
///
/// Only its creator may. Names are the creator's words and nobody else's: anybody can call a model by a famous name.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark label set eip155:31337/erc721:0x…/123… \"Tiny 1\" --family Tiny --parameters 7000000000")]
pub(crate) struct SetArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Name, 1 to 64 bytes
    name: String,
    /// Family, at most 32 bytes
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    family: String,
    /// How many parameters the model has
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    parameters: u64,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Prove how many generations of its registry stand above a token, and above those of them of which nobody has proven it
///
/// Anybody may. It follows from the parents that the tokens' ids commit to; parents in other registries do not count.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark label depth eip155:31337/erc721:0x…/123…")]
pub(crate) struct DepthArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show a token's name and proven depth
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark label show eip155:31337/erc721:0x…/123…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &LabelCommand) -> Result<()> {
    match command {
        LabelCommand::Set(args) => session.block_on(set(session, args)),
        LabelCommand::Depth(args) => session.block_on(depth(session, args)),
        LabelCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn set(session: &Session<'_>, args: &SetArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    if args.name.is_empty() || args.name.len() > MAX_LABEL.0 || args.family.len() > MAX_LABEL.1 {
        let told = format!("the name has {} bytes and the family {}", args.name.len(), args.family.len());
        return Err(CommandError::usage(told).hint(format!("a name has 1 to {} bytes, a family at most {}", MAX_LABEL.0, MAX_LABEL.1)));
    }
    let label = Label { name: args.name.clone(), family: args.family.clone(), parameters: args.parameters };
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &token)?;
    genuine(&registry_of(&acting.chain, &token)).await?;
    acting
        .make_and_tell(session, vec![set_label(&token, &label)], |_| {
            Ok((json!({"token": token, "label": label}), format!("{token} is called {}", printable(&label.name))))
        })
        .await
}

async fn depth(session: &Session<'_>, args: &DepthArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &token)?;
    let registry = registry_of(&acting.chain, &token);
    genuine(&registry).await?;
    let unproven = unproven(&registry, token.id()).await?;
    let calls: Vec<_> = unproven.iter().map(prove_depth).collect();
    let proven = calls.len();
    // What is shown afterwards is read from the chain again.
    let outcome = acting.make(session, calls).await?;
    if outcome.is_shown() {
        return Ok(());
    }
    let depth = depth_of(&acting.chain, &token).await.map_err(explain)?;
    let shown = depth.map_or_else(|| "unknown".to_owned(), |depth| depth.to_string());
    session.output.result(&json!({"token": token, "depth": depth, "proven": proven}), || format!("depth {shown} ({proven} proven now)"))
}

/// Returns a token and its ancestors in its registry whose depth nobody has proven, each after its parents.
async fn unproven(registry: &Registry, token: TokenId) -> Result<Vec<Model>> {
    let (mut pending, mut seen, mut models, mut order) = (vec![(token, false)], BTreeSet::new(), BTreeMap::new(), Vec::new());
    while let Some((id, parents_done)) = pending.pop() {
        if parents_done {
            order.extend(models.remove(&id));
            continue;
        }
        if !seen.insert(id) || depth_of(registry.chain(), &registry.token(id)).await.map_err(explain)?.is_some() {
            continue;
        }
        if models.len() + order.len() >= MAX_ANCESTORS {
            return Err(CommandError::refused(format!("more than {MAX_ANCESTORS} ancestors have no proven depth"))
                .hint("prove those of its parents first, each with `modelmark label depth`"));
        }
        let model = registry.model(id).await.map_err(explain)?;
        let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {}", registry.token(id))))?;
        pending.push((id, true));
        let local = model.lineage.parents().iter().filter(|parent| parent.external.is_none());
        pending.extend(local.map(|parent| (parent.token_id, false)));
        models.insert(id, model);
    }
    Ok(order)
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let label = label_of(&chain, &token).await.map_err(explain)?;
    let depth = depth_of(&chain, &token).await.map_err(explain)?;
    session.output.result(&json!({"token": token, "label": label, "depth": depth}), || {
        let said = |text: &str| if text.is_empty() { "not said".to_owned() } else { printable(text) };
        let parameters = if label.parameters == 0 { "not said".to_owned() } else { label.parameters.to_string() };
        let depth = depth.map_or_else(|| "not proven".to_owned(), |depth| depth.to_string());
        format!("name        {}\nfamily      {}\nparameters  {parameters}\ndepth       {depth}", said(&label.name), said(&label.family))
    })
}
