//! Taking in CAR files that somebody else wrote.

use std::io::{self, BufRead, BufReader, Read};

use cid::Cid;
use modelmark_digest::ContentId;
use unsigned_varint::io::{ReadError, read_u64};

use super::version_2::{self, Inner};
use super::{Header, MAX_HEADER_BYTES, distinct};
use crate::{Block, MAX_BLOCK_BYTES, StorageError, Store};

/// Blocks are handed to the store in batches of at most this many…
const BATCH_BLOCKS: usize = 1024;
/// …or about this many bytes.
const BATCH_BYTES: usize = 8 << 20;
/// Longest CID that is read: what a 64-byte hash needs, so that an unsupported one is named and not just called garbage.
const MAX_CID_BYTES: u64 = 96;

/// How much is taken in before an import gives up. A block is never larger than [`MAX_BLOCK_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most blocks.
    pub blocks: u64,
    /// Most bytes, framing included.
    pub bytes: u64,
}

impl Limits {
    /// Enough for a record and its signatures: 4096 blocks, 64 MiB.
    pub const RECORD: Self = Self { blocks: 4096, bytes: 64 << 20 };
    /// Enough for a model: 64 Mi blocks, 16 TiB.
    pub const MODEL: Self = Self { blocks: 64 << 20, bytes: 16 << 40 };
}

/// What a CAR file held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The roots that its header names, in its order, each once and at most [`MAX_ROOTS`](super::MAX_ROOTS). The format allows a root whose
    /// block is not in the file.
    pub roots: Vec<ContentId>,
    /// Number of blocks in it.
    pub blocks: u64,
    /// Bytes of all blocks.
    pub bytes: u64,
}

/// Puts the blocks of the CAR in `reader` into `store`, each re-hashed first. Nothing is pinned.
///
/// # Errors
/// [`StorageError::Car`] with the position when the input is cut off, is no CAR of version 1 or 2, names more than
/// [`MAX_ROOTS`](super::MAX_ROOTS) different roots, has a block that does not fit its CID, has a CID of a kind that modelmark does not use, or
/// exceeds `limits`; or when the store fails. Blocks before the fault may be in the store then, and they are what their CIDs say.
pub fn import(store: &dyn Store, reader: impl Read, limits: Limits) -> Result<Imported, StorageError> {
    let mut input = Input { reader: BufReader::new(reader), offset: 0, end: None, limit: limits.bytes };
    let mut imported = Imported { roots: input.roots()?, blocks: 0, bytes: 0 };
    let (mut batch, mut batch_bytes) = (Vec::new(), 0);
    while let Some(block) = input.block()? {
        imported.blocks += 1;
        imported.bytes += block.bytes().len() as u64;
        if imported.blocks > limits.blocks {
            return Err(input.fault(format!("more than {} blocks", limits.blocks)));
        }
        batch_bytes += block.bytes().len();
        batch.push(block);
        if batch.len() >= BATCH_BLOCKS || batch_bytes >= BATCH_BYTES {
            store.put_all(&batch)?;
            (batch, batch_bytes) = (Vec::new(), 0);
        }
    }
    store.put_all(&batch)?;
    Ok(imported)
}

/// The CAR as it is read: where we are, and how far we may go.
struct Input<R> {
    reader: BufReader<R>,
    offset: u64,
    /// Where the blocks end, when something else follows them.
    end: Option<u64>,
    limit: u64,
}

impl<R: Read> Input<R> {
    /// Reads everything before the first block.
    fn roots(&mut self) -> Result<Vec<ContentId>, StorageError> {
        let bytes = self.section(MAX_HEADER_BYTES)?.ok_or_else(|| self.fault("the input is empty"))?;
        let bytes = if bytes == version_2::PRAGMA {
            self.enter()?;
            self.section(MAX_HEADER_BYTES)?.ok_or_else(|| self.fault("there is nothing inside"))?
        } else {
            bytes
        };
        let header: Header = serde_ipld_dagcbor::from_slice(&bytes).map_err(|error| self.fault(format!("bad header: {error}")))?;
        if header.version != 1 {
            return Err(self.fault(format!("CAR version {} is not supported here, only version 1, or version 2 around it", header.version)));
        }
        if header.roots.is_empty() {
            return Err(self.fault("the header names no root"));
        }
        let roots = header.roots.into_iter().map(ContentId::try_from).collect::<Result<Vec<_>, _>>();
        distinct(roots.map_err(|error| self.fault(format!("root: {error}")))?).map_err(|reason| self.fault(reason))
    }

