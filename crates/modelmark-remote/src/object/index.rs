//! Where each block lies in a CAR object: an index in the form `MultihashIndexSorted` of CAR version 2, so that foreign tools know it.
//!
//! Format: <https://ipld.io/specs/transport/car/carv2/#format-0x0401-multihashindexsorted>. Offsets count from the first byte of the CAR and lead
//! to a section's length. Nothing rests on an index: what lies where it points is held against the CID.

use std::ops::Range;

/// Most bytes of an index: six million blocks.
pub(super) const MAX_INDEX_BYTES: u64 = 256 << 20;

/// `car-multihash-index-sorted` as a varint, and the multihash code of SHA-256.
const CODEC: [u8; 2] = [0x81, 0x08];
const SHA2_256: u64 = 0x12;
/// Bytes of a digest, and of a digest and its offset.
const DIGEST: usize = 32;
const WIDTH: usize = DIGEST + 8;
/// Everything before the entries: codec, number of hash functions, the hash function, number of widths, width, bytes of the entries.
const HEAD: usize = 2 + 4 + 8 + 4 + 4 + 8;
/// Bytes of a CID before its digest.
const CID_PREFIX: usize = 4;
/// Longest varint of a section's length that is written: 28 bits.
const MAX_VARINT: usize = 4;

/// A digest, and where its section begins.
type Entry = ([u8; DIGEST], u64);

/// Where blocks lie, by digest.
#[derive(Debug)]
pub(super) struct Index {
    entries: Vec<Entry>,
    offsets: Vec<u64>,
}

impl Index {
    /// Returns what the entries, in any order, come to.
    fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        let mut offsets: Vec<u64> = entries.iter().map(|(_, offset)| *offset).collect();
        offsets.sort_unstable();
        Self { entries, offsets }
    }

    /// Reads an index; the error says what is wrong with it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let (head, entries) = bytes.split_at_checked(HEAD).ok_or("it is cut off")?;
        if !entries.len().is_multiple_of(WIDTH) || head != Self::head(entries.len()) {
            return Err("it is no sorted index of SHA-256 digests");
        }
        let entries = entries.chunks_exact(WIDTH).filter_map(|entry| {
            let (digest, offset) = entry.split_first_chunk()?;
            Some((*digest, u64::from_le_bytes(offset.try_into().ok()?)))
        });
        Ok(Self::new(entries.collect()))
    }

    /// Writes the index: entries in the order of their digests, and those of one digest in the order of the file.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Self::head(self.entries.len() * WIDTH);
        for (digest, offset) in &self.entries {
            bytes.extend_from_slice(digest);
            bytes.extend_from_slice(&offset.to_le_bytes());
        }
        bytes
    }

    fn head(length: usize) -> Vec<u8> {
        let one = 1_u32.to_le_bytes();
        let width = u32::try_from(WIDTH).unwrap_or(u32::MAX).to_le_bytes();
        [&CODEC[..], &one, &SHA2_256.to_le_bytes(), &one, &width, &(length as u64).to_le_bytes()].concat()
    }

    /// Returns where the section of the block with this digest lies in a CAR; without an end it is the last one.
    pub(super) fn find(&self, digest: &[u8; DIGEST]) -> Option<(u64, Option<u64>)> {
        let at = self.entries.partition_point(|(other, _)| other < digest);
        let (_, offset) = self.entries.get(at).filter(|(other, _)| other == digest)?;
        let next = self.offsets.partition_point(|other| other <= offset);
        Some((*offset, self.offsets.get(next).copied()))
    }

    /// Returns where the last section begins.
    pub(super) fn last(&self) -> Option<u64> {
        self.offsets.last().copied()
    }
}

/// Reads the length of a section; returns where in `bytes` its content lies. It may end beyond them.
pub(super) fn section(bytes: &[u8]) -> Option<Range<usize>> {
    let mut length = 0_usize;
    for (at, byte) in bytes.iter().take(MAX_VARINT).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(at + 1..at + 1 + length);
        }
    }
    None
}

/// Returns the bytes of the block in a section of a CID of ours.
pub(super) fn block(section_bytes: &[u8]) -> Option<Range<usize>> {
    let content = section(section_bytes)?;
    let start = content.start + CID_PREFIX + DIGEST;
    (start <= content.end && content.end <= section_bytes.len()).then_some(start..content.end)
}

