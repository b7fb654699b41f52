//! Builds a sharded directory: a HAMT of 256 slots keyed by the first 64 bits of murmur3-x64-128 of the name, one byte a level.

use super::directory::{DirectoryError, close};
use super::murmur3::murmur3_x64_64;
use super::node::{Dag, Link, Node, NodeSink};

/// Builds the shards of links with distinct names.
pub(super) fn build(links: Vec<Link>, sink: &mut NodeSink<'_>) -> Result<Dag, DirectoryError> {
    let mut keyed: Vec<Keyed> =
        links.into_iter().map(|link| Keyed { key: murmur3_x64_64(link.name.as_bytes()).to_be_bytes(), link }).collect();
    keyed.sort_unstable_by_key(|entry| entry.key);
    level(keyed, 0, sink)
}

struct Keyed {
    key: [u8; 8],
    link: Link,
}

// `entries` is sorted by key and agrees in the first `depth` bytes, so that each slot's entries stand together. Depth is at most 8.
fn level(entries: Vec<Keyed>, depth: usize, sink: &mut NodeSink<'_>) -> Result<Dag, DirectoryError> {
    let mut links = Vec::new();
    let mut rest = entries.into_iter().peekable();
    while let Some(first) = rest.next() {
        let Some(&slot) = first.key.get(depth) else { return Err(DirectoryError::Collision(first.link.name)) };
        let mut group = vec![first];
        while let Some(next) = rest.next_if(|entry| entry.key.get(depth) == Some(&slot)) {
            group.push(next);
        }
        links.push(slot_link(slot, group, depth, sink)?);
    }
    Ok(close(Node::Shard(links), sink))
}

fn slot_link(slot: u8, mut group: Vec<Keyed>, depth: usize, sink: &mut NodeSink<'_>) -> Result<Link, DirectoryError> {
    if group.len() == 1
        && let Some(Keyed { link, .. }) = group.pop()
    {
        return Ok(Link { name: format!("{slot:02X}{}", link.name), ..link });
    }
    let below = level(group, depth + 1, sink)?;
    Ok(Link { name: format!("{slot:02X}"), cid: below.cid, tsize: below.tsize })
}
