//! What a reader of a format gives, the same for all formats.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::architecture::Architecture;
pub(crate) use crate::finding::{Finding, FindingCode};
use crate::tensor::Tensor;

/// Most metadata entries that are kept of one file.
pub const MAX_METADATA_ENTRIES: usize = 512;

/// Most bytes that are kept of a metadata key or value.
pub const MAX_TEXT_BYTES: usize = 256;

/// Most findings that are kept of one file: a hostile file must not fill a screen.
pub(crate) const MAX_FINDINGS: usize = 64;

/// What stands in a weights file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    /// Name of the format, such as `gguf`.
    pub format: &'static str,
    /// The tensors, in the order of the file.
    pub tensors: Vec<Tensor>,
    /// Metadata in short, at most [`MAX_METADATA_ENTRIES`] of [`MAX_TEXT_BYTES`] each: for people, not for digests.
    pub metadata: BTreeMap<String, String>,
    /// What kind of network it is, of formats that describe it; see [`Architecture::of_contents`].
    #[serde(skip)]
    pub architecture: Option<Box<Architecture>>,
    /// What a person should know about the file although it can be read.
    pub findings: Vec<Finding>,
}

impl Contents {
    /// Returns the number of elements of all tensors.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.elements))
    }

    /// Returns the number of elements by element type.
    #[must_use]
    pub fn dtypes(&self) -> BTreeMap<&str, u64> {
        let mut dtypes = BTreeMap::new();
        for tensor in &self.tensors {
            let elements: &mut u64 = dtypes.entry(tensor.dtype.as_str()).or_default();
            *elements = elements.saturating_add(tensor.elements);
        }
        dtypes
    }

    pub(crate) fn of(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    /// Adds a finding; after [`MAX_FINDINGS`] only a word that there were more.
    pub(crate) fn note(&mut self, code: FindingCode, message: impl Into<String>) {
        match self.findings.len() {
            count if count < MAX_FINDINGS => self.findings.push(Finding { code, message: message.into() }),
            MAX_FINDINGS => self.findings.push(Finding { code: FindingCode::Cut, message: "more was noticed than is listed".to_owned() }),
            _ => {}
        }
    }

    /// Keeps a metadata entry in short.
    pub(crate) fn describe(&mut self, key: &str, value: &str) {
        match self.metadata.len() {
            count if count < MAX_METADATA_ENTRIES && key.len() <= MAX_TEXT_BYTES => {
                self.metadata.insert(key.to_owned(), short(value));
            }
            _ if self.findings.iter().all(|finding| finding.code != FindingCode::Cut) => {
                self.note(FindingCode::Cut, "more metadata than is kept");
            }
            _ => {}
        }
    }
}

/// Number of elements; `None` when the dimensions other than zero pass 64 bits, in whatever order they stand.
pub(crate) fn elements(shape: &[u64]) -> Option<u64> {
    let product = shape.iter().try_fold(1_u64, |product, dim| product.checked_mul((*dim).max(1)))?;
    Some(if shape.contains(&0) { 0 } else { product })
}

/// Cuts a text to [`MAX_TEXT_BYTES`].
pub(crate) fn short(text: &str) -> String {
    if text.len() <= MAX_TEXT_BYTES {
        return text.to_owned();
    }
    let end = (0..=MAX_TEXT_BYTES - '…'.len_utf8()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(short("x"), "x");
        let cut = short(&"д".repeat(200));
        assert!(cut.len() <= MAX_TEXT_BYTES && cut.ends_with("д…"));
    }

    #[test]
    fn metadata_and_findings_are_bounded() {
        let mut contents = Contents::of("x");
        (0..2000).for_each(|n| contents.describe(&format!("key {n}"), "v"));
        (0..2000).for_each(|n| contents.note(FindingCode::Stray, format!("{n}")));
        assert_eq!((contents.metadata.len(), contents.findings.len()), (MAX_METADATA_ENTRIES, MAX_FINDINGS + 1));
    }

    #[test]
    fn elements_that_overflow_are_refused_even_beside_a_zero() {
        assert_eq!(elements(&[1 << 63, 2, 0]), None);
        assert_eq!(elements(&[0, 2, 1 << 63]), None);
        assert_eq!((elements(&[]), elements(&[3, 0]), elements(&[3, 2])), (Some(1), Some(0), Some(6)));
    }
}
