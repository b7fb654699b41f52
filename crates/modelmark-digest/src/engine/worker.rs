//! What a worker does with the work it takes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ring::digest::{Context, SHA256};

use super::job::{Block, FileDigests, Job};
use super::lane::{Digester, Lane};
use super::leaves::hash_leaves;
use super::plan::Plan;
use super::queue::{Queue, Task};
use crate::cache::Memo;
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, Observer, Request};

/// A run over all files of a model.
pub(super) struct Engine<'a> {
    pub(super) tree: &'a Tree,
    pub(super) with_tensors: &'a [usize],
    pub(super) request: &'a Request,
    pub(super) plan: Plan,
    pub(super) observer: &'a dyn Observer,
    pub(super) memo: Option<Memo<'a>>,
    /// Bytes of tensors that an open file may hold back.
    pub(super) gathered: usize,
    /// Held by the one who reads a file a second time.
    pub(super) second_look: Mutex<()>,
    pub(super) queue: Mutex<Queue<'a>>,
    pub(super) wake: Condvar,
}

impl<'a> Engine<'a> {
    /// Works until all files are finished or one has failed.
    pub(super) fn work(&self) {
        let _guard = StopOnPanic(self);
        while let Some(task) = self.take() {
            if let Err(failure) = self.perform(task) {
                self.change(|queue| queue.fail(Some(failure)));
            }
        }
    }

    /// Tells whether the file is one leaf of its tree.
    pub(super) fn is_leaf(&self, found: &FoundFile) -> bool {
        found.size <= self.request.profile.leaf_bytes() as u64
    }

    /// Starts the SHA-256 of a file: alone, or in the company of others.
    pub(super) fn sha256(&self) -> Digester {
        if self.plan.streams > 1 { Digester::Stream(Box::default()) } else { Digester::Whole(Box::new(Context::new(&SHA256))) }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<'a>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the queue, and wakes those who wait for a change. Waking nobody is a system call too, one for each small file.
    pub(super) fn change<R>(&self, act: impl FnOnce(&mut Queue<'a>) -> R) -> R {
        let mut queue = self.lock();
        let result = act(&mut queue);
        let awaited = queue.idle > 0;
        drop(queue);
        if awaited {
            self.wake.notify_all();
        }
        result
    }

    fn take(&self) -> Option<Task<'a>> {
        let mut queue = self.lock();
        loop {
            if queue.is_over() {
                return None;
            }
            if let Some(task) = queue.next() {
                return Some(task);
            }
            queue.idle += 1;
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }

    fn perform(&self, task: Task<'a>) -> Result<(), DigestError> {
        match task {
            Task::Small(positions, buffer) => self.small_files(positions, buffer),
            Task::Open(position, buffer) => self.open(position, buffer),
            Task::Read(job, index, buffer) => self.read(job, index, buffer),
            Task::Leaves(blocks) => self.leaves(blocks),
            Task::Lane(job, lane) => {
                let Some(lane) = job.lanes.get(lane) else { return Ok(()) };
                while let Some(block) = lane.next() {
                    lane.update(block.bytes());
                    self.release(&job, block)?;
                }
                Ok(())
            }
            Task::Streams(lanes) => self.streams(lanes),
        }
    }

    fn leaves(&self, blocks: Vec<(Arc<Job<'a>>, Arc<Block>)>) -> Result<(), DigestError> {
        let bytes: Vec<&[u8]> = blocks.iter().map(|(_, block)| block.bytes()).collect();
        let leaves = hash_leaves(self.request.profile, &bytes);
        for ((job, block), leaves) in blocks.into_iter().zip(leaves) {
            job.add_leaves(self, block.index, leaves);
            self.release(&job, block)?;
        }
        Ok(())
    }

    fn streams(&self, lanes: Vec<(Arc<Job<'a>>, usize)>) -> Result<(), DigestError> {
        let taken: Vec<_> = lanes.into_iter().filter_map(|(job, lane)| Some((job.lanes.get(lane)?.next()?, job, lane))).collect();
        let pieces: Vec<_> = taken.iter().filter_map(|(block, job, lane)| Some((job.lanes.get(*lane)?, block.bytes()))).collect();
        Lane::update_together(&pieces);
        for (block, job, lane) in taken {
            if job.lanes.get(lane).is_some_and(Lane::goes_on) {
                self.change(|queue| queue.run_lane(Arc::clone(&job), lane));
            }
            self.release(&job, block)?;
        }
        Ok(())
    }

    fn open(&self, position: usize, buffer: Box<[u8]>) -> Result<(), DigestError> {
        let Some(found) = self.tree.files.get(position) else { return Ok(()) };
        if let Some(known) = self.recall(position, found) {
            self.change(|queue| {
                queue.give_back(buffer);
                queue.finished(position, known);
            });
            return Ok(());
        }
        let job = Arc::new(Job::open(self, position, found)?);
        self.change(|queue| queue.opened(Arc::clone(&job)));
        self.read(job, 0, buffer)
    }

    /// Returns what an earlier run found out about a file that is still the same, unless somebody watches who needs its leaves.
    pub(super) fn recall(&self, position: usize, found: &FoundFile) -> Option<FileDigests> {
        let tensors = self.with_tensors.binary_search(&position).is_ok();
        let known = self.memo.as_ref()?.recall(found, tensors).filter(|known| !self.observer.needs_leaves(&known.entry))?;
        self.observer.reused(&known.entry);
        self.observer.file(&known.entry);
        Some(known)
    }

    fn read(&self, job: Arc<Job<'a>>, index: u64, mut buffer: Box<[u8]>) -> Result<(), DigestError> {
        let length = job.read(self, index, &mut buffer)?;
        let block = Arc::new(Block { index, length, buffer });
        let lanes = job.lanes.iter().enumerate();
        let to_run: Vec<usize> = lanes.filter(|(_, lane)| lane.offer(Arc::clone(&block))).map(|(index, _)| index).collect();
        self.change(|queue| queue.was_read(job, block, to_run.into_iter()));
        Ok(())
    }

    fn release(&self, job: &Job<'a>, block: Arc<Block>) -> Result<(), DigestError> {
        // Of all who hold the block, exactly the last gets it out of its `Arc`.
        let Some(block) = Arc::into_inner(block) else { return Ok(()) };
        self.observer.advanced(block.length as u64);
        let last = self.change(|queue| queue.release(job, block));
        if last { self.close(job) } else { Ok(()) }
    }

    fn close(&self, job: &Job<'a>) -> Result<(), DigestError> {
        let digests = job.finish(self)?;
        self.change(|queue| queue.finished(job.position, digests));
        Ok(())
    }
}

/// Lets the other workers end when an observer panics in this one.
struct StopOnPanic<'e, 'a>(&'e Engine<'a>);

impl Drop for StopOnPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.change(|queue| queue.fail(None));
        }
    }
}
