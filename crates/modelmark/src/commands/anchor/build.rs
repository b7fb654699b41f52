//! `modelmark anchor build`: the folder of a list, with its root signed.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_digest::Sha256Digest;
use modelmark_log::{Batch, Checkpoint, LogKey, LogReader, LogWriter};
use serde_json::json;

use super::entries::{EntryArgs, each_line, records};
use super::{CHECKPOINT, MANIFEST, explain, explain_in};
use crate::chain_source;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;

/// The file in a list's folder that is locked while the list is built. It stays: removing it would open the door for a third.
const LOCK: &str = ".lock";

/// Put records under one root, signed by a key of the list's own
///
/// The folder is a log as C2SP's tlog-tiles describes it: static files that any web server can offer. Building again adds to it, and nothing is signed that
/// did not grow from what was signed before. An entry that the list has already is not added again, so that building twice gives the same list. Memory does not
/// grow with the number of records.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark anchor build ./batch record-*.json --origin models.example/batch --key batch.pem\n  \
                        modelmark anchor build ./batch --list digests.txt --origin models.example/batch --key batch.pem")]
pub(crate) struct BuildArgs {
    /// Folder of the list, made when it is not there
    folder: PathBuf,
    /// Record files
    records: Vec<PathBuf>,
    /// File of entries, one a line: `record:`, `mint:` or `commit:` and 64 hex digits, or the digits of a record alone; - for stdin
    #[arg(long, value_name = "FILE", conflicts_with = "records")]
    list: Option<PathBuf>,
    /// The list's name, which its checkpoint begins with: best an address without `https://` [default: as before]
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Ed25519 key that signs, in PKCS #8; made for a new list when the file is not there
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(super) fn run(session: &Session<'_>, args: &BuildArgs) -> Result<()> {
    let _alone = alone(&args.folder)?;
    let key = key(session, args)?;
    let mut log = LogWriter::open(&args.folder).map_err(explain_in(&args.folder))?;
    let before = log.size();
    let again = add(session, args, &mut log)?;
    let added = log.size() - before;
    if again > 0 {
        session.output.note(format!("{again} entries are in the list already and were not added again"));
    }
    if added == 0 && before > 0 {
        session.output.note("nothing was added");
    }
    let signed = log.commit(&key).map_err(explain_in(&args.folder))?;
    let checkpoint = signed.checkpoint();
    let manifest = write_manifest(&args.folder, checkpoint)?;
    let value = json!({
        "folder": args.folder.display().to_string(),
        "origin": checkpoint.origin(),
        "size": checkpoint.size(),
        "added": added,
        "addedBefore": again,
        "root": checkpoint.root().to_0x(),
        "manifest": manifest.to_0x(),
        "logKey": key.verifier().to_string(),
    });
    session.output.result(&value, || {
        format!(
            "root      {}\nentries   {} ({added} added)\nmanifest  {}\nlog key   {}",
            checkpoint.root().to_0x(),
            checkpoint.size(),
            manifest.to_0x(),
            key.verifier()
        )
    })
}

/// Adds what is new, and returns how many entries were in the list already.
fn add(session: &Session<'_>, args: &BuildArgs, log: &mut LogWriter) -> Result<u64> {
    let wrong = explain_in(&args.folder);
    let mut batch = Batch::new(log);
    if let Some(list) = &args.list {
        each_line(list, |entry| batch.take(entry).map_err(&wrong))?;
        return batch.finish().map_err(&wrong);
    }
    let registry = match args.entry.mint {
        true => Some(session.block_on(async { Ok(chain_source::connect(session, &args.chain).await?.registry) })?),
        false => None,
    };
    for record in records(&args.records) {
        batch.take(args.entry.entry(session, &record?, registry.as_ref())?).map_err(&wrong)?;
    }
    batch.finish().map_err(&wrong)
}

/// Waits until nobody else builds the list: of two that go on from the same checkpoint one would be lost, and both be signed.
fn alone(folder: &Path) -> Result<File> {
    let wrong = |error: std::io::Error| CommandError::usage(format!("`{}`: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(wrong)?;
    let lock = File::create(folder.join(LOCK)).map_err(wrong)?;
    lock.lock().map_err(wrong)?;
    Ok(lock)
}

/// Returns the key that signs: of a list that is there already, the one that signed it before, under the same name.
fn key(session: &Session<'_>, args: &BuildArgs) -> Result<LogKey> {
    if args.folder.join(CHECKPOINT).exists() {
        return same_key(args);
    }
    let name = args.origin.as_ref().ok_or_else(|| {
        CommandError::usage("a new list needs a name").hint("name it with `--origin`, such as `--origin models.example/batch`")
    })?;
    if args.key.exists() {
        return LogKey::read(name, &args.key).map_err(explain);
    }
    let key = LogKey::generate(name).map_err(explain)?;
    key.write(&args.key).map_err(explain)?;
    session
        .output
        .note(format!("a new key was written to `{}`; who loses it cannot add to the list", printable(&args.key.display().to_string())));
    Ok(key)
}

fn same_key(args: &BuildArgs) -> Result<LogKey> {
    let before = LogReader::open(&args.folder).map_err(explain_in(&args.folder))?;
    let signed = before.checkpoint();
    let name = signed.checkpoint().origin();
    if let Some(other) = args.origin.as_deref().filter(|other| *other != name) {
        return Err(CommandError::usage(format!("--origin {other}: the list is called {}; nothing was signed", printable(name)))
            .hint("leave `--origin` away, or build the other list in a folder of its own"));
    }
    let key = LogKey::read(name, &args.key).map_err(explain)?;
    match signed.verify(&[key.verifier()]) {
        Ok(()) => Ok(key),
        Err(_) => {
            Err(CommandError::usage(format!("`{}` is not the key that signed the list before; nothing was signed", args.key.display()))
                .hint("who trusts the list knows it by its key: add to it with that one"))
        }
    }
}

/// Writes the document whose digest is anchored beside the root: what the entries are, and how they lie.
fn write_manifest(folder: &Path, checkpoint: &Checkpoint) -> Result<Sha256Digest> {
    let manifest = json!({
        "format": "modelmark-anchor-1",
        "origin": checkpoint.origin(),
        "size": checkpoint.size(),
        "root": checkpoint.root().to_0x(),
        "tree": "RFC 9162, SHA-256",
        "layout": "c2sp.org/tlog-tiles",
        "entries": "mmb1:record, mmb1:mint or mmb1:commit, a zero byte, 32 bytes",
    });
    let mut text = serde_json::to_string_pretty(&manifest).or_refused()?;
    text.push('\n');
    let path = folder.join(MANIFEST);
    std::fs::write(&path, &text).map_err(|error| CommandError::usage(format!("`{}`: {error}", path.display())))?;
    Ok(Sha256Digest::of(text.as_bytes()))
}
