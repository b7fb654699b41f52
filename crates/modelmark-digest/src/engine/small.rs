//! Small files by the batch: each is one leaf, and one leaf alone would leave most lanes empty.

use std::ops::Range;

use super::job::Job;
use super::leaves::hash_leaves;
use super::worker::Engine;
use crate::DigestError;

impl<'a> Engine<'a> {
    /// Reads and hashes these files, which fit into the buffer together. They stay open until all are hashed.
    pub(super) fn small_files(&self, positions: Range<usize>, mut buffer: Box<[u8]>) -> Result<(), DigestError> {
        let mut finished = Vec::with_capacity(positions.len());
        let mut read: Vec<(Job<'a>, Range<usize>)> = Vec::with_capacity(positions.len());
        let mut end = 0;
        for position in positions {
            let Some(found) = self.tree.files.get(position) else { continue };
            if let Some(known) = self.recall(position, found) {
                finished.push((position, known));
                continue;
            }
            let job = Job::open(self, position, found)?;
            let start = end;
            end += job.read(self, 0, buffer.get_mut(start..).unwrap_or_default())?;
            read.push((job, start..end));
        }
        let bytes: Vec<&[u8]> = read.iter().map(|(_, span)| buffer.get(span.clone()).unwrap_or_default()).collect();
        let leaves = hash_leaves(self.request.profile, &bytes);
        for (((job, _), bytes), leaves) in read.iter().zip(&bytes).zip(leaves) {
            job.lanes.iter().for_each(|lane| lane.update(bytes));
            job.add_leaves(self, 0, leaves);
            self.observer.advanced(bytes.len() as u64);
            finished.push((job.position, job.finish(self)?));
        }
        self.change(|queue| {
            queue.give_back(buffer);
            finished.into_iter().for_each(|(position, digests)| queue.finished(position, digests));
        });
        Ok(())
    }
}
