//! One file: what is left of an earlier fetch is checked, the rest is asked for and written where it belongs.

use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Block, MAX_BLOCK_BYTES, StorageError};

use super::ranges::Ranges;
use super::tree::{Ahead, Piece};
use super::{Counted, FetchError, WantedFile};
use crate::{Reader, RemoteError, Sink, Want};

/// How often places may leave something out before it is an error.
const PASSES: usize = 3;
/// A file has a node for at least so many bytes; a tree with more of them was made to waste time.
const BYTES_A_NODE: u64 = 16 << 10;
/// How much is written before the disk begins with it.
const WRITE_BACK: u64 = 16 << 20;

/// Brings `wanted` to `out`, which has `present` bytes of whatever an earlier fetch left there.
pub(super) async fn bring(
    reader: &Reader,
    wanted: &WantedFile,
    out: Arc<File>,
    path: &Path,
    present: u64,
    counted: &Counted,
) -> Result<(), FetchError> {
    let root = Piece::root(wanted.cid, wanted.size);
    let mut good = Ranges::default();
    if present > 0 {
        good = held(reader, wanted, root, &out, path, present).await?;
        counted.kept(good.bytes());
    }
    if wanted.size == 0 && wanted.cid != ContentId::raw(b"") {
        return Err(untrue(wanted, "its CID is not that of an empty file".to_owned()));
    }
    // Some places find no part of a file by its CID, and give only the whole.
    let mut by_range = good.bytes() > 0;
    for _ in 0..PASSES {
        for range in good.missing(wanted.size) {
            let range = Some(range).filter(|range| by_range && *range != (0..wanted.size));
            let mut sink = Writer::new(root, &out, counted, wanted, path, &good);
            let read = reader.blocks(&Want { root: wanted.cid, range: range.clone() }, &mut sink).await;
            let state = sink.state.into_inner().unwrap_or_else(PoisonError::into_inner);
            state.good.iter().for_each(|range| good.add(range));
            state.fault.map_or(Ok(()), Err)?;
            match read {
                Err(RemoteError::Missing { .. }) if range.is_some() => by_range = false,
                read => drop(read?),
            }
            if range.is_none() {
                break;
            }
        }
        if good.missing(wanted.size).is_empty() {
            return finish(out, path, wanted.size).await;
        }
    }
    Err(FetchError::Left { path: wanted.path.to_string(), bytes: wanted.size - good.bytes() })
}

fn untrue(wanted: &WantedFile, reason: String) -> FetchError {
    FetchError::Untrue { path: wanted.path.to_string(), reason }
}

/// Cuts off what lies behind the file, and makes sure that it is on disk.
async fn finish(out: Arc<File>, path: &Path, size: u64) -> Result<(), FetchError> {
    on_disk(path, move || out.set_len(size).and_then(|()| out.sync_all())).await
}

/// Runs `work` on a thread that may wait for the disk.
async fn on_disk<T: Send + 'static>(path: &Path, work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, FetchError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| FetchError::Broken(error.to_string()))?;
    done.map_err(FetchError::io("write", path))
}

