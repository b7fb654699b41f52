//! What goes into a network and what comes out, as its file declares it.

use serde::Serialize;

use crate::contents::short;

/// Most inputs, and most outputs, that are kept.
pub(crate) const MAX_PORTS: usize = 64;

/// An input or an output. What is not stated is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Element type, as of a tensor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
    /// Dimensions, outermost first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<Dimension>>,
}

/// One dimension of an input or an output: a number, a name such as `batch`, or nothing in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Dimension {
    /// So many, always.
    Fixed(u64),
    /// As many as others of this name.
    Named(String),
    /// Any number.
    Any,
}

impl Port {
    /// A port of this name, of which nothing else is known.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: short(name), dtype: None, shape: None }
    }
}
