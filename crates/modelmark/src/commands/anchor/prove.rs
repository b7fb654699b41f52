//! `modelmark anchor prove`: the proof file of one entry.

use std::path::PathBuf;

use clap::Args;
use modelmark_log::{Entry, LogReader};

use super::entries::EntryArgs;
use super::explain_in;
use crate::chain_source;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::Session;

/// Write the proof file of an entry on stdout
///
/// The file is C2SP's tlog-proof: with it and the root anybody can check the entry, offline and without the list.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark anchor prove ./batch --record record.json > record.tlog-proof\n  modelmark anchor prove ./batch --index 7 > 7.tlog-proof"
)]
pub(crate) struct ProveArgs {
    /// Folder of the list
    folder: PathBuf,
    /// The entry's place, from 0
    #[arg(long, value_name = "N", group = "which", required_unless_present_any = ["record", "entry_text"])]
    index: Option<u64>,
    /// Record file
    #[arg(long, value_name = "FILE", group = "which")]
    record: Option<PathBuf>,
    /// The entry itself: `record:`, `mint:` or `commit:` and 64 hex digits
    #[arg(long = "entry", id = "entry_text", value_name = "ENTRY", group = "which")]
    text: Option<String>,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(super) fn run(session: &Session<'_>, args: &ProveArgs) -> Result<()> {
    let log = LogReader::open(&args.folder).map_err(explain_in(&args.folder))?;
    let index = match args.index {
        Some(index) => index,
        None => {
            let entry = wanted(session, args)?;
            let found = log.find(&entry.bytes()).map_err(explain_in(&args.folder))?;
            found.ok_or_else(|| CommandError::refused(format!("the list does not have the entry {entry}")))?
        }
    };
    session.output.document(log.prove(index).map_err(explain_in(&args.folder))?.to_string().as_bytes())
}

fn wanted(session: &Session<'_>, args: &ProveArgs) -> Result<Entry> {
    if let Some(text) = &args.text {
        return text.parse().or_usage();
    }
    let path = args.record.as_ref().ok_or_else(|| CommandError::usage("name the entry with --index, --record or --entry"))?;
    let record = read_record(path)?;
    let registry = match args.entry.mint {
        true => Some(session.block_on(async { Ok(chain_source::connect(session, &args.chain).await?.registry) })?),
        false => None,
    };
    args.entry.entry(session, &record, registry.as_ref())
}
