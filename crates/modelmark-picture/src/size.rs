//! How large a picture is drawn.

use std::fmt;
use std::str::FromStr;

use crate::PictureError;

/// Width and height of a picture in pixels, 64 to 2,048.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(u16);

impl Size {
    /// The smallest on which anything can be recognised, and the largest: sixteen million bytes while it is drawn.
    pub const BOUNDS: (u16, u16) = (64, 2_048);

    /// Returns the pixels.
    #[must_use]
    pub const fn pixels(self) -> u16 {
        self.0
    }
}

/// The size that the SVG has.
impl Default for Size {
    fn default() -> Self {
        Self(640)
    }
}

impl TryFrom<u16> for Size {
    type Error = PictureError;

    fn try_from(pixels: u16) -> Result<Self, PictureError> {
        let (least, most) = Self::BOUNDS;
        if (least..=most).contains(&pixels) { Ok(Self(pixels)) } else { Err(PictureError::Size { given: pixels.to_string() }) }
    }
}

impl FromStr for Size {
    type Err = PictureError;

    fn from_str(text: &str) -> Result<Self, PictureError> {
        text.parse().map_err(|_| PictureError::Size { given: text.chars().take(20).collect() }).and_then(|pixels: u16| pixels.try_into())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bounded() {
        for good in ["64", "640", "2048"] {
            assert!(good.parse::<Size>().is_ok_and(|size| size.to_string() == good), "{good}");
        }
        for bad in ["63", "2049", "-1", "", "65536", "1e3", "99999999999999999999"] {
            assert!(matches!(bad.parse::<Size>(), Err(PictureError::Size { given }) if bad.starts_with(&given)), "{bad}");
        }
    }
}
