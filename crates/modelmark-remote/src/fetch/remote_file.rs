//! A file at places, read at any position without the rest of it.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use modelmark_digest::{Codec, ContentId};
use modelmark_formats::ReadAt;
use modelmark_storage::{Block, StorageError};
use tokio::runtime::Handle;

use super::ranges::Ranges;
use super::tree::{Ahead, Piece};
use crate::{Reader, RemoteError, Sink, Want};

/// Bytes that are asked for at once, so that small reads one after the other cost one request.
const WINDOW_BYTES: u64 = 4 << 20;
/// Largest read.
const MAX_READ_BYTES: u64 = 64 << 20;

/// A file known by its CID and its size. Every byte that is read was held against the CID, along the nodes that lead to it.
///
/// It reads by waiting, so that it must not be used from within the runtime that it was given.
pub struct RemoteFile {
    reader: Arc<Reader>,
    runtime: Handle,
    root: Piece,
    window: Mutex<Window>,
    received: Mutex<u64>,
}

/// The bytes that were read last.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl RemoteFile {
    /// Returns the file `id` of `size` bytes.
    #[must_use]
    pub fn new(reader: Arc<Reader>, runtime: Handle, id: ContentId, size: u64) -> Self {
        Self { reader, runtime, root: Piece::root(id, size), window: Mutex::default(), received: Mutex::default() }
    }

    /// Returns how many bytes of the file came until now.
    pub fn received(&self) -> u64 {
        *self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self, range: Range<u64>) -> io::Result<Window> {
        let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
        let filled = Filled { bytes: vec![0; length], good: Ranges::default(), ahead: Ahead::new(self.root), received: 0, fault: None };
        let mut sink = Filling { range: range.clone(), state: Mutex::new(filled) };
        let whole = range == self.root.range();
        let want = Want { root: self.root.id, range: (!whole).then(|| range.clone()) };
        let read = self.runtime.block_on(self.reader.blocks(&want, &mut sink));
        let state = sink.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.received.lock().unwrap_or_else(PoisonError::into_inner) += state.received;
        if let Some(fault) = state.fault {
            return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
        }
        read.map_err(io::Error::other)?;
        if state.good.bytes() < length as u64 {
            return Err(io::Error::other("the places left out a part of what was asked for"));
        }
        Ok(Window { start: range.start, bytes: state.bytes })
    }
}

impl ReadAt for RemoteFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.root.size)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if buffer.is_empty() {
            return Ok(());
        }
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.root.size).ok_or(io::ErrorKind::UnexpectedEof)?;
        if end - offset > MAX_READ_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "more than 64 MiB at once"));
        }
        let mut window = self.window();
        if offset < window.start || end > window.start + window.bytes.len() as u64 {
            *window = self.fetch(offset..end.max(offset.saturating_add(WINDOW_BYTES)).min(self.root.size))?;
        }
        let at = usize::try_from(offset - window.start).map_err(io::Error::other)?;
        let bytes = window.bytes.get(at..at + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

/// Takes leaves into memory, as far as they are in the range.
struct Filling {
    range: Range<u64>,
    state: Mutex<Filled>,
}

struct Filled {
    bytes: Vec<u8>,
    good: Ranges,
    ahead: Ahead,
    received: u64,
    fault: Option<String>,
}

impl Sink for Filling {
    fn has(&self, _: &ContentId) -> bool {
        false
    }

    fn put(&self, block: Block) -> Result<(), RemoteError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let piece = match state.ahead.take(&block) {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            Err(reason) => {
                state.fault.get_or_insert_with(|| reason.clone());
                return Err(RemoteError::Store(StorageError::Malformed { id: block.id(), reason }));
            }
        };
        debug_assert_eq!(block.id().codec(), Codec::Raw);
        state.received += piece.size;
        let (start, end) = (piece.start.max(self.range.start), piece.range().end.min(self.range.end));
        if start < end {
            let place = |at: u64, from: u64| usize::try_from(at - from).unwrap_or(usize::MAX);
            let source = block.bytes().get(place(start, piece.start)..place(end, piece.start));
            let target = state.bytes.get_mut(place(start, self.range.start)..place(end, self.range.start));
            if let (Some(source), Some(target)) = (source, target) {
                target.copy_from_slice(source);
                state.good.add((start - self.range.start)..(end - self.range.start));
            }
        }
        Ok(())
    }
}
