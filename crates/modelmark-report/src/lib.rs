#![doc = include_str!("../README.md")]

mod badge;
mod html;
mod junit;
mod markdown;
mod sarif;
mod visible;

use std::path::Path;
use std::str::FromStr;

use modelmark_verify::{Report, Status};

/// A form that reports can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// One self-contained HTML page, for auditors (`.html`).
    Html,
    /// Markdown for a job summary or a comment (`.md`).
    Markdown,
    /// SARIF 2.1.0, for code scanning (`.sarif`).
    Sarif,
    /// JUnit XML, for the test views of CI systems (`.xml`).
    Junit,
    /// An SVG badge with the worst verdict (`.svg`).
    Badge,
    /// The reports themselves, as a JSON array (`.json`).
    Json,
}

/// A form that is not known, or one that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The file name says nothing that is known.
    #[error("{0:?} does not say in which form: it ends in none of .html, .md, .sarif, .xml (JUnit), .svg (badge), .json")]
    Unknown(String),
    /// The form's own writer refused.
    #[error("the report cannot be written so: {0}")]
    Writer(Box<dyn std::error::Error + Send + Sync>),
}

impl Form {
    /// Returns the form that a file's name asks for.
    ///
    /// # Errors
    /// [`FormError::Unknown`].
    pub fn of(path: &Path) -> Result<Self, FormError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
        extension.parse().map_err(|_| FormError::Unknown(path.display().to_string()))
    }

    /// Writes `reports` in this form. `made_by` names the program and its version, such as `modelmark 0.1.0`.
    ///
    /// # Errors
    /// [`FormError::Writer`], which no report is known to cause.
    pub fn write(self, reports: &[Report], made_by: &str) -> Result<String, FormError> {
        match self {
            Self::Html => html::page(reports, made_by),
            Self::Markdown => Ok(markdown::summary(reports)),
            Self::Sarif => pretty(&sarif::log(reports, made_by)),
            Self::Junit => junit::suites(reports),
            Self::Badge => Ok(badge::of(reports)),
            Self::Json => pretty(&reports),
        }
    }
}

impl FromStr for Form {
    type Err = FormError;

    fn from_str(extension: &str) -> Result<Self, FormError> {
        Ok(match extension {
            "html" | "htm" => Self::Html,
            "md" => Self::Markdown,
            "sarif" => Self::Sarif,
            "xml" => Self::Junit,
            "svg" => Self::Badge,
            "json" => Self::Json,
            other => return Err(FormError::Unknown(other.to_owned())),
        })
    }
}

fn pretty(value: &impl serde::Serialize) -> Result<String, FormError> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| FormError::Writer(error.into()))
}

/// What the report is about, in one line: its path, its token, or its CID.
fn subject(report: &Report) -> String {
    let named = report.path.as_ref().or(report.token.as_ref()).or(report.cid.as_ref());
    visible::visible(named.map_or("(nothing named)", String::as_str))
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Sampled => "sampled",
        Status::Unknown => "unknown",
        Status::Skipped => "skipped",
    }
}
