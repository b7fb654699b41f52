//! What an `ar://` URI binds, from the whole item alone.

use bytes::Bytes;

use super::{DataItem, ItemError, ItemId};

/// Returns the data of the item `id`, of which `item` is all: its id is the hash of its signature, and its owner signed the data.
///
/// Nothing else has to be believed: whoever made the item cannot have made another with this id, see `docs/spec/arweave.md`.
///
/// # Errors
/// When the bytes are no data item, are another one, or its signature does not hold.
pub fn bound_data(id: &ItemId, item: Bytes) -> Result<Bytes, ItemError> {
    let item = DataItem::read(item)?;
    if item.id() != *id {
        return Err(ItemError::Id { expected: *id, found: item.id() });
    }
    item.verify()?;
    Ok(item.data().clone())
}
