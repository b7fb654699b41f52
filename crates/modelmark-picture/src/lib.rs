#![doc = include_str!("../README.md")]

mod fonts;
mod png;
mod size;

pub use png::{PictureError, png};
pub use size::Size;
