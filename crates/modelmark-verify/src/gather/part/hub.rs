//! Which file of the model an unfinished download by the Hugging Face client is: its name does not say so.

use std::collections::{HashMap, HashSet};

use modelmark_digest::Sha256Digest;
use modelmark_digest::outboard::{LeafList, LeafLists};
use modelmark_digest::partial::{Listing, Unfinished};
use modelmark_record::ModelFile;

/// The unfinished downloads beside a model.
pub(super) struct Downloads {
    found: Vec<Unfinished>,
    /// By the digest of what should be their first leaf.
    by_start: HashMap<Sha256Digest, usize>,
    given: HashSet<usize>,
}

impl Downloads {
    /// Finds them, and reads the start of each.
    pub(super) fn of(listing: &Listing, lists: &LeafLists) -> Self {
        let found = listing.unfinished();
        let leaf = lists.files().next().map_or(0, |(_, list)| list.leaf_bytes());
        let starts = found.iter().enumerate().filter_map(|(index, download)| Some((start(download, leaf)?, index)));
        let by_start = starts.collect();
        Self { found, by_start, given: HashSet::new() }
    }

    /// Returns the download of the file with these leaves: one that is named by its SHA-256, as those of large files are, else one that starts with its
    /// first leaf. Each is given once.
    pub(super) fn of_file(&mut self, list: &LeafList, recorded: Option<&ModelFile>) -> Option<&Unfinished> {
        let named = recorded.and_then(|file| {
            let digest = file.sha256.to_string();
            self.found.iter().position(|download| download.is_named(&digest))
        });
        let started = || list.digest(0).and_then(|digest| self.by_start.get(&digest).copied());
        let index = named.or_else(started).filter(|index| self.given.insert(*index))?;
        self.found.get(index)
    }
}

/// The digest of the first leaf, as far as it is there.
fn start(download: &Unfinished, leaf: u64) -> Option<Sha256Digest> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(download.open().ok()?, leaf), &mut bytes).ok()?;
    Some(Sha256Digest::of(&bytes))
}
