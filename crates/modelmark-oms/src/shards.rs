//! Digests of pieces of files, several at a time.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use modelmark_digest::{DigestError, Observer, Selection};

use crate::resource_digest::{Hasher, ResourceDigest};
use crate::serialization::HashType;

const BUFFER_BYTES: usize = 1 << 20;
const MAX_THREADS: usize = 64;

/// A piece of a file: the file's number, the piece's, and where it starts and ends.
struct Piece {
    file: usize,
    number: usize,
    start: u64,
    end: u64,
}

/// Returns the digests of all pieces of the files, in order; a file that is empty has none.
pub(crate) fn digest(
    selection: &Selection,
    size: u64,
    hash: HashType,
    observer: &dyn Observer,
) -> Result<Vec<Vec<ResourceDigest>>, DigestError> {
    let sizes: Vec<u64> = selection.files().map(|(_, size)| size).collect();
    observer.planned(sizes.len() as u64, sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(*size)));
    let pieces = Mutex::new(sizes.iter().enumerate().flat_map(|(file, length)| pieces_of(file, *length, size)));
    let done: Mutex<BTreeMap<(usize, usize), ResourceDigest>> = Mutex::default();
    let failure: Mutex<Option<DigestError>> = Mutex::default();
    let stop = AtomicUsize::new(0);
    let work = || {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let next = if stop.load(Ordering::Relaxed) > 0 { None } else { lock(&pieces).next() };
            let Some(piece) = next else { return };
            match read(selection, &piece, hash, &mut buffer, observer) {
                Ok(digest) => {
                    lock(&done).insert((piece.file, piece.number), digest);
                }
                Err(error) => {
                    stop.store(1, Ordering::Relaxed);
                    lock(&failure).get_or_insert(error);
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // The system may refuse further threads; the work gets done by those that run, at least by this one.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    if let Some(error) = lock(&failure).take() {
        return Err(error);
    }
    let mut digests = vec![Vec::new(); sizes.len()];
    for ((file, _), digest) in std::mem::take(&mut *lock(&done)) {
        if let Some(list) = digests.get_mut(file) {
            list.push(digest);
        }
    }
    Ok(digests)
}

fn pieces_of(file: usize, length: u64, size: u64) -> impl Iterator<Item = Piece> {
    let starts = std::iter::successors(Some(0), move |start: &u64| start.checked_add(size)).take_while(move |start| *start < length);
    starts.enumerate().map(move |(number, start)| Piece { file, number, start, end: start.saturating_add(size).min(length) })
}

fn read(
    selection: &Selection,
    piece: &Piece,
    hash: HashType,
    buffer: &mut [u8],
    observer: &dyn Observer,
) -> Result<ResourceDigest, DigestError> {
    let Some(opened) = selection.open(piece.file) else { return Ok(ResourceDigest::from([0; 32])) };
    let file: File = opened?;
    let mut hasher = Hasher::new(hash);
    let mut at = piece.start;
    while at < piece.end {
        let length = usize::try_from(piece.end - at).map_or(BUFFER_BYTES, |left| left.min(BUFFER_BYTES));
        let Some(target) = buffer.get_mut(..length) else { break };
        if let Err(error) = file.read_exact_at(target, at) {
            // It may be shorter than it was found to be.
            selection.check(piece.file, &file)?;
            return selection.unreadable(piece.file, error).map_or_else(|| Ok(ResourceDigest::from([0; 32])), Err);
        }
        hasher.update(target);
        observer.advanced(length as u64);
        at += length as u64;
    }
    selection.check(piece.file, &file)?;
    Ok(hasher.finish())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
