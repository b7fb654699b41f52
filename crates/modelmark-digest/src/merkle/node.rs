//! Hashing of leaves and nodes, one at a time and in lanes.

use ring::digest::{Context, SHA256};

use crate::Sha256Digest;
use crate::lanes::sha256_many;

const LEAF: u8 = 0;
const NODE: u8 = 1;
const NODE_BYTES: usize = 65;
// Below this many messages the lanes are not full enough to beat one after the other.
const WORTH_LANES: usize = 8;
// Messages that are hashed at a time; bounds what is copied.
const AT_A_TIME: usize = 512;

/// A perfect subtree: the leaves from `index * 2^level` on, `2^level` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Height above the leaves; 0 is a leaf.
    pub level: u32,
    /// Position among the nodes of its level, from the left, from 0.
    pub index: u64,
}

/// Returns the root of the tree without entries: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Sha256Digest {
    Sha256Digest::of(b"")
}

/// Returns the leaf hash of an entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Sha256Digest {
    leaf_hash_of(&[entry])
}

/// Returns the leaf hash of the entry that these parts make up, one after the other.
#[must_use]
pub fn leaf_hash_of(parts: &[&[u8]]) -> Sha256Digest {
    let mut context = Context::new(&SHA256);
    context.update(&[LEAF]);
    parts.iter().for_each(|part| context.update(part));
    Sha256Digest::from_ring(&context.finish())
}

/// Returns the leaf hashes of many small entries, hashed side by side.
#[must_use]
pub fn leaf_hashes(entries: &[&[u8]]) -> Vec<Sha256Digest> {
    let mut out = Vec::with_capacity(entries.len());
    for batch in entries.chunks(AT_A_TIME) {
        if batch.len() < WORTH_LANES {
            out.extend(batch.iter().map(|entry| leaf_hash(entry)));
        } else {
            let messages: Vec<Vec<u8>> = batch.iter().map(|entry| [&[LEAF], *entry].concat()).collect();
            append_digests(&messages, &mut out);
        }
    }
    out
}

/// Returns the hash of the node above two.
#[must_use]
pub fn node_hash(left: &Sha256Digest, right: &Sha256Digest) -> Sha256Digest {
    Sha256Digest::of(&message(left, right))
}

/// Returns the level above a level of nodes; a last node without a partner moves up as it is.
pub(super) fn level_above(level: &[Sha256Digest]) -> Vec<Sha256Digest> {
    let (pairs, lonely) = level.as_chunks::<2>();
    let mut out = Vec::with_capacity(level.len().div_ceil(2));
    for batch in pairs.chunks(AT_A_TIME) {
        if batch.len() < WORTH_LANES {
            out.extend(batch.iter().map(|[left, right]| node_hash(left, right)));
        } else {
            let messages: Vec<_> = batch.iter().map(|[left, right]| message(left, right)).collect();
            append_digests(&messages, &mut out);
        }
    }
    out.extend_from_slice(lonely);
    out
}

fn append_digests(messages: &[impl AsRef<[u8]>], out: &mut Vec<Sha256Digest>) {
    let messages: Vec<&[u8]> = messages.iter().map(AsRef::as_ref).collect();
    let mut digests = vec![Sha256Digest::from([0; 32]); messages.len()];
    sha256_many(&messages, &mut digests);
    out.append(&mut digests);
}

fn message(left: &Sha256Digest, right: &Sha256Digest) -> [u8; NODE_BYTES] {
    let mut message = [NODE; NODE_BYTES];
    let bytes = left.as_bytes().iter().chain(right.as_bytes());
    message.iter_mut().skip(1).zip(bytes).for_each(|(to, from)| *to = *from);
    message
}
