//! Proofs that a range of bytes belongs to a file, without the rest of the file: the dag-pb blocks between the file's CID and the leaves.

use std::ops::Range;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::KnownLeaves;
use crate::outboard::LeafList;
use crate::unixfs::{MAX_NODE_BYTES, Node, Part, decode, encode};
use crate::{CidProfile, Codec, ContentId, Sha256Digest};

/// What a document of this kind says it is.
pub const RANGE_PROOF: &str = "modelmark-range-proof-v1";

/// Longest document that is read, in bytes: of a range of some 200 GiB in leaves of 256 KiB.
pub const MAX_RANGE_PROOF_BYTES: usize = 1 << 26;

/// Largest file that a proof speaks of, 2^53 - 1 bytes: what JSON numbers reach.
const MAX_SIZE: u64 = (1 << 53) - 1;

/// The blocks above the leaves that hold a range of a file; not to be trusted before [`RangeProof::check`].
///
/// The shape of a file's tree follows from its size, so that a leaf stands at one place only, and the proof need not say at which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeProof {
    profile: CidProfile,
    cid: ContentId,
    size: u64,
    range: Range<u64>,
    /// Parents before children, in the order of the file.
    nodes: Vec<Vec<u8>>,
}

/// The document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    profile: CidProfile,
    cid: ContentId,
    size: u64,
    range: Span,
    nodes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    start: u64,
    end: u64,
}

/// A range that cannot be proven, or a proof that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeProofError {
    /// Not a document of this kind.
    #[error("not a range proof: {0}")]
    Document(String),
    /// A range without a byte, or one that leaves the file.
    #[error("the bytes {start}..{end} are not in a file of {size} bytes")]
    Range {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Size of the file in bytes.
        size: u64,
    },
    /// A proof about another file.
    #[error("the proof is about the file {found}, not about {wanted}")]
    OtherFile {
        /// The file it is about.
        found: ContentId,
        /// The file it should be about.
        wanted: ContentId,
    },
    /// A block is missing, or is another than the one above it names.
    #[error("the proof lacks the block {0}, or has another in its place")]
    Block(ContentId),
    /// A block that does not stand in the tree of a file of this size.
    #[error("the block {0} is not one of the tree of a file of this size")]
    Shape(ContentId),
    /// Blocks that lead nowhere.
    #[error("the proof has {0} blocks too many")]
    Extra(usize),
}

impl RangeProof {
    /// Proves the bytes `range` of the file with these leaves.
    ///
    /// # Errors
    /// [`RangeProofError::Range`] when it holds no byte or leaves the file.
    pub fn new(leaves: &LeafList, range: Range<u64>) -> Result<Self, RangeProofError> {
        check_range(&range, leaves.size())?;
        let mut build = Build { leaves, range: &range, nodes: Vec::new() };
        build.part(0..leaves.size(), height(leaves.profile(), leaves.size()));
        let nodes = build.nodes;
        Ok(Self { profile: leaves.profile(), cid: leaves.cid(), size: leaves.size(), range, nodes })
    }

    /// Reads a document. Time and memory are bounded by its length.
    ///
    /// # Errors
    /// [`RangeProofError`] when it is none, or speaks of bytes that its file does not have.
    pub fn parse(bytes: &[u8]) -> Result<Self, RangeProofError> {
        let wrong = |reason: String| RangeProofError::Document(reason);
        if bytes.len() > MAX_RANGE_PROOF_BYTES {
            return Err(wrong(format!("more than {MAX_RANGE_PROOF_BYTES} bytes")));
        }
        let document: Document = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        let Document { format, profile, cid, size, range: Span { start, end }, nodes } = document;
        if format != RANGE_PROOF {
            return Err(wrong(format!("its format is {:?}, not {RANGE_PROOF:?}", format.chars().take(80).collect::<String>())));
        }
        if size > MAX_SIZE {
            return Err(wrong(format!("{size} bytes are more than 2^53 - 1")));
        }
        check_range(&(start..end), size)?;
        let block = |text: &String| BASE64.decode(text.as_bytes()).map_err(|error| wrong(format!("a block is no base64: {error}")));
        let nodes = nodes.iter().map(block).collect::<Result<Vec<_>, _>>()?;
        match nodes.iter().map(Vec::len).find(|length| *length > MAX_NODE_BYTES) {
            Some(length) => Err(wrong(format!("a block of {length} bytes"))),
            None => Ok(Self { profile, cid, size, range: start..end, nodes }),
        }
    }