    /// Goes from behind the pragma of version 2 to the CAR of version 1 inside.
    fn enter(&mut self) -> Result<(), StorageError> {
        let mut header = [0; version_2::HEADER_BYTES];
        self.reader.read_exact(&mut header).map_err(|error| self.broken(&error))?;
        let inner = Inner::read(&header).map_err(|reason| self.fault(reason))?;
        self.offset += header.len() as u64;
        if inner.end > self.limit {
            return Err(self.fault(format!("more than {} bytes", self.limit)));
        }
        let padding = inner.start - self.offset;
        let skipped = io::copy(&mut self.reader.by_ref().take(padding), &mut io::sink()).map_err(|error| self.broken(&error))?;
        self.offset += skipped;
        if skipped < padding {
            return Err(self.fault("cut off before what is inside"));
        }
        self.end = Some(inner.end);
        Ok(())
    }

    fn block(&mut self) -> Result<Option<Block>, StorageError> {
        let start = self.offset;
        let Some(section) = self.section(MAX_BLOCK_BYTES as u64 + MAX_CID_BYTES)? else { return Ok(None) };
        let fault = |reason: String| StorageError::Car { offset: start, reason };
        let mut rest = section.as_slice();
        let cid = Cid::read_bytes(&mut rest).map_err(|error| fault(format!("bad CID: {error}")))?;
        let id = ContentId::try_from(cid).map_err(|error| fault(error.to_string()))?;
        let block = Block::new(id.codec(), rest.to_vec()).map_err(|error| fault(error.to_string()))?;
        if block.id() == id { Ok(Some(block)) } else { Err(fault(format!("block {id} has other bytes than its CID says"))) }
    }

    /// Reads one length-prefixed section; `None` at the end of the input.
    fn section(&mut self, most: u64) -> Result<Option<Vec<u8>>, StorageError> {
        if self.end == Some(self.offset) {
            return Ok(None);
        }
        match self.reader.fill_buf().map(<[u8]>::is_empty) {
            Ok(true) if self.end.is_some() => return Err(self.fault("cut off: its header promises more")),
            Ok(true) => return Ok(None),
            Ok(false) => {}
            Err(error) => return Err(self.broken(&error)),
        }
        let mut counted = Counted { reader: &mut self.reader, count: 0 };
        let length = read_u64(&mut counted);
        let prefix = counted.count;
        let length = length.map_err(|error| match error {
            ReadError::Io(error) => self.broken(&error),
            other => self.fault(format!("bad length: {other}")),
        })?;
        if length == 0 || length > most {
            return Err(self.fault(format!("a section of {length} bytes, where 1 to {most} are accepted")));
        }
        let next = self.offset.saturating_add(prefix).saturating_add(length);
        if next > self.limit {
            return Err(self.fault(format!("more than {} bytes", self.limit)));
        }
        if self.end.is_some_and(|end| next > end) {
            return Err(self.fault("a section reaches beyond the end that the header tells"));
        }
        let mut section = Vec::new();
        // `take` grows the buffer with what really comes, not with what the length promises.
        self.reader.by_ref().take(length).read_to_end(&mut section).map_err(|error| self.broken(&error))?;
        if (section.len() as u64) < length {
            return Err(self.fault(format!("cut off: {} of {length} bytes of a section", section.len())));
        }
        self.offset = next;
        Ok(Some(section))
    }

    fn fault(&self, reason: impl Into<String>) -> StorageError {
        StorageError::Car { offset: self.offset, reason: reason.into() }
    }

    fn broken(&self, error: &io::Error) -> StorageError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.fault("cut off in the length of a section or a header"),
            _ => self.fault(format!("cannot read on: {error}")),
        }
    }
}

struct Counted<'r, R> {
    reader: &'r mut R,
    count: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}
