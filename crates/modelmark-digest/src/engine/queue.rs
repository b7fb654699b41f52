//! Who does what next: the state that workers share, and the rule by which they choose.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::BLOCK_BYTES;
use super::job::{Block, FileDigests, Job};
use super::plan::{Plan, SMALL_FILE_BYTES};
use crate::DigestError;
use crate::walk::FoundFile;

/// A piece of work.
pub(super) enum Task<'a> {
    /// Read and hash these small files, which fit into the buffer together.
    Small(Range<usize>, Box<[u8]>),
    /// Open file number `.0` and read its first block into the buffer.
    Open(usize, Box<[u8]>),
    /// Read block number `.1` of an open file.
    Read(Arc<Job<'a>>, u64, Box<[u8]>),
    /// Hash the leaves of these blocks.
    Leaves(Vec<(Arc<Job<'a>>, Arc<Block>)>),
    /// Run lane number `.1` of a file until it lacks its next block.
    Lane(Arc<Job<'a>>, usize),
    /// Take one block each in these lanes, side by side.
    Streams(Vec<(Arc<Job<'a>>, usize)>),
}

/// A file of several blocks.
struct Open<'a> {
    job: Arc<Job<'a>>,
    next_block: u64,
    in_memory: usize,
}

/// The shared state.
pub(super) struct Queue<'a> {
    plan: Plan,
    files: &'a [FoundFile],
    lanes: VecDeque<(Arc<Job<'a>>, usize)>,
    streams: VecDeque<(Arc<Job<'a>>, usize)>,
    leaves: VecDeque<(Arc<Job<'a>>, Arc<Block>)>,
    open: Vec<Open<'a>>,
    spare: Vec<Box<[u8]>>,
    // Buffers that may still be allocated.
    unmade: usize,
    next_file: usize,
    unfinished: usize,
    results: Vec<Option<FileDigests>>,
    failure: Option<DigestError>,
    stopped: bool,
    /// Workers that wait for a change.
    pub(super) idle: usize,
}

impl<'a> Queue<'a> {
    pub(super) fn new(files: &'a [FoundFile], plan: Plan) -> Self {
        Self {
            plan,
            files,
            lanes: VecDeque::new(),
            streams: VecDeque::new(),
            leaves: VecDeque::new(),
            open: Vec::new(),
            spare: Vec::new(),
            unmade: plan.buffers,
            next_file: 0,
            unfinished: files.len(),
            results: std::iter::repeat_with(|| None).take(files.len()).collect(),
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
    /// Lanes of their own first, because only one worker at a time can shorten them; then what fills a kernel; then more input; and only when
    /// there is none, what does not fill a kernel.
    pub(super) fn next(&mut self) -> Option<Task<'a>> {
        if let Some((job, lane)) = self.lanes.pop_front() {
            return Some(Task::Lane(job, lane));
        }
        if let Some(task) = self.gathered(self.plan.streams, self.plan.leaf_blocks) {
            return Some(task);
        }
        self.more_input().or_else(|| self.gathered(1, 1))
    }

    /// Takes as many streams or leaves as a kernel takes, if there are at least so many.
    fn gathered(&mut self, streams: usize, leaves: usize) -> Option<Task<'a>> {
        if self.streams.len() >= streams {
            return Some(Task::Streams(self.streams.drain(..self.plan.streams.min(self.streams.len())).collect()));
        }
        if self.leaves.len() >= leaves {
            return Some(Task::Leaves(self.leaves.drain(..self.plan.leaf_blocks.min(self.leaves.len())).collect()));
        }
        None
    }

    fn more_input(&mut self) -> Option<Task<'a>> {
        let share = self.plan.share(self.unfinished);
        let has_more = |open: &&mut Open<'_>| open.next_block < open.job.blocks() && (open.job.lanes.is_empty() || open.in_memory < share);
        // The file that is furthest behind, so that files that are hashed side by side come along at one pace.
        if let Some(open) = self.open.iter_mut().filter(has_more).min_by_key(|open| open.in_memory) {
            let buffer = take_buffer(&mut self.spare, &mut self.unmade)?;
            let index = open.next_block;
            open.next_block += 1;
            open.in_memory += 1;
            return Some(Task::Read(Arc::clone(&open.job), index, buffer));
        }
        let first = self.files.get(self.next_file)?;
        if first.size > SMALL_FILE_BYTES && self.open.len() >= self.plan.open_files {
            return None;
        }
        let buffer = take_buffer(&mut self.spare, &mut self.unmade)?;
        let from = self.next_file;
        if first.size > SMALL_FILE_BYTES {
            self.next_file += 1;
            return Some(Task::Open(from, buffer));
        }
        self.next_file += self.batch();
        Some(Task::Small(from..self.next_file, buffer))
    }

    /// Counts the small files that come next and fit into a buffer, and leaves some to the other workers.
    fn batch(&self) -> usize {
        let left = self.files.get(self.next_file..).unwrap_or_default();
        let most = self.plan.batch.min(left.len().div_ceil(self.plan.threads));
        let mut bytes = 0;
        let fits = |file: &&FoundFile| {
            bytes += file.size;
            file.size <= SMALL_FILE_BYTES && bytes <= BLOCK_BYTES as u64
        };
        left.iter().take(most).take_while(fits).count().max(1)
    }

    /// Adds a file of several blocks, the first of which the caller is reading.
    pub(super) fn opened(&mut self, job: Arc<Job<'a>>) {
        self.open.push(Open { job, next_block: 1, in_memory: 1 });
    }

    /// Adds a block that was read, and the lanes that have to run for it.
    pub(super) fn was_read(&mut self, job: Arc<Job<'a>>, block: Arc<Block>, lanes: impl Iterator<Item = usize>) {
        for lane in lanes {
            self.run_lane(Arc::clone(&job), lane);
        }
        self.leaves.push_back((job, block));
    }

    /// Adds a lane that has its next block.
    pub(super) fn run_lane(&mut self, job: Arc<Job<'a>>, lane: usize) {
        let streams = job.lanes.get(lane).is_some_and(|lane| lane.streams);
        if streams { self.streams.push_back((job, lane)) } else { self.lanes.push_back((job, lane)) }
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

fn take_buffer(spare: &mut Vec<Box<[u8]>>, unmade: &mut usize) -> Option<Box<[u8]>> {
    if let Some(buffer) = spare.pop() {
        return Some(buffer);
    }
    *unmade = unmade.checked_sub(1)?;
    Some(vec![0; BLOCK_BYTES].into_boxed_slice())
}
