//! Reads and hashes the files of a model on all cores: each byte once, in a fixed amount of memory.
//!
//! Small files are read and hashed in batches. A larger file is read block by block; from each block the leaf digests can be made by any worker at
//! any time, together with those of other blocks, while the digests that run through the whole file (lanes) take the blocks in order, one worker at
//! a time. So a single huge file occupies as many cores as it has kinds of digests, and many files occupy all cores. The SHA-256 of several large
//! files is computed side by side, a file in each lane of the CPU's vectors. [`plan`] says how much of what is gathered.

mod job;
mod lane;
mod leaves;
mod page_cache;
mod plan;
mod queue;
mod small;
mod tensors;
mod worker;

use std::sync::{Condvar, Mutex};

pub(crate) use job::FileDigests;
use plan::Plan;
use queue::Queue;
use worker::Engine;

use crate::cache::Memo;
use crate::walk::Tree;
use crate::{DigestError, Observer, Request};

/// Bytes of one read: whole leaves in every profile, and little enough to stay in a core's cache until they are hashed.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;

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
    tree.refuse_hollow(&tree.files, request)?;
    let cores = request.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let threads = cores.min(MAX_THREADS);
    let plan = Plan::of(tree, request, threads);
    let engine = Engine {
        tree,
        with_tensors,
        request,
        plan,
        observer,
        memo,
        gathered: gathered(plan.open_files),
        second_look: Mutex::default(),
        queue: Mutex::new(Queue::new(&tree.files, plan)),
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
const fn gathered(open_files: usize) -> usize {
    match open_files {
        0..=3 => 16 << 20,
        4..=7 => 8 << 20,
        _ => 2 << 20,
    }
}
