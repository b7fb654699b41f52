//! Reads a dag-pb block that somebody else may have made.
//!
//! Strict: a block is accepted only if writing the node again gives the same bytes, so that a node has one spelling and one id.

use super::encode::{DIRECTORY, FANOUT, FILE, MURMUR3, SHARD, encode, slot_of};
use super::node::{Link, Node, Part};
use super::wire::{Field, Fields};
use crate::{Codec, ContentId};

/// Largest dag-pb block that is read, in bytes: the limit of IPFS block exchange. The largest that modelmark writes is about 0.4 MB.
pub const MAX_NODE_BYTES: usize = 2 << 20;

/// The bytes are not a UnixFS node that modelmark reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// Longer than [`MAX_NODE_BYTES`].
    #[error("dag-pb block of {0} bytes is longer than 2 MiB")]
    TooLong(usize),
    /// Not dag-pb.
    #[error("malformed dag-pb: {0}")]
    Syntax(&'static str),
    /// dag-pb, but not a file, directory or shard without further attributes.
    #[error("unsupported UnixFS node: {0}")]
    Unsupported(&'static str),
    /// Readable, but not spelled the one way it is written.
    #[error("dag-pb block is not in canonical form")]
    NotCanonical,
}

/// Reads one dag-pb block.
///
/// Time and memory are bounded by the length of the block.
///
/// # Errors
/// When the block is too long, malformed, not canonical, or a kind of node that modelmark does not write (inline data, mode, time, links).
pub fn decode(block: &[u8]) -> Result<Node, NodeError> {
    if block.len() > MAX_NODE_BYTES {
        return Err(NodeError::TooLong(block.len()));
    }
    let (links, data) = read_outer(block)?;
    let node = match read_data(data)? {
        Data { kind: FILE, sizes, payload: None, .. } => Node::File(join_parts(links, &sizes)?),
        Data { kind: DIRECTORY, payload: None, .. } => directory_node(links)?,
        Data { kind: SHARD, payload: Some(_), hash: Some(MURMUR3), fanout: Some(FANOUT), .. } => shard_node(links)?,
        _ => return Err(NodeError::Unsupported("not a file of linked parts, a directory or a 256-slot shard")),
    };
    if encode(&node) == block { Ok(node) } else { Err(NodeError::NotCanonical) }
}

fn read_outer(block: &[u8]) -> Result<(Vec<Link>, &[u8]), NodeError> {
    let mut links = Vec::new();
    let mut data = None;
    for field in Fields(block) {
        match (field, data) {
            (Some(Field::Bytes(2, link)), None) => links.push(read_link(link)?),
            (Some(Field::Bytes(1, bytes)), None) => data = Some(bytes),
            _ => return Err(NodeError::Syntax("unexpected field in a node")),
        }
    }
    data.map(|data| (links, data)).ok_or(NodeError::Syntax("no data field"))
}

fn read_link(bytes: &[u8]) -> Result<Link, NodeError> {
    let mut fields = Fields(bytes);
    match (fields.next(), fields.next(), fields.next(), fields.next()) {
        (Some(Some(Field::Bytes(1, cid))), Some(Some(Field::Bytes(2, name))), Some(Some(Field::Number(3, tsize))), None) => Ok(Link {
            name: std::str::from_utf8(name).map_err(|_| NodeError::Syntax("link name is not UTF-8"))?.to_owned(),
            cid: ContentId::try_from(cid).map_err(|_| NodeError::Unsupported("link to something else than a SHA-256 CIDv1"))?,
            tsize,
        }),
        _ => Err(NodeError::Syntax("link without exactly hash, name and size")),
    }
}

#[derive(Default)]
struct Data<'a> {
    kind: u64,
    payload: Option<&'a [u8]>,
    sizes: Vec<u64>,
    hash: Option<u64>,
    fanout: Option<u64>,
}

fn read_data(bytes: &[u8]) -> Result<Data<'_>, NodeError> {
    let mut data = Data::default();
    for field in Fields(bytes) {
        match field {
            Some(Field::Number(1, kind)) => data.kind = kind,
            Some(Field::Bytes(2, payload)) => data.payload = Some(payload),
            // The file size repeats the sum of the parts; the canonical check holds it to that.
            Some(Field::Number(3, _)) => {}
            Some(Field::Number(4, size)) => data.sizes.push(size),
            Some(Field::Number(5, hash)) => data.hash = Some(hash),
            Some(Field::Number(6, fanout)) => data.fanout = Some(fanout),
            Some(_) => return Err(NodeError::Unsupported("attribute such as mode or time")),
            None => return Err(NodeError::Syntax("cut or endless field in UnixFS data")),
        }
    }
    Ok(data)
}

