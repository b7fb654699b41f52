//! From a description to what it says.

use serde_json::Value;

use super::jsonld::{Node, short};
use super::{
    Croissant, FieldObject, FileObject, FileSetObject, MAX_CROISSANT_BYTES, MAX_CROISSANT_NODES, MAX_CROISSANT_PATTERNS, ROOT_PROPERTY,
};

/// A text that is no Croissant description.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CroissantError {
    /// Not JSON.
    #[error("the description is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Larger than is read.
    #[error("the description is larger than {MAX_CROISSANT_BYTES} bytes")]
    TooLarge,
    /// More nodes than are read.
    #[error("the description has more than {MAX_CROISSANT_NODES} {0}")]
    TooMany(&'static str),
    /// More or longer patterns than are matched.
    #[error("its file sets have more than {MAX_CROISSANT_PATTERNS} patterns, or one of more than {MAX_CROISSANT_PATTERNS} characters")]
    Patterns,
    /// Nothing in it is a dataset.
    #[error("nothing in the description has the type `sc:Dataset`")]
    NoDataset,
}

const VERSIONS: [&str; 2] = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/1.1"];
/// Keys that are read here, and that a context could give another meaning.
const TERMS: [&str; 13] = [
    "name",
    "license",
    "version",
    "citeAs",
    "distribution",
    "contentUrl",
    "contentSize",
    "sha256",
    "md5",
    "includes",
    "containedIn",
    "conformsTo",
    "identifier",
];

impl Croissant {
    /// Reads a description.
    ///
    /// # Errors
    /// [`CroissantError`]; what is merely odd is among the findings.
    pub fn read(bytes: &[u8]) -> Result<Self, CroissantError> {
        if bytes.len() > MAX_CROISSANT_BYTES {
            return Err(CroissantError::TooLarge);
        }
        let document: Value = serde_json::from_slice(bytes)?;
        let top = Node::of(&document).ok_or(CroissantError::NoDataset)?;
        let graph: Vec<Node<'_>> = top.all("@graph").filter_map(Node::of).collect();
        let dataset = std::iter::once(top).chain(graph.iter().copied()).find(|node| node.is("Dataset")).ok_or(CroissantError::NoDataset)?;
        let mut croissant = Self {
            conforms_to: dataset.text("conformsTo"),
            name: dataset.text("name"),
            license: dataset.texts("license").collect(),
            version: dataset.text("version"),
            citation: dataset.text("citeAs").or_else(|| dataset.text("citation")),
            url: dataset.text("url"),
            live: dataset.all("isLiveDataset").any(|value| value == &Value::Bool(true)),
            ..Self::default()
        };
        croissant.check_version();
        croissant.check_context(top);
        croissant.take_root(dataset);
        for node in dataset.all("distribution").filter_map(Node::of).chain(graph.iter().copied()) {
            croissant.take_distribution(node)?;
        }
        for records in dataset.all("recordSet").filter_map(Node::of) {
            croissant.take_fields(records)?;
        }
        Ok(croissant)
    }

    fn find(&mut self, finding: String) {
        // Enough to see what is wrong with it.
        if self.findings.len() < 1000 {
            self.findings.push(finding);
        }
    }

    fn check_version(&mut self) {
        match &self.conforms_to {
            Some(version) if VERSIONS.contains(&version.trim_end_matches('/')) => {}
            Some(version) => self.find(format!("it conforms to {version:.200}, not to Croissant 1.0 or 1.1")),
            None => self.find("it does not say which version of Croissant it conforms to".to_owned()),
        }
    }

    fn check_context(&mut self, top: Node<'_>) {
        let Some(context) = top.0.get("@context").and_then(Value::as_object) else {
            return self.find("its context does not stand in it; it was read as if it were the usual one".to_owned());
        };
        for term in TERMS {
            let meaning = context.get(term).and_then(|value| value.as_str().or_else(|| value.get("@id")?.as_str()));
            if meaning.is_some_and(|meaning| short(meaning) != term) {
                self.find(format!("its context gives `{term}` another meaning; it was read as if it were the usual one"));
            }
        }
    }

