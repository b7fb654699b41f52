//! The traversal: which block comes next, and what it leads to.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;

use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Block, StorageError};

use super::{Limits, Served, Sink};
use crate::{RemoteError, Want};

/// Blocks that are kept at hand, for files that repeat them: at most so many, and so many bytes.
const RECENT: usize = 8;
const RECENT_BYTES: usize = 4 << 20;

/// A block that is still to come.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) id: ContentId,
    /// The bytes of the file that are below it, where a range of a file is read and its parent said so.
    part: Option<Range<u64>>,
    folders: u32,
    levels: u32,
    /// It is not needed, but a place may send it, as it stands below a block that it sent.
    pub(super) optional: bool,
}

/// Where a read stands. The next block is the last of `ahead`.
pub(super) struct Walk {
    root: ContentId,
    limits: Limits,
    range: Option<Range<u64>>,
    pub(super) ahead: Vec<Pending>,
    /// The nodes that were opened.
    nodes: HashSet<ContentId>,
    /// The beginnings of the digests of leaves that were seen. That two are alike costs one request.
    leaves: HashSet<u64>,
    recent: VecDeque<Block>,
    received: u64,
    pub(super) blocks: u64,
    pub(super) bytes: u64,
    /// What each place gave to this read.
    pub(super) served: Vec<Served>,
    /// How often each place had no CAR, or none that was of use.
    pub(super) misses: Vec<u32>,
}

impl Walk {
    pub(super) fn new(want: &Want, limits: Limits, places: usize) -> Self {
        let first = Pending { id: want.root, part: None, folders: 0, levels: 0, optional: false };
        Self {
            root: want.root,
            limits,
            range: want.range.clone(),
            ahead: vec![first],
            nodes: HashSet::new(),
            leaves: HashSet::new(),
            recent: VecDeque::new(),
            received: 0,
            blocks: 0,
            bytes: 0,
            served: vec![Served::default(); places],
            misses: vec![0; places],
        }
    }

    /// Goes on with all that is at hand down to `base`, and returns the first block that is not.
    pub(super) fn advance(&mut self, sink: &dyn Sink, base: usize) -> Result<Option<Pending>, RemoteError> {
        while self.ahead.len() > base {
            let Some(front) = self.ahead.last().cloned() else { break };
            if !self.at_hand(&front, sink)? {
                return Ok(Some(front));
            }
        }
        Ok(None)
    }

