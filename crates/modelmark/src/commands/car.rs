//! `modelmark car`: records and models as files to carry about.

use std::fs::File;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use modelmark_digest::ContentId;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES, SignatureDocument, SignedRecord};
use modelmark_storage::{LocalStore, Role, Store as _, car};
use serde_json::json;

use crate::commands::cat::explain;
use crate::commands::picture;
use crate::error::{CommandError, OrKind as _, Result};
use crate::output_file::OutputFile;
use crate::session::{Session, writable_hint};

/// Export and import records as CAR files
#[derive(Debug, Subcommand)]
pub(crate) enum CarCommand {
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Write a record with its signatures and picture, and the model if asked, into a CAR file
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark car export bafkrei… --model record.car")]
pub(crate) struct ExportArgs {
    /// CID of the record
    cid: String,
    /// File to write
    file: PathBuf,
    /// Put the model's files in as well
    #[arg(long)]
    model: bool,
}

/// Read a CAR file into the block store
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
    let cid: ContentId = args.cid.strip_prefix("ipfs://").unwrap_or(&args.cid).parse().or_usage()?;
    let store = session.store()?;
    let mut roots = car::record_roots(store, &cid).map_err(explain)?;
    roots.extend(picture_of(store, &cid)?);
    if args.model {
        roots.push(record(store, &cid)?.record().provenance.model.cid);
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
