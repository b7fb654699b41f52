//! From a record's picture to pixels.

use modelmark_record::Picture;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use crate::{Size, fonts};

/// A picture cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Smaller or larger than pictures are.
    #[error("a picture of `{given}` pixels: it has {} to {}", Size::BOUNDS.0, Size::BOUNDS.1)]
    Size {
        /// What was asked for.
        given: String,
    },
    /// The SVG is not understood.
    #[error("the picture is not understood: {0}")]
    Svg(String),
    /// The pixels cannot be written down.
    #[error("the picture cannot be encoded: {0}")]
    Encoding(String),
}

/// Draws a picture as PNG: square, opaque, without anything that changes from run to run.
///
/// # Errors
///
/// None that a picture drawn by `modelmark-record` could cause.
pub fn png(picture: &Picture, size: Size) -> Result<Vec<u8>, PictureError> {
    let options = Options {
        fontdb: fonts::fonts(),
        font_family: "Inter".to_owned(),
        // A picture names no file; should one ever do, nothing is opened.
        image_href_resolver: ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) },
        ..Options::default()
    };
    let tree = Tree::from_str(picture.svg(), &options).map_err(|error| PictureError::Svg(error.to_string()))?;
    let pixels = u32::from(size.pixels());
    let mut pixmap = Pixmap::new(pixels, pixels).ok_or_else(|| PictureError::Size { given: size.to_string() })?;
    let scale = f32::from(size.pixels()) / tree.size().width();
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| PictureError::Encoding(error.to_string()))
}
