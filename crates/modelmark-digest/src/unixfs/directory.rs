//! Builds one directory: a single node, or shards when it is too large for one.

use super::encode::encode;
use super::node::{Dag, Link, Node, NodeSink};
use super::shard;
use crate::profile::DirectoryMeasure;
use crate::{CidProfile, ContentId};

/// Size in bytes above which a directory is sharded.
///
/// The legacy profile adds up the lengths of names and ids (`links-bytes` of IPIP-499); `unixfs-v1-2025` takes the length of the encoded block
/// (`block-bytes`). Both shard *above* 256 KiB, as the JavaScript importer does. Kubo versions before 2026 also sharded at exactly 256 KiB; such a
/// directory is the one case where their id differs.
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
pub fn directory(profile: CidProfile, mut links: Vec<Link>, sink: &mut NodeSink<'_>) -> Result<Dag, DirectoryError> {
    links.sort_unstable_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    if let Some([twin, _]) = links.array_windows().find(|[a, b]| a.name == b.name) {
        return Err(DirectoryError::Duplicate(twin.name.clone()));
    }
    let node = Node::Directory(links);
    let size = match profile.directory_measure() {
        DirectoryMeasure::Links => names_and_ids(&node),
        DirectoryMeasure::Block => encode(&node).len(),
    };
    match node {
        Node::Directory(links) if size > SHARD_THRESHOLD => shard::build(links, sink),
        node => Ok(close(node, sink)),
    }
}

fn names_and_ids(node: &Node) -> usize {
    match node {
        Node::Directory(links) => links.iter().map(|link| link.name.len() + CID_BYTES).sum(),
        _ => 0,
    }
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
