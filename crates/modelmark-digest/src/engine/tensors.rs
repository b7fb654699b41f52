//! The tensors of one file of a run: what stands in its header before its bytes stream by, and a second look afterwards where that is not enough.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::sync::PoisonError;

use ring::digest::{Context, SHA256};

use super::worker::Engine;
use crate::tensor_stream::{FileTensors, Streamed, TensorStream};
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ModelPath, Sha256Digest};
use modelmark_formats::safetensors::{Header, HeaderError, read_header};
use modelmark_formats::{ByteRange, Contents, Files, FormatError, ReadAt, Tensor, read};

const SAFETENSORS: &str = "safetensors";

/// Reads the header of a weights file; `None` when its format is none that is read.
///
/// A safetensors file has to be one. A file in another format that cannot be read, or is code, still has all other digests.
pub(super) fn expected(engine: &Engine<'_>, found: &FoundFile, file: &File) -> Result<Option<TensorStream>, DigestError> {
    let extension = found.path.file_name().rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    if extension.as_deref() == Some(SAFETENSORS) {
        return safetensors(engine, found, file).map(Some);
    }
    match read(file, found.path.file_name()) {
        Ok(contents) => Ok(contents.map(|contents| TensorStream::new(contents, None, engine.gathered))),
        Err(FormatError::Read(error)) => Err(failed(engine.tree, found, error)),
        Err(error) => Ok(Some(TensorStream::unread(error.to_string()))),
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

/// A file of a model, and the other files of the model by their paths from its folder.
struct Beside<'a> {
    tree: &'a Tree,
    found: &'a FoundFile,
    file: &'a File,
    opened: RefCell<BTreeMap<ModelPath, Opened<'a>>>,
    failure: RefCell<Option<DigestError>>,
}

#[derive(Clone)]
struct Opened<'a>(&'a FoundFile, Rc<File>);

impl<'a> Beside<'a> {
    fn new(tree: &'a Tree, found: &'a FoundFile, file: &'a File) -> Self {
        Self { tree, found, file, opened: RefCell::default(), failure: RefCell::default() }
    }

    /// Makes sure that the other files are what they were.
    fn unchanged(self) -> Result<(), DigestError> {
        if let Some(failure) = self.failure.into_inner() {
            return Err(failure);
        }
        self.opened.into_inner().into_values().try_for_each(|Opened(found, file)| self.tree.check(found, file.as_fd()))
    }

    fn beside(&self, name: &str) -> Result<Opened<'a>, FormatError> {
        let absent = || FormatError::Unsupported(format!("tensors in {name:?}, which is no file of the model"));
        let folder = self.found.path.as_str().rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        let path = ModelPath::try_from(format!("{folder}{}", name.trim_start_matches("./"))).map_err(|_| absent())?;
        if let Some(opened) = self.opened.borrow().get(&path) {
            return Ok(opened.clone());
        }
        let found = self.tree.files.binary_search_by(|file| file.path.cmp(&path)).ok().and_then(|at| self.tree.files.get(at));
        let found = found.ok_or_else(absent)?;
        let file = self.tree.open(found).map_err(|error| {
            self.failure.replace(Some(error));
            absent()
        })?;
        let opened = Opened(found, Rc::new(file));
        self.opened.borrow_mut().insert(path, opened.clone());
        Ok(opened)
    }
}

impl Files for Beside<'_> {
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError> {
        match file {
            None => Ok(Box::new(self.file)),
            Some(name) => Ok(Box::new(self.beside(name)?)),
        }
    }
}

impl ReadAt for Opened<'_> {
    fn size(&self) -> io::Result<u64> {
        self.1.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        ReadAt::read_exact_at(&*self.1, buffer, offset)
    }
}
