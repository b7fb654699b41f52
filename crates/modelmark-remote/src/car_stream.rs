//! Between the blocking world of stores and CAR files and the asynchronous one of places: a bounded channel and a thread that may wait.

use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use modelmark_digest::ContentId;
use modelmark_storage::{StorageError, Store, car};
use tokio::sync::mpsc;

use crate::{ByteStream, Item, RemoteError};

/// How many bytes travel together.
const CHUNK: usize = 256 << 10;
/// How many chunks may wait in a channel: with [`CHUNK`] the memory of a transfer.
const WAITING: usize = 8;

/// Returns the CAR of `roots` as it is read from `store`; see [`car::export`]. It ends with an error when the store cannot give a block.
pub fn export(store: Arc<dyn Store>, roots: Vec<ContentId>) -> ByteStream {
    streamed(move |out| car::export(store.as_ref(), &roots, out))
}

/// Returns the CAR of an item, as [`export`] does.
pub fn export_item(store: Arc<dyn Store>, item: &Item) -> ByteStream {
    let item = item.clone();
    streamed(move |out| write_item(store.as_ref(), &item, out))
}

/// Writes the CAR of an item: the block with everything below it, or alone.
///
/// # Errors
/// As [`car::export`].
pub fn write_item(store: &dyn Store, item: &Item, out: &mut dyn Write) -> Result<car::Exported, StorageError> {
    if !item.alone {
        return car::export(store, &[item.root], out);
    }
    let block = car::Selection { way: Vec::new(), root: item.root, scope: car::Scope::Block, duplicates: false, limit: 1 };
    car::export_selection(store, &block, out)
}

/// Hands on what `write` writes, from a thread that may wait.
fn streamed(write: impl FnOnce(&mut dyn Write) -> Result<car::Exported, StorageError> + Send + 'static) -> ByteStream {
    let (send, receive) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut out = Chunks { send, chunk: BytesMut::new() };
        let outcome = write(&mut out);
        // Nobody listens any more when the receiver is gone: then that is why the export ended.
        if let Err(error) = outcome {
            drop(out.send.blocking_send(Err(RemoteError::Store(error))));
        }
    });
    stream::unfold(receive, |mut receive| async move { Some((receive.recv().await?, receive)) }).boxed()
}

/// Takes a CAR in as it arrives, every block re-hashed; see [`car::import`].
///
/// # Errors
/// The first error of `chunks`, else what [`car::import`] says.
pub async fn import(
    chunks: impl Stream<Item = Result<Bytes, RemoteError>> + Send,
    store: Arc<dyn Store>,
    limits: car::Limits,
) -> Result<car::Imported, RemoteError> {
    let (send, receive) = mpsc::channel(WAITING);
    let importing = tokio::task::spawn_blocking(move || car::import(store.as_ref(), Incoming { receive, chunk: Bytes::new() }, limits));
    let mut chunks = std::pin::pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        let (chunk, fault) = match chunk {
            Ok(chunk) => (Ok(chunk), None),
            Err(error) => (Err(io::Error::other("the place broke off")), Some(error)),
        };
        // The importer has stopped, and says why below.
        if send.send(chunk).await.is_err() {
            break;
        }
        if let Some(error) = fault {
            drop(importing.await);
            return Err(error);
        }
    }
    drop(send);
    let imported = importing.await.map_err(|error| StorageError::Output(io::Error::other(error)))?;
    Ok(imported?)
}

/// Collects what is written into chunks and hands them over.
struct Chunks {
    send: mpsc::Sender<Result<Bytes, RemoteError>>,
    chunk: BytesMut,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        self.send.blocking_send(Ok(self.chunk.split().freeze())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Reads chunks as they come.
struct Incoming {
    receive: mpsc::Receiver<io::Result<Bytes>>,
    chunk: Bytes,
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.receive.blocking_recv() {
                Some(chunk) => self.chunk = chunk?,
                None => return Ok(0),
            }
        }
        let count = self.chunk.as_ref().read(buffer)?;
        self.chunk.advance(count);
        Ok(count)
    }
}
