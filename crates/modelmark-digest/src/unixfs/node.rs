//! The values behind dag-pb blocks: what a node says, without how it is spelled.

use crate::ContentId;

/// Receives every dag-pb block that a builder makes.
pub type NodeSink<'a> = dyn FnMut(&ContentId, &[u8]) + 'a;

/// A finished tree of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dag {
    /// Id of the root block.
    pub cid: ContentId,
    /// Bytes of content below the root.
    pub size: u64,
    /// Bytes of all blocks of the tree, a block counted once for each link to it (dag-pb `Tsize`).
    pub tsize: u64,
}

/// One UnixFS node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Inner node of a file; the parts stand in file order.
    File(Vec<Part>),
    /// A directory in one block, links sorted by the bytes of their names.
    Directory(Vec<Link>),
    /// One block of a sharded directory (HAMT, 256 slots, murmur3-x64-64). Each name starts with two upper-case hex digits, its slot; nothing
    /// after them means that the link leads to a deeper shard.
    Shard(Vec<Link>),
}

/// A piece of a file below an inner node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Id of the piece: a raw leaf or another inner node.
    pub cid: ContentId,
    /// Bytes of file content in the piece.
    pub size: u64,
    /// Bytes of all blocks of the piece.
    pub tsize: u64,
}

/// A named link of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Name of the entry.
    pub name: String,
    /// Id of the entry's root block.
    pub cid: ContentId,
    /// Bytes of all blocks of the entry.
    pub tsize: u64,
}

impl Node {
    /// Returns the ids that the node links to, in order.
    pub fn children(&self) -> impl Iterator<Item = ContentId> + '_ {
        let (parts, links) = match self {
            Self::File(parts) => (parts.as_slice(), [].as_slice()),
            Self::Directory(links) | Self::Shard(links) => ([].as_slice(), links.as_slice()),
        };
        parts.iter().map(|part| part.cid).chain(links.iter().map(|link| link.cid))
    }
}
