//! What the metadata of a token that others minted says about a model; that token becomes the version before this one. Normative: `docs/spec/import.md`.

use std::collections::BTreeMap;

use crate::value::{AssetId, Label, Uri};
use crate::{License, Parent, Relation};

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, Document, FindingCode, ParentClaim, json};
use crate::foreign::{TRAIT_LISTS, plain, trait_of};

/// A token that others minted, whose metadata speaks of the model at hand.
#[derive(Clone, Copy, Debug)]
pub struct ImportedToken<'a> {
    /// Its metadata; no part of the model, so that the name begins with `../`.
    pub metadata: Document<'a>,
    /// The token.
    pub token: &'a AssetId,
    /// Where the token says that its metadata is, if a record may name that.
    pub uri: Option<&'a Uri>,
}

/// Objects of the document in which names are looked for, too.
const CONTAINERS: [&str; 5] = ["properties", "metadata", "provenance", "model", "attributes"];
/// Names of what is taken over, as `plain` writes them.
const NAME: &[&str] = &["name", "modelname"];
const DESCRIPTION: &[&str] = &["description", "modeldescription"];
const IMAGE: &[&str] = &["image", "imageurl"];
const PAGE: &[&str] = &["externalurl", "homepage", "website"];
const VERSION: &[&str] = &["version", "modelversion"];
const TASK: &[&str] = &["task", "pipelinetag", "modeltask"];
const LICENSE: &[&str] = &["license", "licence", "spdx", "licensespdx", "modellicense"];
const CREATOR: &[&str] = &["creator", "author", "createdby", "artist", "publisher", "modelcreator"];

/// Reads what the metadata states. Who it says made the model is kept as part of the other token's name: this record's creator is who signs it.
pub(super) fn read(imported: &ImportedToken<'_>, bytes: &[u8], intake: &mut Intake<'_>) -> Claims {
    let parent = |name| ParentClaim {
        relation: Some(Relation::Version),
        parent: Parent { token: Some(imported.token.clone()), uri: imported.uri.cloned(), name, ..Parent::default() },
        ..ParentClaim::default()
    };
    let document = match json::parse(bytes) {
        Ok(document) => document,
        Err(error) => {
            intake.report(FindingCode::Unreadable, "the metadata", error);
            return Claims { parents: vec![parent(None)], ..Claims::default() };
        }
    };
    let stated = Stated::of(&document);
    let name: Option<Label> = stated.text(NAME).and_then(|text| intake.value("name", text));
    let creator: Option<Label> = stated.text(CREATOR).and_then(|text| intake.value("creator", text));
    let called = match (&name, &creator) {
        (Some(name), Some(creator)) => format!("{name} by {creator}").parse().ok().or_else(|| Some(name.clone())),
        _ => name.clone(),
    };
    Claims {
        description: stated.text(DESCRIPTION).and_then(|text| intake.prose("description", text)),
        image: stated.text(IMAGE).and_then(|text| intake.typed("image", text)),
        external_url: stated.text(PAGE).and_then(|text| intake.value("external_url", text)),
        version: stated.text(VERSION).and_then(|text| intake.value("provenance.version", text)),
        task: stated.text(TASK).and_then(|text| intake.value("provenance.task", text)),
        license: stated.text(LICENSE).and_then(|text| intake.typed("provenance.license", text)).map(|spdx| License { spdx, uri: None }),
        parents: vec![parent(called)],
        name,
        ..Claims::default()
    }
}

/// The texts of a document by their names; what stands further out wins, and of what stands beside each other the first.
struct Stated<'n>(BTreeMap<String, &'n str>);

impl<'n> Stated<'n> {
    fn of(document: &'n Node) -> Self {
        let mut stated = Self(BTreeMap::new());
        stated.object(document);
        for container in CONTAINERS {
            stated.object(document.get(container).unwrap_or(&Node::Null));
        }
        for list in TRAIT_LISTS {
            let Some(Node::List(items)) = document.get(list) else { continue };
            items.iter().filter_map(trait_of).for_each(|(name, value)| stated.put(name, value));
        }
        stated
    }

    fn object(&mut self, node: &'n Node) {
        if let Node::Map(entries) = node {
            entries.iter().for_each(|(key, value)| self.put(key, value));
        }
    }

    fn put(&mut self, name: &str, value: &'n Node) {
        if let (Some(plain), Some(text)) = (plain(name), value.text()) {
            self.0.entry(plain).or_insert(text);
        }
    }

    fn text(&self, names: &[&str]) -> Option<&'n str> {
        names.iter().find_map(|name| self.0.get(*name).copied()).map(str::trim).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a document that is not read is a failed test")]
    use crate::capture::{Beside, Capture, gather};

    use super::*;

    fn imported(metadata: &str) -> Capture {
        let token: AssetId = "eip155:1/erc721:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266/7".parse().unwrap();
        let uri: Uri = "https://example.com/7.json".parse().unwrap();
        let metadata = Document { file: "../token-metadata.json", bytes: metadata.as_bytes() };
        let imported = Some(ImportedToken { metadata, token: &token, uri: Some(&uri) });
        gather(Claims::default(), &Beside { imported, name: Some("folder"), ..Beside::default() }).unwrap()
    }

    #[test]
    fn names_are_found_where_others_put_them() {
        let capture = imported(
            r#"{"Name":"Tiny","description":"Small.","external_url":"https://example.com/tiny","properties":{"licence":"Apache-2.0","name":"other"},
            "attributes":[{"trait_type":"Author","value":"Alice"},{"trait_type":"Version","value":2},{"trait_type":"License","value":"MIT"}]}"#,
        );
        let claims = &capture.facts.claims;
        let shown = |text: Option<String>| text.unwrap_or_default();
        assert_eq!(shown(claims.name.as_ref().map(ToString::to_string)), "Tiny");
        assert_eq!(claims.license.as_ref().unwrap().spdx.as_str(), "MIT", "the names have an order, not the places");
        assert_eq!(shown(claims.version.as_ref().map(ToString::to_string)), "2");
        let parent = &claims.parents[0];
        assert_eq!((parent.relation, parent.parent.name.as_ref().unwrap().as_str()), (Some(Relation::Version), "Tiny by Alice"));
        assert_eq!(claims.creator_name, None, "another's name is not the signer's");
        assert!(
            capture.facts.sources.iter().any(|source| source.file.as_str() == "../token-metadata.json" && source.field.as_str() == "name")
        );
    }

    #[test]
    fn what_does_not_fit_a_record_is_left_out_and_told() {
        let capture = imported(r#"{"name":"a@example.com","license":"My own","image":"http://example.com/x.png","description":7}"#);
        let claims = &capture.facts.claims;
        assert_eq!((claims.name.as_ref().unwrap().as_str(), &claims.license), ("folder", &None));
        assert!(capture.left_out.iter().any(|left| left.field == "name"), "{:?}", capture.left_out);
        assert!(capture.findings.iter().filter(|finding| finding.code == FindingCode::Unusable).count() >= 2, "{:?}", capture.findings);
        assert_eq!(claims.parents.len(), 1);
        for broken in ["", "[]", "{", "null", r#"{"name":{"x":1}}"#, r#"{"name":"a","name":"b"}"#] {
            assert_eq!(imported(broken).facts.claims.name.unwrap().as_str(), "folder", "{broken}");
        }
    }
}
