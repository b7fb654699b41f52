//! A CAR (version 1) as it arrives: one section after the other, in the memory of one.

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use modelmark_digest::ContentId;
use modelmark_storage::MAX_BLOCK_BYTES;

use crate::{ByteStream, RemoteError};

/// Longest section: a block and its CID, or a header.
const MAX_SECTION: usize = MAX_BLOCK_BYTES + 96;

/// Sections of a stream.
pub(crate) struct Sections {
    place: String,
    stream: ByteStream,
    buffer: BytesMut,
}

impl Sections {
    pub(crate) fn new(place: &str, stream: ByteStream) -> Self {
        Self { place: place.to_owned(), stream, buffer: BytesMut::new() }
    }

    /// Returns the next section, with the length before it; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Section>, RemoteError> {
        let Some((prefix, length)) = self.length().await? else { return Ok(None) };
        while self.buffer.len() < prefix + length {
            if !self.more().await? {
                return Err(self.wrong("a CAR that is cut off"));
            }
        }
        Ok(Some(Section { prefix, bytes: self.buffer.split_to(prefix + length).freeze() }))
    }

    /// Returns at least `count` bytes of what comes next without taking them, or all that there are.
    pub(crate) async fn peek(&mut self, count: usize) -> Result<&[u8], RemoteError> {
        while self.buffer.len() < count && self.more().await? {}
        Ok(&self.buffer)
    }

    /// Returns what was not taken yet as a stream.
    pub(crate) fn rest(self) -> ByteStream {
        let first = self.buffer.freeze();
        stream::iter((!first.is_empty()).then_some(Ok(first))).chain(self.stream).boxed()
    }

    async fn length(&mut self) -> Result<Option<(usize, usize)>, RemoteError> {
        let mut length = 0_usize;
        for index in 0..4 {
            let byte = loop {
                match self.buffer.get(index).copied() {
                    Some(byte) => break byte,
                    None if self.more().await? => {}
                    None if index == 0 => return Ok(None),
                    None => return Err(self.wrong("a CAR that is cut off")),
                }
            };
            length |= usize::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                let fits = length > 0 && length <= MAX_SECTION;
                return if fits { Ok(Some((index + 1, length))) } else { Err(self.wrong("a CAR with a section of no possible length")) };
            }
        }
        Err(self.wrong("a CAR with a section of no possible length"))
    }

    async fn more(&mut self) -> Result<bool, RemoteError> {
        match self.stream.next().await {
            Some(chunk) => self.buffer.extend_from_slice(&chunk?),
            None => return Ok(false),
        }
        Ok(true)
    }

    fn wrong(&self, what: &str) -> RemoteError {
        RemoteError::Answer { place: self.place.clone(), reason: what.to_owned() }
    }
}

/// A section with the length before it.
pub(crate) struct Section {
    prefix: usize,
    bytes: Bytes,
}

impl Section {
    /// Returns the section as it stands in the CAR.
    pub(crate) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the bytes of the block if the section is said to be that of `id`.
    pub(crate) fn block(&self, id: &ContentId) -> Option<Bytes> {
        let mut rest = self.bytes.slice(self.prefix..);
        let cid = id.to_bytes();
        rest.starts_with(&cid).then(|| {
            rest.advance(cid.len());
            rest
        })
    }
}
