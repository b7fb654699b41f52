//! The progress bar of long reads: on stderr, on a terminal, never otherwise.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use modelmark_digest::{ContentId, FileEntry, ModelPath, Observer};

use crate::output::Output;

/// A bar with bytes per second that follows a fingerprint run.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Returns a bar labelled `verb`, hidden unless `output` is interactive.
    pub(crate) fn new(output: &Output, verb: &'static str) -> Self {
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
        Self { bar }
    }
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

    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        self.0.leaf(file, offset, len, cid);
        self.1.leaf(file, offset, len, cid);
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.0.node(cid, block);
        self.1.node(cid, block);
    }

    fn file(&self, entry: &FileEntry) {
        self.0.file(entry);
        self.1.file(entry);
    }
}
