//! Chunk digests of tensors that stream by, hashed side by side: chunks of large tensors, and small tensors together.

use super::CHUNK_BYTES;
use super::narrow::{Target, narrow};
use crate::Sha256Digest;
use crate::lanes::{Backend, sha256_many};
use crate::merkle::{TreeBuilder, leaf_hashes};

/// Most chunks that wait for each other, however small: bounds what is not counted in bytes.
const MAX_WAITING: usize = 256;

/// Buffers up to this length are made to measure, because a full one would waste its memory on a small tensor.
const SMALL_BYTES: usize = 64 << 10;

/// What the bytes of a tensor come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunDigest {
    pub(crate) bytes: u64,
    pub(crate) digest: Sha256Digest,
    /// The narrowest type before the tensor's own that holds every element, and the same of the bytes in that type.
    pub(crate) narrowed: Option<(&'static str, u64, Sha256Digest)>,
}

/// Takes the canonical bytes of one tensor after the other.
pub(crate) struct RunHasher {
    /// Bytes that are gathered before they are hashed.
    gathered: usize,
    waiting: Vec<(usize, Vec<u8>)>,
    waiting_bytes: usize,
    spare: Vec<Vec<u8>>,
    columns: Vec<Column>,
    current: Option<Run>,
    finished: Vec<Run>,
}

/// A run of bytes whose chunks are hashed.
#[derive(Default)]
struct Column {
    tree: TreeBuilder,
    bytes: u64,
    partial: Vec<u8>,
}

/// A tensor: its bytes, and its numbers in every narrower type that still holds them.
struct Run {
    dtype: String,
    column: usize,
    candidates: Vec<(Target, usize)>,
}

impl RunHasher {
    /// Makes one that holds back up to `memory` bytes where that fills more lanes.
    pub(crate) fn new(memory: usize) -> Self {
        let lanes = match Backend::current() {
            Backend::Avx512 => 16,
            Backend::Avx2 => 8,
            Backend::ShaNi | Backend::ArmSha2 => 2,
            Backend::Portable => 1,
        };
        Self {
            gathered: memory.min(lanes * CHUNK_BYTES),
            waiting: Vec::new(),
            waiting_bytes: 0,
            spare: Vec::new(),
            columns: Vec::new(),
            current: None,
            finished: Vec::new(),
        }
    }

    /// Starts the next tensor. The one before is finished.
    pub(crate) fn begin(&mut self, dtype: &str) {
        self.end();
        let targets = Target::before(dtype);
        let column = self.column();
        let candidates = targets.iter().map(|target| (*target, self.column())).collect();
        self.current = Some(Run { dtype: dtype.to_owned(), column, candidates });
    }

    /// Takes the next bytes of the tensor.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        let Some(Run { column, .. }) = self.current else { return };
        while !bytes.is_empty() {
            let Some(at) = self.columns.get_mut(column) else { return };
            if at.partial.capacity() == 0 {
                at.partial = buffer(&mut self.spare, bytes.len());
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - at.partial.len()));
            at.partial.extend_from_slice(now);
            if at.partial.len() == CHUNK_BYTES {
                self.chunk();
            }
            bytes = later;
        }
    }

    /// Returns the digests of all tensors, in their order.
    pub(crate) fn finish(mut self) -> Vec<RunDigest> {
        self.end();
        self.flush();
        let Self { finished, columns, .. } = self;
        let total = |column: usize| columns.get(column).map(|column| (column.bytes, column.tree.root()));
        let run = |run: Run| {
            let (bytes, digest) = total(run.column)?;
            let narrowed =
                run.candidates.first().and_then(|(target, column)| total(*column).map(|(bytes, digest)| (target.token(), bytes, digest)));
            Some(RunDigest { bytes, digest, narrowed })
        };
        finished.into_iter().filter_map(run).collect()
    }

    fn column(&mut self) -> usize {
        self.columns.push(Column::default());
        self.columns.len() - 1
    }

    /// Closes the chunk of the current tensor that has come together.
    fn chunk(&mut self) {
        let Some(Run { dtype, column, candidates }) = &mut self.current else { return };
        let chunk = self.columns.get_mut(*column).map(|column| std::mem::take(&mut column.partial)).unwrap_or_default();
        let mut full = Vec::new();
        candidates.retain(|(target, column)| {
            let Some(column) = self.columns.get_mut(*column) else { return false };
            if column.partial.capacity() == 0 {
                column.partial = buffer(&mut self.spare, chunk.len());
            }
            let fits = narrow(dtype, *target, &chunk, &mut column.partial).is_some();
            if !fits {
                give_back(&mut self.spare, std::mem::take(&mut column.partial));
            }
            fits
        });
        for (_, column) in candidates.iter() {
            // A chunk is a multiple of what it narrows to, so that narrow chunks come out full.
            if let Some(narrowed) = self.columns.get_mut(*column).filter(|narrowed| narrowed.partial.len() == CHUNK_BYTES) {
                full.push((*column, std::mem::take(&mut narrowed.partial)));
            }
        }
        let main = *column;
        self.wait(main, chunk);
        full.into_iter().for_each(|(column, chunk)| self.wait(column, chunk));
    }

    /// Closes the current tensor.
    fn end(&mut self) {
        let Some(Run { column, .. }) = &self.current else { return };
        if self.columns.get(*column).is_some_and(|column| !column.partial.is_empty()) {
            self.chunk();
        }
        let Some(run) = self.current.take() else { return };
        for (_, column) in &run.candidates {
            let rest = self.columns.get_mut(*column).map(|column| std::mem::take(&mut column.partial)).unwrap_or_default();
            if !rest.is_empty() {
                self.wait(*column, rest);
            }
        }
        self.finished.push(run);
    }

    fn wait(&mut self, column: usize, chunk: Vec<u8>) {
        // What it takes, not what it holds.
        self.waiting_bytes += chunk.capacity();
        self.waiting.push((column, chunk));
        if self.waiting_bytes >= self.gathered || self.waiting.len() == MAX_WAITING {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let messages: Vec<&[u8]> = self.waiting.iter().map(|(_, chunk)| chunk.as_slice()).collect();
        let mut digests = vec![Sha256Digest::from([0; 32]); messages.len()];
        sha256_many(&messages, &mut digests);
        let entries: Vec<&[u8]> = digests.iter().map(|digest| digest.as_bytes().as_slice()).collect();
        for ((column, chunk), leaf) in self.waiting.drain(..).zip(leaf_hashes(&entries)) {
            if let Some(column) = self.columns.get_mut(column) {
                column.bytes += chunk.len() as u64;
                column.tree.push(leaf);
            }
            give_back(&mut self.spare, chunk);
        }
        self.waiting_bytes = 0;
    }
}

fn buffer(spare: &mut Vec<Vec<u8>>, wanted: usize) -> Vec<u8> {
    if wanted <= SMALL_BYTES {
        return Vec::with_capacity(wanted);
    }
    spare.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK_BYTES))
}

/// Keeps full buffers: there are never more of them than waited at once.
fn give_back(spare: &mut Vec<Vec<u8>>, mut buffer: Vec<u8>) {
    if buffer.capacity() >= CHUNK_BYTES {
        buffer.clear();
        spare.push(buffer);
    }
}
