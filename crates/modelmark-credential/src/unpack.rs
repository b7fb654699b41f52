//! Puts disclosures in the place of their digests (RFC 9901, section 7.1), and refuses every token in which that can be done in two ways.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::did::{PINNED, shorten};
use crate::disclosure::{DIGESTS, Disclosure, ELEMENT, HASH, SHA_256};
use crate::json::{self, MAX_CREDENTIAL_DEPTH};
use crate::report::{Code, Fault};

/// Claims that decide whether a token holds. Were one hidden, the holder could decide that.
const NEVER_HIDDEN: [&str; 9] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "aud", PINNED];

/// The claims of a token, with what was disclosed in its place.
pub(crate) struct Unpacked {
    pub(crate) claims: Map<String, Value>,
    /// How many digests have no disclosure: what is withheld, and decoys.
    pub(crate) withheld: usize,
}

/// A step from a value to one inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'t> {
    Name(&'t str),
    /// Counted without what is withheld.
    Index(usize),
}

/// Checks that the digests are made as they are here.
pub(crate) fn check_hash(claims: &Map<String, Value>) -> Result<(), Fault> {
    match json::optional_text(claims, HASH)? {
        None | Some(SHA_256) => Ok(()),
        Some(other) => Err(Fault::new(Code::UnsupportedSuite, format!("digests by {} are not verified here", shorten(other)))),
    }
}

/// Unpacks claims, and tells `seen` where each disclosure belongs.
pub(crate) fn unpack<'t>(
    claims: &'t Map<String, Value>,
    disclosures: &'t [Disclosure],
    seen: &mut dyn FnMut(usize, &[Step<'t>]),
) -> Result<Unpacked, Fault> {
    let mut by_digest = HashMap::with_capacity(disclosures.len());
    for (index, disclosure) in disclosures.iter().enumerate() {
        if by_digest.insert(disclosure.digest.as_str(), (index, disclosure)).is_some() {
            return Err(bad(format!("{} is disclosed twice", disclosure.shown())));
        }
    }
    let mut unpacker = Unpacker { by_digest, digests: HashSet::new(), path: Vec::new(), withheld: 0, used: 0, seen };
    let claims = unpacker.object(claims)?;
    if unpacker.used < disclosures.len() {
        let stray = disclosures.iter().find(|disclosure| !unpacker.digests.contains(disclosure.digest.as_str()));
        return Err(bad(format!("{} is disclosed, but no digest is its", stray.map(Disclosure::shown).unwrap_or_default())));
    }
    Ok(Unpacked { claims, withheld: unpacker.withheld })
}

struct Unpacker<'t, 's> {
    by_digest: HashMap<&'t str, (usize, &'t Disclosure)>,
    digests: HashSet<&'t str>,
    path: Vec<Step<'t>>,
    withheld: usize,
    used: usize,
    seen: &'s mut dyn FnMut(usize, &[Step<'t>]),
}

impl<'t> Unpacker<'t, '_> {
    fn object(&mut self, object: &'t Map<String, Value>) -> Result<Map<String, Value>, Fault> {
        let top = self.path.is_empty();
        let mut unpacked = Map::new();
        for (name, value) in object {
            match name.as_str() {
                DIGESTS => {}
                HASH if top => {}
                HASH | ELEMENT => return Err(bad(format!("`{name}` stands where it means nothing"))),
                _ => drop(unpacked.insert(name.clone(), self.inside(Step::Name(name), value)?)),
            }
        }
        for digest in digests(object)? {
            let Some((index, disclosure)) = self.find(digest)? else { continue };
            let Some(name) = &disclosure.name else {
                return Err(bad("an element of a list is disclosed for a member of an object".into()));
            };
            if object.contains_key(name) || unpacked.contains_key(name) {
                return Err(bad(format!("{:?} is disclosed, but stands there already", shorten(name))));
            }
            if top && NEVER_HIDDEN.contains(&name.as_str()) {
                return Err(bad(format!("`{name}` is disclosed, but must never be hidden")));
            }
            let value = self.disclosed(index, Step::Name(name), &disclosure.value)?;
            unpacked.insert(name.clone(), value);
        }
        Ok(unpacked)
    }

    fn list(&mut self, items: &'t [Value]) -> Result<Vec<Value>, Fault> {
        let mut unpacked = Vec::new();
        for item in items {
            let Some(digest) = hidden_element(item)? else {
                unpacked.push(self.inside(Step::Index(unpacked.len()), item)?);
                continue;
            };
            let Some((index, disclosure)) = self.find(digest)? else { continue };
            if disclosure.name.is_some() {
                return Err(bad("a member of an object is disclosed for an element of a list".into()));
            }
            unpacked.push(self.disclosed(index, Step::Index(unpacked.len()), &disclosure.value)?);
        }
        Ok(unpacked)
    }

    fn disclosed(&mut self, index: usize, step: Step<'t>, value: &'t Value) -> Result<Value, Fault> {
        self.path.push(step);
        (self.seen)(index, &self.path);
        self.path.pop();
        self.inside(step, value)
    }

    fn inside(&mut self, step: Step<'t>, value: &'t Value) -> Result<Value, Fault> {
        // Disclosures nest in disclosures, so that the bound on each text bounds nothing here.
        if self.path.len() >= MAX_CREDENTIAL_DEPTH {
            return Err(Fault::new(Code::TooDeep, format!("nested deeper than {MAX_CREDENTIAL_DEPTH} levels")));
        }
        self.path.push(step);
        let value = match value {
            Value::Object(object) => self.object(object).map(Value::Object),
            Value::Array(items) => self.list(items).map(Value::Array),
            plain => Ok(plain.clone()),
        };
        self.path.pop();
        value
    }

    /// Returns the disclosure of a digest, which must not have stood anywhere before.
    fn find(&mut self, digest: &'t str) -> Result<Option<(usize, &'t Disclosure)>, Fault> {
        if !self.digests.insert(digest) {
            return Err(bad(format!("the digest {:?} stands there twice", shorten(digest))));
        }
        let found = self.by_digest.get(digest).copied();
        match found {
            Some(_) => self.used += 1,
            None => self.withheld += 1,
        }
        Ok(found)
    }
}

/// Returns the digests of an object's hidden members.
fn digests(object: &Map<String, Value>) -> Result<Vec<&str>, Fault> {
    let malformed = || Fault::new(Code::Malformed, format!("`{DIGESTS}` is not a list of texts"));
    match object.get(DIGESTS) {
        None => Ok(Vec::new()),
        Some(Value::Array(digests)) => digests.iter().map(|digest| digest.as_str().ok_or_else(malformed)).collect(),
        Some(_) => Err(malformed()),
    }
}

/// Returns the digest of an element that is hidden.
fn hidden_element(item: &Value) -> Result<Option<&str>, Fault> {
    let Some((object, digest)) = item.as_object().and_then(|object| Some((object, object.get(ELEMENT)?))) else { return Ok(None) };
    match digest {
        Value::String(digest) if object.len() == 1 => Ok(Some(digest)),
        _ => Err(Fault::new(Code::Malformed, format!("an object with `{ELEMENT}` has something else, or no text there"))),
    }
}

fn bad(detail: String) -> Fault {
    Fault::new(Code::BadDisclosure, detail)
}