/// Follows a CAR of ours as it passes by, in chunks of any length, and notes where its blocks begin.
#[derive(Debug, Default)]
pub(super) struct Indexer {
    /// Where in the CAR we are, and where the section at hand began.
    offset: u64,
    start: u64,
    /// The first bytes of the section, until they say how long it is and of what.
    opening: Vec<u8>,
    /// Bytes of the section that are still to pass by.
    left: u64,
    /// The header has passed: what follows are blocks.
    in_blocks: bool,
    entries: Vec<Entry>,
}

impl Indexer {
    /// Looks at the next bytes.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left -= count as u64;
                self.offset += count as u64;
                bytes = bytes.get(count..).unwrap_or_default();
                continue;
            }
            if self.opening.is_empty() {
                self.start = self.offset;
            }
            self.opening.push(*first);
            self.offset += 1;
            bytes = rest;
            self.look();
        }
    }

    /// Ends the opening when it is whole.
    fn look(&mut self) {
        let Some(content) = section(&self.opening) else { return };
        let needed = if self.in_blocks { content.start + CID_PREFIX + DIGEST } else { content.start };
        if self.opening.len() < needed {
            return;
        }
        if let Some(digest) = self.opening.get(content.start + CID_PREFIX..needed).and_then(|digest| digest.try_into().ok()) {
            self.entries.push((digest, self.start));
        }
        self.left = content.end.saturating_sub(needed) as u64;
        self.in_blocks = true;
        self.opening.clear();
    }

    /// Returns the index, and how long the CAR was.
    pub(super) fn finish(self) -> (Index, u64) {
        (Index::new(self.entries), self.offset)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]

    use modelmark_digest::{Codec, ContentId, unixfs};
    use modelmark_storage::{MemoryStore, Store as _, car};
    use proptest::prelude::*;

    use super::*;

    /// A CAR of a file of leaves of these lengths, and the ids of its blocks.
    fn example(lengths: &[usize]) -> (Vec<u8>, Vec<(ContentId, Vec<u8>)>) {
        let store = MemoryStore::new();
        let leaves: Vec<_> = lengths.iter().enumerate().map(|(n, length)| vec![u8::try_from(n).unwrap(); *length]).collect();
        let mut blocks: Vec<_> = leaves.iter().map(|leaf| (store.put(Codec::Raw, leaf).unwrap(), leaf.clone())).collect();
        let parts =
            blocks.iter().map(|(cid, leaf)| unixfs::Part { cid: *cid, size: leaf.len() as u64, tsize: leaf.len() as u64 }).collect();
        let node = unixfs::encode(&unixfs::Node::File(parts));
        let root = store.put(Codec::DagPb, &node).unwrap();
        blocks.push((root, node));
        let mut bytes = Vec::new();
        car::export(&store, &[root], &mut bytes).unwrap();
        (bytes, blocks)
    }

    #[test]
    fn every_block_is_found() {
        let (bytes, blocks) = example(&[1, 100, 128, 20_000, 300_000]);
        for chunk in [1, 7, 4096, bytes.len()] {
            let mut indexer = Indexer::default();
            bytes.chunks(chunk).for_each(|chunk| indexer.pass(chunk));
            let (index, length) = indexer.finish();
            assert_eq!(length, bytes.len() as u64);
            let index = Index::read(&index.write()).unwrap();
            for (id, content) in &blocks {
                let (start, end) = index.find(id.digest().as_bytes()).unwrap();
                let section = &bytes[start as usize..end.map_or(bytes.len(), |end| end as usize)];
                assert_eq!(&section[block(section).unwrap()], content);
            }
            assert_eq!(index.find(ContentId::raw(b"elsewhere").digest().as_bytes()), None);
            let last = index.last().unwrap() as usize;
            assert_eq!(last + section(&bytes[last..]).unwrap().end, bytes.len());
        }
    }

    #[test]
    fn other_indexes_are_refused() {
        let (bytes, _) = example(&[1, 2]);
        let mut indexer = Indexer::default();
        indexer.pass(&bytes);
        let good = indexer.finish().0.write();
        assert!(Index::read(&good).is_ok());
        assert!(Index::read(&good[..good.len() - 1]).is_err());
        assert!(Index::read(&[]).is_err());
        for at in 0..HEAD {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(Index::read(&bad).is_err(), "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..40) {
            drop(Index::read(&bytes));
            let _ = (section(&bytes), block(&bytes));
            let mut indexer = Indexer::default();
            bytes.chunks(chunk).for_each(|chunk| indexer.pass(chunk));
            prop_assert_eq!(indexer.finish().1, bytes.len() as u64);
        }
    }
}
