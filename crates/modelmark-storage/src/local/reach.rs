//! What the pins keep: every block below them, and every document attached to one of those.

use modelmark_digest::{Codec, ContentId};

use super::index::Index;
use super::{LocalStore, codec_number};
use crate::store::need;
use crate::{MAX_BLOCK_BYTES, StorageError, Store, dag};

impl LocalStore {
    /// Fills the temporary table `reachable (digest, codec)` of `index` from the pins.
    ///
    /// The set lies in SQLite's temporary file and not in memory: a large model has millions of leaves. A node that cannot be read or followed
    /// is handed to `fault`, which decides whether to go on without what lies below it (`false`), or says that it is mended and to be read again.
    pub(super) fn mark(
        &self,
        index: &Index,
        mut fault: impl FnMut(StorageError) -> Result<bool, StorageError>,
    ) -> Result<(), StorageError> {
        index.run(|connection| {
            connection.execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS reachable (digest BLOB, codec INTEGER, PRIMARY KEY (digest, codec)) WITHOUT ROWID;
                 DELETE FROM temp.reachable;",
            )
        })?;
        let mut ahead: Vec<ContentId> = self.pins()?.into_iter().map(|pin| pin.root).collect();
        while let Some(id) = ahead.pop() {
            if !note(index, &id)? {
                continue;
            }
            ahead.extend(self.attached(&id)?);
            if id.codec() == Codec::DagPb {
                match self.links(&id) {
                    Ok(links) => ahead.extend(links),
                    Err(error) => {
                        if fault(error)? {
                            ahead.extend(self.links(&id)?);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn links(&self, id: &ContentId) -> Result<Vec<ContentId>, StorageError> {
        dag::links(id, &need(self, id, MAX_BLOCK_BYTES)?)
    }
}

/// Marks `id`; returns whether it was new.
fn note(index: &Index, id: &ContentId) -> Result<bool, StorageError> {
    let key = (id.digest(), codec_number(id.codec()));
    let sql = "INSERT OR IGNORE INTO temp.reachable (digest, codec) VALUES (?1, ?2)";
    let added = index.run(|connection| connection.prepare_cached(sql)?.execute((key.0.as_bytes().as_slice(), key.1)))?;
    Ok(added > 0)
}
