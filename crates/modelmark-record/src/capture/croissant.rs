//! A Croissant description of data: name, licence, version and digest. What its files are is told by `modelmark dataset`.

use crate::value::{Label, Uri};
use crate::{Dataset, DatasetRole};

use super::document::license;
use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, card};

/// Returns the dataset that a description tells of; it does not say what the data was used for.
pub(super) fn read(node: &Node, intake: &mut Intake<'_>) -> Claims {
    let Some(name) = term(node, "name").and_then(Node::text).and_then(|name| intake.value::<Label>("datasets", name)) else {
        return Claims::default();
    };
    let dataset = describe(card::dataset(name), node, intake);
    Claims { datasets: vec![Dataset { role: DatasetRole::Other, ..dataset }], ..Claims::default() }
}

/// Adds to a dataset what its description says.
pub(super) fn describe(mut dataset: Dataset, node: &Node, intake: &mut Intake<'_>) -> Dataset {
    let text = |key: &str| term(node, key).and_then(first_text);
    dataset.license = text("license").and_then(|text| license(text, intake));
    dataset.revision = text("version").and_then(|text| intake.value("datasets", text));
    let uri = text("url").filter(|url| url.starts_with("https://"));
    dataset.uri = uri.and_then(|url| intake.value::<Uri>("datasets", url));
    let mut digests = term(node, "distribution").map(Node::items).unwrap_or_default().iter().filter_map(|file| term(file, "sha256"));
    // The digest of one file is that of the data only when there is no other.
    if let (Some(digest), None) = (digests.next(), digests.next()) {
        dataset.sha256 = digest.text().and_then(|text| text.parse().ok());
    }
    dataset
}

/// A term under its plain name or under a prefix for schema.org.
fn term<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).or_else(|| node.get(&format!("sc:{key}"))).or_else(|| node.get(&format!("https://schema.org/{key}")))
}

/// The text of a value, of the first of a list, or of what an object is called or is at.
fn first_text(node: &Node) -> Option<&str> {
    let first = node.items().first()?;
    first.text().or_else(|| ["@id", "url", "name"].iter().find_map(|key| first.get(key).and_then(Node::text)))
}