fn join_parts(links: Vec<Link>, sizes: &[u64]) -> Result<Vec<Part>, NodeError> {
    if links.len() != sizes.len() || links.is_empty() {
        return Err(NodeError::Unsupported("file node without one size for each link"));
    }
    let mut total = 0_u64;
    let mut parts = Vec::with_capacity(links.len());
    for (link, &size) in links.iter().zip(sizes) {
        total = total.checked_add(size).ok_or(NodeError::Syntax("file size overflows"))?;
        if link.cid.codec() == Codec::Raw && link.tsize != size {
            return Err(NodeError::Syntax("raw leaf with two sizes"));
        }
        parts.push(Part { cid: link.cid, size, tsize: link.tsize });
    }
    Ok(parts)
}

fn directory_node(links: Vec<Link>) -> Result<Node, NodeError> {
    if !links.is_sorted_by(|a, b| a.name.as_bytes() < b.name.as_bytes()) {
        return Err(NodeError::NotCanonical);
    }
    if !links.iter().all(|link| is_entry_name(&link.name)) {
        return Err(NodeError::Syntax("unsafe name in a directory"));
    }
    Ok(Node::Directory(links))
}

fn shard_node(links: Vec<Link>) -> Result<Node, NodeError> {
    let slots: Option<Vec<u8>> = links.iter().map(slot_of).collect();
    match slots {
        Some(slots) if slots.is_sorted_by(|a, b| a < b) => {}
        _ => return Err(NodeError::Syntax("shard links without rising slots")),
    }
    let safe = links.iter().filter_map(|link| link.name.get(2..)).all(|name| name.is_empty() || is_entry_name(name));
    if safe { Ok(Node::Shard(links)) } else { Err(NodeError::Syntax("unsafe name in a shard")) }
}

fn is_entry_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains('/') && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a failed test")]
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;

    fn cid() -> impl Strategy<Value = ContentId> {
        (any::<[u8; 32]>(), any::<bool>())
            .prop_map(|(digest, raw)| ContentId::from_digest(if raw { Codec::Raw } else { Codec::DagPb }, digest.into()))
    }

    fn node() -> impl Strategy<Value = Node> {
        let part = (cid(), 0..u64::MAX >> 9, any::<u64>()).prop_map(|(cid, size, tsize)| {
            let tsize = if cid.codec() == Codec::Raw { size } else { tsize };
            Part { cid, size, tsize }
        });
        let link = |(name, (cid, tsize))| Link { name, cid, tsize };
        prop_oneof![
            vec(part, 1..200).prop_map(Node::File),
            btree_map("[^/\\p{C}.]{1,20}", (cid(), any::<u64>()), 0..40)
                .prop_map(move |links| Node::Directory(links.into_iter().map(link).collect())),
            btree_map(any::<u8>(), ("[^/\\p{C}.]{0,9}", cid(), any::<u64>()), 1..40).prop_map(|links| {
                let named = |(slot, (name, cid, tsize))| Link { name: format!("{slot:02X}{name}"), cid, tsize };
                Node::Shard(links.into_iter().map(named).collect())
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_node_reads_back_as_it_was_written(node in node()) {
            prop_assert_eq!(decode(&encode(&node)).unwrap(), node);
        }

        #[test]
        fn what_is_accepted_has_one_spelling(bytes in vec(any::<u8>(), 0..200)) {
            if let Ok(node) = decode(&bytes) {
                prop_assert_eq!(encode(&node), bytes);
            }
        }

        #[test]
        fn a_changed_or_cut_block_is_refused_or_means_something_else(node in node(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let block = encode(&node);
            let at = at.index(block.len());
            prop_assert!(decode(&block[..at]).is_err());
            let mut changed = block.clone();
            changed[at] ^= 1 << bit;
            prop_assert!(decode(&changed).map_or(true, |other| other != node));
        }
    }

    #[test]
    fn refuses_other_spellings_of_an_empty_directory() {
        assert_eq!(decode(&[0x0a, 2, 8, 1]), Ok(Node::Directory(Vec::new())));
        assert_eq!(decode(&[0x0a, 3, 8, 0x81, 0]), Err(NodeError::NotCanonical));
        assert_eq!(decode(&[0x0a, 4, 8, 1, 0x18, 0]), Err(NodeError::NotCanonical));
        assert!(decode(&[]).is_err());
        assert!(decode(&[0x0a, 2, 8, 1, 0x0a, 2, 8, 1]).is_err());
        assert_eq!(decode(&vec![0; MAX_NODE_BYTES + 1]), Err(NodeError::TooLong(MAX_NODE_BYTES + 1)));
    }

    #[test]
    fn refuses_names_that_lead_elsewhere() {
        for name in ["", ".", "..", "a/b", "a\0"] {
            let link = Link { name: name.to_owned(), cid: ContentId::raw(b""), tsize: 0 };
            assert!(decode(&encode(&Node::Directory(vec![link]))).is_err(), "{name:?}");
        }
    }
}
