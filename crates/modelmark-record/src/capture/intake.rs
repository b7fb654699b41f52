//! The gate between the text of a file and a value of a record: private things stay outside, unusable ones are reported.

use crate::redact;
use crate::value::{Prose, ValueError};

use super::{Finding, FindingCode, LeftOut};

/// Takes the values of one file.
pub(super) struct Intake<'a> {
    file: &'a str,
    pub(super) findings: Vec<Finding>,
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> Intake<'a> {
    pub(super) const fn new(file: &'a str) -> Self {
        Self { file, findings: Vec::new(), left_out: Vec::new() }
    }

    /// Takes one value, unless it is private or its type refuses it.
    pub(super) fn value<T: TryFrom<String, Error = ValueError>>(&mut self, field: &str, text: &str) -> Option<T> {
        if let Some(reason) = redact::private(text) {
            self.leave_out(field, reason);
            return None;
        }
        match T::try_from(text.to_owned()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(FindingCode::Unusable, field, format_args!("{field}: {error}"));
                None
            }
        }
    }

    /// Takes a value whose type leaves no room for anything private.
    pub(super) fn typed<T: TryFrom<String, Error = ValueError>>(&mut self, field: &str, text: &str) -> Option<T> {
        T::try_from(text.to_owned()).map_err(|error| self.report(FindingCode::Unusable, field, format_args!("{field}: {error}"))).ok()
    }

    /// Takes a text for people without its private parts.
    pub(super) fn prose(&mut self, field: &str, text: &str) -> Option<Prose> {
        let (masked, reasons) = redact::mask(text);
        reasons.into_iter().for_each(|reason| self.leave_out(field, reason));
        masked.parse().map_err(|error: ValueError| self.report(FindingCode::Unusable, field, error.to_string())).ok()
    }

    pub(super) fn leave_out(&mut self, field: &str, reason: &'static str) {
        self.left_out.push(LeftOut { field: field.to_owned(), file: self.file.to_owned(), reason });
    }

    pub(super) fn report(&mut self, code: FindingCode, field: &str, message: impl std::fmt::Display) {
        self.findings.push(Finding { code, field: field.to_owned(), message: format!("{}: {message}", self.file) });
    }
}
