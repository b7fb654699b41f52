//! PyTorch's `.pt`, `.pth`, `.bin` and `.ckpt`: an archive since version 1.6, five pickles and raw storages before.
//!
//! The pickles go through the strict reader, so nothing is run; a file whose pickle is more than data is reported by what it asks for, and has no tensors
//! here. Storages are places in the file: of tensors, only where they are is read.

mod archive;
mod checkpoint;
mod legacy;
mod state;

pub use checkpoint::{Checkpoint, Container, Storage, StoredTensor};
pub use state::{MAX_NAME_BYTES, MAX_NAMES_BYTES, MAX_VISITS};

use crate::contents::{Contents, FindingCode};
use crate::cursor::Cursor;
use crate::pickle::{Value, parse_prefix};
use crate::read::Format;
use crate::{Endian, FormatError, Pieces, ReadAt, Source, Tensor};

/// `.bin` and `.ckpt` are extensions of many programs: such files are PyTorch's only when they look so.
pub(crate) const FORMAT: Format = Format { token: "pytorch", extensions: &["pt", "pth"], recognises, read: |file, _| contents(file) };

/// An archive whose first member is in a folder and is the pickle or one of torch's marks; or a pickle, unless it is data and ends within the opening:
/// such a small one holds no tensors.
fn recognises(opening: &[u8]) -> bool {
    let name_length = opening.get(26..28).and_then(|length| length.try_into().ok()).map_or(0, u16::from_le_bytes);
    let name = opening.get(30..).and_then(|rest| rest.get(..usize::from(name_length))).unwrap_or_default();
    let marked = [&b"/data.pkl"[..], b"/version", b"/byteorder", b"/.format_version"].iter().any(|mark| name.ends_with(mark));
    (opening.starts_with(b"PK\x03\x04") && marked) || (matches!(opening, [0x80, 2..=5, ..]) && is_more_than_small(opening))
}

fn is_more_than_small(opening: &[u8]) -> bool {
    // The first of the old layout's five is a small one.
    parse_prefix(opening).map_or(true, |(pickle, _)| *pickle.value(pickle.root()) == Value::Int(legacy::MAGIC))
}

/// Reads a checkpoint with all that is known of its tensors.
///
/// # Errors
/// When the file cannot be read, or is malformed, or is the archive of PyTorch before 0.1.10. A pickle that is more than data is none:
/// see [`Checkpoint::code_bearing`].
pub fn read(file: &dyn ReadAt) -> Result<Checkpoint, FormatError> {
    let mut start = Cursor::new(file)?;
    let opening = start.bytes(start.left().min(262), 262, "the start of the file")?;
    if opening.get(257..) == Some(b"ustar") {
        let advice = "a tar archive of PyTorch before 0.1.10; load it with `torch.load` where you trust it, and save it as safetensors";
        return Err(FormatError::Unsupported(advice.to_owned()));
    }
    if opening.starts_with(b"PK") { archive::read(file) } else { legacy::read(file) }
}

/// Reads `training_args.bin`: the attributes of the object that a trainer was started with, without making the object.
///
/// # Errors
/// When it is no archive of PyTorch, or its pickle cannot be [inspected](crate::pickle::inspect).
pub fn settings(file: &dyn ReadAt) -> Result<crate::pickle::Pickle, FormatError> {
    archive::settings(file)
}

fn contents(file: &dyn ReadAt) -> Result<Contents, FormatError> {
    let checkpoint = read(file)?;
    let mut contents = Contents::of(FORMAT.token);
    if let Some(error) = &checkpoint.code_bearing {
        contents.note(FindingCode::CodeBearing, error.to_string());
    }
    for (code, message) in &checkpoint.notes {
        contents.note(*code, message.as_str());
    }
    for (key, value) in &checkpoint.metadata {
        contents.describe(key, value);
    }
    contents.tensors.extend(checkpoint.tensors.iter().map(|tensor| described(&checkpoint, tensor)));
    Ok(contents)
}

/// Describes a tensor as a view of its storage. Tied tensors are views of one storage, each under its own name.
fn described(checkpoint: &Checkpoint, tensor: &StoredTensor) -> Tensor {
    let endian = if checkpoint.big_endian { Endian::Big } else { Endian::Little };
    let pieces = Pieces::view(tensor.place, &tensor.shape, tensor.strides.to_vec());
    Tensor {
        name: tensor.name.clone(),
        dtype: tensor.dtype.token().to_owned(),
        shape: tensor.shape.to_vec(),
        // Checked by the pickle reader to stay below 2^64.
        elements: tensor.shape.iter().product(),
        source: Source { file: None, endian, pieces },
    }
}
