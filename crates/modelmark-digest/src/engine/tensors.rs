//! The tensors of one file of a run: what stands in its header before its bytes stream by, and a second look afterwards where that is not enough.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::sync::PoisonError;

use ring::digest::{Context, SHA256};

use super::worker::Engine;
use crate::beside::Beside;
use crate::tensor_stream::{FileTensors, NOT_READ, Streamed, TensorStream};
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, Sha256Digest};
use modelmark_formats::safetensors::{Header, HeaderError, read_header};
use modelmark_formats::{ByteRange, Contents, FormatError, Tensor, read};

const SAFETENSORS: &str = "safetensors";

/// Reads the header of a weights file.
///
/// A safetensors file has to be one. A file in another format that cannot be read, or is code, still has all other digests.
pub(super) fn expected(engine: &Engine<'_>, found: &FoundFile, file: &File) -> Result<TensorStream, DigestError> {
    let extension = found.path.file_name().rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    if extension.as_deref() == Some(SAFETENSORS) {
        return safetensors(engine, found, file);
    }
    match read(file, found.path.file_name()) {
        Ok(Some(contents)) => Ok(TensorStream::new(contents, None, engine.gathered)),
        Ok(None) => Ok(TensorStream::unread(NOT_READ.to_owned())),
        Err(FormatError::Read(error)) => Err(failed(engine.tree, found, error)),
        Err(error) => Ok(TensorStream::unread(error.to_string())),
    }
}

/// Reads what did not stream by as it counts, and makes sure that nothing changed meanwhile.
pub(super) fn complete(engine: &Engine<'_>, found: &FoundFile, file: &File, streamed: Streamed) -> Result<FileTensors, DigestError> {
    if !streamed.wants_more() {
        // Nothing is opened then.
        return streamed.complete(&Beside::new(engine.tree, found, file)).map_err(|error| failed(engine.tree, found, error));
    }
    // One at a time: what it takes comes on top of the memory of a run.
    let _turn = engine.second_look.lock().unwrap_or_else(PoisonError::into_inner);
    let beside = Beside::new(engine.tree, found, file);
    let tensors = streamed.complete(&beside);
    engine.tree.check(found, file.as_fd())?;
    beside.unchanged()?;
    tensors.map_err(|error| failed(engine.tree, found, error))
}

fn failed(tree: &Tree, found: &FoundFile, error: io::Error) -> DigestError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => tree.changed(found),
        _ => tree.failed(&found.path, error),
    }
}

fn safetensors(engine: &Engine<'_>, found: &FoundFile, file: &File) -> Result<TensorStream, DigestError> {
    let mut reader = HashedReader { file, offset: 0, context: Context::new(&SHA256) };
    let header = read_header(&mut reader, found.size).map_err(|error| match error {
        HeaderError::Read(error) => failed(engine.tree, found, error),
        source => DigestError::Safetensors { path: engine.tree.full(&found.path), source },
    })?;
    let read = (header.data_start(), Sha256Digest::from_ring(&reader.context.finish()));
    Ok(TensorStream::new(contents(header), Some(read), engine.gathered))
}

fn contents(header: Header) -> Contents {
    let start = header.data_start();
    let tensors = header.into_tensors().into_iter().map(|tensor| {
        let range = tensor.range();
        // The reader has checked that the sum stays inside the file.
        let place = ByteRange { offset: start.saturating_add(range.start), len: range.end - range.start };
        Tensor::plain(tensor.name(), tensor.dtype().token(), tensor.shape().to_vec(), tensor.elements(), place)
    });
    Contents { format: SAFETENSORS, tensors: tensors.collect(), ..Contents::default() }
}

/// Reads from the start of a file without moving its position, and hashes what it reads.
struct HashedReader<'f> {
    file: &'f File,
    offset: u64,
    context: Context,
}

impl Read for HashedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(buffer, self.offset)?;
        self.context.update(buffer.get(..length).unwrap_or_default());
        self.offset += length as u64;
        Ok(length)
    }
}
