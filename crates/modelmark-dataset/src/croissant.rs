//! Croissant (MLCommons, versions 1.0 and 1.1): descriptions of datasets in JSON-LD, read and written.
//!
//! Contexts are never fetched and not interpreted: keys are known by their usual names, with the prefixes `sc:`, `cr:` and `dct:` or the full addresses of
//! these vocabularies. A description whose own context gives a key another meaning is noticed and told.

mod compare;
mod jsonld;
mod read;
mod write;

use modelmark_digest::Sha256Digest;
use serde::Serialize;

pub use self::compare::{Comparison, Outcome};
pub use self::read::CroissantError;

/// Largest description that is read.
pub const MAX_CROISSANT_BYTES: usize = 1 << 23;
/// Most files, file sets or fields of one.
pub const MAX_CROISSANT_NODES: usize = 100_000;

/// Most patterns of all file sets together, and the longest in characters.
pub const MAX_CROISSANT_PATTERNS: usize = 1000;

/// Name of the property value that holds a dataset root in `identifier`.
pub const ROOT_PROPERTY: &str = "modelmark-dataset-root-v1";

/// What a Croissant description says, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Croissant {
    /// Address of the version of the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conforms_to: Option<String>,
    /// Name of the dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its licences, as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub license: Vec<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How it wants to be cited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// Where it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether it goes on changing.
    pub live: bool,
    /// The dataset root that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Sha256Digest>,
    /// Files.
    pub files: Vec<FileObject>,
    /// Sets of files.
    pub sets: Vec<FileSetObject>,
    /// Fields of the records.
    pub fields: Vec<FieldObject>,
    /// What is odd about the description.
    pub findings: Vec<String>,
}

/// One file of a description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileObject {
    /// Its id in the description, else its name.
    pub id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where its bytes are: an address or a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_url: Option<String>,
    /// Its size in bytes, where it is written exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// Its MD5, 32 hex digits; told, never relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub md5: Option<String>,
    /// Ids of what it comes out of, such as an archive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contained_in: Vec<String>,
}

/// A set of files of a description. It has no digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSetObject {
    /// Its id in the description, else its name.
    pub id: String,
    /// Patterns of the paths in it.
    pub includes: Vec<String>,
    /// Patterns of the paths that are not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
    /// Ids of what they come out of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contained_in: Vec<String>,
}

/// A field of the records of a description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldObject {
    /// Its id in the description, else its name.
    pub id: String,
    /// Its types, as written.
    pub data_type: Vec<String>,
}
