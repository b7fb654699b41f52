//! Writes a node as its dag-pb block.

use super::node::{Link, Node, Part};
use super::wire::{put_bytes, put_number};

// UnixFS `DataType` values.
pub(super) const DIRECTORY: u64 = 1;
pub(super) const FILE: u64 = 2;
pub(super) const SHARD: u64 = 5;
// Multicodec of murmur3-x64-64, the hash of Kubo's directory shards.
pub(super) const MURMUR3: u64 = 0x22;
/// Slots of one shard.
pub(super) const FANOUT: u64 = 256;

/// Returns the dag-pb block of a node: links first, then data, every field in the order of its number, as all IPFS implementations write it.
///
/// Links are written in the order given. A shard's slots are read off the names; a name without a slot leaves a block that
/// [`decode`](super::decode()) refuses.
#[must_use]
pub fn encode(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    match node {
        Node::File(parts) => parts.iter().for_each(|part| put_link(&mut out, "", &part.cid.to_bytes(), part.tsize)),
        Node::Directory(links) | Node::Shard(links) => {
            links.iter().for_each(|link| put_link(&mut out, &link.name, &link.cid.to_bytes(), link.tsize));
        }
    }
    let data = match node {
        Node::File(parts) => file_data(parts),
        Node::Directory(_) => directory_data(),
        Node::Shard(links) => shard_data(links),
    };
    put_bytes(&mut out, 1, &data);
    out
}

/// Returns the block of an inner node whose links are version 0 CIDs, which are bare multihashes.
pub(super) fn file_of_version_0(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let multihash = [&[0x12, 32][..], part.cid.digest().as_bytes()].concat();
        put_link(&mut out, "", &multihash, part.tsize);
    }
    put_bytes(&mut out, 1, &file_data(parts));
    out
}

/// Returns the block of a leaf that is a dag-pb node.
pub(super) fn leaf_of_version_0(bytes: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(bytes.len() + 16);
    put_number(&mut data, 1, FILE);
    if !bytes.is_empty() {
        put_bytes(&mut data, 2, bytes);
    }
    put_number(&mut data, 3, bytes.len() as u64);
    let mut out = Vec::with_capacity(data.len() + 8);
    put_bytes(&mut out, 1, &data);
    out
}

fn put_link(out: &mut Vec<u8>, name: &str, cid: &[u8], tsize: u64) {
    let mut link = Vec::with_capacity(cid.len() + name.len() + 16);
    put_bytes(&mut link, 1, cid);
    put_bytes(&mut link, 2, name.as_bytes());
    put_number(&mut link, 3, tsize);
    put_bytes(out, 2, &link);
}

fn file_data(parts: &[Part]) -> Vec<u8> {
    let mut data = Vec::new();
    put_number(&mut data, 1, FILE);
    // A sum that does not fit cannot come from a file: sizes are checked where parts are made and read.
    put_number(&mut data, 3, parts.iter().fold(0, |sum, part| part.size.saturating_add(sum)));
    parts.iter().for_each(|part| put_number(&mut data, 4, part.size));
    data
}

fn directory_data() -> Vec<u8> {
    let mut data = Vec::new();
    put_number(&mut data, 1, DIRECTORY);
    data
}

fn shard_data(links: &[Link]) -> Vec<u8> {
    let mut data = Vec::new();
    put_number(&mut data, 1, SHARD);
    put_bytes(&mut data, 2, &occupied(links));
    put_number(&mut data, 5, MURMUR3);
    put_number(&mut data, 6, FANOUT);
    data
}

/// Returns the slots in use as one big-endian number without leading zero bytes.
fn occupied(links: &[Link]) -> Vec<u8> {
    let mut field = [0_u8; 32];
    for slot in links.iter().filter_map(slot_of) {
        if let Some(byte) = field.iter_mut().rev().nth(usize::from(slot / 8)) {
            *byte |= 1 << (slot % 8);
        }
    }
    field.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// Returns the slot that a shard's link stands in.
pub(super) fn slot_of(link: &Link) -> Option<u8> {
    let prefix = link.name.get(..2)?;
    prefix.bytes().all(|c| matches!(c, b'0'..=b'9' | b'A'..=b'F')).then(|| u8::from_str_radix(prefix, 16).ok())?
}
