//! Data layouts: where the elements of a dataset are.

use super::chunks::{Chunked, Index};
use super::fields::{Fields, UNDEFINED};
use crate::{ByteRange, FormatError};

/// Where the elements are.
pub(super) enum Layout {
    /// In one run; nowhere when they were never written.
    Run(Option<ByteRange>),
    Chunks(Chunked),
    /// In datasets of other files.
    Virtual,
}

/// Reads a layout message of a dataset of `rank` dimensions.
pub(super) fn layout(mut fields: Fields<'_>, rank: usize) -> Result<Layout, FormatError> {
    let (version, class) = (fields.u8()?, fields.u8()?);
    if !(3..=4).contains(&version) {
        return Err(FormatError::Unsupported(format!("version {version} of a data layout of an HDF5 file")));
    }
    match class {
        0 => {
            let length = fields.u16()?;
            let offset = fields.at();
            fields.take(length.into())?;
            Ok(Layout::Run(Some(ByteRange { offset, len: length.into() })))
        }
        1 => {
            let (offset, len) = (fields.u64()?, fields.u64()?);
            Ok(Layout::Run((offset != UNDEFINED).then_some(ByteRange { offset, len })))
        }
        2 if version == 3 => old_chunks(&mut fields, rank).map(Layout::Chunks),
        2 => new_chunks(&mut fields, rank).map(Layout::Chunks),
        3 => Ok(Layout::Virtual),
        other => Err(fields.fault(&format!("unknown class {other}"))),
    }
}

fn old_chunks(fields: &mut Fields<'_>, rank: usize) -> Result<Chunked, FormatError> {
    let count = fields.u8()?;
    let address = fields.u64()?;
    let extent = extent(fields, count, 4, rank)?;
    Ok(Chunked { extent, address, index: Index::Tree, unfiltered_edges: false })
}

fn new_chunks(fields: &mut Fields<'_>, rank: usize) -> Result<Chunked, FormatError> {
    let (flags, count, width) = (fields.u8()?, fields.u8()?, fields.u8()?);
    if !(1..=8).contains(&width) {
        return Err(fields.fault("dimensions of more than eight bytes"));
    }
    let extent = extent(fields, count, width.into(), rank)?;
    let index = match fields.u8()? {
        1 if flags & 2 != 0 => Index::Single { stored: Some((fields.u64()?, fields.u32()?)) },
        1 => Index::Single { stored: None },
        2 => Index::Implicit,
        3 => {
            fields.u8()?;
            Index::Array
        }
        // The header of the index repeats how it grows.
        4 => {
            fields.take(5)?;
            Index::Growing
        }
        5 => {
            fields.take(6)?;
            Index::NewTree
        }
        other => return Err(fields.fault(&format!("unknown index of chunks {other}"))),
    };
    Ok(Chunked { extent, address: fields.u64()?, index, unfiltered_edges: flags & 1 != 0 })
}

/// The dimensions of a chunk, without the last, which is the size of an element.
fn extent(fields: &mut Fields<'_>, count: u8, width: usize, rank: usize) -> Result<Vec<u64>, FormatError> {
    if usize::from(count) != rank + 1 {
        return Err(fields.fault(&format!("chunks of {count} dimensions for {rank}")));
    }
    let extent = (0..rank).map(|_| fields.number(width)).collect::<Result<Vec<_>, _>>()?;
    fields.number(width)?;
    if extent.contains(&0) { Err(fields.fault("chunks without extent")) } else { Ok(extent) }
}