    /// Goes on with `front`, which is the next block, if that needs nobody; says whether it did.
    pub(super) fn at_hand(&mut self, front: &Pending, sink: &dyn Sink) -> Result<bool, RemoteError> {
        if front.optional || sink.has(&front.id) {
            self.ahead.pop();
            return Ok(true);
        }
        if let Some(block) = sink.known(&front.id)? {
            self.ahead.pop();
            // A node that was opened before has been followed to its end: depth first, and no node is below itself.
            if !self.nodes.contains(&front.id) {
                self.open(front, &block, false)?;
            }
            return Ok(true);
        }
        if let Some(block) = self.recent.iter().find(|block| block.id() == front.id).cloned() {
            self.take(front, block, sink)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Tells whether the block came before, so that a place that sends every block once leaves it out.
    pub(super) fn seen(&self, id: &ContentId) -> bool {
        match id.codec() {
            Codec::Raw => self.leaves.contains(&beginning(id)),
            Codec::DagPb => self.nodes.contains(id),
        }
    }

    /// Hands the next block on, and goes on below it.
    pub(super) fn take(&mut self, front: &Pending, block: Block, sink: &dyn Sink) -> Result<(), RemoteError> {
        self.ahead.pop();
        self.blocks += 1;
        self.bytes += block.bytes().len() as u64;
        if self.blocks > self.limits.blocks {
            return Err(self.over(self.limits.blocks, "blocks"));
        }
        if self.bytes > self.limits.bytes {
            return Err(self.over(self.limits.bytes, "bytes"));
        }
        self.open(front, &block, false)?;
        self.remember(&block);
        match &self.range {
            Some(_) => sink.put_at(block, front.part.as_ref().map_or(0, |part| part.start)),
            None => sink.put(block),
        }
    }

    /// Goes on below a block that is not needed: neither is what hangs below it, but a place may send it.
    pub(super) fn pass(&mut self, front: &Pending, block: &Block) -> Result<(), RemoteError> {
        self.ahead.pop();
        self.remember(block);
        self.open(front, block, true)
    }

    /// Counts what came, needed or not.
    pub(super) fn count(&mut self, place: usize, bytes: usize) -> Result<(), RemoteError> {
        if let Some(served) = self.served.get_mut(place) {
            served.blocks += 1;
            served.bytes += bytes as u64;
        }
        self.received = self.received.saturating_add(bytes as u64);
        // Twice: a place may send again what was there before.
        if self.received > self.limits.bytes.saturating_mul(2) { Err(self.over(self.limits.bytes, "bytes")) } else { Ok(()) }
    }

    /// Returns the part of the range that lies below `front`, counted from its own first byte; `None` where everything is wanted.
    pub(super) fn range_below(&self, front: &Pending) -> Option<Range<u64>> {
        let range = self.range.as_ref()?;
        let part = front.part.clone().unwrap_or(0..u64::MAX);
        let (start, end) = (range.start.max(part.start), range.end.min(part.end));
        Some(start - part.start..end.max(start) - part.start)
    }

    fn open(&mut self, front: &Pending, block: &Block, optional: bool) -> Result<(), RemoteError> {
        if front.levels > self.limits.depth || front.folders > self.limits.depth {
            return Err(self.over(u64::from(self.limits.depth), "levels"));
        }
        let malformed = |reason: String| RemoteError::Store(StorageError::Malformed { id: front.id, reason });
        if front.id.codec() == Codec::Raw {
            self.leaves.insert(beginning(&front.id));
            return check_size(front, block.bytes().len() as u64).map_err(malformed);
        }
        self.nodes.insert(front.id);
        let node = unixfs::decode(block.bytes()).map_err(|error| malformed(error.to_string()))?;
        let (folders, levels) = if matches!(node, Node::File(_)) { (front.folders, front.levels + 1) } else { (front.folders + 1, 0) };
        let below = |id, part| Pending { id, part, folders, levels, optional };
        match (node, self.range.clone()) {
            (Node::File(parts), Some(range)) => {
                check_size(front, parts.iter().map(|part| part.size).sum()).map_err(malformed)?;
                let mut start = front.part.as_ref().map_or(0, |part| part.start);
                let mut children = Vec::with_capacity(parts.len());
                for part in parts {
                    let bytes = start..start + part.size;
                    start = bytes.end;
                    // A place may send more than the range.
                    let beside = bytes.start >= range.end || range.start >= bytes.end;
                    children.push(Pending { optional: optional || beside, ..below(part.cid, Some(bytes)) });
                }
                self.ahead.extend(children.into_iter().rev());
            }
            (_, Some(_)) => return Err(malformed("it is a folder, of which there are no ranges".to_owned())),
            (node, None) => {
                let children: Vec<_> = node.children().map(|id| below(id, None)).collect();
                self.ahead.extend(children.into_iter().rev());
            }
        }
        Ok(())
    }

    fn remember(&mut self, block: &Block) {
        self.recent.push_back(block.clone());
        while self.recent.len() > RECENT || self.recent.iter().map(|block| block.bytes().len()).sum::<usize>() > RECENT_BYTES {
            self.recent.pop_front();
        }
    }

    fn over(&self, limit: u64, what: &'static str) -> RemoteError {
        RemoteError::Limit { root: self.root, limit, what }
    }
}

/// Holds a block of a file against what its parent says about it.
fn check_size(front: &Pending, size: u64) -> Result<(), String> {
    match &front.part {
        Some(part) if part.end - part.start != size => {
            Err(format!("it holds {size} bytes of the file, its parent says {}", part.end - part.start))
        }
        _ => Ok(()),
    }
}

fn beginning(id: &ContentId) -> u64 {
    id.digest().as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
