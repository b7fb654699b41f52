//! Bundles of ANS-104: many data items in one, and bundles in bundles.
//!
//! ```text
//! u256 number of items | (u256 length | id[32]) ... | items
//! ```

use bytes::Bytes;

use super::{DataItem, ItemError, ItemId, tags};

/// Most items that are read of a bundle, with those of the bundles in it.
pub const MAX_BUNDLE_ITEMS: usize = 65_536;
/// How deep bundles may lie in bundles.
pub const MAX_BUNDLE_DEPTH: usize = 4;

/// An item of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many bundles it lies in below the first.
    pub depth: usize,
    /// The item; it has the id that the bundle says, and its signature holds.
    pub item: DataItem,
}

/// Reads a bundle, with the bundles in it, in their order; an item that is a bundle comes before what it holds. Every item is verified.
///
/// # Errors
/// [`ItemError::Bundle`] when the bytes are none, or there is more in it than is accepted; else what is wrong with the first item that is not in
/// order.
pub fn read_bundle(bytes: &Bytes) -> Result<Vec<Held>, ItemError> {
    let mut held = Vec::new();
    read_into(bytes, 0, &mut held)?;
    Ok(held)
}

/// Writes a bundle of items.
#[must_use]
pub fn write_bundle(items: &[DataItem]) -> Vec<u8> {
    let mut bytes = long(items.len()).to_vec();
    for item in items {
        bytes.extend_from_slice(&long(item.bytes().len()));
        bytes.extend_from_slice(item.id().as_bytes());
    }
    items.iter().for_each(|item| bytes.extend_from_slice(item.bytes()));
    bytes
}

fn read_into(bytes: &Bytes, depth: usize, held: &mut Vec<Held>) -> Result<(), ItemError> {
    if depth > MAX_BUNDLE_DEPTH {
        return Err(wrong(format!("bundles lie more than {MAX_BUNDLE_DEPTH} deep in it")));
    }
    let mut rest = bytes.as_ref();
    let count = number(&mut rest)?;
    // Each has 64 bytes in the header, so that a count that is a lie ends here.
    let Some((mut header, mut items)) = count.checked_mul(64).and_then(|length| rest.split_at_checked(length)) else {
        return Err(ItemError::Cut("list of items"));
    };
    if held.len().saturating_add(count) > MAX_BUNDLE_ITEMS {
        return Err(wrong(format!("more than {MAX_BUNDLE_ITEMS} items")));
    }
    for _ in 0..count {
        let length = number(&mut header)?;
        let expected = ItemId::new(*split(&mut header)?);
        let (item, after) = items.split_at_checked(length).ok_or(ItemError::Cut("items"))?;
        items = after;
        let item = DataItem::read(bytes.slice_ref(item))?;
        if item.id() != expected {
            return Err(ItemError::Id { expected, found: item.id() });
        }
        item.verify()?;
        let inner = is_bundle(&item).then(|| item.data().clone());
        held.push(Held { depth, item });
        if let Some(inner) = inner {
            read_into(&inner, depth + 1, held)?;
        }
    }
    if items.is_empty() { Ok(()) } else { Err(wrong(format!("{} bytes follow its items", items.len()))) }
}

fn is_bundle(item: &DataItem) -> bool {
    let is = |name, value: &str| tags::value_of(item.tags(), name) == Some(value.as_bytes());
    is("Bundle-Format", "binary") && is("Bundle-Version", "2.0.0")
}

fn split<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8; 32], ItemError> {
    let (bytes, after) = rest.split_first_chunk().ok_or(ItemError::Cut("list of items"))?;
    *rest = after;
    Ok(bytes)
}

fn number(rest: &mut &[u8]) -> Result<usize, ItemError> {
    let bytes = split(rest)?;
    let (low, high) = bytes.split_first_chunk().ok_or(ItemError::Cut("list of items"))?;
    let number = usize::try_from(u64::from_le_bytes(*low)).ok().filter(|_| high.iter().all(|byte| *byte == 0));
    number.ok_or_else(|| wrong("a number beyond all bundles".to_owned()))
}

fn long(number: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, value) in bytes.iter_mut().zip((number as u64).to_le_bytes()) {
        *byte = value;
    }
    bytes
}

fn wrong(reason: String) -> ItemError {
    ItemError::Bundle(reason)
}
