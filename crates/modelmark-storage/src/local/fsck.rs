//! Checking the whole store: every byte re-hashed, every kept root followed to its last leaf; and mending what can be had elsewhere.

use std::path::PathBuf;

use modelmark_digest::{Codec, ContentId, Sha256Digest};
use serde::Serialize;

use super::LocalStore;
use super::index::Index;
use super::place::{Place, path_from_bytes};
use crate::{MAX_BLOCK_BYTES, StorageError, Store};

/// How many findings are listed; the rest is counted.
const MAX_FINDINGS: usize = 10_000;
/// Rows that are looked at between two turns of other users of the index.
const PAGE: i64 = 256;

/// What `fsck` found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fsck {
    /// Blocks and leaves that were re-hashed.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is wrong, at most 10,000 findings.
    pub damage: Vec<Damage>,
    /// Findings beyond those.
    pub unlisted: u64,
    /// Blocks and leaves that were wrong and are right again. They are no findings.
    pub repaired: u64,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Damage {
    /// The database itself is inconsistent.
    Index {
        /// What the engine says.
        detail: String,
    },
    /// A block in the index has other bytes than its CID says.
    Block {
        /// The block.
        id: ContentId,
    },
    /// A file no longer holds leaves that it held: it was moved, altered, or is damaged.
    File {
        /// The file.
        path: PathBuf,
        /// How many leaves it no longer holds.
        leaves: u64,
        /// How many of them are below a pin and nowhere else.
        lost: u64,
    },
    /// A block below a pin is nowhere.
    Missing {
        /// The block.
        id: ContentId,
    },
    /// A block below a pin is not a UnixFS node, so what lies below it is unknown.
    Malformed {
        /// The block.
        id: ContentId,
    },
}

impl Fsck {
    /// Tells whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty() && self.unlisted == 0
    }

    fn find(&mut self, damage: Damage) {
        if self.damage.len() < MAX_FINDINGS {
            self.damage.push(damage);
        } else {
            self.unlisted += 1;
        }
    }
}

/// Where right bytes of a damaged block may come from; they are re-hashed. None: nobody has it.
type Spare<'a> = dyn FnMut(&ContentId) -> Option<Vec<u8>> + 'a;

/// A check in the making.
struct Check<'s> {
    store: &'s LocalStore,
    index: Index,
    spare: &'s mut Spare<'s>,
    found: Fsck,
}

/// A row of `blocks` or `places`: where to go on, and what should be there.
struct Row<P> {
    key: i64,
    id: ContentId,
    place: P,
}

impl LocalStore {
    /// Re-hashes every block and leaf, and follows every pin. Changes nothing.
    ///
    /// # Errors
    /// When the store cannot be read. Damage is a finding, not an error.
    pub fn fsck(&self) -> Result<Fsck, StorageError> {
        self.check(&mut |_| None)
    }

    /// As [`LocalStore::fsck`], and asks `spare` for every block that is damaged, and for every one below a pin that is nowhere.
    ///
    /// What it gives is re-hashed and kept where the damage was: in the index, in the store's own copy of a file, or, for a leaf that a file of the
    /// user's no longer holds, in the index from now on. Only what could not be mended is a finding.
    ///
    /// # Errors
    /// When the store cannot be read or written to.
    pub fn repair(&self, mut spare: impl FnMut(&ContentId) -> Option<Vec<u8>>) -> Result<Fsck, StorageError> {
        self.hold()?;
        self.check(&mut spare)
    }

    fn check(&self, spare: &mut Spare<'_>) -> Result<Fsck, StorageError> {
        let mut check = Check { store: self, index: self.index.reopen()?, spare, found: Fsck::default() };
        check.engine()?;
        check.pins()?;
        check.missing()?;
        check.blocks()?;
        check.files()?;
        Ok(check.found)
    }
}

