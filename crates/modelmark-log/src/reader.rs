//! Reading a log's folder: its checkpoint, and any entry with the proof that it stands there.
//!
//! A tile is believed for nothing: a proof that is made from tiles is checked against the checkpoint's root before it is given.

use std::path::{Path, PathBuf};

use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{self, ConsistencyProof, InclusionProof, Node, leaf_hash};

use crate::checkpoint::SignedCheckpoint;
use crate::tile::{HASH_BYTES, HEIGHT, Kind, MAX_ENTRY_BYTES, Tile, WIDTH};
use crate::{LogError, ProofFile};

/// The checkpoint's name in the log's folder.
pub(crate) const CHECKPOINT: &str = "checkpoint";
const MAX_CHECKPOINT: u64 = 256 << 10;
/// The longest bundle.
const MAX_BUNDLE: u64 = WIDTH * (MAX_ENTRY_BYTES as u64 + 2);

/// A log's folder, read.
#[derive(Debug)]
pub struct LogReader {
    checkpoint: SignedCheckpoint,
    tiles: Tiles,
}

/// The tiles of a log of a known size.
#[derive(Debug)]
pub(crate) struct Tiles {
    folder: PathBuf,
    size: u64,
}

impl LogReader {
    /// Opens the log in `folder`. Its checkpoint's signature is not looked at: whoever trusts one calls [`SignedCheckpoint::verify`].
    ///
    /// # Errors
    /// There is no checkpoint, or none that can be read.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        let bytes = read_at_most(&folder.join(CHECKPOINT), CHECKPOINT, MAX_CHECKPOINT)?;
        let text = String::from_utf8(bytes).map_err(|_| LogError::damaged(CHECKPOINT, "it is not UTF-8"))?;
        let checkpoint: SignedCheckpoint = text.parse()?;
        let tiles = Tiles { folder: folder.to_owned(), size: checkpoint.checkpoint().size() };
        Ok(Self { checkpoint, tiles })
    }

    /// Returns the tiles of a log of `size` entries whose checkpoint is not written yet.
    pub(crate) fn unsigned(folder: &Path, size: u64) -> Tiles {
        Tiles { folder: folder.to_owned(), size }
    }

    /// Returns the checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Returns the entry at `index`.
    ///
    /// # Errors
    /// There is no such entry, or its bundle cannot be read.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, LogError> {
        let place = usize::try_from(index % WIDTH).unwrap_or(usize::MAX);
        let path = self.tiles.holding(Kind::Entries, index)?.path();
        self.bundle(index)?.into_iter().nth(place).ok_or_else(|| LogError::damaged(&path, "it ends before this entry"))
    }

    /// Returns the index of the first entry with these bytes, looking through all of them; `None` when there is none.
    ///
    /// # Errors
    /// A bundle cannot be read.
    pub fn find(&self, entry: &[u8]) -> Result<Option<u64>, LogError> {
        let mut start = 0;
        while start < self.tiles.size {
            if let Some(place) = self.bundle(start)?.iter().position(|other| other == entry) {
                return Ok(Some(start + place as u64));
            }
            start += WIDTH;
        }
        Ok(None)
    }

    /// Returns the proof file of the entry at `index`, with the entry in it.
    ///
    /// # Errors
    /// There is no such entry, a tile cannot be read, or the tiles do not lead to the checkpoint's root.
    pub fn prove(&self, index: u64) -> Result<ProofFile, LogError> {
        let entry = self.entry(index)?;
        let proof = InclusionProof::from_nodes(index, self.tiles.size, |node| self.tiles.node(node))?;
        if !proof.verify(&leaf_hash(&entry), &self.checkpoint.checkpoint().root()) {
            return Err(LogError::damaged("tile", "entry and tiles do not lead to the checkpoint's root"));
        }
        ProofFile::new(Some(entry), proof, self.checkpoint.clone())
    }

    /// Returns the proof that this log grew from one of `old_size` entries.
    ///
    /// # Errors
    /// The sizes have no proof, or a tile cannot be read.
    pub fn prove_growth(&self, old_size: u64) -> Result<ConsistencyProof, LogError> {
        ConsistencyProof::from_nodes(old_size, self.tiles.size, |node| self.tiles.node(node))
    }

    /// Returns the hashes of the tile with place `index` of its level.
    pub(crate) fn tile(&self, kind: Kind, index: u64) -> Result<Vec<Sha256Digest>, LogError> {
        self.tiles.hashes(kind, index)
    }

    /// Returns the entries of the bundle with entry `index`.
    pub(crate) fn bundle(&self, index: u64) -> Result<Vec<Vec<u8>>, LogError> {
        self.tiles.bundle(index)
    }
}

