//! The local store: everything under one directory, safe between processes and across crashes.
//!
//! ```text
//! <dir>/index.sqlite3   blocks (records, signatures, UnixFS nodes), places of leaves, pins, attachments
//! <dir>/objects/<cid>   whole files, when a model was copied in
//! <dir>/lease.lock      see `lease`
//! ```

mod fsck;
mod gc;
mod import;
mod index;
mod lease;
mod mend;
mod objects;
mod pins;
mod place;
mod reach;
mod receipts;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use modelmark_digest::{Codec, ContentId};
use rusqlite::{OptionalExtension, Transaction};

use self::index::Index;
use self::place::Place;
use crate::store::check_size;
use crate::{Block, StorageError, Store};

pub use self::fsck::{Damage, Fsck};
pub use self::gc::Freed;
pub use self::import::{Import, Leaves};
pub use self::lease::Lease;
pub use self::pins::{Pin, Role};
pub use self::receipts::{MAX_RECEIPT_BYTES, Noted};

/// How many places of one leaf are tried before it counts as lost. A leaf of zeros can lie at thousands.
const MAX_PLACES: i64 = 64;

/// A block store in a directory.
///
/// Several processes and threads may use one directory at once. A write is on disk when its call returns.
#[derive(Debug)]
pub struct LocalStore {
    name: String,
    dir: PathBuf,
    index: Index,
    /// Taken with the first write and held until this handle is dropped or collects itself.
    session: Mutex<Option<Lease>>,
}

impl LocalStore {
    /// Opens the store in `dir`, and creates it (with mode 0700) where there is none.
    ///
    /// # Errors
    /// When the directory cannot be created or written, when its index is damaged, belongs to another program or to a newer modelmark.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, StorageError> {
        let dir = dir.as_ref();
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| StorageError::io("create", dir, error))?;
        let dir = fs::canonicalize(dir).map_err(|error| StorageError::io("find", dir, error))?;
        Ok(Self { name: format!("file:{}", dir.display()), index: Index::open(&dir)?, dir, session: Mutex::default() })
    }

    /// Keeps garbage collection away until the lease is dropped. Waits for a running collection to end.
    ///
    /// A handle that has written holds a lease of its own until it is dropped, so what it puts is still there when it is pinned, and another
    /// handle's [`LocalStore::gc`] answers [`StorageError::Busy`]. A lease by hand is for threads that share a handle on which `gc` is called.
    ///
    /// # Errors
    /// When the store's lock cannot be opened.
    pub fn lease(&self) -> Result<Lease, StorageError> {
        Lease::take(&self.dir)
    }

    /// Takes the handle's own lease unless it has it.
    fn hold(&self) -> Result<(), StorageError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if session.is_none() {
            *session = Some(self.lease()?);
        }
        Ok(())
    }

    /// Gives the handle's own lease back.
    fn release(&self) {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn inline(&self, id: &ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError> {
        let digest = id.digest();
        let key = [digest.as_bytes().as_slice()];
        let size = self.index.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT length(bytes) FROM blocks WHERE digest = ?1")?;
            statement.query_row(key, |row| row.get::<_, usize>(0)).optional()
        })?;
        let Some(size) = size else { return Ok(None) };
        check_size(id, size, limit)?;
        self.index.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT bytes FROM blocks WHERE digest = ?1")?;
            statement.query_row(key, |row| row.get(0)).optional()
        })
    }

    fn places(&self, id: &ContentId) -> Result<Vec<Place>, StorageError> {
        let sql = "SELECT path, offset, length FROM places JOIN files ON files.id = file WHERE digest = ?1 LIMIT ?2";
        self.index.run(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map((id.digest().as_bytes().as_slice(), MAX_PLACES), Place::from_row)?;
            rows.collect()
        })
    }

    fn id_from(&self, bytes: &[u8]) -> Result<ContentId, StorageError> {
        ContentId::try_from(bytes).map_err(|error| self.nonsense(&error.to_string()))
    }

    /// Returns the error for a row that no version of this program writes.
    fn nonsense(&self, reason: &str) -> StorageError {
        StorageError::Index { path: self.dir.clone(), reason: reason.to_owned() }
    }
}

impl Store for LocalStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn put_all(&self, blocks: &[Block]) -> Result<(), StorageError> {
        self.hold()?;
        self.index.write(|transaction| put_blocks(transaction, blocks))
    }

    fn get(&self, id: &ContentId, limit: usize) -> Result<Option<Vec<u8>>, StorageError> {
        let mut fault = None;
        if let Some(bytes) = self.inline(id, limit)? {
            if id.verify(&bytes) {
                return Ok(Some(bytes));
            }
            fault = Some(StorageError::Damaged { id: *id, place: self.name.clone() });
        }
        for place in self.places(id)? {
            match place.read(&self.dir, id, limit) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    fn has(&self, id: &ContentId) -> Result<bool, StorageError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM blocks WHERE digest = ?1) OR EXISTS (SELECT 1 FROM places WHERE digest = ?1)";
        self.index.run(|connection| connection.prepare_cached(sql)?.query_row([id.digest().as_bytes().as_slice()], |row| row.get(0)))
    }

    fn attach(&self, record: &ContentId, document: &ContentId) -> Result<(), StorageError> {
        self.hold()?;
        if !self.has(document)? {
            return Err(StorageError::Missing { id: *document, store: self.name.clone() });
        }
        let sql = "INSERT INTO attachments (record, document) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.index.write(|transaction| transaction.execute(sql, (record.to_bytes(), document.to_bytes())).map(drop))
    }

    fn attached(&self, record: &ContentId) -> Result<Vec<ContentId>, StorageError> {
        let rows: Vec<Vec<u8>> = self.index.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT document FROM attachments WHERE record = ?1 ORDER BY document")?;
            let rows = statement.query_map([record.to_bytes()], |row| row.get(0))?;
            rows.collect()
        })?;
        rows.iter().map(|bytes| self.id_from(bytes)).collect()
    }

    fn receipts_of(&self, root: &ContentId) -> Result<Vec<Vec<u8>>, StorageError> {
        Ok(self.receipts(Some(root))?.into_iter().map(|noted| noted.receipt).collect())
    }
}

fn put_blocks(transaction: &Transaction<'_>, blocks: &[Block]) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO blocks (digest, codec, bytes) VALUES (?1, ?2, ?3)
         ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes WHERE bytes IS NOT excluded.bytes",
    )?;
    for block in blocks {
        statement.execute((block.id().digest().as_bytes().as_slice(), codec_number(block.id().codec()), block.bytes()))?;
    }
    Ok(())
}

const fn codec_number(codec: Codec) -> i64 {
    match codec {
        Codec::Raw => 0x55,
        Codec::DagPb => 0x70,
    }
}
