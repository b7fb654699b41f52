//! Tensors in graphs: `TensorProto`, which keeps its elements as bytes or as numbers in a field for their type.
//!
//! Where there are fewer numbers than elements, the last one stands for the rest. Source: `tensor.proto`, `Tensor::FromProto` in `tensor.cc`.

use super::element::Element;
use super::tensor;
use crate::protobuf::{Field, Message, Wire};
use crate::{ByteRange, Endian, FormatError, Pieces, Source, Tensor};

/// What a constant turns out to be.
pub(super) enum Constant {
    Tensor(Tensor),
    /// Numbers of which the last one is repeated in a way that has no place for each element.
    Short,
    /// Texts, resources and the like.
    Other,
}

/// Where the elements stand.
#[derive(Clone, Copy)]
enum Values {
    Bytes(ByteRange),
    /// Numbers of a fixed width.
    Fixed(ByteRange),
    Varints(ByteRange),
}

/// Reads a `TensorProto`.
pub(super) fn read(wire: &mut Wire<'_>, mut message: Message, name: &str) -> Result<Constant, FormatError> {
    let (mut dtype, mut shape, mut content, mut values) = (0, Vec::new(), None, Vec::new());
    while let Some(field) = wire.next(&mut message)? {
        match field.number {
            1 => dtype = field.number()?,
            2 => shape = tensor::shape(wire, &message, &field)?,
            4 => content = Some(field.bytes()?),
            // One occurrence is all that a library writes; two are enough to know that there were more.
            5..=18 if values.len() < 2 => {
                values.push(field);
                continue;
            }
            _ => continue,
        }
        message.once(&field)?;
    }
    let (token, bytes) = match Element::from_number(dtype) {
        Some(Element::Number(token, bytes)) => (token, bytes),
        Some(Element::Other(_)) => return Ok(Constant::Other),
        None => return Err(FormatError::tensor(name, format!("unknown type {dtype}"))),
    };
    let (elements, length) = tensor::measure(name, &shape, bytes)?;
    let values = match (content.filter(|content| content.len > 0), values.as_slice()) {
        (Some(content), []) => Values::Bytes(content),
        (None, [value]) => typed(value, token, name)?,
        (None, []) if elements == 0 => Values::Bytes(ByteRange::default()),
        (Some(_), _) => return Err(FormatError::tensor(name, "its elements stand there twice")),
        (None, _) => return Ok(Constant::Short),
    };
    let pieces = match values {
        Values::Bytes(place) if place.len == length => Pieces::Range(place),
        Values::Fixed(place) if place.len == length => Pieces::Range(place),
        Values::Fixed(place) if place.len == bytes && elements > 1 => Pieces::Strided { place, strides: vec![0; shape.len()] },
        Values::Varints(place) if count(wire, place)? == elements => Pieces::Varints(place),
        Values::Fixed(place) if place.len < length => return Ok(Constant::Short),
        Values::Varints(place) if count(wire, place)? < elements => return Ok(Constant::Short),
        Values::Bytes(place) | Values::Fixed(place) | Values::Varints(place) => {
            let fault = format!("{} bytes stored at byte {}, {length} needed by shape and type", place.len, place.offset);
            return Err(FormatError::tensor(name, fault));
        }
    };
    let source = Source { file: None, endian: Endian::Little, pieces };
    Ok(Constant::Tensor(Tensor { name: name.to_owned(), dtype: token.to_owned(), shape, elements, source }))
}

/// The numbers in the field for a type. A single varint that is not packed has no place of its own.
fn typed(field: &Field, token: &str, name: &str) -> Result<Values, FormatError> {
    let number = match token {
        "F32" => 5,
        "F64" => 6,
        "C64" => 9,
        "I64" => 10,
        "BOOL" => 11,
        "C128" => 12,
        "F16" | "BF16" => 13,
        "U32" => 16,
        "U64" => 17,
        "F8_E5M2" | "F8_E4M3" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => 18,
        _ => 7,
    };
    if field.number != number {
        return Err(FormatError::tensor(name, format!("elements of type {token} in field {}", field.number)));
    }
    match number {
        5 | 9 => field.fixed(4).map(Values::Fixed),
        6 | 12 => field.fixed(8).map(Values::Fixed),
        18 => field.bytes().map(Values::Bytes),
        _ => field.bytes().map(Values::Varints),
    }
}

fn count(wire: &mut Wire<'_>, place: ByteRange) -> Result<u64, FormatError> {
    let mut count = 0;
    wire.varints(place, &mut |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}
