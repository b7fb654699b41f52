//! From a set of files to a description.

use serde_json::{Value, json};

use super::ROOT_PROPERTY;
use crate::{DatasetError, FileEntry, FileSet};

impl FileSet {
    /// Writes a Croissant 1.1 description: each file with its SHA-256, and the dataset root as a property value in `identifier`.
    ///
    /// Paths are written relative to the description's own folder, which has to be the dataset's. Of a salted set there is none.
    ///
    /// # Errors
    /// [`DatasetError::SaltedDescription`].
    pub fn croissant(&self, name: &str) -> Result<Value, DatasetError> {
        let commitment = self.commitment();
        if commitment.is_salted() {
            return Err(DatasetError::SaltedDescription);
        }
        Ok(json!({
            "@context": context(),
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.1",
            "name": name,
            "identifier": [{ "@type": "sc:PropertyValue", "propertyID": ROOT_PROPERTY, "value": commitment.root() }],
            "distribution": self.entries().iter().enumerate().map(file).collect::<Vec<_>>(),
        }))
    }
}

fn file((number, entry): (usize, &FileEntry)) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": format!("file-{number}"),
        "name": entry.path,
        "contentUrl": entry.path,
        "contentSize": format!("{} B", entry.size),
        "encodingFormat": encoding(entry.path.as_str()),
        "sha256": entry.sha256,
    })
}

fn encoding(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("csv") => "text/csv",
        Some("tsv") => "text/tsv",
        Some("txt" | "md") => "text/plain",
        Some("json") => "application/json",
        Some("jsonl" | "ndjson") => "application/jsonlines",
        Some("parquet") => "application/x-parquet",
        Some("zip") => "application/zip",
        Some("tar") => "application/x-tar",
        Some("gz" | "tgz") => "application/gzip",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("wav") => "audio/wav",
        _ => "application/octet-stream",
    }
}

/// The context of the format's version 1.1, as its reference implementation writes it.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "arrayShape": "cr:arrayShape",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "containedIn": "cr:containedIn",
        "cr": "http://mlcommons.org/croissant/",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "dct": "http://purl.org/dc/terms/",
        "description": { "@container": "@language" },
        "equivalentProperty": "cr:equivalentProperty",
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isArray": "cr:isArray",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "name": { "@container": "@language" },
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
