//! The keys under which the slices of a partitioned tensor are kept, in an encoding whose order is that of the values.
//!
//! Source: `EncodeTensorNameSlice` of `tensorflow/core/util/saved_tensor_slice_util.cc` and `tensorflow/core/lib/strings/ordered_code.cc`.

/// Which part of one dimension a slice takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: u64,
    /// All of the dimension when absent.
    pub(super) length: Option<u64>,
}

/// Returns the key of a slice; `None` when a number passes what the encoding can hold.
pub(super) fn key(name: &str, extents: &[Extent]) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    unsigned(&mut key, 0);
    text(&mut key, name.as_bytes());
    unsigned(&mut key, extents.len() as u64);
    for extent in extents {
        signed(&mut key, i64::try_from(extent.start).ok()?);
        signed(&mut key, extent.length.map_or(Some(-1), |length| i64::try_from(length).ok())?);
    }
    Some(key)
}

/// Tells whether a key is that of a slice: the names of whole tensors are text.
pub(super) fn is_slice(key: &[u8]) -> bool {
    key.first() == Some(&0)
}

/// How many bytes follow, then these bytes, the high one first.
fn unsigned(out: &mut Vec<u8>, number: u64) {
    let bytes = number.to_be_bytes();
    let skipped = (number.leading_zeros() / 8) as usize;
    out.push(8 - (number.leading_zeros() / 8) as u8);
    out.extend(bytes.iter().skip(skipped));
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        match byte {
            0 => out.extend([0, 0xff]),
            0xff => out.extend([0xff, 0]),
            other => out.push(*other),
        }
    }
    out.extend([0, 1]);
}

/// The sign and the length in bytes in unary, then the number, all in as few bytes as possible.
fn signed(out: &mut Vec<u8>, number: i64) {
    let magnitude = if number < 0 { !number } else { number };
    let bits = 64 - magnitude.leading_zeros();
    let length = (bits / 7 + 1) as usize;
    let sign = if number < 0 { 0xff } else { 0 };
    let mut bytes = [sign; 10];
    bytes.iter_mut().skip(2).zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    let mut bytes: Vec<u8> = bytes.iter().skip(10 - length).copied().collect();
    // As many ones from the left as there are bytes.
    let header = !(0xffff_u16 >> length);
    bytes.iter_mut().zip(header.to_be_bytes()).for_each(|(byte, mask)| *byte ^= mask);
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(number: i64) -> Vec<u8> {
        let mut out = Vec::new();
        signed(&mut out, number);
        out
    }

    #[test]
    fn numbers_are_encoded_as_the_library_does() {
        // From the table in ordered_code_test.cc, and by its rule.
        assert_eq!((encoded(0), encoded(-1), encoded(63), encoded(-64)), (vec![0x80], vec![0x7f], vec![0xbf], vec![0x40]));
        assert_eq!((encoded(64), encoded(-65)), (vec![0xc0, 0x40], vec![0x3f, 0xbf]));
        assert_eq!(encoded(i64::MAX), [0xff, 0xc0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        let numbers = [i64::MIN, -1 << 40, -9000, -65, -64, -1, 0, 1, 63, 64, 8191, 8192, 1 << 40, i64::MAX];
        assert!(numbers.map(encoded).is_sorted());
        let mut out = Vec::new();
        unsigned(&mut out, 0x1234);
        assert_eq!(out, [2, 0x12, 0x34]);
    }
}