impl Check<'_> {
    fn engine(&mut self) -> Result<(), StorageError> {
        let details: Vec<String> = self.index.run(|connection| {
            let mut statement = connection.prepare("PRAGMA quick_check(100)")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        })?;
        details.into_iter().filter(|detail| detail != "ok").for_each(|detail| self.found.find(Damage::Index { detail }));
        Ok(())
    }

    /// Follows the pins; nodes on the way are mended at once, so that what lies below them is found.
    fn pins(&mut self) -> Result<(), StorageError> {
        let Self { store, index, spare, found } = self;
        store.mark(index, |error| match error {
            StorageError::Malformed { id, .. } | StorageError::TooLarge { id, .. } => {
                found.find(Damage::Malformed { id });
                Ok(false)
            }
            // These are found again later, where every block is looked at.
            StorageError::Missing { id, .. } | StorageError::Damaged { id, .. } | StorageError::Altered { id, .. } => {
                let mended = store.mend(&id, spare)?;
                found.repaired += u64::from(mended);
                Ok(mended)
            }
            other => Err(other),
        })
    }

    fn missing(&mut self) -> Result<(), StorageError> {
        let mut after: Vec<u8> = Vec::new();
        loop {
            let page: Vec<([u8; 32], i64)> = self.index.run(|connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT digest, codec FROM temp.reachable AS wanted WHERE digest > ?1
                     AND NOT EXISTS (SELECT 1 FROM blocks WHERE digest = wanted.digest)
                     AND NOT EXISTS (SELECT 1 FROM places WHERE digest = wanted.digest) ORDER BY digest LIMIT ?2",
                )?;
                let rows = statement.query_map((after.as_slice(), PAGE), |row| Ok((row.get(0)?, row.get(1)?)))?;
                rows.collect()
            })?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = last.to_vec();
            for (digest, codec) in page {
                let id = ContentId::from_digest(codec_from(codec), digest.into());
                self.mend_or(&id, Damage::Missing { id })?;
            }
        }
    }

    fn blocks(&mut self) -> Result<(), StorageError> {
        let mut after = 0;
        loop {
            let page: Vec<Row<()>> = self.index.run(|connection| {
                let mut statement =
                    connection.prepare_cached("SELECT rowid, digest, codec FROM blocks WHERE rowid > ?1 ORDER BY rowid LIMIT ?2")?;
                let rows = statement.query_map((after, PAGE), |row| {
                    let digest: [u8; 32] = row.get(1)?;
                    Ok(Row { key: row.get(0)?, id: ContentId::from_digest(codec_from(row.get(2)?), digest.into()), place: () })
                })?;
                rows.collect()
            })?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.key;
            for Row { id, .. } in &page {
                match self.store.inline(id, MAX_BLOCK_BYTES) {
                    Ok(Some(bytes)) => {
                        self.found.blocks += 1;
                        self.found.bytes += bytes.len() as u64;
                        if !id.verify(&bytes) {
                            self.mend_or(id, Damage::Block { id: *id })?;
                        }
                    }
                    // Collected since the page was read.
                    Ok(None) => {}
                    Err(StorageError::TooLarge { .. }) => self.mend_or(id, Damage::Block { id: *id })?,
                    Err(error) => return Err(error),
                }
            }
        }
    }

    fn mend_or(&mut self, id: &ContentId, damage: Damage) -> Result<(), StorageError> {
        if self.store.mend(id, self.spare)? {
            self.found.repaired += 1;
        } else {
            self.found.find(damage);
        }
        Ok(())
    }

    fn files(&mut self) -> Result<(), StorageError> {
        let files: Vec<(i64, PathBuf)> = self.index.run(|connection| {
            let mut statement = connection.prepare("SELECT id, path FROM files ORDER BY path")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, path_from_bytes(row.get_ref(1)?.as_blob()?))))?;
            rows.collect()
        })?;
        for (file, path) in files {
            let (leaves, lost) = self.file(file)?;
            if leaves > 0 {
                self.found.find(Damage::File { path: self.store.dir.join(path), leaves, lost });
            }
        }
        Ok(())
    }

    /// Returns how many leaves the file no longer holds, and how many of those are kept and nowhere else.
    fn file(&mut self, file: i64) -> Result<(u64, u64), StorageError> {
        let (mut leaves, mut lost) = (0, 0);
        let mut after = -1;
        loop {
            let page: Vec<Row<Place>> = self.index.run(|connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT path, offset, length, digest FROM places JOIN files ON files.id = file
                     WHERE file = ?1 AND offset > ?2 ORDER BY offset LIMIT ?3",
                )?;
                let rows = statement.query_map((file, after, PAGE), |row| {
                    let digest = Sha256Digest::from(row.get::<_, [u8; 32]>(3)?);
                    Ok(Row { key: row.get(1)?, id: ContentId::from_digest(Codec::Raw, digest), place: Place::from_row(row)? })
                })?;
                rows.collect()
            })?;
            let Some(last) = page.last() else { return Ok((leaves, lost)) };
            after = last.key;
            for Row { id, place, key } in page {
                self.found.blocks += 1;
                match place.read(&self.store.dir, &id, MAX_BLOCK_BYTES) {
                    Ok(bytes) => self.found.bytes += bytes.len() as u64,
                    Err(_) if self.store.mend_place(file, key, &place, &id, self.spare)? => self.found.repaired += 1,
                    Err(_) => {
                        leaves += 1;
                        lost += u64::from(is_kept(&self.index, &id)? && self.store.get(&id, MAX_BLOCK_BYTES).is_err());
                    }
                }
            }
        }
    }
}

fn is_kept(index: &Index, id: &ContentId) -> Result<bool, StorageError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM temp.reachable WHERE digest = ?1)";
    index.run(|connection| connection.prepare_cached(sql)?.query_row([id.digest().as_bytes().as_slice()], |row| row.get(0)))
}

fn codec_from(number: i64) -> Codec {
    if number == super::codec_number(Codec::DagPb) { Codec::DagPb } else { Codec::Raw }
}
