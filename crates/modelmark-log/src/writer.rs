//! Adding entries to a log's folder: each tile is written once it is full, so that memory holds one tile a level whatever the length.
//!
//! Nothing counts before the checkpoint is written: it is replaced in one step, after everything it speaks about. A run that died half-way
//! leaves tiles that the next run writes again.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{self, ConsistencyProof, empty_root};

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::reader::{self, LogReader};
use crate::tile::{HASH_BYTES, Kind, Tile, WIDTH, places};
use crate::{LogError, LogKey};

/// A log's folder that entries are added to.
#[derive(Debug)]
pub struct LogWriter {
    folder: PathBuf,
    /// What the last checkpoint says, if there is one.
    before: Option<Checkpoint>,
    size: u64,
    /// The hashes of the last tile of each level, from the second upwards; those of the first are the entries' that are held.
    levels: Vec<Vec<Sha256Digest>>,
    /// The entries of the last bundle, each after its length, and how many they are.
    bundle: Vec<u8>,
    entries: Vec<std::ops::Range<usize>>,
    /// The folder that was made last.
    made: PathBuf,
}

impl LogWriter {
    /// Opens the log in `folder` to go on where its checkpoint stands, or begins one.
    ///
    /// # Errors
    /// The folder cannot be read, or does not hold what its checkpoint says.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        let mut writer = Self {
            folder: folder.to_owned(),
            before: None,
            size: 0,
            levels: Vec::new(),
            bundle: Vec::new(),
            entries: Vec::new(),
            made: PathBuf::new(),
        };
        if folder.join(reader::CHECKPOINT).exists() {
            let log = LogReader::open(folder)?;
            writer.resume(&log)?;
        }
        Ok(writer)
    }

    fn resume(&mut self, log: &LogReader) -> Result<(), LogError> {
        let checkpoint = log.checkpoint().checkpoint().clone();
        self.size = checkpoint.size();
        self.levels.push(Vec::new());
        for level in 1..=7 {
            let kind = Kind::Hashes(level);
            let taken = places(kind, self.size);
            let full = taken.is_multiple_of(WIDTH);
            self.levels.push(if full { Vec::new() } else { log.tile(kind, taken - 1)? });
        }
        if !self.size.is_multiple_of(WIDTH) {
            for entry in log.bundle(self.size - 1)? {
                self.hold(&entry)?;
            }
        }
        if self.root() != checkpoint.root() {
            return Err(LogError::damaged("tile", "the last tiles do not lead to the checkpoint's root"));
        }
        self.before = Some(checkpoint);
        Ok(())
    }

    /// Returns how many entries there are, those that are not under a checkpoint yet included.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Calls `take` with each entry in its order, those that are not under a checkpoint yet included.
    ///
    /// # Errors
    /// A bundle cannot be read.
    pub fn each_entry(&self, mut take: impl FnMut(&[u8])) -> Result<(), LogError> {
        let held = self.entries.len() as u64;
        let written = LogReader::unsigned(&self.folder, self.size - held);
        let mut start = 0;
        while start < self.size - held {
            written.bundle(start)?.iter().for_each(|entry| take(entry));
            start += WIDTH;
        }
        self.entries.iter().filter_map(|range| self.bundle.get(range.clone())).for_each(take);
        Ok(())
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// It is longer than [`crate::MAX_ENTRY_BYTES`], or a file cannot be written.
    pub fn push(&mut self, entry: &[u8]) -> Result<(), LogError> {
        self.hold(entry)?;
        self.size += 1;
        if self.entries.len() as u64 == WIDTH { self.close_bundle() } else { Ok(()) }
    }

    /// Writes what is not written yet, checks that the log grew from its last checkpoint, and signs a new one under the key's name.
    ///
    /// # Errors
    /// There are no entries, what is there did not grow from what the last checkpoint signs, or a file cannot be written.
    pub fn commit(mut self, key: &LogKey) -> Result<SignedCheckpoint, LogError> {
        if self.size == 0 {
            return Err(LogError::Empty);
        }
        let checkpoint = Checkpoint::new(key.name(), self.size, self.write_rest()?)?;
        self.check_growth(&checkpoint)?;
        let signed = checkpoint.sign(key);
        self.replace_checkpoint(&signed.to_string())?;
        Ok(signed)
    }

    fn hold(&mut self, entry: &[u8]) -> Result<(), LogError> {
        let length = u16::try_from(entry.len()).map_err(|_| LogError::LongEntry(entry.len()))?;
        self.bundle.extend(length.to_be_bytes());
        let start = self.bundle.len();
        self.bundle.extend(entry);
        self.entries.push(start..self.bundle.len());
        Ok(())
    }

    /// Returns the leaf hashes of the entries that are held.
    fn leaves(&self) -> Vec<Sha256Digest> {
        let entries: Vec<&[u8]> = self.entries.iter().filter_map(|range| self.bundle.get(range.clone())).collect();
        merkle::leaf_hashes(&entries)
    }

    fn close_bundle(&mut self) -> Result<(), LogError> {
        let leaves = self.leaves();
        self.write_bundle(Tile { kind: Kind::Entries, number: self.size / WIDTH - 1, width: WIDTH })?;
        self.bundle.clear();
        self.entries.clear();
        self.close_tiles(leaves)
    }

    fn write_bundle(&mut self, tile: Tile) -> Result<(), LogError> {
        let bundle = std::mem::take(&mut self.bundle);
        let written = self.write(&tile.path(), &bundle);
        // The allocation is used again.
        self.bundle = bundle;
        written
    }

    /// Takes the hashes of a full tile of leaves, and closes the tiles above that this fills.
    fn close_tiles(&mut self, leaves: Vec<Sha256Digest>) -> Result<(), LogError> {
        let mut full = leaves;
        let mut level = 0;
        loop {
            let kind = Kind::Hashes(u32::try_from(level).unwrap_or(u32::MAX));
            let number = places(kind, self.size) / WIDTH - 1;
            self.write_hashes(Tile { kind, number, width: WIDTH }, &full)?;
            level += 1;
            if self.put(level, merkle::root(&full)) < WIDTH {
                return Ok(());
            }
            full = self.levels.get_mut(level).map(std::mem::take).unwrap_or_default();
        }
    }

    /// Puts a hash at the end of a level and returns how many that level's last tile holds now.
    fn put(&mut self, level: usize, hash: Sha256Digest) -> u64 {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        self.levels.get_mut(level).map_or(0, |hashes| {
            hashes.push(hash);
            hashes.len() as u64
        })
    }

    /// Returns the hashes of each level's last tile, from the leaves upwards.
    fn last_tiles(&self) -> Vec<Vec<Sha256Digest>> {
        let above = self.levels.iter().skip(1).cloned();
        std::iter::once(self.leaves()).chain(above).collect()
    }

    /// Returns the root over all entries: each level's last tile stands left of what the levels below leave over.
    fn root(&self) -> Sha256Digest {
        let mut rest: Option<Sha256Digest> = None;
        for mut hashes in self.last_tiles() {
            hashes.extend(rest);
            rest = (!hashes.is_empty()).then(|| merkle::root(&hashes));
        }
        rest.unwrap_or_else(empty_root)
    }

    /// Writes the tiles that are not full, and returns the root.
    fn write_rest(&mut self) -> Result<Sha256Digest, LogError> {
        if let Some(tile) = self.partial(Kind::Entries) {
            self.write_bundle(tile)?;
        }
        for (level, hashes) in (0_u32..).zip(self.last_tiles()) {
            if let Some(tile) = self.partial(Kind::Hashes(level)) {
                self.write_hashes(tile, &hashes)?;
            }
        }
        Ok(self.root())
    }

    fn partial(&self, kind: Kind) -> Option<Tile> {
        let last = places(kind, self.size).checked_sub(1)?;
        Tile::holding(kind, last, self.size).filter(|tile| tile.width < WIDTH)
    }

    /// Checks by a proof from the tiles as they are on disk that the log of the last checkpoint is the beginning of this one.
    fn check_growth(&self, new: &Checkpoint) -> Result<(), LogError> {
        let Some(old) = &self.before else { return Ok(()) };
        let log = LogReader::unsigned(&self.folder, new.size());
        let proof = ConsistencyProof::from_nodes(old.size(), new.size(), |node| log.node(node))?;
        if proof.verify(&old.root(), &new.root()) { Ok(()) } else { Err(LogError::Inconsistent { old: old.size() }) }
    }

    fn write_hashes(&mut self, tile: Tile, hashes: &[Sha256Digest]) -> Result<(), LogError> {
        let mut bytes = Vec::with_capacity(hashes.len() * HASH_BYTES);
        hashes.iter().for_each(|hash| bytes.extend(hash.as_bytes()));
        self.write(&tile.path(), &bytes)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), LogError> {
        let file = self.folder.join(path);
        if let Some(parent) = file.parent().filter(|parent| *parent != self.made) {
            std::fs::create_dir_all(parent).map_err(LogError::file(path))?;
            self.made = parent.to_owned();
        }
        std::fs::write(&file, bytes).map_err(LogError::file(path))
    }

    fn replace_checkpoint(&self, text: &str) -> Result<(), LogError> {
        let write = || {
            let mut file = published().tempfile_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(self.folder.join(reader::CHECKPOINT)).map_err(|error| error.error)
        };
        write().map(drop).map_err(LogError::file(reader::CHECKPOINT))
    }
}

/// A temporary file that becomes one for everybody, as far as the user's mask lets it: a web server has to read the checkpoint as it reads the tiles.
fn published() -> tempfile::Builder<'static, 'static> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "elsewhere a new file has the folder's permissions"))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
