//! Who does what next: the state that workers share, and the rule by which they choose.

use std::collections::VecDeque;
use std::sync::Arc;

use super::BLOCK_BYTES;
use super::job::{Block, FileDigests, Job};
use crate::DigestError;

/// A piece of work.
pub(super) enum Task<'a> {
    /// Open file number `.0` and read its first block into the buffer.
    Open(usize, Box<[u8]>),
    /// Read block number `.1` of an open file.
    Read(Arc<Job<'a>>, u64, Box<[u8]>),
    /// Hash the leaves of a block.
    Leaves(Arc<Job<'a>>, Arc<Block>),
    /// Run lane number `.1` of a file until it lacks its next block.
    Lane(Arc<Job<'a>>, usize),
}

/// A file of several blocks.
struct Open<'a> {
    job: Arc<Job<'a>>,
    next_block: u64,
    in_memory: usize,
}

/// The shared state.
pub(super) struct Queue<'a> {
    lanes: VecDeque<Task<'a>>,
    leaves: VecDeque<Task<'a>>,
    open: Vec<Open<'a>>,
    spare: Vec<Box<[u8]>>,
    // Buffers that may still be allocated.
    unmade: usize,
    threads: usize,
    next_file: usize,
    unfinished: usize,
    results: Vec<Option<FileDigests>>,
    failure: Option<DigestError>,
    stopped: bool,
    /// Workers that wait for a change.
    pub(super) idle: usize,
}

impl<'a> Queue<'a> {
    pub(super) fn new(files: usize, threads: usize) -> Self {
        Self {
            lanes: VecDeque::new(),
            leaves: VecDeque::new(),
            open: Vec::new(),
            spare: Vec::new(),
            unmade: buffers(threads),
            threads,
            next_file: 0,
            unfinished: files,
            results: std::iter::repeat_with(|| None).take(files).collect(),
            failure: None,
            stopped: false,
            idle: 0,
        }
    }

    /// Tells whether there is nothing more to wait for.
    pub(super) fn is_over(&self) -> bool {
        self.stopped || self.unfinished == 0
    }

    /// Chooses the next piece of work, or `None` when all there is waits for somebody else.
    ///
    /// Lanes first, because only one worker at a time can shorten them; then what is in memory, which frees buffers; then more of the files that
    /// are open; then the next file.
    pub(super) fn next(&mut self) -> Option<Task<'a>> {
        self.lanes.pop_front().or_else(|| self.leaves.pop_front()).or_else(|| self.more_input())
    }

    fn more_input(&mut self) -> Option<Task<'a>> {
        let share = (buffers(self.threads) / self.unfinished.clamp(1, self.threads)).max(4);
        // A file whose lanes lag behind must not take all the buffers, or the other workers would have nothing to do.
        let wanted =
            self.open.iter_mut().find(|open| open.next_block < open.job.blocks() && (open.job.lanes.is_empty() || open.in_memory < share));
        if let Some(open) = wanted {
            let buffer = take_buffer(&mut self.spare, &mut self.unmade)?;
            let index = open.next_block;
            open.next_block += 1;
            open.in_memory += 1;
            return Some(Task::Read(Arc::clone(&open.job), index, buffer));
        }
        if self.next_file < self.results.len() && self.open.len() < self.threads {
            let buffer = take_buffer(&mut self.spare, &mut self.unmade)?;
            self.next_file += 1;
            return Some(Task::Open(self.next_file - 1, buffer));
        }
        None
    }

    /// Adds a file of several blocks, the first of which the caller is reading.
    pub(super) fn opened(&mut self, job: Arc<Job<'a>>) {
        self.open.push(Open { job, next_block: 1, in_memory: 1 });
    }

    /// Adds a block that was read, and the lanes that have to run for it.
    pub(super) fn was_read(&mut self, job: Arc<Job<'a>>, block: Arc<Block>, lanes: impl Iterator<Item = usize>) {
        for lane in lanes {
            self.lanes.push_back(Task::Lane(Arc::clone(&job), lane));
        }
        self.leaves.push_back(Task::Leaves(job, block));
    }

    /// Takes back a buffer.
    pub(super) fn give_back(&mut self, buffer: Box<[u8]>) {
        self.spare.push(buffer);
    }

    /// Takes back a block that nobody needs any more; true when it was the last of its file.
    pub(super) fn release(&mut self, job: &Job<'a>, block: Block) -> bool {
        self.spare.push(block.buffer);
        let Some(open) = self.open.iter_mut().find(|open| open.job.position == job.position) else { return false };
        open.in_memory -= 1;
        let last = open.in_memory == 0 && open.next_block == job.blocks();
        if last {
            self.open.retain(|open| open.job.position != job.position);
        }
        last
    }

    /// Notes a finished file.
    pub(super) fn finished(&mut self, position: usize, digests: FileDigests) {
        if let Some(place) = self.results.get_mut(position) {
            *place = Some(digests);
        }
        self.unfinished -= 1;
    }

    /// Ends the run; the first failure counts.
    pub(super) fn fail(&mut self, failure: Option<DigestError>) {
        self.stopped = true;
        if self.failure.is_none() {
            self.failure = failure;
        }
    }

    /// Returns the results in the order of the files.
    pub(super) fn finish(self) -> Result<Vec<FileDigests>, DigestError> {
        self.failure.map_or_else(|| Ok(self.results.into_iter().flatten().collect()), Err)
    }
}

/// Number of buffers, and so the memory of a run: 24 MiB with two threads.
const fn buffers(threads: usize) -> usize {
    2 + 2 * threads
}

fn take_buffer(spare: &mut Vec<Box<[u8]>>, unmade: &mut usize) -> Option<Box<[u8]>> {
    if let Some(buffer) = spare.pop() {
        return Some(buffer);
    }
    *unmade = unmade.checked_sub(1)?;
    Some(vec![0; BLOCK_BYTES].into_boxed_slice())
}
