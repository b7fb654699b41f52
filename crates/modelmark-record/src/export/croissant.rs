//! Croissant 1.1: one dataset of a record, described for those who look from the data's side, with a link to the model that was made with it.

use serde_json::{Value, json};

use crate::{CanonicalRecord, Dataset};

use super::{ExportError, document, word};

/// Returns a Croissant description of a dataset that the record names: the one called `name`, else the only one.
///
/// It knows as much as the record: its files are there when the dataset is one file, whose SHA-256 is recorded. `modelmark dataset root --croissant` describes
/// the files at hand.
///
/// # Errors
///
/// [`ExportError::NoDataset`] when the record has none of this name, or none or several and no name was given.
pub fn croissant(record: &CanonicalRecord, name: Option<&str>) -> Result<Vec<u8>, ExportError> {
    let datasets = &record.record().provenance.datasets;
    let mut chosen = datasets.iter().filter(|dataset| name.is_none_or(|name| dataset.name.as_str() == name));
    let (Some(dataset), None) = (chosen.next(), chosen.next()) else {
        let known = datasets.iter().map(|dataset| dataset.name.to_string()).collect();
        return Err(ExportError::NoDataset { known });
    };
    let place = dataset.uri.as_ref().map(ToString::to_string).or_else(|| dataset.cid.map(|cid| format!("ipfs://{cid}")));
    Ok(document(json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": dataset.name,
        "description": format!("Dataset that the provenance record of {} names; role: {}.", record.record().name, word(dataset.role).unwrap_or_default()),
        "license": dataset.license.as_ref().map(|license| format!("https://spdx.org/licenses/{license}")).filter(|_| is_listed(dataset)),
        "url": place,
        "version": dataset.revision,
        "identifier": identifiers(dataset),
        "distribution": file(dataset, place.as_deref()),
        "subjectOf": {
            "@type": "sc:CreativeWork",
            "name": record.record().name,
            "url": record.id().token_uri(),
            "identifier": record.id().to_string(),
        },
    })))
}

/// Only a single id of the SPDX list has a page there.
fn is_listed(dataset: &Dataset) -> bool {
    dataset.license.as_ref().is_some_and(|license| !license.has_reference() && !license.as_str().contains([' ', '+', '(']))
}

fn identifiers(dataset: &Dataset) -> Vec<Value> {
    // The first is the name that `modelmark dataset` reads.
    let root = dataset
        .root
        .map(|root| json!({ "@type": "sc:PropertyValue", "propertyID": "modelmark-dataset-root-v1", "value": root.to_string() }));
    let cid = dataset.cid.map(|cid| json!({ "@type": "sc:PropertyValue", "propertyID": "CID", "value": cid.to_string() }));
    root.into_iter().chain(cid).collect()
}

fn file(dataset: &Dataset, place: Option<&str>) -> Vec<Value> {
    let (Some(sha256), Some(place)) = (dataset.sha256, place) else { return Vec::new() };
    vec![json!({
        "@type": "cr:FileObject",
        "@id": "file-0",
        "name": dataset.name,
        "contentUrl": place,
        "contentSize": dataset.size.map(|size| format!("{size} B")),
        "encodingFormat": "application/octet-stream",
        "sha256": sha256.to_string(),
    })]
}

/// The terms used here, of the context that the format's reference implementation writes.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "dct": "http://purl.org/dc/terms/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
    })
}
