//! A look at files that can be ended before its time.

use std::sync::atomic::{AtomicBool, Ordering};

use modelmark_digest::{ContentId, FileEntry, ModelPath, Observer};

/// Passes on what is observed, until it is told to stop.
pub(super) struct Stoppable<'o> {
    observer: &'o dyn Observer,
    stop: &'o AtomicBool,
}

impl<'o> Stoppable<'o> {
    pub(super) const fn new(observer: &'o dyn Observer, stop: &'o AtomicBool) -> Self {
        Self { observer, stop }
    }
}

impl Observer for Stoppable<'_> {
    fn planned(&self, files: u64, bytes: u64) {
        self.observer.planned(files, bytes);
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed) && self.observer.goes_on()
    }

    fn empty_folder(&self, path: &ModelPath) {
        self.observer.empty_folder(path);
    }

    fn advanced(&self, bytes: u64) {
        self.observer.advanced(bytes);
    }

    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        self.observer.leaf(file, offset, len, cid);
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.observer.node(cid, block);
    }

    fn needs_leaves(&self, entry: &FileEntry) -> bool {
        self.observer.needs_leaves(entry)
    }

    fn reused(&self, entry: &FileEntry) {
        self.observer.reused(entry);
    }

    fn file(&self, entry: &FileEntry) {
        self.observer.file(entry);
    }
}
