//! Builds one directory: a single node, or shards when it is too large for one.

use super::encode::encode;
use super::node::{Dag, Link, Node, NodeSink};
use super::shard;
use crate::ContentId;

/// Sum of name and id lengths in bytes above which a directory is sharded.
///
/// Kubo estimates a directory block this way ("links" estimation, IPIP-499) and shards *above* 256 KiB, as the JavaScript importer does. Kubo
/// versions before 2026 also sharded at exactly 256 KiB; such a directory is the one case where their id differs.
pub const SHARD_THRESHOLD: usize = 256 << 10;

const CID_BYTES: usize = 36;

/// A directory that cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Two entries have one name.
    #[error("two entries are named {0:?}")]
    Duplicate(String),
    /// More names share one 64-bit hash than a HAMT can tell apart.
    #[error("cannot shard the directory: the hashes of {0:?} and another name agree in all 64 bits")]
    Collision(String),
}

/// Builds the directory of these links, in whatever order they come; every block goes to `sink`, children before parents.
///
/// # Errors
/// When two links have one name, or a sharded directory holds two names with the same 64-bit hash.
pub fn directory(mut links: Vec<Link>, sink: &mut NodeSink<'_>) -> Result<Dag, DirectoryError> {
    links.sort_unstable_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    if let Some([twin, _]) = links.array_windows().find(|[a, b]| a.name == b.name) {
        return Err(DirectoryError::Duplicate(twin.name.clone()));
    }
    let estimate: usize = links.iter().map(|link| link.name.len() + CID_BYTES).sum();
    if estimate > SHARD_THRESHOLD {
        return shard::build(links, sink);
    }
    Ok(close(Node::Directory(links), sink))
}

/// Encodes a directory or shard node and adds up what lies below it.
pub(super) fn close(node: Node, sink: &mut NodeSink<'_>) -> Dag {
    let below = match &node {
        Node::Directory(links) | Node::Shard(links) => links.iter().fold(0_u64, |sum, link| sum.saturating_add(link.tsize)),
        Node::File(parts) => parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.tsize)),
    };
    let block = encode(&node);
    let cid = ContentId::dag_pb(&block);
    sink(&cid, &block);
    Dag { cid, size: 0, tsize: below.saturating_add(block.len() as u64) }
}
