//! From a model to the proof of a slice of one of its tensors, and to the bytes that the proof is about.

use std::io::{self, Write};
use std::ops::{ControlFlow, Range};
use std::os::fd::AsFd as _;
use std::path::Path;

use modelmark_formats::{FormatError, read, stream};

use super::{CHUNK_BYTES, SliceError, SliceProof, TensorDigest};
use crate::beside::Beside;
use crate::cache::{DigestCache, Memo};
use crate::digest::{Digested, digest_tree};
use crate::walk::Tree;
use crate::{DigestError, Observer, Request, Sha256Digest};

/// A slice of a model that cannot be proven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SliceOfModelError {
    /// The model cannot be fingerprinted.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// Its tensors have no fingerprint.
    #[error("the model has no weight fingerprint: {0}")]
    NoFingerprint(String),
    /// There is no such tensor or range.
    #[error(transparent)]
    Slice(#[from] SliceError),
    /// The file of the tensor cannot be read for what it was a moment ago.
    #[error("cannot read the tensor")]
    Tensor(#[source] FormatError),
    /// The bytes cannot be written.
    #[error("cannot write the bytes of the slice")]
    Write(#[source] io::Error),
}

/// How the model is fingerprinted.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// How many threads; tensors are read whatever it says of them.
    pub request: &'a Request,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// Digests from earlier runs: with them only the file that holds the tensor is read, when nothing changed.
    pub cache: Option<&'a dyn DigestCache>,
}

/// A slice of a model, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceOfModel {
    /// The proof.
    pub proof: SliceProof,
    /// The level 1 root that it leads to.
    pub root: Sha256Digest,
}

/// Fingerprints the model at `path`, proves the bytes `range` of its tensor `name`, and writes the canonical bytes of the chunks that hold them to `bytes`. The
/// largest end of a range stands for the tensor's. What was written is worth nothing when there is an error.
///
/// # Errors
/// [`SliceOfModelError`].
pub fn prove_slice(
    path: &Path,
    name: &str,
    range: Range<u64>,
    run: Run<'_>,
    bytes: &mut dyn Write,
) -> Result<SliceOfModel, SliceOfModelError> {
    let tree = Tree::find(path)?;
    let request = Request { tensors: true, ..run.request.clone() };
    let memo = run.cache.map(|cache| Memo::new(cache, &request));
    let Digested { manifest, tensors: files, .. } = digest_tree(&tree, &[], &request, run.observer, memo)?;
    let Some(summary) = &manifest.weights.tensors else {
        let reason = manifest.weights.unread.unwrap_or_else(|| "its weights are in no format that is read".to_owned());
        return Err(SliceOfModelError::NoFingerprint(reason));
    };
    let unknown = || SliceError::Name(name.to_owned());
    let of_name = |tensors: &[TensorDigest]| tensors.iter().find(|tensor| tensor.name == name).map(|tensor| tensor.bytes);
    let (holder, length) = files.iter().find_map(|(file, tensors)| Some((file, of_name(tensors)?))).ok_or_else(unknown)?;
    let range = range.start..if range.end == u64::MAX { length } else { range.end };
    if range.start >= range.end || range.end > length {
        return Err(SliceError::Range { start: range.start, end: range.end, bytes: length }.into());
    }
    let found = tree.files.iter().find(|file| file.path == *holder).ok_or_else(unknown)?;
    let file = tree.open(found)?;
    let contents = read(&file, found.path.file_name()).map_err(SliceOfModelError::Tensor)?;
    let tensor = contents.and_then(|contents| contents.tensors.into_iter().find(|tensor| tensor.name == name)).ok_or_else(unknown)?;
    let mut chunks = Chunks { wanted: &range, out: bytes, chunk: Vec::new(), digests: Vec::new() };
    let beside = Beside::new(&tree, found, &file);
    let mut failed = None;
    let streamed = stream(&tensor, &beside, &mut |bytes| match chunks.take(bytes) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    });
    match failed {
        Some(error) => return Err(SliceOfModelError::Write(error)),
        None => streamed.map_err(SliceOfModelError::Tensor)?,
    }
    let digests = chunks.finish().map_err(SliceOfModelError::Write)?;
    tree.check(found, file.as_fd())?;
    beside.unchanged()?;
    let tensors: Vec<TensorDigest> = files.iter().flat_map(|(_, tensors)| tensors.iter().cloned()).collect();
    Ok(SliceOfModel { proof: SliceProof::new(&tensors, name, range, &digests)?, root: summary.root })
}

/// Cuts what streams by into chunks, digests them, and passes on those that hold bytes of the slice.
struct Chunks<'a> {
    wanted: &'a Range<u64>,
    out: &'a mut dyn Write,
    chunk: Vec<u8>,
    digests: Vec<Sha256Digest>,
}

impl Chunks<'_> {
    fn take(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
            if self.chunk.len() == CHUNK_BYTES {
                self.close()?;
            }
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        let start = self.digests.len() as u64 * CHUNK_BYTES as u64;
        let end = start + self.chunk.len() as u64;
        self.digests.push(Sha256Digest::of(&self.chunk));
        if start < self.wanted.end && self.wanted.start < end {
            self.out.write_all(&self.chunk)?;
        }
        self.chunk.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<Vec<Sha256Digest>> {
        if !self.chunk.is_empty() {
            self.close()?;
        }
        self.out.flush()?;
        Ok(self.digests)
    }
}
