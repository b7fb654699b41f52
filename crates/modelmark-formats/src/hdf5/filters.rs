//! Filter pipelines: what was done to the chunks of a dataset when they were written.

use super::fields::Fields;
use crate::{Filter, FormatError};

/// As in the library.
const MAX_FILTERS: u8 = 32;

/// Reads a filter pipeline message.
pub(super) fn pipeline(mut fields: Fields<'_>) -> Result<Vec<Filter>, FormatError> {
    let (version, count) = (fields.u8()?, fields.u8()?);
    if count > MAX_FILTERS {
        return Err(FormatError::Limit { what: "filters", declared: count.into(), limit: MAX_FILTERS.into() });
    }
    match version {
        1 => drop(fields.take(6)?),
        2 => {}
        other => return Err(FormatError::Unsupported(format!("version {other} of a filter pipeline"))),
    }
    (0..count).map(|_| filter(&mut fields, version)).collect()
}

fn filter(fields: &mut Fields<'_>, version: u8) -> Result<Filter, FormatError> {
    let number = fields.u16()?;
    let named = version == 1 || number >= 256;
    let name = if named { fields.u16()? } else { 0 };
    let _flags = fields.u16()?;
    let values = fields.u16()?;
    let name = if version == 1 { name.checked_next_multiple_of(8).unwrap_or(u16::MAX) } else { name };
    fields.take(name.into())?;
    let first = if values > 0 { fields.u32()? } else { 0 };
    fields.take(usize::from(values.saturating_sub(1)) * 4)?;
    fields.take(if version == 1 && values % 2 == 1 { 4 } else { 0 })?;
    match number {
        1 => Ok(Filter::Deflate),
        2 if first > 0 => Ok(Filter::Shuffle { size: first.into() }),
        2 => Err(fields.fault("elements of no bytes are shuffled")),
        3 => Ok(Filter::Fletcher32),
        32000 => Ok(Filter::Lzf),
        other => Err(FormatError::Unsupported(format!("filter {other} of an HDF5 file"))),
    }
}

/// Returns the filters that were not skipped for a chunk: each bit of `mask` skips one.
pub(super) fn applied(filters: &[Filter], mask: u32) -> Vec<Filter> {
    filters.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 0).map(|(_, filter)| *filter).collect()
}
