//! The frame that version 2 puts around a CAR of version 1: <https://ipld.io/specs/transport/car/carv2/>.
//!
//! ```text
//! 11 bytes   pragma: a header of version 1 that says version 2
//! 16 bytes   characteristics, a bit field; the first says that the index is complete
//!  8 bytes   where the CAR of version 1 begins, little-endian, from the first byte of the pragma
//!  8 bytes   its length
//!  8 bytes   where the index begins; 0: there is none
//! ```

/// The pragma without its length: `{"version": 2}` in DAG-CBOR.
pub(super) const PRAGMA: &[u8] = b"\xa1\x67version\x02";

/// Length of the header, in bytes.
pub(super) const HEADER_BYTES: usize = 40;

/// Where the header ends: the first place where something can be.
const FIRST: u64 = 1 + PRAGMA.len() as u64 + HEADER_BYTES as u64;

/// Where the CAR of version 1 lies, from the first byte of the pragma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inner {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Inner {
    /// Reads the header that follows the pragma.
    pub(super) fn read(header: &[u8; HEADER_BYTES]) -> Result<Self, String> {
        let [_, _, start, length, index] = number_each(header);
        let end = start.checked_add(length).ok_or_else(|| format!("{length} bytes at {start} are more than a file can have"))?;
        if start < FIRST {
            return Err(format!("the version 1 CAR inside begins at byte {start}, in the header"));
        }
        if length == 0 {
            return Err("the version 1 CAR inside is empty".to_owned());
        }
        if index != 0 && index < end {
            return Err(format!("the index at byte {index} lies in the header or the blocks, which end at byte {end}"));
        }
        Ok(Self { start, end })
    }
}

fn number_each(header: &[u8; HEADER_BYTES]) -> [u64; 5] {
    let mut numbers = [0; 5];
    let (words, _) = header.as_chunks::<8>();
    for (number, word) in numbers.iter_mut().zip(words) {
        *number = u64::from_le_bytes(*word);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(start: u64, length: u64, index: u64) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        for (word, number) in header.chunks_mut(8).zip([0, 0, start, length, index]) {
            word.copy_from_slice(&number.to_le_bytes());
        }
        header
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(Inner::read(&header(51, 100, 0)), Ok(Inner { start: 51, end: 151 }));
        assert_eq!(Inner::read(&header(60, 100, 160)), Ok(Inner { start: 60, end: 160 }));
        for (start, length, index) in
            [(0, 100, 0), (50, 100, 0), (51, 0, 0), (51, u64::MAX, 0), (u64::MAX, 2, 0), (51, 100, 150), (51, 100, 1)]
        {
            assert!(Inner::read(&header(start, length, index)).is_err(), "{start} {length} {index}");
        }
    }
}
