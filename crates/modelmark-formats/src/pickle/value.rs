//! What a pickle of data says: values in one flat list that refer to each other by number.
//!
//! Flat, so that neither reading nor dropping a deeply nested pickle recurses, and a value that the pickle uses twice is kept once.

use super::Global;
use super::globals::StorageKind;
use crate::safetensors::Dtype;

/// A pickle that was read to its end. No value contains itself, none is nested deeper than [`super::MAX_DEPTH`].
#[derive(Clone, Debug, PartialEq)]
pub struct Pickle {
    pub(super) values: Vec<Value>,
    pub(super) root: Id,
}

/// A value's place in its [`Pickle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub(super) u32);

/// A value of a pickle.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// A boolean.
    Bool(bool),
    /// An integer of at most 128 bits.
    Int(i128),
    /// A floating point number.
    Float(f64),
    /// Text.
    Str(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// A tuple, or a `torch.Size`.
    Tuple(Box<[Id]>),
    /// A list.
    List(Vec<Id>),
    /// A set or frozen set.
    Set(Vec<Id>),
    /// A dict or `OrderedDict`.
    Dict(Box<Dict>),
    /// A name from the table, such as `torch.float32`.
    Global(Global),
    /// A storage, by its persistent id.
    Storage(Box<Storage>),
    /// A tensor or parameter.
    Tensor(Box<Tensor>),
}

/// A dict, in the order of insertion. Keys are text, integers, booleans, bytes or `None`, and differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict {
    pub(super) entries: Vec<(Id, Id)>,
    pub(super) ordered: bool,
    pub(super) sealed: bool,
    pub(super) metadata: Option<Id>,
}

impl Dict {
    /// Returns keys and values in the order of insertion.
    #[must_use]
    pub fn entries(&self) -> &[(Id, Id)] {
        &self.entries
    }

    /// Returns the `_metadata` that `torch.nn.Module.state_dict` hangs on its `OrderedDict`.
    #[must_use]
    pub const fn metadata(&self) -> Option<Id> {
        self.metadata
    }
}

/// A storage as its persistent id describes it; its bytes are elsewhere in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// What it holds.
    pub kind: StorageKind,
    /// Its key, a [`Value::Str`].
    pub key: Id,
    /// Number of elements; of bytes when it is untyped.
    pub elements: u64,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A tensor as a view of a storage, all of which lies inside the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The storage, a [`Value::Storage`].
    pub storage: Id,
    /// Element type.
    pub dtype: Dtype,
    /// First element, counted in elements from the start of the storage.
    pub offset: u64,
    /// Dimensions, outermost first. Their product times the element size is below 2^64.
    pub shape: Box<[u64]>,
    /// Distance between neighbours in each dimension, in elements.
    pub strides: Box<[u64]>,
}

impl Pickle {
    /// Returns the value that the pickle as a whole stands for.
    #[must_use]
    pub const fn root(&self) -> Id {
        self.root
    }

    /// Returns a value; `None`'s for an id of another pickle.
    #[must_use]
    pub fn value(&self, id: Id) -> &Value {
        self.values.get(id.0 as usize).unwrap_or(&Value::None)
    }

    /// Returns the text of a value that is text.
    #[must_use]
    pub fn text(&self, id: Id) -> Option<&str> {
        match self.value(id) {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns all storages and their ids, in the order in which the pickle names them; one named twice comes twice.
    pub fn storages(&self) -> impl Iterator<Item = (Id, &Storage)> {
        self.numbered().filter_map(|(id, value)| match value {
            Value::Storage(storage) => Some((id, &**storage)),
            _ => None,
        })
    }

    /// Returns all tensors and their ids, each once, whether the result holds it or not.
    pub fn tensors(&self) -> impl Iterator<Item = (Id, &Tensor)> {
        self.numbered().filter_map(|(id, value)| match value {
            Value::Tensor(tensor) => Some((id, &**tensor)),
            _ => None,
        })
    }

    fn numbered(&self) -> impl Iterator<Item = (Id, &Value)> {
        (0..).map(Id).zip(&self.values)
    }
}

impl Value {
    /// Returns the n-th value inside this one, keys and values of a dict in turn.
    pub(super) fn child(&self, n: usize) -> Option<Id> {
        match self {
            Self::Tuple(items) => items.get(n).copied(),
            Self::List(items) | Self::Set(items) => items.get(n).copied(),
            Self::Dict(dict) => match dict.entries.get(n / 2) {
                Some((key, value)) => Some(if n.is_multiple_of(2) { *key } else { *value }),
                None => dict.metadata.filter(|_| n == dict.entries.len() * 2),
            },
            _ => None,
        }
    }
}
