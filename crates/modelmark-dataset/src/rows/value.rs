//! Canonical bytes of typed values: by what they are, not by how wide a writer stored them.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time32MillisecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, StructArray};
use arrow_schema::{DataType, Field, Fields, TimeUnit};

use super::RowError;

const NULL: u8 = 0;
const BOOL: u8 = 1;
const INTEGER: u8 = 2;
const FLOAT: u8 = 3;
const STRING: u8 = 4;
const BINARY: u8 = 5;
const DATE: u8 = 6;
const TIME: u8 = 7;
const TIMESTAMP: u8 = 8;
const INSTANT: u8 = 9;
const DECIMAL: u8 = 10;
const LIST: u8 = 11;
const STRUCT: u8 = 12;
const MAP: u8 = 13;

const NAN: u64 = 0x7ff8_0000_0000_0000;

/// Returns the canonical bytes of the columns: of a struct type.
pub(super) fn column_bytes(fields: &Fields) -> Result<Vec<u8>, RowError> {
    let mut out = Vec::new();
    struct_type(fields, "", &mut out)?;
    Ok(out)
}

/// Appends the canonical bytes of one row.
pub(super) fn row_bytes(rows: &StructArray, row: usize, out: &mut Vec<u8>) -> Result<(), RowError> {
    out.push(STRUCT);
    rows.columns().iter().try_for_each(|column| value(column, row, out))
}

fn struct_type(fields: &Fields, above: &str, out: &mut Vec<u8>) -> Result<(), RowError> {
    out.push(STRUCT);
    out.extend(length(fields.len()));
    fields.iter().try_for_each(|field| {
        out.extend(length(field.name().len()));
        out.extend(field.name().as_bytes());
        kind(field, above, out)
    })
}

// Names and fields come from a footer of at most 64 MiB.
fn length(value: usize) -> [u8; 4] {
    (value as u32).to_le_bytes()
}

fn kind(field: &Field, above: &str, out: &mut Vec<u8>) -> Result<(), RowError> {
    let path = if above.is_empty() { field.name().clone() } else { format!("{above}.{}", field.name()) };
    let simple = match field.data_type() {
        DataType::Null => NULL,
        DataType::Boolean => BOOL,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => INTEGER,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => INTEGER,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => FLOAT,
        DataType::Utf8 => STRING,
        DataType::Binary | DataType::FixedSizeBinary(_) => BINARY,
        DataType::Date32 => DATE,
        DataType::Time32(TimeUnit::Millisecond) | DataType::Time64(TimeUnit::Microsecond | TimeUnit::Nanosecond) => TIME,
        DataType::Timestamp(_, None) => TIMESTAMP,
        DataType::Timestamp(_, Some(_)) => INSTANT,
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => {
            out.push(DECIMAL);
            out.extend(i32::from(*scale).to_le_bytes());
            return Ok(());
        }
        DataType::List(item) => {
            out.push(LIST);
            return kind(item, &path, out);
        }
        DataType::Struct(fields) => return struct_type(fields, &path, out),
        DataType::Map(entries, _) => {
            out.push(MAP);
            let DataType::Struct(pair) = entries.data_type() else { return Err(unknown(&path, field)) };
            return pair.iter().try_for_each(|part| kind(part, &path, out));
        }
        _ => return Err(unknown(&path, field)),
    };
    out.push(simple);
    Ok(())
}

fn unknown(path: &str, field: &Field) -> RowError {
    RowError::Type { column: path.chars().take(200).collect(), kind: field.data_type().to_string().chars().take(200).collect() }
}