    fn take_root(&mut self, dataset: Node<'_>) {
        let ours =
            dataset.all("identifier").filter_map(Node::of).find(|node| node.text("propertyID").is_some_and(|id| id == ROOT_PROPERTY));
        let Some(value) = ours.and_then(|node| node.text("value")) else { return };
        match value.parse() {
            Ok(root) => self.root = Some(root),
            Err(error) => self.find(format!("{ROOT_PROPERTY}: {error}")),
        }
    }

    fn take_distribution(&mut self, node: Node<'_>) -> Result<(), CroissantError> {
        if node.is("FileObject") {
            let file = self.file(node);
            bounded(&mut self.files, file, "files")
        } else if node.is("FileSet") {
            let set = FileSetObject {
                id: id(node),
                includes: node.texts("includes").collect(),
                excludes: node.texts("excludes").collect(),
                contained_in: node.texts("containedIn").collect(),
            };
            self.check_patterns(&set)?;
            bounded(&mut self.sets, set, "file sets")
        } else {
            Ok(())
        }
    }

    fn check_patterns(&self, set: &FileSetObject) -> Result<(), CroissantError> {
        let of = |set: &FileSetObject| set.includes.len() + set.excludes.len();
        let long = set.includes.iter().chain(&set.excludes).any(|glob| glob.chars().count() > MAX_CROISSANT_PATTERNS);
        if long || self.sets.iter().chain([set]).map(of).sum::<usize>() > MAX_CROISSANT_PATTERNS {
            return Err(CroissantError::Patterns);
        }
        Ok(())
    }

    fn file(&mut self, node: Node<'_>) -> FileObject {
        let id = id(node);
        let sha256 = node.text("sha256").and_then(|text| match text.parse() {
            Ok(digest) => Some(digest),
            Err(_) => {
                let what = if is_md5(&text) { "32 hex digits, the length of an MD5" } else { "no SHA-256" };
                self.find(format!("the `sha256` of {id:?} is {what}: {text:?}"));
                None
            }
        });
        let md5 = node.text("md5").filter(|text| {
            let good = is_md5(text);
            if !good {
                self.find(format!("the `md5` of {id:?} is none: {text:?}"));
            }
            good
        });
        if sha256.is_none() && !self.live {
            self.find(format!("{id:?} has no SHA-256, so that nothing binds it to its bytes"));
        }
        let size = node.text("contentSize").and_then(|text| exact_size(&text));
        let contained_in = node.texts("containedIn").collect();
        FileObject { name: node.text("name"), content_url: node.text("contentUrl"), size, sha256, md5, contained_in, id }
    }

    fn take_fields(&mut self, records: Node<'_>) -> Result<(), CroissantError> {
        for node in records.all("field").filter_map(Node::of) {
            bounded(&mut self.fields, FieldObject { id: id(node), data_type: node.texts("dataType").collect() }, "fields")?;
        }
        Ok(())
    }
}

fn bounded<T>(list: &mut Vec<T>, item: T, what: &'static str) -> Result<(), CroissantError> {
    if list.len() == MAX_CROISSANT_NODES {
        return Err(CroissantError::TooMany(what));
    }
    list.push(item);
    Ok(())
}

fn id(node: Node<'_>) -> String {
    node.text("@id").or_else(|| node.text("name")).unwrap_or_default()
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns a size that is written in bytes. `1.2 GB` is rounded by whoever wrote it, and nothing can be held against it.
fn exact_size(text: &str) -> Option<u64> {
    let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = text.trim().strip_prefix(number)?.trim();
    matches!(unit, "" | "B" | "byte" | "bytes").then(|| number.parse().ok()).flatten()
}
