//! What stands in a file of PyTorch, the same for both containers.

use std::collections::HashMap;

use super::super::contents::FindingCode;
use super::super::{ByteRange, FormatError, ReadAt};
use super::state;
use crate::pickle::{Pickle, PickleError, StorageKind, Value};
use crate::safetensors::Dtype;

/// Longest accepted key of a storage in bytes; torch writes numbers.
pub(super) const MAX_KEY_BYTES: usize = 256;

/// A checkpoint: tensors as views of storages, storages as places in the file.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// How the file is built.
    pub container: Container,
    /// Whether elements of more than one byte are stored with their high byte first.
    pub big_endian: bool,
    /// The storages that the pickle refers to, each once.
    pub storages: Vec<Storage>,
    /// The tensors in the order of the pickle, under dotted names. Tied tensors have one storage.
    pub tensors: Vec<StoredTensor>,
    /// Numbers and texts beside the tensors, such as `epoch`.
    pub metadata: Vec<(String, String)>,
    /// Why the pickle is more than data; there are no tensors then.
    pub code_bearing: Option<PickleError>,
    /// What was noticed.
    pub notes: Vec<(FindingCode, String)>,
}

/// How a file of PyTorch is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A ZIP archive, since 1.6.
    Zip,
    /// Five pickles, then the storages.
    Legacy,
}

/// A storage and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Its key in the pickle.
    pub key: String,
    /// What it holds.
    pub kind: StorageKind,
    /// Its bytes in the file.
    pub place: ByteRange,
}

/// A tensor as a view of a storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTensor {
    /// Keys and indices on the way to it, joined by dots; empty when the file is one tensor.
    pub name: String,
    /// Element type.
    pub dtype: Dtype,
    /// Dimensions, outermost first.
    pub shape: Box<[u64]>,
    /// Distance between neighbours in each dimension, in elements.
    pub strides: Box<[u64]>,
    /// Index in [`Checkpoint::storages`].
    pub storage: usize,
    /// From its first to its last element in the file; all of its bytes when the elements stand side by side.
    pub place: ByteRange,
}

/// The storages that a pickle refers to, and which of its values means which.
pub(super) struct Storages {
    pub(super) listed: Vec<Storage>,
    pub(super) by_key: HashMap<String, usize>,
}

impl Storages {
    /// Lists the storages of a pickle; they have lengths and no places yet. `at` is where the pickle stands in the file.
    pub(super) fn of(pickle: &Pickle, at: u64) -> Result<Self, FormatError> {
        let mut storages = Self { listed: Vec::new(), by_key: HashMap::new() };
        for (_, storage) in pickle.storages() {
            let key = pickle.text(storage.key).filter(|key| is_key(key));
            let key = key.ok_or_else(|| FormatError::malformed(at, "the key of a storage is empty, too long or no plain word"))?;
            let known = storages.by_key.get(key).and_then(|index| storages.listed.get(*index));
            match known {
                Some(known) if known.kind != storage.kind || known.place.len != storage.bytes => {
                    return Err(FormatError::malformed(at, format!("storage {key:?} is described in two ways")));
                }
                Some(_) => {}
                None => {
                    storages.by_key.insert(key.to_owned(), storages.listed.len());
                    let place = ByteRange { offset: 0, len: storage.bytes };
                    storages.listed.push(Storage { key: key.to_owned(), kind: storage.kind, place });
                }
            }
        }
        Ok(storages)
    }

    fn index(&self, pickle: &Pickle, tensor: &crate::pickle::Tensor) -> Option<usize> {
        let Value::Storage(storage) = pickle.value(tensor.storage) else { return None };
        self.by_key.get(pickle.text(storage.key)?).copied()
    }
}

fn is_key(key: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    !key.is_empty() && key.len() <= MAX_KEY_BYTES && key.chars().all(plain)
}

impl Checkpoint {
    pub(super) fn empty(container: Container) -> Self {
        Self {
            container,
            big_endian: false,
            storages: Vec::new(),
            tensors: Vec::new(),
            metadata: Vec::new(),
            code_bearing: None,
            notes: Vec::new(),
        }
    }

    /// Fills in the tensors of a pickle whose storages have their places. `at` is where the pickle stands in the file.
    pub(super) fn fill(&mut self, pickle: &Pickle, storages: Storages, at: u64) -> Result<(), FormatError> {
        let state = state::flatten(pickle, at)?;
        self.metadata = state.metadata;
        for (name, tensor) in state.tensors {
            let index = storages.index(pickle, tensor);
            let storage = index.and_then(|index| storages.listed.get(index).map(|storage| (index, storage)));
            let (index, storage) = storage.ok_or_else(|| FormatError::tensor(&name, "its storage is not known"))?;
            let size = tensor.dtype.bits() / 8;
            // Neither overflows: the pickle reader holds the tensor inside its storage, the containers hold the storage inside the file.
            let place =
                ByteRange { offset: storage.place.offset.saturating_add(tensor.offset.saturating_mul(size)), len: span(tensor) * size };
            let (shape, strides) = (tensor.shape.clone(), tensor.strides.clone());
            self.tensors.push(StoredTensor { name, dtype: tensor.dtype, shape, strides, storage: index, place });
        }
        self.storages = storages.listed;
        Ok(())
    }
}

/// Elements from the first to the last, both included.
fn span(tensor: &crate::pickle::Tensor) -> u64 {
    if tensor.shape.contains(&0) {
        return 0;
    }
    tensor.shape.iter().zip(&tensor.strides).fold(1_u64, |span, (dim, stride)| span.saturating_add((dim - 1).saturating_mul(*stride)))
}

/// A pickle that cannot be read is either more than data or malformed.
pub(super) enum Refused {
    Code(PickleError),
    Format(FormatError),
}

impl From<FormatError> for Refused {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

/// Sorts the error of a pickle that starts at byte `at` of the file.
pub(super) fn refused(error: PickleError, at: u64) -> Refused {
    match error {
        PickleError::Malformed { offset, .. } => Refused::Format(FormatError::malformed(at.saturating_add(offset), error.to_string())),
        code => Refused::Code(code),
    }
}

/// Makes of a refusal what the caller gets.
pub(super) fn settled(refused: Refused, container: Container) -> Result<Checkpoint, FormatError> {
    match refused {
        Refused::Code(error) => Ok(Checkpoint { code_bearing: Some(error), ..Checkpoint::empty(container) }),
        Refused::Format(error) => Err(error),
    }
}

/// Reads bytes whose length was checked against the file.
pub(super) fn fetch(file: &dyn ReadAt, place: ByteRange, limit: u64, what: &'static str) -> Result<Vec<u8>, FormatError> {
    super::Cursor::within(file, place.offset, place.offset.saturating_add(place.len)).bytes(place.len, limit, what)
}
