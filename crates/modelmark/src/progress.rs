//! The progress bar of long reads: on stderr, on a terminal, never otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use modelmark_digest::{ContentId, FileEntry, ModelPath, Observer};
use modelmark_remote::Watch;

use crate::output::{Output, bytes};

/// A bar with bytes per second that follows a fingerprint run.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Returns a bar labelled `verb`, hidden unless `output` is interactive.
    pub(crate) fn new(output: &Output, verb: &'static str) -> Self {
        Self { bar: bar(output, verb) }
    }
}

/// A bar with bytes per second that follows a transfer to other places.
pub(crate) struct Transfer {
    bar: ProgressBar,
}

impl Transfer {
    /// Returns a bar labelled `verb` for so many bytes, hidden unless `output` is interactive.
    pub(crate) fn new(output: &Output, verb: &'static str, bytes: u64) -> Self {
        let bar = bar(output, verb);
        bar.set_length(bytes);
        Self { bar }
    }
}

impl Watch for Transfer {
    fn sent(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn bar(output: &Output, verb: &'static str) -> ProgressBar {
    let bar = ProgressBar::no_length();
    if output.interactive() {
        if let Ok(style) =
            ProgressStyle::with_template("{msg:>9} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}")
        {
            bar.set_style(style);
        }
        bar.set_message(verb);
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn planned(&self, _files: u64, bytes: u64) {
        self.bar.set_length(bytes);
    }

    fn advanced(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn needs_leaves(&self, _entry: &FileEntry) -> bool {
        false
    }

    fn reused(&self, entry: &FileEntry) {
        self.bar.inc(entry.size);
    }
}

impl modelmark_remote::fetch::Progress for Progress {
    fn done(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

/// What a run read, and what it took from the cache.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    bytes_read: AtomicU64,
    bytes_reused: AtomicU64,
    files_reused: AtomicU64,
}

impl Reading {
    /// Returns the counts as they stand in JSON results.
    pub(crate) fn value(&self) -> serde_json::Value {
        let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
        serde_json::json!({
            "bytesRead": number(&self.bytes_read), "bytesReused": number(&self.bytes_reused), "filesReused": number(&self.files_reused),
        })
    }

    /// Returns what a person should know of a result that does not rest on a reading of every byte.
    pub(crate) fn remark(&self) -> Option<String> {
        let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (files, size) = (number(&self.files_reused), bytes(number(&self.bytes_reused)));
        (files > 0).then(|| format!("{files} of the files ({size}) were not read: their digests are from the cache"))
    }
}

impl Observer for Reading {
    fn advanced(&self, bytes: u64) {
        self.bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    fn needs_leaves(&self, _entry: &FileEntry) -> bool {
        false
    }

    fn reused(&self, entry: &FileEntry) {
        self.bytes_reused.fetch_add(entry.size, Ordering::Relaxed);
        self.files_reused.fetch_add(1, Ordering::Relaxed);
    }
}

/// The bar and the count of a run that goes on on another thread.
pub(crate) struct Followed {
    pub(crate) bar: Progress,
    pub(crate) reading: Arc<Reading>,
}

impl Observer for Followed {
    fn planned(&self, files: u64, bytes: u64) {
        self.bar.planned(files, bytes);
    }

    fn advanced(&self, bytes: u64) {
        self.bar.advanced(bytes);
        self.reading.advanced(bytes);
    }

    fn needs_leaves(&self, _entry: &FileEntry) -> bool {
        false
    }

    fn reused(&self, entry: &FileEntry) {
        self.bar.reused(entry);
        self.reading.reused(entry);
    }
}

/// Two observers of one run.
pub(crate) struct Both<'a>(pub(crate) &'a dyn Observer, pub(crate) &'a dyn Observer);

impl Observer for Both<'_> {
    fn planned(&self, files: u64, bytes: u64) {
        self.0.planned(files, bytes);
        self.1.planned(files, bytes);
    }

    fn advanced(&self, bytes: u64) {
        self.0.advanced(bytes);
        self.1.advanced(bytes);
    }

    fn empty_folder(&self, path: &ModelPath) {
        self.0.empty_folder(path);
        self.1.empty_folder(path);
    }

    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        self.0.leaf(file, offset, len, cid);
        self.1.leaf(file, offset, len, cid);
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.0.node(cid, block);
        self.1.node(cid, block);
    }

    fn needs_leaves(&self, entry: &FileEntry) -> bool {
        self.0.needs_leaves(entry) || self.1.needs_leaves(entry)
    }

    fn reused(&self, entry: &FileEntry) {
        self.0.reused(entry);
        self.1.reused(entry);
    }

    fn file(&self, entry: &FileEntry) {
        self.0.file(entry);
        self.1.file(entry);
    }
}
