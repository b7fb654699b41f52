//! Elements inside the model: as raw bytes, or in one of six typed fields.

use super::FormatError;
use super::element::{DOUBLES, Element, FLOATS, STRINGS};
use crate::protobuf::{Field, Numbers};
use crate::{ByteRange, Pieces};

/// Longest varint.
const MAX_VARINT_BYTES: u64 = 10;

/// The fields of one tensor that hold elements. Empty ones say nothing and do not count.
#[derive(Default)]
pub(super) struct Data {
    /// The whole `TensorProto`.
    message: Option<ByteRange>,
    raw: Option<ByteRange>,
    typed: Option<Typed>,
}

/// One typed field, which may be cut into any number of occurrences.
struct Typed {
    number: u32,
    /// The elements, as long as there is one packed run of them.
    run: Option<ByteRange>,
    /// Bytes of all runs; of a single varint one.
    bytes: u64,
}

impl Data {
    pub(super) fn of(message: ByteRange) -> Self {
        Self { message: Some(message), ..Self::default() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.raw.is_none() && self.typed.is_none()
    }

    /// Takes `raw_data`.
    pub(super) fn raw(&mut self, field: &Field) -> Result<(), FormatError> {
        self.raw = Some(field.bytes()?).filter(|place| place.len > 0);
        Ok(())
    }

    /// Takes an occurrence of a typed field.
    pub(super) fn typed(&mut self, field: &Field, name: &str) -> Result<(), FormatError> {
        let (run, bytes) = match field.number {
            FLOATS | DOUBLES => {
                let place = field.fixed(if field.number == FLOATS { 4 } else { 8 })?;
                (Some(place), place.len)
            }
            STRINGS => (None, field.bytes()?.len.max(1)),
            _ => match field.integers()? {
                Numbers::Varint(_) => (None, 1),
                Numbers::Run(place) => (Some(place), place.len),
            },
        };
        if bytes == 0 {
            return Ok(());
        }
        match &mut self.typed {
            None => self.typed = Some(Typed { number: field.number, run, bytes }),
            Some(typed) if typed.number == field.number => {
                *typed = Typed { number: field.number, run: None, bytes: typed.bytes.saturating_add(bytes) }
            }
            Some(_) => return Err(FormatError::tensor(name, "its elements stand in fields of two types")),
        }
        Ok(())
    }

    /// Says where the elements are, which take `bytes` in canonical form.
    pub(super) fn pieces(self, name: &str, element: Element, count: u64, bytes: Option<u64>) -> Result<Pieces, FormatError> {
        let whole = self.message.unwrap_or(ByteRange { offset: 0, len: 0 });
        match (self.raw, self.typed, bytes) {
            (Some(_), Some(_), _) => Err(FormatError::tensor(name, "its elements stand both as raw bytes and in a typed field")),
            (Some(place), None, Some(bytes)) => exact(name, place.len, bytes).map(|()| Pieces::Range(place)),
            (Some(_), None, None) => Err(FormatError::tensor(name, "texts stand as raw bytes")),
            (None, None, _) => {
                exact(name, 0, if count == 0 { 0 } else { bytes.unwrap_or(count) })?;
                Ok(Pieces::Range(ByteRange { offset: whole.offset, len: 0 }))
            }
            (None, Some(typed), bytes) => typed.pieces(name, element, whole, bytes),
        }
    }
}

impl Typed {
    fn pieces(self, name: &str, element: Element, message: ByteRange, bytes: Option<u64>) -> Result<Pieces, FormatError> {
        if self.number != element.field {
            return Err(FormatError::tensor(name, format!("its elements are {}, but stand in field {}", element.token, self.number)));
        }
        if element.token.starts_with("F6_") {
            return Err(FormatError::Unsupported(format!("tensor {name:?}: six-bit elements that are not packed")));
        }
        let varints = !matches!(self.number, FLOATS | DOUBLES);
        let several = Pieces::Fields { message, field: self.number, varints };
        match (self.number, self.run, bytes) {
            (STRINGS, ..) | (_, _, None) => Ok(several),
            (FLOATS | DOUBLES, run, Some(bytes)) => exact(name, self.bytes, bytes).map(|()| run.map_or(several, Pieces::Range)),
            (_, run, Some(bytes)) => {
                // How many varints there are is known only when they are read; each is of one to ten bytes.
                let width = crate::element::ElementLayout::of(element.token).map_or(1, |layout| layout.word);
                let entries = bytes / width.max(1);
                let most = entries.saturating_mul(MAX_VARINT_BYTES);
                if self.bytes > most || self.bytes < entries {
                    let fault = format!("{} bytes of varints cannot be the {entries} that shape and type ask for", self.bytes);
                    return Err(FormatError::tensor(name, fault));
                }
                Ok(run.map_or(several, Pieces::Varints))
            }
        }
    }
}

fn exact(name: &str, there: u64, needed: u64) -> Result<(), FormatError> {
    if there == needed {
        return Ok(());
    }
    Err(FormatError::tensor(name, format!("{there} bytes there, {needed} needed by shape and type")))
}
