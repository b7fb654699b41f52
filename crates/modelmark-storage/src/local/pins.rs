//! The roots that are kept: what garbage collection starts from and what `ls` shows.

use std::fmt;

use modelmark_digest::ContentId;
use serde::Serialize;

use super::LocalStore;
use crate::{StorageError, Store};

/// A root that is kept, with everything below it and everything attached to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pin {
    /// The root.
    pub root: ContentId,
    /// What it is to the user.
    pub role: Role,
}

/// What a kept root is to the user. The store treats all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// A provenance record.
    Record,
    /// A signature document.
    Signatures,
    /// A model: a file or a directory.
    Model,
    /// The picture of a record, drawn as PNG.
    Picture,
}

impl Role {
    const ALL: [Self; 4] = [Self::Record, Self::Signatures, Self::Model, Self::Picture];

    /// Returns the role in one lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Signatures => "signatures",
            Self::Model => "model",
            Self::Picture => "picture",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl LocalStore {
    /// Keeps `root` and all below it from now on. Pinning again changes only the role.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when the root is not in the store, or when the store cannot be written to.
    pub fn pin(&self, root: &ContentId, role: Role) -> Result<(), StorageError> {
        self.hold()?;
        if !self.has(root)? {
            return Err(StorageError::Missing { id: *root, store: self.name().to_owned() });
        }
        let sql = "INSERT INTO pins (root, role) VALUES (?1, ?2) ON CONFLICT (root) DO UPDATE SET role = excluded.role";
        self.index.write(|transaction| transaction.execute(sql, (root.to_bytes(), role.as_str())).map(drop))
    }

    /// Stops keeping `root`; returns whether it was kept. Its blocks stay until the next [`LocalStore::gc`].
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub fn unpin(&self, root: &ContentId) -> Result<bool, StorageError> {
        let removed = self.index.write(|transaction| transaction.execute("DELETE FROM pins WHERE root = ?1", [root.to_bytes()]))?;
        Ok(removed > 0)
    }

    /// Returns what is kept, sorted by CID.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pins(&self) -> Result<Vec<Pin>, StorageError> {
        let rows = self.index.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT root, role FROM pins ORDER BY root")?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.into_iter().map(|(root, role)| self.pin_from(&root, &role)).collect()
    }

    fn pin_from(&self, root: &[u8], role: &str) -> Result<Pin, StorageError> {
        let role = Role::ALL.into_iter().find(|known| known.as_str() == role);
        let role = role.ok_or_else(|| self.nonsense("a pin of an unknown role"))?;
        Ok(Pin { root: self.id_from(root)?, role })
    }
}
