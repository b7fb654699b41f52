//! UnixFS once more, as plainly as it can be written: everything in memory, level by level.

use std::collections::BTreeMap;

use modelmark_digest::{CidProfile, ContentId, Sha256Digest};

#[derive(Clone)]
pub(crate) struct Block {
    pub(crate) cid: ContentId,
    size: u64,
    tsize: u64,
}

/// Leaf size and links of a node, once more in plain numbers.
fn parameters(profile: CidProfile) -> (usize, usize) {
    match profile {
        CidProfile::UnixfsV1Legacy => (262_144, 174),
        CidProfile::UnixfsV1Of2025 => (1_048_576, 1024),
    }
}

pub(crate) fn file(profile: CidProfile, content: &[u8]) -> Block {
    let (leaf, links) = parameters(profile);
    let raw = |leaf: &[u8]| Block { cid: ContentId::raw(leaf), size: leaf.len() as u64, tsize: leaf.len() as u64 };
    let mut level: Vec<Block> = content.chunks(leaf).map(raw).collect();
    if level.is_empty() {
        return raw(b"");
    }
    while level.len() > 1 {
        level = level.chunks(links).map(inner).collect();
    }
    level[0].clone()
}

fn inner(parts: &[Block]) -> Block {
    let size = parts.iter().map(|part| part.size).sum();
    let mut data = [vec![0x08, 2, 0x18], varint(size)].concat();
    parts.iter().for_each(|part| data.extend([vec![0x20], varint(part.size)].concat()));
    node(&parts.iter().map(|part| ("", part)).collect::<Vec<_>>(), &data, size)
}

/// A directory from paths and contents; sharding is left to the vectors.
pub(crate) fn directory(profile: CidProfile, files: &BTreeMap<String, Vec<u8>>) -> Block {
    let mut entries: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    let mut blocks: BTreeMap<&str, Block> = BTreeMap::new();
    for (path, content) in files {
        if let Some((first, rest)) = path.split_once('/') {
            entries.entry(first).or_default().insert(rest.to_owned(), content.clone());
        } else {
            blocks.insert(path, file(profile, content));
        }
    }
    for (name, below) in &entries {
        blocks.insert(name, directory(profile, below));
    }
    node(&blocks.iter().map(|(name, block)| (*name, block)).collect::<Vec<_>>(), &[0x08, 1], 0)
}

fn node(links: &[(&str, &Block)], data: &[u8], size: u64) -> Block {
    let mut out = Vec::new();
    for (name, block) in links {
        let link = [field(1, &block.cid.to_bytes()), field(2, name.as_bytes()), vec![0x18], varint(block.tsize)].concat();
        out.extend(field(2, &link));
    }
    out.extend(field(1, data));
    let tsize = out.len() as u64 + links.iter().map(|(_, block)| block.tsize).sum::<u64>();
    Block { cid: ContentId::from_digest(modelmark_digest::Codec::DagPb, Sha256Digest::of(&out)), size, tsize }
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number * 8 + 2], varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(value: u64) -> Vec<u8> {
    if value < 128 { vec![value as u8] } else { [vec![value as u8 | 128], varint(value / 128)].concat() }
}
