//! The values behind dag-pb blocks: what a node says, without how it is spelled.

use super::murmur3::murmur3_x64_64;
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

/// Where the way to an entry of a directory goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The entry itself.
    Is(ContentId),
    /// A deeper shard, which has it if there is such an entry.
    Below(ContentId),
}

impl Node {
    /// Looks for the entry `name` in this block of a directory; `depth` says how many shards of the same directory lie above the block.
    ///
    /// A file has no entries.
    #[must_use]
    pub fn entry(&self, name: &str, depth: usize) -> Option<Entry> {
        match self {
            Self::File(_) => None,
            Self::Directory(links) => {
                let at = links.binary_search_by(|link| link.name.as_bytes().cmp(name.as_bytes())).ok()?;
                links.get(at).map(|link| Entry::Is(link.cid))
            }
            Self::Shard(links) => {
                let slot = format!("{:02X}", murmur3_x64_64(name.as_bytes()).to_be_bytes().get(depth)?);
                let link = links.iter().find(|link| link.name.starts_with(&slot))?;
                match link.name.get(2..) {
                    Some("") => Some(Entry::Below(link.cid)),
                    Some(found) if found == name => Some(Entry::Is(link.cid)),
                    _ => None,
                }
            }
        }
    }

    /// Returns the deeper shards of the same directory, in order; none but in a shard.
    pub fn deeper(&self) -> impl Iterator<Item = ContentId> + '_ {
        let links = if let Self::Shard(links) = self { links.as_slice() } else { &[] };
        links.iter().filter(|link| link.name.len() == 2).map(|link| link.cid)
    }

    /// Returns the ids that the node links to, in order.
    pub fn children(&self) -> impl Iterator<Item = ContentId> + '_ {
        let (parts, links) = match self {
            Self::File(parts) => (parts.as_slice(), [].as_slice()),
            Self::Directory(links) | Self::Shard(links) => ([].as_slice(), links.as_slice()),
        };
        parts.iter().map(|part| part.cid).chain(links.iter().map(|link| link.cid))
    }
}
