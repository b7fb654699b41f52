//! Putting right bytes where wrong ones are, or none.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

use modelmark_digest::ContentId;

use super::LocalStore;
use super::place::Place;
use crate::{Block, StorageError, Store};

impl LocalStore {
    /// Keeps the block as `spare` has it; returns whether it does.
    pub(super) fn mend(&self, id: &ContentId, spare: &mut dyn FnMut(&ContentId) -> Option<Vec<u8>>) -> Result<bool, StorageError> {
        let Some(block) = right(id, spare) else { return Ok(false) };
        self.put_all(std::slice::from_ref(&block))?;
        Ok(true)
    }

    /// Mends a leaf that a file does not hold any more: in the file when it is the store's own, else in the index, and the file is not looked at for it
    /// again. Files of the user's are never written to.
    pub(super) fn mend_place(
        &self,
        file: i64,
        offset: i64,
        place: &Place,
        id: &ContentId,
        spare: &mut dyn FnMut(&ContentId) -> Option<Vec<u8>>,
    ) -> Result<bool, StorageError> {
        let Some(block) = right(id, spare) else { return Ok(false) };
        let path = self.dir.join(&place.path);
        // When the whole copy is gone, its leaves go into the index as well.
        let own = if place.path.is_relative() { OpenOptions::new().write(true).open(&path).ok() } else { None };
        if let Some(own) = own {
            let written = own.write_all_at(block.bytes(), place.offset).and_then(|()| own.sync_data());
            written.map_err(|error| StorageError::io("write", &path, error))?;
            return Ok(true);
        }
        self.put_all(std::slice::from_ref(&block))?;
        let sql = "DELETE FROM places WHERE file = ?1 AND offset = ?2";
        self.index.write(|transaction| transaction.execute(sql, (file, offset)).map(drop))?;
        Ok(true)
    }
}

/// Returns the block as `spare` has it, if those are its bytes.
fn right(id: &ContentId, spare: &mut dyn FnMut(&ContentId) -> Option<Vec<u8>>) -> Option<Block> {
    Block::new(id.codec(), spare(id)?).ok().filter(|block| block.id() == *id)
}
