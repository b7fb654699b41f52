//! Feeds independent messages to a kernel that folds one block of every lane at a time.

use super::constants::{Block, Words};
use super::job::{Job, in_order};
use crate::Sha256Digest;
use crate::lanes::stream::{INITIAL, digest_of};

/// A compression function over `LANES` messages at once.
pub(in crate::lanes) trait Kernel<const LANES: usize>: Copy {
    /// Folds `blocks[lane]` into lane `lane` of `state`. Lanes step together: as many blocks as the shortest lane has.
    fn compress(self, state: &mut Words<LANES>, blocks: [&[Block]; LANES]);
}

/// Hashes all messages; the digest of `messages[i]` goes to `out[i]`.
pub(in crate::lanes) fn run<const LANES: usize>(kernel: impl Kernel<LANES>, messages: &[&[u8]], out: &mut [Sha256Digest]) {
    let mut waiting = in_order(messages);
    let mut lanes = Lanes::<LANES>::idle();
    loop {
        lanes.refill(&mut waiting);
        if !lanes.step(kernel, out) {
            return;
        }
    }
}

struct Lanes<'m, const LANES: usize> {
    state: Words<LANES>,
    jobs: [Option<Job<'m>>; LANES],
}

impl<'m, const LANES: usize> Lanes<'m, LANES> {
    fn idle() -> Self {
        Self { state: [[0; LANES]; 8], jobs: [const { None }; LANES] }
    }

    /// Gives every idle lane the next job, so that no lane is idle while work waits.
    fn refill(&mut self, waiting: &mut impl Iterator<Item = Job<'m>>) {
        for (lane, job) in self.jobs.iter_mut().enumerate().filter(|(_, job)| job.is_none()) {
            let Some(next) = waiting.next() else { return };
            write_column(&mut self.state, lane, &INITIAL);
            *job = Some(next);
        }
    }

    /// Runs the kernel until the first lane has to stop: its body is read, or its message is done. Returns false when all lanes are idle.
    fn step(&mut self, kernel: impl Kernel<LANES>, out: &mut [Sha256Digest]) -> bool {
        let Some(shortest) = self.jobs.iter().flatten().map(Job::ready).min_by_key(|ready| ready.len()) else { return false };
        let blocks = shortest.len();
        // Idle lanes read another lane's data, which is in cache already, and their state is never looked at.
        let fronts = self.jobs.each_ref().map(|job| job.as_ref().and_then(|job| job.ready().get(..blocks)).unwrap_or(shortest));
        kernel.compress(&mut self.state, fronts);
        for (lane, job) in self.jobs.iter_mut().enumerate() {
            if let Some(done) = job.take_if(|job| job.advance(blocks))
                && let Some(digest) = out.get_mut(done.slot)
            {
                *digest = digest_of(&column(&self.state, lane));
            }
        }
        true
    }
}

pub(super) fn column<const LANES: usize>(state: &Words<LANES>, lane: usize) -> [u32; 8] {
    state.each_ref().map(|row| row.get(lane).copied().unwrap_or_default())
}

pub(super) fn write_column<const LANES: usize>(state: &mut Words<LANES>, lane: usize, words: &[u32; 8]) {
    for (row, word) in state.iter_mut().zip(words) {
        if let Some(to) = row.get_mut(lane) {
            *to = *word;
        }
    }
}
