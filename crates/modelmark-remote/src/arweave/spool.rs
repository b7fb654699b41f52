//! Data on their way out, on disk: a signature stands before the data that it is over, so they are read twice.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use modelmark_storage::StorageError;
use tokio::io::AsyncReadExt as _;

use super::{BlobHash, sections::Sections};
use crate::{ByteStream, RemoteError};

/// How many bytes are read at once.
const CHUNK: usize = 256 << 10;

/// Data of one item, in a file that nobody else sees and that is gone with it.
pub(crate) struct Spool {
    file: File,
    hash: BlobHash,
}

impl Spool {
    pub(crate) fn new() -> Result<Self, RemoteError> {
        let file = tempfile::tempfile().map_err(failed)?;
        Ok(Self { file, hash: BlobHash::default() })
    }

    /// Returns a spool of bytes that are at hand.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, RemoteError> {
        let mut spool = Self::new()?;
        spool.push(bytes)?;
        Ok(spool)
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), RemoteError> {
        self.hash.update(bytes);
        self.file.write_all(bytes).map_err(failed)
    }

    /// Returns its length in bytes.
    pub(crate) const fn len(&self) -> u64 {
        self.hash.len()
    }

    /// Returns the deep hash of all of it.
    pub(crate) fn hash(&self) -> BlobHash {
        self.hash.clone()
    }

    /// Returns a file that reads it from its beginning.
    pub(crate) fn reader(&self) -> Result<File, RemoteError> {
        let mut file = self.file.try_clone().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(file)
    }

    /// Returns all of it as a stream, with `head` before it. `sent` is told how many bytes of it were taken.
    pub(crate) fn stream(&self, head: Vec<u8>, sent: impl Fn(u64) + Send + 'static) -> Result<ByteStream, RemoteError> {
        let file = tokio::fs::File::from_std(self.reader()?);
        let body = stream::try_unfold(file, |mut file| async move {
            let mut chunk = vec![0; CHUNK];
            let count = file.read(&mut chunk).await.map_err(failed)?;
            chunk.truncate(count);
            Ok((count > 0).then(|| (Bytes::from(chunk), file)))
        });
        let body = body.inspect(move |chunk| sent(chunk.as_ref().map_or(0, Bytes::len) as u64));
        Ok(stream::iter([Ok(Bytes::from(head))]).chain(body).boxed())
    }
}

/// Cuts a CAR into CARs of about `most` bytes, each with the same header and whole blocks.
pub(crate) struct Cutter {
    sections: Sections,
    header: Bytes,
    ahead: Option<Bytes>,
    most: u64,
}

impl Cutter {
    pub(crate) async fn new(place: &str, car: ByteStream, most: u64) -> Result<Self, RemoteError> {
        let mut sections = Sections::new(place, car);
        let header = sections.next().await?.map(|section| section.bytes().clone()).unwrap_or_default();
        let ahead = sections.next().await?.map(|section| section.bytes().clone());
        Ok(Self { sections, header, ahead, most })
    }

    /// Returns the next CAR; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Spool>, RemoteError> {
        let Some(first) = self.ahead.take() else { return Ok(None) };
        let mut spool = Spool::of(&self.header)?;
        spool.push(&first)?;
        while let Some(section) = self.sections.next().await? {
            if spool.len() + section.bytes().len() as u64 > self.most {
                self.ahead = Some(section.bytes().clone());
                break;
            }
            spool.push(section.bytes())?;
        }
        Ok(Some(spool))
    }

    /// Tells whether nothing follows.
    pub(crate) const fn is_done(&self) -> bool {
        self.ahead.is_none()
    }
}

fn failed(error: std::io::Error) -> RemoteError {
    RemoteError::Store(StorageError::Output(error))
}