    /// Returns the document as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "format": RANGE_PROOF,
            "profile": self.profile,
            "cid": self.cid,
            "size": self.size,
            "range": {"start": self.range.start, "end": self.range.end},
            "nodes": self.nodes.iter().map(|block| BASE64.encode(block)).collect::<Vec<_>>(),
        })
    }

    /// Returns the CID of the file that the proof says it is about.
    #[must_use]
    pub const fn cid(&self) -> ContentId {
        self.cid
    }

    /// Returns how that CID was made.
    #[must_use]
    pub const fn profile(&self) -> CidProfile {
        self.profile
    }

    /// Returns the bytes that were asked for.
    #[must_use]
    pub const fn range(&self) -> &Range<u64> {
        &self.range
    }

    /// Returns the dag-pb blocks between the file's CID and the leaves, parents before children.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.nodes.iter().map(Vec::as_slice)
    }

    /// Holds the proof against the CID of the file, and returns the leaves of the range, which are to be trusted as that CID is.
    ///
    /// # Errors
    /// [`RangeProofError`] when the blocks do not lead from the CID to these leaves.
    pub fn check(&self, cid: &ContentId) -> Result<ProvenRange, RangeProofError> {
        if self.cid != *cid {
            return Err(RangeProofError::OtherFile { found: self.cid, wanted: *cid });
        }
        let mut walk = Walk { profile: self.profile, range: &self.range, nodes: self.nodes.iter(), leaves: Vec::new() };
        walk.visit(cid, 0..self.size, height(self.profile, self.size))?;
        match walk.nodes.len() {
            0 => Ok(ProvenRange { profile: self.profile, size: self.size, range: self.range.clone(), leaves: walk.leaves }),
            left => Err(RangeProofError::Extra(left)),
        }
    }
}

fn check_range(range: &Range<u64>, size: u64) -> Result<(), RangeProofError> {
    let Range { start, end } = *range;
    if start < end && end <= size { Ok(()) } else { Err(RangeProofError::Range { start, end, size }) }
}

/// Levels of dag-pb nodes above the leaves of a file of `size` bytes: at most 6, because 174^5 leaves of 256 KiB are more than 2^53 bytes.
fn height(profile: CidProfile, size: u64) -> u32 {
    (0..).find(|height| below(profile, *height) >= size).unwrap_or_default()
}

/// Bytes below a full node of this height; below a leaf (height 0) its own.
fn below(profile: CidProfile, height: u32) -> u64 {
    (0..height).fold(profile.leaf_bytes() as u64, |bytes, _| bytes.saturating_mul(profile.max_links() as u64))
}

/// The places of the children of a node of this `height`, which is at least 1, in the order of the file.
fn children(profile: CidProfile, place: &Range<u64>, height: u32) -> impl ExactSizeIterator<Item = Range<u64>> {
    let each = below(profile, height - 1);
    let (start, end) = (place.start, place.end);
    // A node has at most as many children as its profile says.
    let count = usize::try_from((end - start).div_ceil(each)).unwrap_or(usize::MAX);
    (0..count).map(move |number| {
        let from = start + number as u64 * each;
        from..from.saturating_add(each).min(end)
    })
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start < b.end && b.start < a.end
}

struct Build<'a> {
    leaves: &'a LeafList,
    range: &'a Range<u64>,
    nodes: Vec<Vec<u8>>,
}

