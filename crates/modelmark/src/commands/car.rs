//! `modelmark car`: records and models as files to carry about.

mod ancestors;

use std::fs::File;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use modelmark_chain::TokenRef;
use modelmark_digest::ContentId;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES, RecordId, SignatureDocument, SignedRecord};
use modelmark_storage::{LocalStore, Role, Store as _, car};
use serde_json::json;

use crate::chain_source::{check_chain, connect, registry_of};
use crate::commands::cat::explain;
use crate::commands::{mint, picture};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output_file::OutputFile;
use crate::session::{Session, writable_hint};

/// Export and import records as CAR files
#[derive(Debug, Subcommand)]
pub(crate) enum CarCommand {
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Write a record with its signatures and picture, and if asked the model and its ancestors, into a CAR file (version 1)
///
/// The same content gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark car export bafkrei… --model --lineage record.car")]
pub(crate) struct ExportArgs {
    /// CID of the record, or a token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    #[arg(value_name = "CID|TOKEN")]
    named: String,
    /// File to write
    file: PathBuf,
    /// Put the model's files in as well
    #[arg(long)]
    model: bool,
    /// Put in the records of the models that it was made from, as far as the chain and the block store know them
    #[arg(long)]
    lineage: bool,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Read a CAR file, of version 1 or 2, into the block store
///
/// Every block is re-hashed before it enters. Signatures are attached to the records they belong to, if they hold.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark car import record.car")]
pub(crate) struct ImportArgs {
    /// CAR file
    file: PathBuf,
}

pub(crate) fn run(session: &Session<'_>, command: &CarCommand) -> Result<()> {
    match command {
        CarCommand::Export(args) => export(session, args),
        CarCommand::Import(args) => import(session, args),
    }
}

fn export(session: &Session<'_>, args: &ExportArgs) -> Result<()> {
    let store = session.store()?;
    let records = session.block_on(records(session, args))?;
    let mut roots = Vec::new();
    for (at, cid) in records.iter().enumerate() {
        roots.extend(car::record_roots(store, cid).map_err(explain)?);
        roots.extend(picture_of(store, cid)?);
        if args.model {
            let model = record(store, cid)?.record().provenance.model.cid;
            // The model that was asked for has to be there; those before it may not.
            if at == 0 || store.has(&model).map_err(explain)? {
                roots.push(model);
            } else {
                session.output.note(format!("the files of {cid} are not in the store"));
            }
        }
    }
    let mut file = OutputFile::create(&args.file)?;
    let exported = car::export(store, &roots, &mut file).map_err(explain)?;
    file.finish()?;
    let roots: Vec<_> = roots.iter().map(ToString::to_string).collect();
    let value = json!({"file": args.file, "roots": roots, "blocks": exported.blocks, "bytes": exported.bytes});
    session
        .output
        .result(&value, || format!("{}: {} blocks, {}", args.file.display(), exported.blocks, crate::output::bytes(exported.bytes)))
}

/// Returns the records that are to be written, the one that was asked for first.
async fn records(session: &Session<'_>, args: &ExportArgs) -> Result<Vec<ContentId>> {
    let token: Option<TokenRef> = if args.named.starts_with("eip155:") { Some(args.named.parse().or_usage()?) } else { None };
    let cid = match &token {
        Some(token) => recorded(session, args, token).await?,
        None => args.named.strip_prefix("ipfs://").unwrap_or(&args.named).parse().or_usage()?,
    };
    if !args.lineage {
        return Ok(vec![cid]);
    }
    // What is asked for has to be there, whatever else is not.
    record(session.store()?, &cid)?;
    let ancestors = ancestors::of(session, &args.chain, cid, token.as_ref()).await?;
    for unknown in &ancestors.unknown {
        session.output.note(format!("{unknown} is not in the store; it and what is known through it alone are left out"));
    }
    Ok(ancestors.records)
}

/// Returns the record that the chain names for a token.
async fn recorded(session: &Session<'_>, args: &ExportArgs, token: &TokenRef) -> Result<ContentId> {
    let connected = connect(session, &args.chain).await?;
    check_chain(&connected.chain, token)?;
    let model = registry_of(&connected.chain, token).model(token.id()).await.map_err(mint::explain)?;
    let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
    Ok(RecordId::from(model.record).cid())
}

fn import(session: &Session<'_>, args: &ImportArgs) -> Result<()> {
    let store = session.store()?;
    let file = File::open(&args.file).map_err(|error| CommandError::usage(format!("cannot read `{}`: {error}", args.file.display())))?;
    let imported = car::import(store, file, car::Limits::MODEL).map_err(explain)?;
    let mut roles = Vec::new();
    for root in &imported.roots {
        let role = settle(store, root)?;
        roles.push(json!({"cid": root.to_string(), "is": role.to_string()}));
    }
    let value = json!({"roots": roles, "blocks": imported.blocks, "bytes": imported.bytes});
    session.output.result(&value, || imported.roots.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// Returns the PNG of a record's picture if the store has it. One that another version drew is not missed: it is drawn again where it is wanted.
fn picture_of(store: &LocalStore, cid: &ContentId) -> Result<Option<ContentId>> {
    let bytes = store.get(cid, MAX_RECORD_BYTES).ok().flatten();
    let Some(record) = bytes.and_then(|bytes| CanonicalRecord::parse(&bytes).ok()) else { return Ok(None) };
    let picture = picture::beside(&record)?.map(|png| ContentId::raw(&png));
    let kept = picture.map(|picture| store.has(&picture)).transpose().map_err(explain)?;
    Ok(picture.filter(|_| kept == Some(true)))
}

/// Pins a root as what it is, and attaches a signature document to its record.
fn settle(store: &LocalStore, root: &ContentId) -> Result<Role> {
    let small = store.get(root, MAX_RECORD_BYTES.max(MAX_SIGNATURES_BYTES)).ok().flatten();
    let role = match &small {
        Some(bytes) if CanonicalRecord::parse(bytes).is_ok() => Role::Record,
        Some(bytes) if SignatureDocument::parse(bytes).is_ok() => Role::Signatures,
        Some(bytes) if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Role::Picture,
        _ => Role::Model,
    };
    store.pin(root, role).or_unreachable().map_err(writable_hint)?;
    if let (Role::Signatures, Some(bytes)) = (role, &small) {
        attach(store, root, bytes)?;
    }
    Ok(role)
}

fn attach(store: &LocalStore, document: &ContentId, bytes: &[u8]) -> Result<()> {
    let parsed = SignatureDocument::parse(bytes).or_refused()?;
    let cid = parsed.record.cid();
    // Only what is not wrong is attached: a stranger's CAR must not add noise to a record that is here already.
    if SignedRecord::from_document(record(store, &cid)?, bytes).is_ok() {
        store.attach(&cid, document).or_unreachable().map_err(writable_hint)?;
    }
    Ok(())
}

fn record(store: &LocalStore, cid: &ContentId) -> Result<CanonicalRecord> {
    let bytes = store.get(cid, MAX_RECORD_BYTES).map_err(explain)?;
    let bytes = bytes.ok_or_else(|| CommandError::unreachable(format!("record {cid} is not in {}", store.name())))?;
    CanonicalRecord::parse(&bytes).map_err(|error| CommandError::refused(format!("{cid} is not a record: {error}")))
}
