//! One file that is being digested.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use super::BLOCK_BYTES;
use super::lane::{Digester, Lane, Outcome};
use super::leaves::{Leaf, OrderedTree};
use super::page_cache;
use super::tensors;
use super::worker::Engine;
use crate::cache::Memo;
use crate::tensor_stream::FileTensors;
use crate::unixfs::Dag;
use crate::walk::FoundFile;
use crate::{DigestError, FileEntry};

/// What is known of a file at the end.
pub(crate) struct FileDigests {
    pub(crate) entry: FileEntry,
    pub(crate) dag: Dag,
    /// Absent when the format is none that is read, or nobody asked.
    pub(crate) tensors: Option<FileTensors>,
}

/// An open file and its unfinished digests.
pub(super) struct Job<'a> {
    pub(super) position: usize,
    pub(super) found: &'a FoundFile,
    pub(super) lanes: Vec<Lane>,
    file: File,
    /// Whether its pages are given back behind the reader.
    gives_back: bool,
    /// When the file was opened, by the clock of the cache.
    read_from: i128,
    tree: Mutex<OrderedTree>,
}

/// A piece of a file in memory.
pub(super) struct Block {
    pub(super) index: u64,
    pub(super) length: usize,
    pub(super) buffer: Box<[u8]>,
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

impl<'a> Job<'a> {
    /// Opens file number `position` and, when its tensors are wanted, reads its header.
    pub(super) fn open(engine: &Engine<'a>, position: usize, found: &'a FoundFile) -> Result<Self, DigestError> {
        let read_from = engine.memo.as_ref().map_or(0, Memo::now);
        let file = engine.tree.open_fetched(found)?;
        let mut lanes = Vec::new();
        if engine.with_tensors.binary_search(&position).is_ok() {
            lanes.push(Lane::new(Digester::Tensors(Box::new(tensors::expected(engine, found, &file)?))));
        }
        // A file of one leaf has that leaf's digest.
        if engine.request.sha256 && !engine.is_leaf(found) {
            lanes.push(Lane::new(engine.sha256()));
        }
        if engine.request.keccak256 {
            lanes.push(Lane::new(Digester::Keccak256(Box::default())));
        }
        if engine.request.blake3 {
            lanes.push(Lane::new(Digester::Blake3(Box::default())));
        }
        let tree = Mutex::new(OrderedTree::new(engine.request.profile));
        let large = found.size > BLOCK_BYTES as u64;
        let gives_back = engine.plan.gives_back && large && !page_cache::is_cached(&file, found.size);
        Ok(Self { position, found, lanes, file, gives_back, read_from, tree })
    }

    /// Number of blocks of the file.
    pub(super) fn blocks(&self) -> u64 {
        self.found.size.div_ceil(BLOCK_BYTES as u64)
    }

    /// Reads block number `index` and returns its length.
    pub(super) fn read(&self, engine: &Engine<'a>, index: u64, buffer: &mut [u8]) -> Result<usize, DigestError> {
        if !engine.observer.goes_on() {
            return Err(engine.tree.failed(&self.found.path, io::ErrorKind::Interrupted.into()));
        }
        let offset = index * BLOCK_BYTES as u64;
        let length = usize::try_from(self.found.size - offset).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES));
        let target = buffer.get_mut(..length).unwrap_or_default();
        self.file.read_exact_at(target, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => engine.tree.changed(self.found),
            _ => engine.tree.failed(&self.found.path, error),
        })?;
        if self.gives_back {
            page_cache::forget(&self.file, offset, length);
        }
        Ok(length)
    }

    /// Takes the leaves of block number `index`.
    pub(super) fn add_leaves(&self, engine: &Engine<'a>, index: u64, leaves: Vec<Leaf>) {
        let mut offset = index * BLOCK_BYTES as u64;
        for (cid, length) in &leaves {
            engine.observer.leaf(&self.found.path, offset, *length, cid);
            offset += u64::from(*length);
        }
        self.tree.lock().unwrap_or_else(PoisonError::into_inner).add(index, leaves, &mut |cid, block| engine.observer.node(cid, block));
    }

    /// Makes sure that the file did not change and closes its digests.
    pub(super) fn finish(&self, engine: &Engine<'a>) -> Result<FileDigests, DigestError> {
        let beyond = self.file.read_at(&mut [0], self.found.size).map_err(|error| engine.tree.failed(&self.found.path, error))?;
        if beyond > 0 {
            return Err(engine.tree.changed(self.found));
        }
        engine.tree.check(self.found, self.file.as_fd())?;
        let empty = OrderedTree::new(engine.request.profile);
        let tree = std::mem::replace(&mut *self.tree.lock().unwrap_or_else(PoisonError::into_inner), empty);
        let dag = tree.finish(&mut |cid, block| engine.observer.node(cid, block));
        let mut entry = FileEntry::new(self.found.path.clone(), self.found.size, dag.cid);
        let mut tensors = None;
        for outcome in self.lanes.iter().filter_map(Lane::close) {
            match outcome {
                Outcome::Whole(digest) => entry.sha256 = Some(digest),
                Outcome::Keccak256(digest) => entry.keccak256 = Some(digest),
                Outcome::Blake3(digest) => entry.blake3 = Some(digest),
                Outcome::Tensors(streamed) => {
                    let streamed = streamed.ok_or_else(|| engine.tree.changed(self.found))?;
                    tensors = Some(tensors::complete(engine, self.found, &self.file, streamed)?);
                }
            }
        }
        if engine.request.sha256 && engine.is_leaf(self.found) {
            entry.sha256 = Some(dag.cid.digest());
        }
        engine.observer.file(&entry);
        let digests = FileDigests { entry, dag, tensors };
        if let Some(memo) = &engine.memo {
            memo.remember(self.found, &digests, self.read_from, &self.file);
        }
        Ok(digests)
    }
}
