//! Which parts of a file are those of the model.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use modelmark_formats::ReadAt;

use crate::Sha256Digest;
use crate::lanes::sha256_many;
use crate::outboard::LeafList;

/// Leaves of a file whose digests are known: all of them, or those of a range.
pub trait KnownLeaves: Sync {
    /// Returns where leaf number `index` lies in the file.
    fn place(&self, index: usize) -> Range<u64>;

    /// Returns the digest of leaf number `index`, if it is known.
    fn digest(&self, index: usize) -> Option<Sha256Digest>;
}

impl KnownLeaves for LeafList {
    fn place(&self, index: usize) -> Range<u64> {
        Self::place(self, index)
    }

    fn digest(&self, index: usize) -> Option<Sha256Digest> {
        Self::digest(self, index)
    }
}

/// A file that holds only the bytes of another from one position on. It is read by the positions of the other.
#[derive(Clone, Copy, Debug)]
pub struct Piece<F> {
    /// The bytes that are there.
    pub file: F,
    /// Where in the other file they start.
    pub start: u64,
}

impl<F: ReadAt> ReadAt for Piece<F> {
    fn size(&self) -> io::Result<u64> {
        self.file.size().map(|size| size.saturating_add(self.start))
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let offset = offset.checked_sub(self.start).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.file.read_exact_at(buffer, offset)
    }
}

/// Leaves that are hashed side by side, as many as the widest kernel takes.
const BATCH: usize = 16;
/// More threads than this wait for the disk, and each holds a batch of leaves.
const MAX_THREADS: usize = 8;

/// What was found of some leaves of a file. Ranges are in bytes, sorted, and as long as they can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Number of leaves that were looked at.
    pub leaves: u64,
    /// What is the model's.
    pub good: Vec<Range<u64>>,
    /// What is there and is not the model's.
    pub bad: Vec<Range<u64>>,
    /// What is not there: beyond the end of a short file, or nothing but zeros where the model has something else, as in a file whose space was set
    /// aside before the download.
    pub absent: Vec<Range<u64>>,
}

impl Held {
    /// Tells whether everything that was looked at is the model's.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.bad.is_empty() && self.absent.is_empty()
    }

    /// Returns the first byte that is not known to be the model's, from which a download of the file would go on; none when all are.
    #[must_use]
    pub fn resume_at(&self) -> Option<u64> {
        [&self.bad, &self.absent].into_iter().filter_map(|ranges| ranges.first()).map(|range| range.start).min()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Bad,
    Absent,
}

/// Looks at the leaves `chosen` of `file`, which has `present` bytes, on all cores; `advanced` is told of the bytes that were read.
///
/// # Errors
/// When the file cannot be read. A file that became shorter since `present` was found is one that lacks leaves.
pub fn hold(
    file: &(dyn ReadAt + Sync),
    present: u64,
    list: &dyn KnownLeaves,
    chosen: &[usize],
    advanced: &(dyn Fn(u64) + Sync),
) -> io::Result<Held> {
    let states = in_batches(chosen, &|batch, buffers| {
        let found = look(file, present, list, batch, buffers);
        advanced(batch.iter().map(|index| length(&list.place(*index))).sum());
        found
    })?;
    Ok(summed_up(list, &states))
}

/// What is done with a batch of leaves; the buffers may be kept from one to the next.
type Work<'w, T> = dyn Fn(&[usize], &mut Vec<Vec<u8>>) -> io::Result<Vec<(usize, T)>> + Sync + 'w;

/// Does `work` with all the leaves `chosen`, on all cores, and gives what it found in the order of the leaves.
fn in_batches<T: Send>(chosen: &[usize], work: &Work<'_, T>) -> io::Result<Vec<(usize, T)>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<io::Result<Vec<(usize, T)>>> = Mutex::new(Ok(Vec::with_capacity(chosen.len())));
    let run = || {
        let mut buffers = Vec::new();
        loop {
            let start = next.fetch_add(1, Ordering::Relaxed).saturating_mul(BATCH);
            let Some(batch) = chosen.get(start..chosen.len().min(start.saturating_add(BATCH))).filter(|batch| !batch.is_empty()) else {
                return;
            };
            let found = work(batch, &mut buffers);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *results, found) {
                (Ok(results), Ok(found)) => results.extend(found),
                (_, Err(error)) => {
                    *results = Err(error);
                    return;
                }
                (Err(_), _) => return,
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS).min(chosen.len().div_ceil(BATCH));
    std::thread::scope(|scope| {
        for _ in 1..threads {
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    results.sort_unstable_by_key(|(index, _)| *index);
    Ok(results)
}

/// Reads the leaves `numbers` of a file and gives their digests.
pub(crate) fn leaf_digests(
    file: &(dyn ReadAt + Sync),
    place: &(dyn Fn(usize) -> Range<u64> + Sync),
    numbers: Range<usize>,
) -> io::Result<Vec<Sha256Digest>> {
    let digests = in_batches(&numbers.collect::<Vec<_>>(), &|batch, buffers| {
        buffers.resize_with(batch.len(), Vec::new);
        for (index, buffer) in batch.iter().zip(buffers.iter_mut()) {
            let place = place(*index);
            // A leaf has a megabyte or so.
            buffer.resize(usize::try_from(length(&place)).unwrap_or_default(), 0);
            file.read_exact_at(buffer, place.start)?;
        }
        let messages: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
        let mut digests = vec![Sha256Digest::from([0; 32]); messages.len()];
        sha256_many(&messages, &mut digests);
        Ok(batch.iter().copied().zip(digests).collect())
    })?;
    Ok(digests.into_iter().map(|(_, digest)| digest).collect())
}

fn look(
    file: &(dyn ReadAt + Sync),
    present: u64,
    list: &dyn KnownLeaves,
    batch: &[usize],
    buffers: &mut Vec<Vec<u8>>,
) -> io::Result<Vec<(usize, State)>> {
    buffers.resize_with(batch.len(), Vec::new);
    for (index, buffer) in batch.iter().zip(buffers.iter_mut()) {
        let place = list.place(*index);
        buffer.clear();
        if place.end > present {
            continue;
        }
        // A leaf has a megabyte or so; it is one of the list, so that its length is right.
        buffer.resize(usize::try_from(length(&place)).unwrap_or_default(), 0);
        match file.read_exact_at(buffer, place.start) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => buffer.clear(),
            Err(error) => return Err(error),
        }
    }
    let messages: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
    let mut digests = vec![Sha256Digest::from([0; 32]); messages.len()];
    sha256_many(&messages, &mut digests);
    let judged = batch.iter().zip(digests).zip(messages).map(|((index, digest), bytes)| {
        let state = match list.digest(*index) {
            _ if bytes.is_empty() => State::Absent,
            Some(wanted) if wanted == digest => State::Good,
            _ if bytes.iter().all(|byte| *byte == 0) => State::Absent,
            _ => State::Bad,
        };
        (*index, state)
    });
    Ok(judged.collect())
}

fn summed_up(list: &dyn KnownLeaves, states: &[(usize, State)]) -> Held {
    let ranges = |wanted: State| {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for (index, _) in states.iter().filter(|(_, state)| *state == wanted) {
            let place = list.place(*index);
            match ranges.last_mut() {
                Some(last) if last.end == place.start => last.end = place.end,
                _ => ranges.push(place),
            }
        }
        ranges
    };
    Held { leaves: states.len() as u64, good: ranges(State::Good), bad: ranges(State::Bad), absent: ranges(State::Absent) }
}

const fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}
