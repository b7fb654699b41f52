//! Walks the places that the table names, and no others.

use super::fault::{Fault, FaultCode, shown};
use super::table::{self, Algorithm};
use super::{ForeignMetadata, MAX_METADATA_BYTES, MAX_STATEMENTS, StatedDigest, Subject, spelling};
use crate::capture::json;
use crate::capture::yaml::Node;

/// Objects inside each other that are looked into, the document being the first.
const MAX_LEVELS: usize = 4;
/// Keys under which a list of traits stands.
pub(crate) const TRAIT_LISTS: [&str; 2] = ["attributes", "traits"];
/// Keys of a trait's name.
const TRAIT_NAMES: [&str; 4] = ["trait_type", "traitType", "name", "key"];
/// Keys of a digest that is an object, as in CycloneDX.
const VALUE_NAMES: [&str; 5] = ["value", "digest", "hash", "hex", "content"];
/// Keys of its algorithm.
const OWN_ALGORITHM_NAMES: [&str; 3] = ["algorithm", "alg", "hashAlgorithm"];

pub(super) fn find(bytes: &[u8]) -> Result<ForeignMetadata, Fault> {
    if bytes.len() > MAX_METADATA_BYTES {
        return Err(Fault::new(FaultCode::TooLarge, format!("the metadata has more than the {MAX_METADATA_BYTES} bytes that are read")));
    }
    let document =
        json::parse(bytes).map_err(|error| Fault::new(FaultCode::Json, format!("the metadata is not JSON as it is read: {error}")))?;
    if !matches!(document, Node::Map(_)) {
        return Err(Fault::new(FaultCode::NoObject, "the metadata is JSON, but no object"));
    }
    let mut search = Search::default();
    search.object(&document, "", None, MAX_LEVELS);
    Ok(search.finish())
}

#[derive(Default)]
struct Search {
    found: ForeignMetadata,
    too_many: bool,
}

impl Search {
    fn finish(mut self) -> ForeignMetadata {
        if self.too_many {
            let message = format!("more than the {MAX_STATEMENTS} digests that are read");
            self.found.faults.push(Fault::new(FaultCode::TooMany, message));
        }
        if self.found.statements.is_empty() && self.found.faults.is_empty() {
            self.found.faults.push(Fault::new(FaultCode::NoDigest, "no digest of weights stands in any of the places that are known"));
        }
        self.found.faults.extend(disagreement(&self.found));
        self.found
    }

    fn object(&mut self, object: &Node, within: &str, subject: Option<Subject>, levels: usize) {
        let (Node::Map(entries), Some(levels)) = (object, levels.checked_sub(1)) else { return };
        let named = entries.iter().filter_map(|(key, value)| Some((table::plain(key)?, value)));
        let beside = self.beside(within, named);
        for (key, value) in entries {
            let Some(plain) = table::plain(key) else { continue };
            let place = if within.is_empty() { key.clone() } else { format!("{within}.{key}") };
            match value {
                Node::List(items) if TRAIT_LISTS.contains(&plain.as_str()) => self.traits(items, &place),
                Node::Map(_) if table::container(&plain).is_some() => {
                    let about = table::container(&plain).flatten().or(subject);
                    self.object(value, &place, about, levels);
                }
                _ => self.value(&plain, place, value, subject, beside),
            }
        }
    }

    fn traits(&mut self, items: &[Node], within: &str) {
        let named: Vec<_> =
            items.iter().enumerate().filter_map(|(at, item)| trait_of(item).map(|(name, value)| (at, name, value))).collect();
        let beside = self.beside(within, named.iter().filter_map(|(_, name, value)| Some((table::plain(name)?, *value))));
        for (at, name, value) in named {
            let Some(plain) = table::plain(name) else { continue };
            self.value(&plain, format!("{within}[{at}] {name}"), value, None, beside);
        }
    }

    /// Returns the algorithm that stands for the other digests of an object or list.
    fn beside<'n>(&mut self, within: &str, entries: impl Iterator<Item = (String, &'n Node)>) -> Option<Algorithm> {
        let mut found = None;
        for (plain, value) in entries.filter(|(plain, _)| table::names_algorithm(plain)) {
            let algorithm = value.text().map(algorithm_of);
            match (found, algorithm) {
                (None, Some(algorithm)) => found = Some(algorithm),
                (Some(known), Some(algorithm)) if known == algorithm => {}
                _ => self.found.faults.push(Fault::new(FaultCode::Contradiction, format!("{within}: {plain} leaves the algorithm open"))),
            }
        }
        found
    }

    fn value(&mut self, plain: &str, place: String, value: &Node, within: Option<Subject>, beside: Option<Algorithm>) {
        let Some(meaning) = table::meaning(plain, within) else { return };
        if self.found.statements.len() + self.found.faults.len() >= MAX_STATEMENTS {
            self.too_many = true;
            return;
        }
        let (text, own) = match value {
            Node::Map(_) => (one_of(value, &VALUE_NAMES), one_of(value, &OWN_ALGORITHM_NAMES).map(algorithm_of)),
            other => (other.text(), None),
        };
        let Some(text) = text else {
            let message = format!("{place}: not text, so that it is no digest");
            return self.found.faults.push(Fault::new(FaultCode::Spelling, message));
        };
        match spelling::read(place, text, meaning, own.or(beside)) {
            Ok(statement) => self.found.statements.push(statement),
            Err(fault) => self.found.faults.push(fault),
        }
    }
}

pub(crate) fn trait_of(item: &Node) -> Option<(&str, &Node)> {
    Some((one_of(item, &TRAIT_NAMES)?, item.get("value")?))
}

fn one_of<'n>(object: &'n Node, names: &[&str]) -> Option<&'n str> {
    names.iter().find_map(|name| object.get(name)?.text())
}

fn algorithm_of(text: &str) -> Algorithm {
    table::plain(text).and_then(|plain| table::algorithm(&plain)).unwrap_or(Algorithm::Other("the algorithm named beside it"))
}

/// Says that two digests of one algorithm are given for one thing.
fn disagreement(found: &ForeignMetadata) -> Option<Fault> {
    let (mut pairs, statements) = (Vec::new(), &found.statements);
    for (at, first) in statements.iter().enumerate() {
        pairs.extend(statements.iter().skip(at + 1).map(|second| (first, second)));
    }
    let same_kind = |first: &StatedDigest, second: &StatedDigest| {
        // Several CIDs can name the same bytes.
        !matches!(first, StatedDigest::Cid(_)) && std::mem::discriminant(first) == std::mem::discriminant(second)
    };
    let clash = pairs.iter().find(|(first, second)| {
        first.subject == second.subject && first.digest != second.digest && same_kind(&first.digest, &second.digest)
    });
    clash.map(|(first, second)| {
        let message = format!("{} says {}, {} says {}", shown(&first.place), first.digest, shown(&second.place), second.digest);
        Fault::new(FaultCode::Disagreement, message)
    })
}
