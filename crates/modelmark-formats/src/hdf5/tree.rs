//! B-trees of version 2, which newer files use as indexes of nearly everything: walked in order, record by record.
//!
//! Source: "Version 2 B-trees" of the format's specification; how many records a node can have, and so how wide its counts are, as in `H5B2hdr.c`.

use super::fields::Fields;
use super::file::{File, checked};
use crate::FormatError;

const WHAT: &str = "a B-tree of version 2";

/// Bytes of the header.
const HEADER_BYTES: u64 = 38;
/// Signature, version, type and checksum of a node.
const NODE_BYTES: u64 = 10;
/// Most levels of nodes. A tree of this depth has more records than a file can have bytes.
const MAX_DEPTH: u16 = 16;

/// What is done with each record.
pub(super) type Each<'e, 'f> = dyn FnMut(&mut File<'f>, Fields<'_>) -> Result<(), FormatError> + 'e;

/// A tree that is being walked.
struct Tree {
    kind: u8,
    /// Bytes of a record.
    record: u64,
    /// From the leaves up.
    levels: Vec<Level>,
    /// Records that may still come.
    left: u64,
}

/// How wide the counts in a node are that has children on this level.
struct Level {
    /// Most records of a node of the level.
    most: u64,
    count_width: usize,
    total_width: usize,
}

/// Walks the tree at an address, which has to be of one of these kinds; `begin` is told which, and the bytes of a record, before `each` gets the first.
pub(super) fn records<'f>(
    file: &mut File<'f>,
    at: u64,
    kinds: &[u8],
    begin: &mut dyn FnMut(u8, u64) -> Result<(), FormatError>,
    each: &mut Each<'_, 'f>,
) -> Result<(), FormatError> {
    let head = file.take(at, HEADER_BYTES, WHAT)?;
    let mut fields = Fields::new(checked(&head, at, WHAT)?, at, WHAT);
    fields.expect(b"BTHD")?;
    fields.version(0)?;
    let (kind, node, record, depth) = (fields.u8()?, u64::from(fields.u32()?), u64::from(fields.u16()?), fields.u16()?);
    fields.take(2)?;
    let (root, count, total) = (fields.u64()?, u64::from(fields.u16()?), fields.u64()?);
    if !kinds.contains(&kind) {
        return Err(fields.fault(&format!("records of type {kind} in a place for others")));
    }
    if depth > MAX_DEPTH || record == 0 || node < NODE_BYTES + record {
        return Err(fields.fault("a depth, or sizes of nodes and records, that cannot be"));
    }
    begin(kind, record)?;
    if total == 0 {
        return Ok(());
    }
    let mut tree = Tree { kind, record, levels: levels(node, record, depth), left: total };
    tree.node(file, root, count, depth, each)?;
    if tree.left == 0 { Ok(()) } else { Err(fields.fault(&format!("{} of {total} records are missing", tree.left))) }
}

fn levels(node: u64, record: u64, depth: u16) -> Vec<Level> {
    let leaf = (node - NODE_BYTES) / record;
    let count_width = width(leaf.into());
    let mut levels = vec![Level { most: leaf, count_width, total_width: 0 }];
    let (mut total, mut total_width) = (u128::from(leaf), 0);
    for _ in 0..depth {
        let pointer = 8 + (count_width + total_width) as u64;
        let most = (node - NODE_BYTES).saturating_sub(pointer) / (record + pointer);
        total = (u128::from(most) + 1).saturating_mul(total).saturating_add(most.into());
        total_width = width(total);
        levels.push(Level { most, count_width, total_width });
    }
    levels
}

/// Bytes that a number up to `most` takes.
fn width(most: u128) -> usize {
    usize::try_from(most.max(1).ilog2() / 8 + 1).unwrap_or(8).min(8)
}

impl Tree {
    /// Walks a node: of a leaf its records, of others what is below between them.
    fn node<'f>(&mut self, file: &mut File<'f>, at: u64, count: u64, depth: u16, each: &mut Each<'_, 'f>) -> Result<(), FormatError> {
        if self.levels.get(usize::from(depth)).is_none_or(|level| count > level.most) {
            return Err(FormatError::malformed(at, format!("{WHAT}: {count} records in a node that cannot have so many")));
        }
        let below = depth.checked_sub(1).and_then(|below| self.levels.get(usize::from(below)));
        let (count_width, total_width) = below.map_or((0, 0), |level| (level.count_width, level.total_width));
        let pointer = if depth == 0 { 0 } else { 8 + (count_width + total_width) as u64 };
        let length = NODE_BYTES + count * self.record + if depth == 0 { 0 } else { (count + 1) * pointer };
        let bytes = file.take(at, length, WHAT)?;
        let mut fields = Fields::new(checked(&bytes, at, WHAT)?, at, WHAT);
        fields.expect(if depth == 0 { b"BTLF" } else { b"BTIN" })?;
        fields.version(0)?;
        if fields.u8()? != self.kind {
            return Err(fields.fault("a node of another type than its tree"));
        }
        let record = usize::try_from(self.record).unwrap_or(usize::MAX);
        let mut children = fields;
        children.take(usize::try_from(count * self.record).unwrap_or(usize::MAX))?;
        for index in 0..=count {
            if depth > 0 {
                let (child, below) = (children.u64()?, children.number(count_width)?);
                children.take(total_width)?;
                self.node(file, child, below, depth - 1, each)?;
            }
            if index < count {
                let left = self.left.checked_sub(1);
                self.left = left.ok_or_else(|| fields.fault("more records than its header counts"))?;
                let start = fields.at();
                each(file, Fields::new(fields.take(record)?, start, WHAT))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_as_wide_as_they_have_to_be() {
        assert_eq!([1, 255, 256, 65_535, 65_536].map(width), [1, 1, 2, 2, 3]);
        assert_eq!((width(0), width(u128::MAX)), (1, 8));
        // Nodes of 512 bytes with links of 11 bytes: 45 records in a leaf, (512 - 10 - 9) / (11 + 9) = 24 in a node above.
        let levels = levels(512, 11, 2);
        // A node of those has up to 25 * 45 + 24 records below it, which takes two bytes.
        let seen: Vec<(u64, usize)> = levels.iter().map(|level| (level.most, level.total_width)).collect();
        assert_eq!(seen, [(45, 0), (24, 2), (22, 2)]);
    }
}
