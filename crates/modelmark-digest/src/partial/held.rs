//! Which parts of a file are those of the model.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::Sha256Digest;
use crate::lanes::sha256_many;
use crate::outboard::LeafList;

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
pub fn hold(file: &File, present: u64, list: &LeafList, chosen: &[usize], advanced: &(dyn Fn(u64) + Sync)) -> io::Result<Held> {
    let next = AtomicUsize::new(0);
    let states: Mutex<io::Result<Vec<(usize, State)>>> = Mutex::new(Ok(Vec::with_capacity(chosen.len())));
    let work = || {
        let mut buffers = Vec::new();
        loop {
            let start = next.fetch_add(1, Ordering::Relaxed).saturating_mul(BATCH);
            let Some(batch) = chosen.get(start..chosen.len().min(start.saturating_add(BATCH))).filter(|batch| !batch.is_empty()) else {
                return;
            };
            let found = look(file, present, list, batch, &mut buffers);
            advanced(batch.iter().map(|index| length(&list.place(*index))).sum());
            let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *states, found) {
                (Ok(states), Ok(found)) => states.extend(found),
                (_, Err(error)) => {
                    *states = Err(error);
                    return;
                }
                (Err(_), _) => return,
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS).min(chosen.len().div_ceil(BATCH));
    std::thread::scope(|scope| {
        for _ in 1..threads {
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut states = states.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    states.sort_unstable_by_key(|(index, _)| *index);
    Ok(summed_up(list, &states))
}

fn look(file: &File, present: u64, list: &LeafList, batch: &[usize], buffers: &mut Vec<Vec<u8>>) -> io::Result<Vec<(usize, State)>> {
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

fn summed_up(list: &LeafList, states: &[(usize, State)]) -> Held {
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
