//! Adding entries that a list does not have yet, in bounded memory: some at a time are held against all that is there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use modelmark_log::{Entry, LogWriter};

use super::explain_in;
use crate::error::Result;

/// How many entries are held at a time: some tens of megabytes. The list is read once for each so many.
const HELD: usize = 1 << 19;

/// Entries on their way into a list.
pub(super) struct Batch<'a> {
    log: &'a mut LogWriter,
    folder: PathBuf,
    held: Vec<Entry>,
    again: u64,
}

impl<'a> Batch<'a> {
    pub(super) fn new(log: &'a mut LogWriter, folder: &Path) -> Self {
        Self { log, folder: folder.to_owned(), held: Vec::new(), again: 0 }
    }

    /// Takes an entry, which is added sooner or later if it is new.
    pub(super) fn take(&mut self, entry: Entry) -> Result<()> {
        self.held.push(entry);
        if self.held.len() < HELD { Ok(()) } else { self.add() }
    }

    /// Adds what is left, and returns how many entries were in the list already.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.add()?;
        Ok(self.again)
    }

    fn add(&mut self) -> Result<()> {
        let mut new: HashSet<Entry> = self.held.iter().copied().collect();
        let known = self.log.each_entry(|bytes| {
            if let Some(entry) = Entry::read(bytes) {
                new.remove(&entry);
            }
        });
        known.map_err(explain_in(&self.folder))?;
        for entry in self.held.drain(..) {
            // Of two that are equal the first is added.
            if new.remove(&entry) {
                self.log.push(&entry.bytes()).map_err(explain_in(&self.folder))?;
            } else {
                self.again += 1;
            }
        }
        Ok(())
    }
}