/// Finds which leaves of the file are there. Nodes are asked for, as far as something is there below them.
async fn held(reader: &Reader, wanted: &WantedFile, root: Piece, out: &Arc<File>, path: &Path, present: u64) -> Result<Ranges, FetchError> {
    let mut good = Ranges::default();
    let mut ahead = vec![root];
    let mut nodes = 64 + wanted.size / BYTES_A_NODE;
    while let Some(piece) = ahead.pop() {
        if piece.start >= present || piece.size == 0 {
            continue;
        }
        let mut leaves = vec![piece];
        if piece.id.codec() == Codec::DagPb {
            nodes = nodes.checked_sub(1).ok_or_else(|| untrue(wanted, "its tree has more nodes than a file needs".to_owned()))?;
            let block = match reader.block_below(&wanted.cid, &piece.id).await {
                Ok(block) => block,
                // A place that finds no part of a file by its CID: what cannot be checked is fetched again.
                Err(RemoteError::Missing { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let children = piece.children(block.bytes()).map_err(|reason| untrue(wanted, reason))?;
            leaves = children.iter().filter(|child| child.id.codec() == Codec::Raw).copied().collect();
            ahead.extend(children.into_iter().rev().filter(|child| child.id.codec() == Codec::DagPb));
        }
        let file = Arc::clone(out);
        for range in on_disk(path, move || intact(&file, present, &leaves)).await? {
            good.add(range);
        }
    }
    Ok(good)
}

/// Returns the places of those leaves that are in the file.
fn intact(file: &File, present: u64, leaves: &[Piece]) -> io::Result<Vec<Range<u64>>> {
    let mut good = Vec::new();
    let mut bytes = Vec::new();
    for leaf in leaves {
        let length = usize::try_from(leaf.size).unwrap_or(usize::MAX);
        if leaf.range().end > present || length > MAX_BLOCK_BYTES {
            continue;
        }
        bytes.resize(length, 0);
        match file.read_exact_at(&mut bytes, leaf.start) {
            Ok(()) if leaf.id.verify(&bytes) => good.push(leaf.range()),
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
        }
    }
    Ok(good)
}

/// Writes leaves where they belong.
struct Writer<'w> {
    root: Piece,
    state: Mutex<State>,
    out: &'w File,
    counted: &'w Counted,
    wanted: &'w WantedFile,
    path: &'w Path,
}

struct State {
    ahead: Ahead,
    good: Ranges,
    /// What the disk was not told to begin with.
    dirty: Range<u64>,
    /// Why this side could not go on: a place cannot know it.
    fault: Option<FetchError>,
}

impl<'w> Writer<'w> {
    /// Takes what `held` does not have.
    fn new(root: Piece, out: &'w File, counted: &'w Counted, wanted: &'w WantedFile, path: &'w Path, held: &Ranges) -> Self {
        let state = State { ahead: Ahead::new(root), good: held.clone(), dirty: 0..0, fault: None };
        Self { root, state: Mutex::new(state), out, counted, wanted, path }
    }

    /// Has the disk begin with what was written, while the rest arrives, so that there is little to wait for at the end.
    fn write_back(&self, state: &mut State, written: Range<u64>) {
        if state.dirty.end == written.start {
            state.dirty.end = written.end;
        } else {
            state.dirty = written;
        }
        let length = state.dirty.end - state.dirty.start;
        if length >= WRITE_BACK {
            // What is dirty stays in memory: Linux only starts to write it. It is advice, and the end makes sure in any case.
            let _ = rustix::fs::fadvise(self.out, state.dirty.start, NonZeroU64::new(length), rustix::fs::Advice::DontNeed);
            state.dirty = state.dirty.end..state.dirty.end;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Writer<'_> {
    fn has(&self, _: &ContentId) -> bool {
        false
    }

    fn put(&self, block: Block) -> Result<(), RemoteError> {
        let mut state = self.state();
        let stop = |state: &mut State, fault: FetchError, reason: io::Error| {
            state.fault.get_or_insert(fault);
            RemoteError::Store(StorageError::Output(reason))
        };
        let piece = match state.ahead.take(&block) {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            Err(reason) => {
                let malformed = StorageError::Malformed { id: self.root.id, reason: reason.clone() };
                state.fault.get_or_insert(untrue(self.wanted, reason));
                return Err(RemoteError::Store(malformed));
            }
        };
        if state.good.holds(&piece.range()) {
            return Ok(());
        }
        if let Err(source) = self.out.write_all_at(block.bytes(), piece.start) {
            let kind = source.kind();
            return Err(stop(&mut state, FetchError::io("write", self.path)(source), kind.into()));
        }
        state.good.add(piece.range());
        self.write_back(&mut state, piece.range());
        self.counted.received(piece.size);
        Ok(())
    }
}
