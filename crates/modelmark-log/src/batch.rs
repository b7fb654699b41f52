//! Adding entries that a log does not have yet, in bounded memory: some at a time are held against all that is there.

use std::collections::HashSet;

use crate::{Entry, LogError, LogWriter};

/// How many entries are held at a time: some tens of megabytes. The log is read once for each so many.
const HELD: usize = 1 << 19;

/// Entries on their way into a log, of which those are added that it does not have.
#[derive(Debug)]
pub struct Batch<'a> {
    log: &'a mut LogWriter,
    held: Vec<Entry>,
    most: usize,
    again: u64,
}

impl<'a> Batch<'a> {
    /// Begins with nothing.
    #[must_use]
    pub const fn new(log: &'a mut LogWriter) -> Self {
        Self { log, held: Vec::new(), most: HELD, again: 0 }
    }

    /// Takes an entry, which is added sooner or later if it is new.
    ///
    /// # Errors
    /// The log cannot be read or written.
    pub fn take(&mut self, entry: Entry) -> Result<(), LogError> {
        self.held.push(entry);
        if self.held.len() < self.most { Ok(()) } else { self.add() }
    }

    /// Adds what is left, and returns how many entries were in the log already.
    ///
    /// # Errors
    /// The log cannot be read or written.
    pub fn finish(mut self) -> Result<u64, LogError> {
        self.add()?;
        Ok(self.again)
    }

    fn add(&mut self) -> Result<(), LogError> {
        let mut new: HashSet<Entry> = self.held.iter().copied().collect();
        self.log.each_entry(|bytes| {
            if let Some(entry) = Entry::read(bytes) {
                new.remove(&entry);
            }
        })?;
        for entry in self.held.drain(..) {
            // Of two that are equal the first is added.
            if new.remove(&entry) {
                self.log.push(&entry.bytes())?;
            } else {
                self.again += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a log that cannot be written is a failed test")]
    use modelmark_digest::Sha256Digest;
    use proptest::prelude::*;

    use super::*;
    use crate::LogKey;

    fn entry(number: u16) -> Entry {
        Entry::record(Sha256Digest::of(&number.to_be_bytes()))
    }

    fn entries_of(log: &LogWriter) -> Vec<Entry> {
        let mut entries = Vec::new();
        log.each_entry(|bytes| entries.push(Entry::read(bytes).unwrap())).unwrap();
        entries
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// However many are held at a time, and however often the log is opened anew, each entry is there once, in the order of its first.
        #[test]
        fn each_entry_is_added_once(runs in proptest::collection::vec(proptest::collection::vec(0_u16..600, 1..700), 1..4), most in 1_usize..300) {
            let folder = tempfile::tempdir().unwrap();
            let key = LogKey::generate("models.example/batch").unwrap();
            let (mut wanted, mut seen) = (Vec::new(), HashSet::new());
            for run in &runs {
                let mut log = LogWriter::open(folder.path()).unwrap();
                let mut batch = Batch { most, ..Batch::new(&mut log) };
                for number in run {
                    batch.take(entry(*number)).unwrap();
                }
                let again = batch.finish().unwrap();
                let before = wanted.len();
                wanted.extend(run.iter().filter(|number| seen.insert(**number)).map(|number| entry(*number)));
                prop_assert_eq!(usize::try_from(again).unwrap(), run.len() - (wanted.len() - before));
                prop_assert_eq!(entries_of(&log), wanted.clone());
                log.commit(&key).unwrap();
            }
        }
    }
}
