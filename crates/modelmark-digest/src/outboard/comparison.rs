//! Tells which bytes differ while a model is fingerprinted, at no further reading.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::LeafLists;
use crate::{ContentId, FileEntry, ModelPath, Observer};

/// An observer that holds every leaf of a run against the lists of a model.
///
/// It counts only for files whose CID turns out to be another than that of their list: of the others every byte is the model's.
pub struct Comparison<'a> {
    lists: &'a LeafLists,
    inner: &'a dyn Observer,
    differing: Mutex<BTreeMap<ModelPath, Vec<Range<u64>>>>,
}

impl<'a> Comparison<'a> {
    /// Compares with `lists` and passes everything on to `inner`.
    #[must_use]
    pub const fn new(lists: &'a LeafLists, inner: &'a dyn Observer) -> Self {
        Self { lists, inner, differing: Mutex::new(BTreeMap::new()) }
    }

    /// Returns, for each file with such, the bytes whose leaves are not those of its list: sorted, and ranges as long as they can be.
    #[must_use]
    pub fn differing(self) -> BTreeMap<ModelPath, Vec<Range<u64>>> {
        let mut files = self.differing.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.values_mut().for_each(join);
        files
    }
}

/// Sorts ranges and joins those that touch.
fn join(ranges: &mut Vec<Range<u64>>) {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|later, first| {
        let touch = later.start <= first.end;
        if touch {
            first.end = first.end.max(later.end);
        }
        touch
    });
}

impl Observer for Comparison<'_> {
    fn planned(&self, files: u64, bytes: u64) {
        self.inner.planned(files, bytes);
    }

    fn empty_folder(&self, path: &ModelPath) {
        self.inner.empty_folder(path);
    }

    fn advanced(&self, bytes: u64) {
        self.inner.advanced(bytes);
    }

    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        self.inner.leaf(file, offset, len, cid);
        let Some(list) = self.lists.file(file.as_str()) else { return };
        let place = offset..offset.saturating_add(u64::from(len));
        let index = usize::try_from(offset / list.leaf_bytes()).unwrap_or(usize::MAX);
        if len > 0 && (list.place(index) != place || list.digest(index) != Some(cid.digest())) {
            let mut differing = self.differing.lock().unwrap_or_else(PoisonError::into_inner);
            let ranges = differing.entry(file.clone()).or_default();
            ranges.push(place);
            // A file of nothing but other bytes takes no memory to speak of.
            if ranges.len().is_power_of_two() && ranges.len() >= 1 << 10 {
                join(ranges);
            }
        }
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.inner.node(cid, block);
    }

    fn needs_leaves(&self, entry: &FileEntry) -> bool {
        let differs = self.lists.file(entry.path.as_str()).is_some_and(|list| list.cid() != entry.cid);
        differs || self.inner.needs_leaves(entry)
    }

    fn reused(&self, entry: &FileEntry) {
        self.inner.reused(entry);
    }

    fn file(&self, entry: &FileEntry) {
        self.inner.file(entry);
    }
}
