//! What a model signature says: the digest of every file, and how they were made.

use std::collections::{BTreeMap, HashSet};

use modelmark_digest::{ModelPath, Sha256Digest};
use serde_json::Value;

use crate::code::{Code, Refused, shown};
use crate::early::EARLY_PREDICATE;
use crate::json::Object;
use crate::resource_digest::ResourceDigest;
use crate::serialization::{Method, Serialization};
use crate::statement::{OMS_PREDICATE, Statement};

/// The name by which the reference client lists a model that is one file.
pub(crate) const THE_FILE_ITSELF: &str = ".";

/// What is listed of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The digest of the file.
    Whole(ResourceDigest),
    /// The digests of its pieces, in order; the size of the file in bytes is known by them.
    Pieces(Vec<ResourceDigest>, u64),
}

/// The signed list of files, checked: no name twice, none leads out of the model, and the root digest is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicate {
    serialization: Serialization,
    resources: BTreeMap<String, Resource>,
}

impl Predicate {
    /// Reads what a statement says of its subject.
    ///
    /// # Errors
    /// Whatever is wrong with the list; see [`Code`].
    pub fn read(statement: &Statement) -> Result<Self, Refused> {
        if ![OMS_PREDICATE, EARLY_PREDICATE].contains(&statement.predicate_type.as_str()) {
            let told = format!("the statement is of kind {}, not a model signature ({OMS_PREDICATE})", shown(&statement.predicate_type));
            return Err(Refused::new(Code::PredicateType, told));
        }
        let predicate = Object::of(&statement.predicate, "the predicate")?;
        let serialization = Serialization::read(predicate.object("serialization", "`serialization`")?)?;
        let listed = predicate.list("resources")?;
        if listed.is_empty() {
            return Err(Refused::new(Code::Empty, "the signature lists no file"));
        }
        let items = listed.iter().map(|value| Item::read(value, &serialization)).collect::<Result<Vec<_>, _>>()?;
        let concatenated: Vec<u8> = items.iter().flat_map(|item| item.digest.as_bytes()).copied().collect();
        let root = Sha256Digest::of(&concatenated);
        if root != statement.digest {
            let told = format!("the subject's digest is {}, the listed digests give {root}", statement.digest);
            return Err(Refused::new(Code::RootDigest, told));
        }
        Ok(Self { resources: gather(items, &serialization)?, serialization })
    }

    /// How the list was made.
    #[must_use]
    pub const fn serialization(&self) -> &Serialization {
        &self.serialization
    }

    /// The files by their names.
    #[must_use]
    pub const fn resources(&self) -> &BTreeMap<String, Resource> {
        &self.resources
    }

    /// Tells whether something at or below `path` is listed.
    pub(crate) fn lists_below(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        self.resources.contains_key(path)
            || self.resources.range(inside.clone()..).next().is_some_and(|(name, _)| name.starts_with(&inside))
    }
}

/// An entry of the list.
struct Item<'v> {
    name: &'v str,
    digest: ResourceDigest,
}

impl<'v> Item<'v> {
    fn read(value: &'v Value, serialization: &Serialization) -> Result<Self, Refused> {
        let resource = Object::of(value, "a resource")?;
        let name = resource.text("name")?;
        let algorithm = resource.text("algorithm")?;
        if !serialization.admits(algorithm) {
            let told = format!("{} has a digest of {}, the files were hashed with {}", shown(name), shown(algorithm), serialization.hash);
            return Err(Refused::new(Code::Digest, told));
        }
        let hex = resource.text("digest")?;
        let digest = ResourceDigest::read(hex, serialization.hash);
        let digest = digest.ok_or_else(|| Refused::new(Code::Digest, format!("{} is no digest of {}", shown(hex), shown(name))))?;
        Ok(Self { name, digest })
    }
}

fn gather(items: Vec<Item<'_>>, serialization: &Serialization) -> Result<BTreeMap<String, Resource>, Refused> {
    let mut names = HashSet::with_capacity(items.len());
    if let Some(twice) = items.iter().find(|item| !names.insert(item.name)) {
        return Err(Refused::new(Code::NameTwice, format!("{} is listed twice", shown(twice.name))));
    }
    match serialization.method {
        Method::Files => items.into_iter().map(|item| Ok((checked(item.name)?, Resource::Whole(item.digest)))).collect(),
        Method::Shards(size) => pieces(items, size),
    }
}

/// Brings the pieces of each file together. They may be listed in any order, and must be the file from its first byte on.
fn pieces(items: Vec<Item<'_>>, size: u64) -> Result<BTreeMap<String, Resource>, Refused> {
    let mut files: BTreeMap<String, BTreeMap<u64, (u64, ResourceDigest)>> = BTreeMap::new();
    for item in items {
        let refused = || Refused::new(Code::Shards, format!("{} does not name a piece of a file", shown(item.name)));
        // From the right: the name of a file may have colons.
        let (rest, end) = item.name.rsplit_once(':').ok_or_else(refused)?;
        let (name, start) = rest.rsplit_once(':').ok_or_else(refused)?;
        let (start, end) = decimal(start).zip(decimal(end)).filter(|(start, end)| start < end).ok_or_else(refused)?;
        let twice = files.entry(checked(name)?).or_default().insert(start, (end, item.digest)).is_some();
        if twice {
            return Err(refused());
        }
    }
    files.into_iter().map(|(name, pieces)| joined(&name, pieces, size).map(|resource| (name, resource))).collect()
}

fn joined(name: &str, pieces: BTreeMap<u64, (u64, ResourceDigest)>, size: u64) -> Result<Resource, Refused> {
    let refused = || Refused::new(Code::Shards, format!("the pieces of {} are not the file in shards of {size} bytes", shown(name)));
    let mut at = 0_u64;
    let mut digests = Vec::with_capacity(pieces.len());
    for (start, (end, digest)) in pieces {
        // Only the last may be short, so that each starts where a whole number of shards ends.
        if start != at || start % size != 0 || end - start > size {
            return Err(refused());
        }
        at = end;
        digests.push(digest);
    }
    Ok(Resource::Pieces(digests, at))
}

/// Reads an integer that is written in one way only.
fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

/// Checks that a listed name stays inside the model and has one spelling.
fn checked(name: &str) -> Result<String, Refused> {
    if name == THE_FILE_ITSELF {
        return Ok(name.to_owned());
    }
    match ModelPath::try_from(name) {
        Ok(path) => Ok(path.as_str().to_owned()),
        Err(error) => Err(Refused::new(Code::Name, format!("the signature lists an {error}"))),
    }
}