fn value(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<(), RowError> {
    if array.is_null(row) || array.data_type() == &DataType::Null {
        out.push(NULL);
        return Ok(());
    }
    match array.data_type() {
        DataType::Boolean => out.extend([BOOL, u8::from(array.as_boolean().value(row))]),
        DataType::Int8 => integer::<Int8Type>(array, row, INTEGER, 1, out),
        DataType::Int16 => integer::<Int16Type>(array, row, INTEGER, 1, out),
        DataType::Int32 => integer::<Int32Type>(array, row, INTEGER, 1, out),
        DataType::Int64 => integer::<Int64Type>(array, row, INTEGER, 1, out),
        DataType::UInt8 => integer::<UInt8Type>(array, row, INTEGER, 1, out),
        DataType::UInt16 => integer::<UInt16Type>(array, row, INTEGER, 1, out),
        DataType::UInt32 => integer::<UInt32Type>(array, row, INTEGER, 1, out),
        DataType::UInt64 => integer::<UInt64Type>(array, row, INTEGER, 1, out),
        DataType::Float16 => float(array.as_primitive::<Float16Type>().value(row).to_f64(), out),
        DataType::Float32 => float(array.as_primitive::<Float32Type>().value(row).into(), out),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row), out),
        DataType::Utf8 => blob(STRING, array.as_string::<i32>().value(row).as_bytes(), out),
        DataType::Binary => blob(BINARY, array.as_binary::<i32>().value(row), out),
        DataType::FixedSizeBinary(_) => blob(BINARY, array.as_fixed_size_binary().value(row), out),
        DataType::Date32 => integer::<Date32Type>(array, row, DATE, 1, out),
        DataType::Time32(_) => integer::<Time32MillisecondType>(array, row, TIME, 1_000_000, out),
        DataType::Time64(TimeUnit::Microsecond) => integer::<Time64MicrosecondType>(array, row, TIME, 1_000, out),
        DataType::Time64(_) => integer::<Time64NanosecondType>(array, row, TIME, 1, out),
        DataType::Timestamp(unit, zone) => timestamp(array, row, *unit, if zone.is_some() { INSTANT } else { TIMESTAMP }, out),
        DataType::Decimal128(..) => {
            let bytes = array.as_primitive::<Decimal128Type>().value(row).to_le_bytes();
            // Two's complement of 32 bytes: the sign is repeated.
            let sign = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
            out.push(DECIMAL);
            out.extend(bytes);
            out.extend([sign; 16]);
        }
        DataType::Decimal256(..) => {
            out.push(DECIMAL);
            out.extend(array.as_primitive::<Decimal256Type>().value(row).to_le_bytes());
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            count(LIST, items.len(), out);
            return (0..items.len()).try_for_each(|item| value(&items, item, out));
        }
        DataType::Struct(_) => return row_bytes(array.as_struct(), row, out),
        DataType::Map(..) => {
            let pairs = array.as_map().value(row);
            count(MAP, pairs.len(), out);
            return (0..pairs.len()).try_for_each(|pair| pairs.columns().iter().try_for_each(|part| value(part, pair, out)));
        }
        other => return Err(RowError::Type { column: String::new(), kind: other.to_string() }),
    }
    Ok(())
}

fn integer<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array, row: usize, tag: u8, unit: i128, out: &mut Vec<u8>) {
    let value: i128 = array.as_primitive::<T>().value(row).into();
    out.push(tag);
    // At most 64 bits times 10^9.
    out.extend((value * unit).to_le_bytes());
}

fn timestamp(array: &dyn Array, row: usize, unit: TimeUnit, tag: u8, out: &mut Vec<u8>) {
    match unit {
        TimeUnit::Second => integer::<TimestampSecondType>(array, row, tag, 1_000_000_000, out),
        TimeUnit::Millisecond => integer::<TimestampMillisecondType>(array, row, tag, 1_000_000, out),
        TimeUnit::Microsecond => integer::<TimestampMicrosecondType>(array, row, tag, 1_000, out),
        TimeUnit::Nanosecond => integer::<TimestampNanosecondType>(array, row, tag, 1, out),
    }
}

fn float(value: f64, out: &mut Vec<u8>) {
    out.push(FLOAT);
    out.extend(if value.is_nan() { NAN } else { value.to_bits() }.to_le_bytes());
}

fn blob(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    count(tag, bytes.len(), out);
    out.extend(bytes);
}

fn count(tag: u8, count: usize, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend((count as u64).to_le_bytes());
}
