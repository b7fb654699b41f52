//! What goes into a list: records as they are, or as mints that can be claimed, or lines of a file.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{Address, ModelInput, Registry, mint_entry, parse_address};
use modelmark_log::{Entry, EntryKind};
use modelmark_record::CanonicalRecord;

use crate::commands::mint::input;
use crate::error::{CommandError, Result};
use crate::session::Session;

/// How a record stands in a list.
#[derive(Clone, Debug, Args)]
pub(super) struct EntryArgs {
    /// The records can become tokens later: their creator states that now, and `anchor claim` mints
    #[arg(long)]
    pub(super) mint: bool,
    /// Owner of the tokens [default: each record's creator]
    #[arg(long, value_name = "ADDRESS", requires = "mint")]
    to: Option<String>,
    /// Last second, in Unix time, at which they can be claimed [default: for ever]
    #[arg(long, value_name = "TIME", requires = "mint")]
    deadline: Option<u64>,
}

/// A mint that can be claimed.
pub(super) struct Claimable {
    pub(super) to: Address,
    pub(super) model: ModelInput,
    pub(super) deadline: u64,
}

impl EntryArgs {
    /// Returns the options of records that can become tokens.
    pub(super) const fn minting(to: Option<String>, deadline: Option<u64>) -> Self {
        Self { mint: true, to, deadline }
    }

    /// Returns what the list says about a record; for one that can be claimed `registry` says which parents are its own.
    pub(super) fn entry(&self, session: &Session<'_>, record: &CanonicalRecord, registry: Option<&Registry>) -> Result<Entry> {
        match registry.filter(|_| self.mint) {
            Some(registry) => Ok(self.claimable(session, record, registry)?.entry()),
            None => Ok(Entry::record(record.id().digest())),
        }
    }

    pub(super) fn claimable(&self, session: &Session<'_>, record: &CanonicalRecord, registry: &Registry) -> Result<Claimable> {
        let model = input(session, record, registry)?;
        let to = self.to.as_deref().map(parse_address).transpose();
        let to = to.map_err(|error| CommandError::usage(format!("--to: {error}")))?.unwrap_or(model.creator);
        Ok(Claimable { to, model, deadline: self.deadline.unwrap_or(u64::MAX) })
    }
}

impl Claimable {
    pub(super) fn entry(&self) -> Entry {
        Entry::new(EntryKind::Mint, mint_entry(self.to, &self.model, self.deadline))
    }
}

/// Calls `take` with each entry of a list file: one a line, `record:`, `mint:` or `commit:` and 64 hex digits, or the digits of a record alone.
pub(super) fn each_line(path: &Path, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
    use std::io::{BufRead as _, BufReader, Read as _};
    // No entry's line is longer; a longer one is an error with its number, whatever follows.
    const MAX_LINE: u64 = 256;
    let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("`{}`: {error}", path.display()));
    let source: Box<dyn std::io::Read> = match path == Path::new("-") {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(std::fs::File::open(path).map_err(|error| wrong(&error))?),
    };
    let mut lines = BufReader::with_capacity(1 << 16, source);
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        if lines.by_ref().take(MAX_LINE).read_line(&mut line).map_err(|error| wrong(&error))? == 0 {
            break;
        }
        let text = line.trim();
        if !text.is_empty() {
            take(text.parse().map_err(|error| wrong(&format!("line {number}: {error}")))?)?;
        }
    }
    Ok(())
}

/// Returns the records at these paths, one after the other.
pub(super) fn records(paths: &[PathBuf]) -> impl Iterator<Item = Result<CanonicalRecord>> {
    paths.iter().map(|path| crate::commands::sign::read_record(path))
}
