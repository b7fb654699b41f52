//! What graphs and checkpoints say of tensors in the same words: shapes.

use crate::FormatError;
use crate::contents::elements;
use crate::protobuf::{Field, Message, Wire};

/// As `TensorShape::MaxDimensions`.
const MAX_RANK: usize = 254;

/// Reads a `TensorShapeProto` in which every dimension is known.
pub(super) fn shape(wire: &mut Wire<'_>, outer: &Message, field: &Field) -> Result<Vec<u64>, FormatError> {
    let mut message = wire.inside(outer, field)?;
    let mut shape = Vec::new();
    while let Some(field) = wire.next(&mut message)? {
        match field.number {
            2 if shape.len() < MAX_RANK => shape.push(dimension(wire, &message, &field)?),
            2 => return Err(FormatError::Limit { what: "dimensions", declared: MAX_RANK as u64 + 1, limit: MAX_RANK as u64 }),
            3 if field.number()? != 0 => return Err(FormatError::malformed(field.at, "a tensor of unknown rank")),
            _ => {}
        }
    }
    Ok(shape)
}

fn dimension(wire: &mut Wire<'_>, outer: &Message, field: &Field) -> Result<u64, FormatError> {
    let mut message = wire.inside(outer, field)?;
    let mut size = 0;
    while let Some(field) = wire.next(&mut message)? {
        if field.number == 1 {
            message.once(&field)?;
            size = positive(&field, "a dimension")?;
        }
    }
    Ok(size)
}

/// A number of 64 bits with a sign that must not be negative.
pub(super) fn positive(field: &Field, what: &'static str) -> Result<u64, FormatError> {
    let number = field.number()?;
    if i64::try_from(number).is_ok() { Ok(number) } else { Err(FormatError::malformed(field.at, format!("{what} is negative"))) }
}

/// Returns the number of elements of a shape and the bytes that they take.
pub(super) fn measure(name: &str, shape: &[u64], bytes: u64) -> Result<(u64, u64), FormatError> {
    let count = elements(shape);
    let total = count.and_then(|count| count.checked_mul(bytes));
    count.zip(total).ok_or_else(|| FormatError::tensor(name, "its size passes 64 bits"))
}
