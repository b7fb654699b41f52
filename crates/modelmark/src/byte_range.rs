//! Ranges of bytes as people type them: `4MiB..8MiB`, `1000..`, `..64KiB`.

use std::ops::Range;
use std::str::FromStr;

/// Bytes from a position up to, and without, another; an open end is the end of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange(pub(crate) Range<u64>);

impl FromStr for ByteRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (start, end) = text.split_once("..").ok_or_else(|| format!("{text:?} is no range; write START..END, such as 4MiB..8MiB"))?;
        let range = position(start, 0)?..position(end, u64::MAX)?;
        if range.start < range.end { Ok(Self(range)) } else { Err(format!("{text:?} holds no byte")) }
    }
}

/// Units by their names, longest first where one ends another.
const UNITS: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

fn position(text: &str, open: u64) -> Result<u64, String> {
    if text.is_empty() {
        return Ok(open);
    }
    let unit = UNITS.iter().find_map(|(unit, bytes)| text.strip_suffix(unit).map(|number| (number.trim_end(), *bytes)));
    let (number, bytes) = unit.unwrap_or((text, 1));
    let wrong = || format!("{text:?} is no number of bytes; write 1000, 64KiB, 4MiB, 2GB …");
    if !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(wrong());
    }
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(bytes)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use super::*;

    #[test]
    fn ranges_are_read_as_typed() {
        for (text, range) in [
            ("0..1", 0..1),
            ("4MiB..8MiB", 4 << 20..8 << 20),
            ("1kB..", 1_000..u64::MAX),
            ("..64KiB", 0..64 << 10),
            ("..", 0..u64::MAX),
            ("1 GiB..2 GiB", 1 << 30..2 << 30),
            ("7B..9", 7..9),
        ] {
            assert_eq!(text.parse::<ByteRange>().unwrap().0, range, "{text}");
        }
        for bad in ["", "5", "2..1", "1..1", "x..", "..-1", "+1..2", "1..99999999999999999999", "..99999999TiB", "1.5MiB..", "MiB..1"] {
            assert!(bad.parse::<ByteRange>().is_err(), "{bad}");
        }
    }
}
