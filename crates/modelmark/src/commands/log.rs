//! `modelmark log`: what a chain's log keeps and its storage need not: tokens for little gas, and records.

use std::collections::BTreeSet;
use std::path::PathBuf;

use alloy::primitives::Bytes;
use clap::{Args, Subcommand};
use modelmark_chain::{ModelInput, Registry, TokenRef, token_id_of};
use modelmark_record::CanonicalRecord;
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine, input, recipient};
use crate::commands::sign::read_record;
use crate::commands::store::keep;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// As many records as a person would name; more are anchored, whatever their number, with `anchor build`.
const MAX_RECORDS: usize = 1_000;

/// Mint into the log for less than half the gas, and put records where no gateway can lose them
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    Mint(Box<MintArgs>),
    Store(Box<StoreArgs>),
    Record(Box<RecordArgs>),
    Show(ShowArgs),
}

/// Mint records as tokens whose statement is in the log only
///
/// The token can be held and sold at once. The contract says nothing of it until somebody stores its statement with `log store`: `verify` goes by the log, by the
/// record, without which nothing tells the licence, and by the token's id, which binds both; and its creator cannot recall it before. Such a token has no royalty, and of
/// dataset, architecture, framework and metrics the record speaks alone. Several records of one creator, licence and kind without parents are minted by one call.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark log mint first.json second.json third.json")]
pub(crate) struct MintArgs {
    /// Record files
    #[arg(required = true, num_args = 1..)]
    records: Vec<PathBuf>,
    /// Owner of the tokens [default: the creator]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Put the statement of a token that was minted into the log in storage
///
/// Anybody may: the token's id commits to the statement. From then on the token is like any other.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark log store record.json")]
pub(crate) struct StoreArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Put a record's bytes into the log, where `log show` and everybody else finds them
///
/// Anybody may: the registry holds the bytes against the token's digest. Each byte costs some 30 gas.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark log record record.json eip155:31337/erc721:0x…/123…")]
pub(crate) struct RecordArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Print a token's record from the log, held against the token's digest
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark log show eip155:31337/erc721:0x…/123… > record.json")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &LogCommand) -> Result<()> {
    match command {
        LogCommand::Mint(args) => session.block_on(mint(session, args)),
        LogCommand::Store(args) => session.block_on(store(session, args)),
        LogCommand::Record(args) => session.block_on(record(session, args)),
        LogCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn mint(session: &Session<'_>, args: &MintArgs) -> Result<()> {
    let to = recipient(args.to.as_deref())?;
    if args.records.len() > MAX_RECORDS {
        return Err(CommandError::usage(format!("{} records at once, and {MAX_RECORDS} are the most", args.records.len()))
            .hint("`modelmark anchor build` takes any number of records"));
    }
    let records: Vec<CanonicalRecord> = args.records.iter().map(|path| read_record(path)).collect::<Result<_>>()?;
    let acting = args.transaction.act(session).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let creator = acting.wallet.address();
    let (mut tokens, mut missing, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for record in &records {
        let model = bare(session, record, &registry)?;
        if model.creator != creator && !registry.acts_for(creator, model.creator).await.map_err(explain)? {
            return Err(CommandError::refused(format!(
                "the record {} is of {}, and {creator} does not act for them",
                record.id(),
                model.creator
            )));
        }
        let token = registry.token(token_id_of(&model));
        let is_new = seen.insert(token.to_string()) && !registry.exists(token.id()).await.map_err(explain)?;
        tokens.push(json!({"token": token, "record": record.id().to_string(), "minted": is_new}));
        missing.extend(is_new.then_some(model));
    }
    let keep_all = || records.iter().try_for_each(|record| keep(session, record, None).map(drop));
    let owner = to.unwrap_or(creator);
    acting
        .keep_make_and_tell(session, registry.mint_log_only(owner, &missing), keep_all, |_| {
            let lines: Vec<_> = tokens.iter().filter_map(|token| token["token"].as_str().map(str::to_owned)).collect();
            Ok((json!({"owner": owner.to_checksum(None), "tokens": tokens}), lines.join("\n")))
        })
        .await
}

async fn store(session: &Session<'_>, args: &StoreArgs) -> Result<()> {
    let record = read_record(&args.record)?;
    let acting = args.transaction.act(session).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let model = bare(session, &record, &registry)?;
    let token = registry.token(token_id_of(&model));
    let calls = match registry.is_stored(token.id()).await.map_err(explain)? {
        None => {
            return Err(CommandError::refused(format!("there is no token {token}: this record was not minted here"))
                .hint("`modelmark log mint` mints it into the log, `modelmark mint` at once with its statement"));
        }
        Some(true) => Vec::new(),
        Some(false) => {
            let licence = registry.license_call(&model.license).await.map_err(explain)?;
            licence.into_iter().chain([registry.store_statement(&model)]).collect()
        }
    };
    let changed = !calls.is_empty();
    acting
        .make_and_tell(session, calls, |_| {
            let news = if changed { "is in storage now" } else { "was in storage already" };
            Ok((json!({"token": token, "stored": changed}), format!("the statement of {token} {news}")))
        })
        .await
}

async fn record(session: &Session<'_>, args: &RecordArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let record = read_record(&args.record)?;
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &token)?;
    let registry = registry_of(&acting.chain, &token);
    let stated = stated_record(&registry, &token).await?;
    if stated != record.id().digest() {
        return Err(CommandError::refused(format!("{token} is of another record than `{}`; nothing was sent", args.record.display())));
    }
    let there = registry.published_record(token.id(), stated).await.map_err(explain)?.is_some();
    let bytes = Bytes::from(record.bytes().to_vec());
    let length = bytes.len();
    let calls = if there { Vec::new() } else { vec![registry.publish_record(token.id(), bytes)] };
    acting
        .make_and_tell(session, calls, |_| {
            let news = if there { "was in the log already" } else { "is in the log now" };
            let value = json!({"token": token, "record": record.id().to_string(), "bytes": length, "published": !there});
            Ok((value, format!("the record of {token} {news} ({length} bytes)")))
        })
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let registry = registry_of(&chain, &token);
    let stated = stated_record(&registry, &token).await?;
    let bytes = registry.published_record(token.id(), stated).await.map_err(explain)?;
    let bytes = bytes.ok_or_else(|| {
        CommandError::refused(format!("nobody put the record of {token} into the log")).hint("who has it can: `modelmark log record`")
    })?;
    let record = CanonicalRecord::parse(&bytes)
        .map_err(|error| CommandError::refused(format!("the log holds the bytes of {token}, and they are no record: {error}")))?;
    if session.output.json() {
        let value = json!({"token": token, "id": record.id().to_string(), "record": record.record()});
        return session.output.result(&value, String::new);
    }
    session.output.document(record.bytes())
}

/// Returns the record that a token is of.
async fn stated_record(registry: &Registry, token: &TokenRef) -> Result<modelmark_digest::Sha256Digest> {
    genuine(registry).await?;
    let model = registry.model(token.id()).await.map_err(explain)?;
    let model = model.ok_or_else(|| {
        CommandError::refused(format!("there is no token {token} whose statement is in storage"))
            .hint("of a token that was minted into the log, `modelmark log store` stores it")
    })?;
    Ok(model.record)
}

/// Returns what of a record's statement a token in the log can have.
fn bare(session: &Session<'_>, record: &CanonicalRecord, registry: &Registry) -> Result<ModelInput> {
    input(session, record, registry)?.bare().ok_or_else(|| {
        CommandError::refused(format!(
            "the record {} promises a royalty, which a token in the log cannot have; nothing was sent",
            record.id()
        ))
        .hint("mint it with `modelmark mint`, or make the record without `--royalty`")
    })
}
