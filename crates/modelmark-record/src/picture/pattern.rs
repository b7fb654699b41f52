//! The weights' digest as a pattern and as colours, the same as `DotPattern` and `Picture` of the contracts draw: one model looks the same in its record and
//! in metadata that is made on chain.

use std::fmt::Write as _;

/// From the field's corner to the middle of its first dot, between two dots, and the smallest radius.
const FIRST_X: usize = 180;
const FIRST_Y: usize = 122;
const STEP: usize = 40;
const LEAST: u8 = 3;

/// Returns 64 circles, one for each hexadecimal digit and as large as the digit, the first at the top left.
pub(super) fn dots(digest: &[u8; 32]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.enumerate().fold(String::new(), |mut svg, (at, digit)| {
        let (x, y, r) = (FIRST_X + STEP * (at % 8), FIRST_Y + STEP * (at / 8), LEAST + digit);
        // Writing to a string cannot fail.
        let _ = write!(svg, r#"<circle cx="{x}" cy="{y}" r="{r}"/>"#);
        svg
    })
}

/// Returns the two hues of a digest in degrees. As the contracts take them: from the digest as one number, and from that number without its last two bytes.
pub(super) fn hues(digest: &[u8; 32]) -> (u32, u32) {
    let remainder = |bytes: &[u8], of: u32| bytes.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % of);
    let (head, _) = digest.split_at(30);
    let hue = remainder(digest, 360);
    (hue, (hue + 50 + remainder(head, 60)) % 360)
}
