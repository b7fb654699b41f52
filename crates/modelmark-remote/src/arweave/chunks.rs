//! The Merkle tree over the chunks of a transaction's data: its root is what is signed, and each chunk travels with the path to it.

use std::io::Read;

use sha2::{Digest as _, Sha256};

/// Longest chunk in bytes.
pub(crate) const MAX_CHUNK: u64 = 256 << 10;
/// Shortest chunk in bytes, but for the last of little data.
const MIN_CHUNK: u64 = 32 << 10;

/// A node of the tree and where what is below it ends.
#[derive(Clone, Copy)]
struct Node {
    id: [u8; 32],
    end: u64,
}

/// The tree over some data.
pub(crate) struct Chunks {
    /// Digest and end of each chunk.
    leaves: Vec<Node>,
    /// The layers from the leaves to the root.
    layers: Vec<Vec<Node>>,
}

impl Chunks {
    /// Reads the data, of which there are `size` bytes.
    pub(crate) fn of(mut data: impl Read, size: u64) -> std::io::Result<Self> {
        let (mut leaves, mut end, mut chunk) = (Vec::new(), 0, Vec::new());
        for length in lengths(size) {
            chunk.resize(usize::try_from(length).map_err(std::io::Error::other)?, 0);
            data.read_exact(&mut chunk)?;
            end += length;
            leaves.push(Node { id: Sha256::digest(&chunk).into(), end });
        }
        let bottom = leaves.iter().map(|leaf| Node { id: hash(&[&sha256(&leaf.id), &sha256(&note(leaf.end))]), end: leaf.end }).collect();
        let mut layers: Vec<Vec<Node>> = vec![bottom];
        while let Some(layer) = layers.last().filter(|layer| layer.len() > 1) {
            let next = layer.chunks(2).filter_map(join).collect();
            layers.push(next);
        }
        Ok(Self { leaves, layers })
    }

    /// Returns the root.
    pub(crate) fn root(&self) -> [u8; 32] {
        self.layers.last().and_then(|layer| layer.first()).map_or([0; 32], |node| node.id)
    }

    /// Returns where each chunk begins and ends, with the path to it. Empty ones, which stand in the tree after data of whole chunks, are not sent.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (u64, u64, Vec<u8>)> {
        let starts = std::iter::once(0).chain(self.leaves.iter().map(|leaf| leaf.end));
        let chunks = self.leaves.iter().zip(starts).enumerate().filter(|(_, (leaf, start))| leaf.end > *start);
        chunks.map(|(index, (leaf, start))| (start, leaf.end, self.path(index, leaf)))
    }

    fn path(&self, index: usize, leaf: &Node) -> Vec<u8> {
        let mut path = Vec::new();
        for (level, layer) in self.layers.iter().enumerate().rev().skip(1) {
            let left = (index >> level) & !1;
            if let (Some(left), Some(right)) = (layer.get(left), layer.get(left + 1)) {
                path.extend([left.id, right.id, note(left.end)].concat());
            }
        }
        path.extend([leaf.id, note(leaf.end)].concat());
        path
    }
}

/// Cuts data into chunks; the last two are made equal where the last would be too short.
fn lengths(size: u64) -> Vec<u64> {
    let (mut lengths, mut rest) = (Vec::new(), size);
    while rest >= MAX_CHUNK {
        let after = rest - MAX_CHUNK;
        let length = if after > 0 && after < MIN_CHUNK { rest.div_ceil(2) } else { MAX_CHUNK };
        lengths.push(length);
        rest -= length;
    }
    lengths.push(rest);
    lengths
}

fn join(pair: &[Node]) -> Option<Node> {
    match pair {
        [left, right] => Some(Node { id: hash(&[&sha256(&left.id), &sha256(&right.id), &sha256(&note(left.end))]), end: right.end }),
        [only] => Some(*only),
        _ => None,
    }
}

/// A number as the tree has it: 32 bytes, high ones first.
fn note(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    if let Some(low) = bytes.last_chunk_mut() {
        *low = number.to_be_bytes();
    }
    bytes
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    sha256(&parts.concat())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test says where")]

    use data_encoding::BASE64URL_NOPAD;
    use serde_json::Value;

    use super::*;

    #[test]
    fn trees_are_those_of_arweave_js() {
        let file = modelmark_testkit::tools::workspace().join("vectors/arweave/transactions.json");
        let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for case in vectors["transactions"].as_array().unwrap() {
            let size = case["size"].as_u64().unwrap();
            let data: Vec<u8> = (0..size).map(|i| (i * 31 + (i >> 8) * 7 + (i >> 16) * 3) as u8).collect();
            let chunks = Chunks::of(data.as_slice(), size).unwrap();
            assert_eq!(BASE64URL_NOPAD.encode(&chunks.root()), case["transaction"]["data_root"], "{size}");
            let paths: Vec<Value> = chunks
                .paths()
                .map(|(start, end, path)| {
                    serde_json::json!({ "start": start, "end": end, "offset": end - 1, "path": BASE64URL_NOPAD.encode(&path) })
                })
                .collect();
            assert_eq!(Value::Array(paths), case["chunks"], "{size}");
        }
    }
}
