#![doc = include_str!("../README.md")]

mod answer;
mod car;
mod file;
mod headers;
mod media;
mod negotiate;
mod range;
mod refusal;
mod router;
mod settings;
mod source;
mod stream;
mod target;

pub use router::router;
pub use settings::Settings;
