//! Reads and hashes the files of a model on all cores: each byte once, in a fixed amount of memory.
//!
//! A file that fits in one block is hashed whole by the worker that opened it. A larger file is read block by block; from each block the leaf
//! digests can be made by any worker at any time, while the digests that run through the whole file (lanes) take the blocks in order, one worker
//! at a time. So a single huge file occupies as many cores as it has kinds of digests, and many files occupy all cores.

mod job;
mod lane;
mod leaves;
mod queue;
mod tensors;
mod worker;

use std::sync::{Condvar, Mutex};

pub(crate) use job::FileDigests;
use queue::Queue;
use worker::Engine;

use crate::cache::Memo;
use crate::walk::Tree;
use crate::{DigestError, Observer, Request};

/// Bytes of one read: as many leaves of 256 KiB as the widest kernel hashes side by side. With four leaves, AVX-512 reaches a quarter of its rate.
pub(crate) const BLOCK_BYTES: usize = 4 << 20;

// More threads than this wait for memory or for each other, and each brings buffers.
const MAX_THREADS: usize = 64;

/// Digests all files of `tree`; the result stands in the order of `tree.files`. `with_tensors` lists the files whose tensors are read.
pub(crate) fn run(
    tree: &Tree,
    with_tensors: &[usize],
    request: &Request,
    observer: &dyn Observer,
    memo: Option<Memo<'_>>,
) -> Result<Vec<FileDigests>, DigestError> {
    let cores = request.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let threads = cores.min(MAX_THREADS);
    let engine = Engine {
        tree,
        with_tensors,
        request,
        observer,
        memo,
        gathered: gathered(threads),
        second_look: Mutex::default(),
        queue: Mutex::new(Queue::new(tree.files.len(), threads)),
        wake: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // The system may refuse further threads; the work gets done by those that run, at least by this one.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || engine.work());
        }
        engine.work();
    });
    engine.queue.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).finish()
}

/// Bytes of tensors that an open file may hold back until they fill the lanes: sixteen chunks where memory allows.
const fn gathered(threads: usize) -> usize {
    if threads <= 7 { 16 << 20 } else { 8 << 20 }
}
