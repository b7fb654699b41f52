//! Checking the whole store: every byte re-hashed, every kept root followed to its last leaf.

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
        let index = self.index.reopen()?;
        let mut found = Fsck::default();
        check_engine(&index, &mut found)?;
        self.check_pins(&index, &mut found)?;
        self.check_blocks(&index, &mut found)?;
        self.check_files(&index, &mut found)?;
        Ok(found)
    }

    fn check_pins(&self, index: &Index, found: &mut Fsck) -> Result<(), StorageError> {
        self.mark(index, |error| match error {
            StorageError::Malformed { id, .. } | StorageError::TooLarge { id, .. } => {
                found.find(Damage::Malformed { id });
                Ok(())
            }
            // These are found again below, where every block is looked at.
            StorageError::Missing { .. } | StorageError::Damaged { .. } | StorageError::Altered { .. } => Ok(()),
            other => Err(other),
        })?;
        index.run(|connection| {
            let mut statement = connection.prepare(
                "SELECT digest, codec FROM temp.reachable AS wanted
                 WHERE NOT EXISTS (SELECT 1 FROM blocks WHERE digest = wanted.digest)
                 AND NOT EXISTS (SELECT 1 FROM places WHERE digest = wanted.digest) ORDER BY digest",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                found.find(Damage::Missing { id: ContentId::from_digest(codec_from(row.get(1)?), row.get::<_, [u8; 32]>(0)?.into()) });
            }
            Ok(())
        })
    }

    fn check_blocks(&self, index: &Index, found: &mut Fsck) -> Result<(), StorageError> {
        let mut after = 0;
        loop {
            let page: Vec<Row<()>> = index.run(|connection| {
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
                match self.inline(id, MAX_BLOCK_BYTES) {
                    Ok(Some(bytes)) => {
                        found.blocks += 1;
                        found.bytes += bytes.len() as u64;
                        if !id.verify(&bytes) {
                            found.find(Damage::Block { id: *id });
                        }
                    }
                    // Collected since the page was read.
                    Ok(None) => {}
                    Err(StorageError::TooLarge { .. }) => found.find(Damage::Block { id: *id }),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    fn check_files(&self, index: &Index, found: &mut Fsck) -> Result<(), StorageError> {
        let files: Vec<(i64, PathBuf)> = index.run(|connection| {
            let mut statement = connection.prepare("SELECT id, path FROM files ORDER BY path")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, path_from_bytes(row.get_ref(1)?.as_blob()?))))?;
            rows.collect()
        })?;
        for (file, path) in files {
            let (leaves, lost) = self.check_file(index, file, found)?;
            if leaves > 0 {
                found.find(Damage::File { path: self.dir.join(path), leaves, lost });
            }
        }
        Ok(())
    }

    /// Returns how many leaves the file no longer holds, and how many of those are kept and nowhere else.
    fn check_file(&self, index: &Index, file: i64, found: &mut Fsck) -> Result<(u64, u64), StorageError> {
        let (mut leaves, mut lost) = (0, 0);
        let mut after = -1;
        loop {
            let page: Vec<Row<Place>> = index.run(|connection| {
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
            for Row { id, place, .. } in page {
                found.blocks += 1;
                match place.read(&self.dir, &id, MAX_BLOCK_BYTES) {
                    Ok(bytes) => found.bytes += bytes.len() as u64,
                    Err(_) => {
                        leaves += 1;
                        lost += u64::from(is_kept(index, &id)? && self.get(&id, MAX_BLOCK_BYTES).is_err());
                    }
                }
            }
        }
    }
}

fn check_engine(index: &Index, found: &mut Fsck) -> Result<(), StorageError> {
    let details: Vec<String> = index.run(|connection| {
        let mut statement = connection.prepare("PRAGMA quick_check(100)")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect()
    })?;
    details.into_iter().filter(|detail| detail != "ok").for_each(|detail| found.find(Damage::Index { detail }));
    Ok(())
}

fn is_kept(index: &Index, id: &ContentId) -> Result<bool, StorageError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM temp.reachable WHERE digest = ?1)";
    index.run(|connection| connection.prepare_cached(sql)?.query_row([id.digest().as_bytes().as_slice()], |row| row.get(0)))
}

fn codec_from(number: i64) -> Codec {
    if number == super::codec_number(Codec::DagPb) { Codec::DagPb } else { Codec::Raw }
}
