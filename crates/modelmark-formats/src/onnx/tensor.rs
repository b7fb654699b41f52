//! `TensorProto` and `SparseTensorProto`: what is said of a tensor, put together into where its elements are.

use super::data::Data;
use super::element::Element;
use super::external::External;
use super::{FormatError, Reader};
use crate::contents::elements;
use crate::element::ElementLayout;
use crate::protobuf::{Field, Message, Numbers};
use crate::{Endian, FindingCode, Source, Tensor};

/// As in NumPy and in safetensors.
const MAX_RANK: usize = 64;

/// What stands in a `TensorProto`.
#[derive(Default)]
struct Described {
    kind: u64,
    shape: Vec<u64>,
    data: Data,
    /// `data_location`: zero for here, one for elsewhere.
    elsewhere: u64,
    external: External,
}

impl Reader<'_> {
    /// Reads an initializer, which has a name of its own; it may stand anywhere in it.
    pub(super) fn initializer(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let name = self.own_name(outer, field)?;
        let name = self.way(field.at, &[way, &name])?;
        self.tensor(outer, field, name)
    }

    fn own_name(&mut self, outer: &Message, field: &Field) -> Result<String, FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut name = String::new();
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 8 {
                message.once(&field)?;
                name = self.name(&field, "a tensor's name")?;
            }
        }
        if name.is_empty() { Err(FormatError::malformed(field.at, "an initializer without a name")) } else { Ok(name) }
    }

    /// Reads a `TensorProto` that is called `name` here.
    pub(super) fn tensor(&mut self, outer: &Message, field: &Field, name: String) -> Result<(), FormatError> {
        let place = field.bytes()?;
        let mut message = self.wire.inside(outer, field)?;
        let mut described = Described { data: Data::of(place), ..Described::default() };
        while let Some(field) = self.wire.next(&mut message)? {
            if matches!(field.number, 2 | 8 | 9 | 12 | 14) {
                message.once(&field)?;
            }
            match field.number {
                1 => self.dimensions(&field, &mut described.shape)?,
                2 => described.kind = field.number()?,
                3 => return Err(FormatError::Unsupported(format!("tensor {name:?} is stored in segments"))),
                9 => described.data.raw(&field)?,
                4..=7 | 10 | 11 => described.data.typed(&field, &name)?,
                13 => self.external(&message, &field, &mut described.external)?,
                14 => described.elsewhere = field.number()?,
                8 | 12 | 16 => {}
                _ => self.skip_unknown(),
            }
        }
        if described.elsewhere == 1 {
            self.checksums.take(&described.external);
        }
        let tensor = described.tensor(name)?;
        self.keep(tensor)
    }

    fn dimensions(&mut self, field: &Field, shape: &mut Vec<u64>) -> Result<(), FormatError> {
        let at = field.at;
        let mut push = |dim: u64| {
            if dim.cast_signed() < 0 {
                return Err(FormatError::malformed(at, format!("dimension {}", dim.cast_signed())));
            }
            if shape.len() == MAX_RANK {
                return Err(FormatError::Limit { what: "dimensions", declared: MAX_RANK as u64 + 1, limit: MAX_RANK as u64 });
            }
            shape.push(dim);
            Ok(())
        };
        match field.integers()? {
            Numbers::Varint(dim) => push(dim),
            Numbers::Run(place) => self.wire.varints(place, &mut push),
        }
    }

    /// Reads a sparse initializer, whose name is that of its values.
    pub(super) fn sparse_initializer(&mut self, outer: &Message, field: &Field, way: &str) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut name = None;
        while let Some(field) = self.wire.next(&mut message)? {
            if field.number == 1 {
                message.once(&field)?;
                name = Some(self.own_name(&message, &field)?);
            }
        }
        let name = name.ok_or_else(|| FormatError::malformed(field.at, "a sparse initializer without values"))?;
        let name = self.way(field.at, &[way, &name])?;
        self.sparse(outer, field, &name)
    }

    /// Reads a `SparseTensorProto` that is called `name` here: two tensors, values and where they belong.
    pub(super) fn sparse(&mut self, outer: &Message, field: &Field, name: &str) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let mut shape = Vec::new();
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 | 2 => {
                    message.once(&field)?;
                    let part = if field.number == 1 { ":values" } else { ":indices" };
                    let name = self.way(field.at, &[name, part])?;
                    self.tensor(&message, &field, name)?;
                }
                3 => self.dimensions(&field, &mut shape)?,
                _ => self.skip_unknown(),
            }
        }
        let message = format!("{name:?} is a sparse tensor of shape {shape:?}; its values and indices are listed as two tensors");
        self.contents.note(FindingCode::Sparse, message);
        Ok(())
    }
}

impl Described {
    fn tensor(self, name: String) -> Result<Tensor, FormatError> {
        let Self { kind, shape, data, elsewhere, external } = self;
        let element = Element::from_number(kind).ok_or_else(|| FormatError::tensor(&name, format!("unknown type {kind}")))?;
        let large = || FormatError::tensor(&name, "its size passes 64 bits");
        let count = elements(&shape).ok_or_else(large)?;
        let bytes = match ElementLayout::of(element.token) {
            Some(layout) => Some(layout.bytes_of(count).ok_or_else(large)?),
            None => None,
        };
        let (file, pieces) = match elsewhere {
            0 => (None, data.pieces(&name, element, count, bytes)?),
            1 if !data.is_empty() => return Err(FormatError::tensor(&name, "its elements stand both here and in another file")),
            1 => external.pieces(&name, bytes).map(|(file, pieces)| (Some(file), pieces))?,
            other => return Err(FormatError::tensor(&name, format!("unknown location {other} of its elements"))),
        };
        Ok(Tensor {
            name,
            dtype: element.token.to_owned(),
            shape,
            elements: count,
            source: Source { file, endian: Endian::Little, pieces },
        })
    }
}
