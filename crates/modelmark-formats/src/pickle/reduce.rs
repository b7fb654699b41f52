//! What the calls in the table mean, and the checks of their arguments.
//!
//! Names alone are no safety: torch's own allow-list was broken by arguments of unexpected types. So a call is carried out only with the exact shape
//! that torch writes, and all that it reads cannot change afterwards: numbers, text, tuples, and a dict of hooks that is empty and then sealed.

use super::MAX_RANK;
use super::error::Fault;
use super::globals::{Global, StorageKind};
use super::machine::Machine;
use super::value::{Dict, Id, Storage, Tensor, Value};
use crate::safetensors::Dtype;

/// What a call gives.
pub(super) enum Made {
    New(Value),
    /// The value of an argument.
    Same(Id),
}

impl Machine<'_> {
    /// Carries out a call from the table.
    pub(super) fn reduce(&mut self, global: Global, arguments: &[Id]) -> Result<Made, Fault> {
        Ok(Made::New(match (global, arguments) {
            (Global::RebuildParameter, [data, grad, hooks]) => {
                self.flag(*grad)?;
                self.seal(*hooks)?;
                if !matches!(self.value(*data), Value::Tensor(_)) {
                    return Err(Fault::Arguments("a parameter of something that is no tensor"));
                }
                return Ok(Made::Same(*data));
            }
            (Global::RebuildTensor, [storage, offset, shape, strides]) => self.tensor([*storage, *offset, *shape, *strides], None)?,
            (Global::RebuildTensorV2, [storage, offset, shape, strides, grad, hooks, rest @ ..]) => {
                self.trimmings(*grad, *hooks, rest)?;
                self.tensor([*storage, *offset, *shape, *strides], None)?
            }
            (Global::RebuildTensorV3, [storage, offset, shape, strides, grad, hooks, dtype, rest @ ..]) => {
                self.trimmings(*grad, *hooks, rest)?;
                let Value::Global(Global::Dtype(dtype)) = *self.value(*dtype) else {
                    return Err(Fault::Arguments("no element type"));
                };
                let dtype = dtype.ok_or(Fault::Arguments("an element type that safetensors has no word for"))?;
                self.tensor([*storage, *offset, *shape, *strides], Some(dtype))?
            }
            (Global::OrderedDict, []) => Value::Dict(Box::new(Dict { ordered: true, ..Dict::default() })),
            (Global::OrderedDict, [pairs]) => self.ordered(*pairs)?,
            (Global::Size, [dims]) => {
                self.dims(*dims)?;
                // A tuple of numbers cannot change, so it is the size.
                return Ok(Made::Same(*dims));
            }
            (Global::Device, [kind, rest @ ..]) => self.device(*kind, rest)?,
            (Global::Encode, [text, codec]) => self.encoded(*text, *codec)?,
            (Global::Bytes, []) => Value::Bytes(Box::default()),
            (Global::Set, []) => Value::Set(Vec::new()),
            (Global::Set, [items]) => Value::Set(self.items(*items)?),
            (Global::Storage(_) | Global::Dtype(_), _) => return Err(Fault::Arguments("a type is not to be called")),
            _ => return Err(Fault::Arguments("their number")),
        }))
    }

    /// Reads a persistent id: `("storage", class, key, location, elements)`, in old files with a sixth item that is `None`.
    pub(super) fn storage(&self, id: Id) -> Result<Value, Fault> {
        let Value::Tuple(items) = self.value(id) else {
            return Err(Fault::Type("a persistent id that is no tuple"));
        };
        let (word, class, key, location, elements) = match **items {
            [word, class, key, location, elements] => (word, class, key, location, elements),
            [word, class, key, location, elements, view] if matches!(self.value(view), Value::None) => {
                (word, class, key, location, elements)
            }
            _ => return Err(Fault::Type("a persistent id that is no storage's")),
        };
        if !matches!(self.value(word), Value::Str(word) if &**word == "storage") {
            return Err(Fault::Type("a persistent id that is no storage's"));
        }
        let Value::Global(Global::Storage(kind)) = *self.value(class) else {
            return Err(Fault::Type("a storage without a storage class"));
        };
        if !matches!((self.value(key), self.value(location)), (Value::Str(_), Value::Str(_))) {
            return Err(Fault::Type("a storage whose key or location is no text"));
        }
        let elements = self.natural(elements).ok_or(Fault::Type("a storage without a size"))?;
        let bytes = elements.checked_mul(kind.element_bytes()).ok_or(Fault::Limit("storage of 2^64 bytes or more"))?;
        Ok(Value::Storage(Box::new(Storage { kind, key, elements, bytes })))
    }

    fn tensor(&mut self, [storage, offset, shape, strides]: [Id; 4], given: Option<Dtype>) -> Result<Value, Fault> {
        let (shape, strides) = (self.dims(shape)?, self.dims(strides)?);
        let offset = self.natural(offset).ok_or(Fault::Arguments("an offset that is no natural number"))?;
        let Value::Storage(place) = self.value(storage) else {
            return Err(Fault::Arguments("no storage"));
        };
        let dtype = match (place.kind, given) {
            (StorageKind::Typed(dtype), None) | (StorageKind::Untyped, Some(dtype)) => dtype,
            (StorageKind::Complex128, None) => return Err(Fault::Arguments("an element type that safetensors has no word for")),
            _ => return Err(Fault::Arguments("an element type given twice or not at all")),
        };
        if shape.len() != strides.len() {
            return Err(Fault::Arguments("strides of another rank than the shape"));
        }
        let end = extent(offset, &shape, &strides, dtype).ok_or(Fault::Arguments("a tensor of 2^64 bytes or more"))?;
        if end > place.bytes {
            return Err(Fault::Arguments("a tensor that reaches out of its storage"));
        }
        Ok(Value::Tensor(Box::new(Tensor { storage, dtype, offset, shape, strides })))
    }

    /// The arguments that say nothing about the bytes: hooks and metadata have to be empty.
    fn trimmings(&mut self, grad: Id, hooks: Id, rest: &[Id]) -> Result<(), Fault> {
        self.flag(grad)?;
        self.seal(hooks)?;
        match rest {
            [] => Ok(()),
            [metadata] if matches!(self.value(*metadata), Value::None) => Ok(()),
            // `{"conj": True}` and `{"neg": True}` change what the bytes mean.
            [metadata] => self.seal(*metadata).map_err(|_| Fault::Arguments("metadata of a tensor")),
            _ => Err(Fault::Arguments("their number")),
        }
    }

    fn flag(&self, id: Id) -> Result<(), Fault> {
        if matches!(self.value(id), Value::Bool(_)) { Ok(()) } else { Err(Fault::Arguments("a flag that is no boolean")) }
    }

    /// Makes sure that a dict is empty and stays so.
    fn seal(&mut self, id: Id) -> Result<(), Fault> {
        match self.value_mut(id)? {
            Value::Dict(dict) if dict.entries.is_empty() && dict.metadata.is_none() => {
                dict.sealed = true;
                Ok(())
            }
            _ => Err(Fault::Arguments("hooks that are no empty dict")),
        }
    }

    fn dims(&mut self, id: Id) -> Result<Box<[u64]>, Fault> {
        let Value::Tuple(items) = self.value(id) else {
            return Err(Fault::Arguments("a shape that is no tuple"));
        };
        if items.len() > MAX_RANK {
            return Err(Fault::Arguments("more than 64 dimensions"));
        }
        let dims = items.iter().map(|item| self.natural(*item)).collect::<Option<Box<[u64]>>>();
        let dims = dims.ok_or(Fault::Arguments("a dimension that is no natural number"))?;
        self.charge(dims.len())?;
        Ok(dims)
    }

    fn natural(&self, id: Id) -> Option<u64> {
        match self.value(id) {
            Value::Int(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// `OrderedDict([[key, value], ...])`, how Python 2 writes it.
    fn ordered(&mut self, pairs: Id) -> Result<Value, Fault> {
        let pairs = self.items(pairs)?;
        let mut entries = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let pair: &[Id] = match self.value(pair) {
                Value::Tuple(pair) => pair,
                Value::List(pair) => pair,
                _ => return Err(Fault::Arguments("an item that is no pair")),
            };
            let [key, value] = pair else { return Err(Fault::Arguments("an item that is no pair")) };
            entries.push((*key, *value));
        }
        Ok(Value::Dict(Box::new(Dict { entries, ordered: true, ..Dict::default() })))
    }

    /// A copy of a list's items: the list may grow later, what was made of it does not.
    fn items(&mut self, id: Id) -> Result<Vec<Id>, Fault> {
        let Value::List(items) = self.value(id) else {
            return Err(Fault::Arguments("no list"));
        };
        let length = items.len();
        self.charge(length)?;
        match self.value(id) {
            Value::List(items) => Ok(items.clone()),
            _ => Ok(Vec::new()),
        }
    }

    fn device(&self, kind: Id, rest: &[Id]) -> Result<Value, Fault> {
        match (self.value(kind), rest) {
            // Bounded, because one long text could be copied by every call.
            (Value::Str(kind), _) if kind.len() > 32 => Err(Fault::Arguments("no device")),
            (Value::Str(kind), []) => Ok(Value::Str(kind.clone())),
            (Value::Str(kind), [index]) => {
                let index = self.natural(*index).ok_or(Fault::Arguments("a device without a number"))?;
                Ok(Value::Str(format!("{kind}:{index}").into()))
            }
            _ => Err(Fault::Arguments("no device")),
        }
    }

    /// Bytes that protocol 2 writes as text of code points below 256.
    fn encoded(&mut self, text: Id, codec: Id) -> Result<Value, Fault> {
        let (Value::Str(text), Value::Str(codec)) = (self.value(text), self.value(codec)) else {
            return Err(Fault::Arguments("no text"));
        };
        if &**codec != "latin1" {
            return Err(Fault::Arguments("another encoding than latin1"));
        }
        let bytes = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<Box<[u8]>>>();
        let bytes = bytes.ok_or(Fault::Arguments("text that is not latin1"))?;
        self.charge(bytes.len() / 16)?;
        Ok(Value::Bytes(bytes))
    }
}

/// Returns where in its storage a tensor ends, in bytes; `None` when that, or the tensor's own size, passes 64 bits.
fn extent(offset: u64, shape: &[u64], strides: &[u64], dtype: Dtype) -> Option<u64> {
    // Not only of the part that holds elements: a stride of zero gives an exabyte out of four bytes.
    let elements = shape.iter().try_fold(1_u64, |product, dim| product.checked_mul(*dim))?;
    elements.checked_mul(dtype.bits())?;
    let mut end = offset;
    if !shape.contains(&0) {
        end = end.checked_add(1)?;
        for (dim, stride) in shape.iter().zip(strides) {
            end = end.checked_add((dim - 1).checked_mul(*stride)?)?;
        }
    }
    end.checked_mul(dtype.bits() / 8)
}