impl Build<'_> {
    /// Makes the part of the tree at `place`, and keeps the nodes above the range. Recursion ends at the height of a tree.
    fn part(&mut self, place: Range<u64>, height: u32) -> Part {
        let size = place.end - place.start;
        if height == 0 {
            let index = self.leaves.covering(&place).start;
            // The list has a digest for every leaf of its file.
            let digest = self.leaves.digest(index).unwrap_or_else(|| Sha256Digest::of(b""));
            return Part { cid: ContentId::from_digest(Codec::Raw, digest), size, tsize: size };
        }
        let slot = overlap(&place, self.range).then(|| {
            self.nodes.push(Vec::new());
            self.nodes.len() - 1
        });
        let parts: Vec<Part> = children(self.leaves.profile(), &place, height).map(|child| self.part(child, height - 1)).collect();
        let below = parts.iter().fold(0_u64, |below, part| below.saturating_add(part.tsize));
        let block = encode(&Node::File(parts));
        let part = Part { cid: ContentId::dag_pb(&block), size, tsize: below.saturating_add(block.len() as u64) };
        if let Some(kept) = slot.and_then(|slot| self.nodes.get_mut(slot)) {
            *kept = block;
        }
        part
    }
}

struct Walk<'a> {
    profile: CidProfile,
    range: &'a Range<u64>,
    nodes: std::slice::Iter<'a, Vec<u8>>,
    leaves: Vec<Sha256Digest>,
}

impl Walk<'_> {
    /// Goes down from the block `cid`, which holds the bytes `place`. Recursion ends at the height of a tree.
    fn visit(&mut self, cid: &ContentId, place: Range<u64>, height: u32) -> Result<(), RangeProofError> {
        let wanted = if height == 0 { Codec::Raw } else { Codec::DagPb };
        if cid.codec() != wanted {
            return Err(RangeProofError::Shape(*cid));
        }
        if height == 0 {
            self.leaves.push(cid.digest());
            return Ok(());
        }
        let block = self.nodes.next().filter(|block| ContentId::dag_pb(block) == *cid).ok_or(RangeProofError::Block(*cid))?;
        let Ok(Node::File(parts)) = decode(block) else { return Err(RangeProofError::Shape(*cid)) };
        let places = children(self.profile, &place, height);
        if parts.len() != places.len() {
            return Err(RangeProofError::Shape(*cid));
        }
        for (part, place) in parts.iter().zip(places) {
            if part.size != place.end - place.start {
                return Err(RangeProofError::Shape(*cid));
            }
            if overlap(&place, self.range) {
                self.visit(&part.cid, place, height - 1)?;
            }
        }
        Ok(())
    }
}

/// The leaves that hold a range of a file, known to be those of its CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenRange {
    profile: CidProfile,
    size: u64,
    range: Range<u64>,
    leaves: Vec<Sha256Digest>,
}

impl ProvenRange {
    /// Returns the size of the file in bytes.
    ///
    /// Of a file that is one leaf, it is what the proof said until the leaf was verified.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the numbers of the leaves that hold the range.
    #[must_use]
    pub fn indexes(&self) -> Range<usize> {
        let first = self.first();
        first..first.saturating_add(self.leaves.len())
    }

    /// Returns the bytes of those leaves: what has to be read to verify the range.
    #[must_use]
    pub fn span(&self) -> Range<u64> {
        let indexes = self.indexes();
        self.place(indexes.start).start..self.place(indexes.end.saturating_sub(1)).end
    }

    fn first(&self) -> usize {
        // As many leaves as a list in memory has.
        usize::try_from(self.range.start / self.profile.leaf_bytes() as u64).unwrap_or(usize::MAX)
    }
}

impl KnownLeaves for ProvenRange {
    fn place(&self, index: usize) -> Range<u64> {
        let leaf = self.profile.leaf_bytes() as u64;
        let start = (index as u64).saturating_mul(leaf).min(self.size);
        start..start.saturating_add(leaf).min(self.size)
    }

    fn digest(&self, index: usize) -> Option<Sha256Digest> {
        index.checked_sub(self.first()).and_then(|index| self.leaves.get(index)).copied()
    }
}
