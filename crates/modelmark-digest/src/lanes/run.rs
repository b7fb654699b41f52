//! Feeds independent messages to a kernel that folds one block of every lane at a time.

use super::constants::{Block, Words};
use super::job::{Job, digest_of};
use crate::Sha256Digest;

/// A compression function over `LANES` messages at once.
pub(super) trait Kernel<const LANES: usize>: Copy {
    /// Folds `blocks[lane]` into lane `lane` of `state`. Lanes step together: as many blocks as the shortest lane has.
    fn compress(self, state: &mut Words<LANES>, blocks: [&[Block]; LANES]);
}

/// Hashes all jobs.
pub(super) fn run<'m, const LANES: usize, K: Kernel<LANES>>(kernel: K, jobs: &mut dyn Iterator<Item = Job<'m>>, out: &mut [Sha256Digest]) {
    let unfinished = run_while_above(0, kernel, jobs, out);
    debug_assert!(unfinished.is_empty(), "nothing is left over when nothing may be");
}

/// Hashes jobs until there is no further one to start and `keep` or fewer are unfinished; returns those.
///
/// A vector kernel takes the same time for one busy lane as for all, so the last few jobs are better finished by a kernel with fewer, faster
/// lanes. `keep` must be less than `LANES`.
pub(super) fn run_while_above<'m, const LANES: usize, K: Kernel<LANES>>(
    keep: usize,
    kernel: K,
    jobs: &mut dyn Iterator<Item = Job<'m>>,
    out: &mut [Sha256Digest],
) -> Vec<Job<'m>> {
    let mut lanes = Lanes::<LANES>::idle();
    loop {
        lanes.refill(jobs);
        // A lane stays idle only when no job is left to start, so few busy lanes mean that we are near the end.
        if lanes.busy() <= keep {
            return lanes.into_unfinished();
        }
        lanes.step(kernel, out);
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

    fn busy(&self) -> usize {
        self.jobs.iter().flatten().count()
    }

    /// Gives every idle lane the next job, so that no lane is idle while work waits.
    fn refill(&mut self, waiting: &mut dyn Iterator<Item = Job<'m>>) {
        for (lane, job) in self.jobs.iter_mut().enumerate().filter(|(_, job)| job.is_none()) {
            let Some(next) = waiting.next() else { return };
            write_column(&mut self.state, lane, &next.state);
            *job = Some(next);
        }
    }

    /// Runs the kernel until the first lane has to stop: its body is read, or its message is done.
    fn step(&mut self, kernel: impl Kernel<LANES>, out: &mut [Sha256Digest]) {
        let Some(shortest) = self.jobs.iter().flatten().map(Job::ready).min_by_key(|ready| ready.len()) else { return };
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
    }

    fn into_unfinished(self) -> Vec<Job<'m>> {
        let Self { state, jobs } = self;
        let with_state = |(lane, job): (usize, Option<Job<'m>>)| {
            let mut job = job?;
            job.state = column(&state, lane);
            Some(job)
        };
        jobs.into_iter().enumerate().filter_map(with_state).collect()
    }
}

fn column<const LANES: usize>(state: &Words<LANES>, lane: usize) -> [u32; 8] {
    state.each_ref().map(|row| row.get(lane).copied().unwrap_or_default())
}

fn write_column<const LANES: usize>(state: &mut Words<LANES>, lane: usize, words: &[u32; 8]) {
    for (row, word) in state.iter_mut().zip(words) {
        if let Some(to) = row.get_mut(lane) {
            *to = *word;
        }
    }
}
