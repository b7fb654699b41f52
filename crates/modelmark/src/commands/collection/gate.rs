//! `modelmark collection gate`: curated collections that keep derivatives to their parents' terms.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use modelmark_chain::{Address, Chain, Gate, parse_address};
use serde_json::json;

use crate::chain_source;
use crate::commands::mint::{explain, genuine, input};
use crate::commands::sign::read_record;
use crate::commands::store::keep;
use crate::error::{CommandError, Result};
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// How long a consent counts that is sent at once, in seconds.
const CONSENT: u64 = 86_400;

/// Let models into a curated collection whose parents allow them
#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    Create(Box<CreateArgs>),
    Admit(Box<AdmitArgs>),
    Check(CheckArgs),
    Mint(Box<MintArgs>),
}

/// Make the gate that follows a reader of licences
///
/// Its address follows from the reader: making it twice finds the first. It keeps nothing, and serves any number of collections.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection gate create --reader 0x…")]
pub(crate) struct CreateArgs {
    /// Account whose reading of licences counts [default: the sender]
    #[arg(long, value_name = "ADDRESS")]
    reader: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Let a gate submit mints to the curated collection that --registry names
///
/// Only the administrator of the collection's access manager may. Give the right to nobody else, or models get in past the gate.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection gate admit 0x… --registry 0x…")]
pub(crate) struct AdmitArgs {
    /// Address of the gate
    gate: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show whether a record's parents allow it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection gate check 0x… record.json --registry 0x…")]
pub(crate) struct CheckArgs {
    /// Address of the gate
    gate: String,
    /// Record file, or - for stdin
    record: PathBuf,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Mint a record through a gate, into the collection that --registry names
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection gate mint 0x… record.json --registry 0x…")]
pub(crate) struct MintArgs {
    /// Address of the gate
    gate: String,
    /// Record file, or - for stdin; its creator signs
    record: PathBuf,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) fn run(session: &Session<'_>, command: &GateCommand) -> Result<()> {
    match command {
        GateCommand::Create(args) => session.block_on(create(session, args)),
        GateCommand::Admit(args) => session.block_on(admit(session, args)),
        GateCommand::Check(args) => session.block_on(check(session, args)),
        GateCommand::Mint(args) => session.block_on(mint(session, args)),
    }
}

async fn create(session: &Session<'_>, args: &CreateArgs) -> Result<()> {
    let reader = args.reader.as_deref().map(|text| address("--reader", text)).transpose()?;
    let acting = args.transaction.act(session).await?;
    let reader = reader.unwrap_or(acting.wallet.address());
    let place = Gate::address_of(reader);
    let there = Gate::at(&acting.chain, place).await.map_err(explain)?.is_some();
    let calls = if there { Vec::new() } else { vec![Gate::create(reader)] };
    acting
        .make_and_tell(session, calls, |_| {
            let value = json!({"gate": place.to_checksum(None), "reader": reader.to_checksum(None), "created": !there});
            let news = if there { "was there already" } else { "created now" };
            Ok((value, format!("gate {place}  ({news})")))
        })
        .await
}

async fn admit(session: &Session<'_>, args: &AdmitArgs) -> Result<()> {
    let acting = args.transaction.act(session).await?;
    let gate = gate(&acting.chain, &args.gate).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let calls = gate.admit(&registry).await.map_err(explain)?;
    if calls.is_empty() {
        return Err(CommandError::refused(format!("the collection {} is open: every creator mints without a gate", registry.address()))
            .hint("name a curated collection with `--registry`; `modelmark deploy --curated` makes one"));
    }
    acting
        .make_and_tell(session, calls, |_| {
            let value = json!({"gate": gate.address().to_checksum(None), "collection": registry.address().to_checksum(None)});
            Ok((value, format!("the gate {} submits mints to {}", gate.address(), registry.address())))
        })
        .await
}

async fn check(session: &Session<'_>, args: &CheckArgs) -> Result<()> {
    let record = read_record(&args.record)?;
    let connected = chain_source::connect(session, &args.chain).await?;
    let gate = gate(&connected.chain, &args.gate).await?;
    let model = input(session, &record, &connected.registry)?;
    let conflicts = gate.conflicts(&connected.registry, &model).await.map_err(explain)?;
    let value = json!({"gate": gate.address().to_checksum(None), "reader": gate.reader().to_checksum(None), "allowed": conflicts.is_empty(), "conflicts": conflicts});
    session.output.result(&value, || {
        let line = |conflict: &modelmark_chain::Conflict| format!("NOT ALLOWED  parent {}: {}", conflict.parent, conflict.reason);
        match conflicts.is_empty() {
            true => "ALLOWED".to_owned(),
            false => conflicts.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    })
}

async fn mint(session: &Session<'_>, args: &MintArgs) -> Result<()> {
    let record = read_record(&args.record)?;
    let acting = args.transaction.act(session).await?;
    let gate = gate(&acting.chain, &args.gate).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let model = input(session, &record, &registry)?;
    let token = registry.token(modelmark_chain::token_id_of(&model));
    let there = registry.exists(token.id()).await.map_err(explain)?;
    let calls = match there {
        true => Vec::new(),
        false => {
            if let Some(conflict) = gate.conflicts(&registry, &model).await.map_err(explain)?.first() {
                return Err(CommandError::refused(format!("parent {} does not allow the model: {}", conflict.parent, conflict.reason))
                    .hint("a grant of its owner to the creator does: `modelmark license grant TOKEN CREATOR --scopes derive`"));
            }
            let deadline = acting.chain.block().await.map_err(explain)?.time + CONSENT;
            let consent = registry.authorize_mint(&acting.wallet, model.creator, &model, deadline).map_err(explain)?;
            let licence = registry.license_call(&model.license).await.map_err(explain)?;
            licence.into_iter().chain([gate.mint(&registry, &consent)]).collect()
        }
    };
    let keep = || keep(session, &record, None).map(drop);
    acting
        .keep_make_and_tell(session, calls, keep, |_| {
            Ok((json!({"token": token, "record": record.id().to_string(), "minted": !there}), token.to_string()))
        })
        .await
}

async fn gate(chain: &Chain, text: &str) -> Result<Gate> {
    let place = address("the gate", text)?;
    let found = Gate::at(chain, place).await.map_err(explain)?;
    found
        .ok_or_else(|| CommandError::refused(format!("no gate of ours is at {place}")).hint("`modelmark collection gate create` makes one"))
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
