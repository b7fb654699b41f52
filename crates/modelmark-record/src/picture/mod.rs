//! The picture of a model that brings none: a card with its name, its facts, and its weights' digest as the pattern that the contracts draw.
//!
//! A record holds its picture, and its id follows from its bytes: what is drawn here is a part of the record's format, version 1, as docs/spec/picture.md
//! says it. Nothing here may depend on a crate's tables or on what looks better today; another drawing belongs to another version of the record.

mod card;
mod measured;
mod pattern;
mod text;

use std::fmt;

use data_encoding::BASE64;

use crate::value::{ImageUri, ValueError};
use crate::{Label, Provenance, Record};

/// A picture drawn from a record: an SVG of 640 by 640 that needs no font, script or file of anybody. About five kilobytes, never more than sixteen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(String);

impl Record {
    /// Draws the picture of the model, version 1, from the record's name and provenance. The same facts give the same bytes.
    ///
    /// It is what the record's `image` holds when nobody brought another one.
    #[must_use]
    pub fn picture(&self) -> Picture {
        Picture::draw(&self.name, &self.provenance)
    }
}

impl Picture {
    pub(crate) fn draw(name: &Label, provenance: &Provenance) -> Self {
        Self(card::Card::of(name, provenance).svg())
    }

    /// Returns the SVG file.
    #[must_use]
    pub fn svg(&self) -> &str {
        &self.0
    }

    /// Returns the picture as a record's `image`.
    ///
    /// # Errors
    ///
    /// None: a picture is shorter than the longest `image`.
    pub fn uri(&self) -> Result<ImageUri, ValueError> {
        format!("data:image/svg+xml;base64,{}", BASE64.encode(self.0.as_bytes())).parse()
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