impl Tiles {
    /// Returns the entries of the bundle with entry `index`.
    pub(crate) fn bundle(&self, index: u64) -> Result<Vec<Vec<u8>>, LogError> {
        let tile = self.holding(Kind::Entries, index)?;
        let (path, bytes) = self.read(tile, MAX_BUNDLE)?;
        let mut rest = bytes.as_slice();
        let mut entries = Vec::new();
        for _ in 0..tile.width {
            let (length, after) = rest.split_first_chunk::<2>().ok_or_else(|| LogError::damaged(&path, "it ends too early"))?;
            let split = after.split_at_checked(usize::from(u16::from_be_bytes(*length)));
            let (entry, after) = split.ok_or_else(|| LogError::damaged(&path, "it ends inside an entry"))?;
            entries.push(entry.to_vec());
            rest = after;
        }
        Ok(entries)
    }

    /// Returns the root of a perfect subtree.
    pub(crate) fn node(&self, node: Node) -> Result<Sha256Digest, LogError> {
        let (kind, inside) = (Kind::Hashes(node.level / HEIGHT), node.level % HEIGHT);
        let first = node.index.checked_shl(inside).unwrap_or(u64::MAX);
        let hashes = self.hashes(kind, first)?;
        // Perfect and not higher than a tile, so that it does not cross its borders.
        let start = usize::try_from(first % WIDTH).unwrap_or(usize::MAX);
        let leaves = hashes.get(start..start.saturating_add(1 << inside));
        leaves.map(merkle::root).ok_or_else(|| LogError::damaged("tile", "a subtree ends before it should"))
    }

    fn hashes(&self, kind: Kind, index: u64) -> Result<Vec<Sha256Digest>, LogError> {
        let tile = self.holding(kind, index)?;
        let wanted = tile.width * HASH_BYTES as u64;
        let (path, bytes) = self.read(tile, WIDTH * HASH_BYTES as u64)?;
        if (bytes.len() as u64) < wanted {
            return Err(LogError::damaged(&path, format!("{} bytes where {wanted} are needed", bytes.len())));
        }
        let width = usize::try_from(tile.width).unwrap_or(usize::MAX);
        Ok(bytes.as_chunks::<HASH_BYTES>().0.iter().take(width).map(|hash| Sha256Digest::from(*hash)).collect())
    }

    fn holding(&self, kind: Kind, index: u64) -> Result<Tile, LogError> {
        let missing = merkle::ProofError::Index { index, size: self.size };
        Tile::holding(kind, index, self.size).ok_or(LogError::Proof(missing))
    }

    /// Reads a tile; when the log has grown, the full one may have taken the place of the part.
    fn read(&self, tile: Tile, most: u64) -> Result<(String, Vec<u8>), LogError> {
        let path = tile.path();
        match read_at_most(&self.folder.join(&path), &path, most) {
            Err(LogError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound && tile.width < WIDTH => {
                let path = tile.full().path();
                let bytes = read_at_most(&self.folder.join(&path), &path, most)?;
                Ok((path, bytes))
            }
            read => Ok((path, read?)),
        }
    }
}

fn read_at_most(file: &Path, path: &str, most: u64) -> Result<Vec<u8>, LogError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(LogError::file(path))?;
    if bytes.len() as u64 > most { Err(LogError::damaged(path, format!("more than {most} bytes"))) } else { Ok(bytes) }
}
