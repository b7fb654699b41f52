//! The index of a model in several files (`model.safetensors.index.json`): which tensor stands in which shard.
//!
//! An index is written by one program and believed by another; the headers of the shards say what is there. Whatever the two say differently is a
//! finding, because a loader that follows the index takes other weights than one that reads the shards.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Number;

use crate::beside::plain_path;
use crate::contents::short;
use crate::few::first_few;
use crate::object::{Kept, Word};
use crate::{Contents, Finding, FindingCode, Pieces, Tensor};

/// Longest index that is read, in bytes; a model of a thousand layers has one of about a megabyte.
pub const MAX_INDEX_BYTES: u64 = 1 << 25;

/// An index, unchecked against its shards.
#[derive(Debug, Default)]
pub struct ShardIndex {
    /// Shard of each tensor, by position in `shards`.
    places: BTreeMap<Box<str>, usize>,
    /// Names of the shards as written.
    shards: Vec<String>,
    /// The size of all tensors as stated.
    total_size: Option<Number>,
    /// The first key that stands twice.
    twice: Option<String>,
}

/// What is known of one shard.
#[derive(Clone, Copy, Debug)]
pub enum Shard<'c> {
    /// It is not in the model.
    Missing,
    /// It is there, but what stands in it is not known.
    Unread,
    /// What stands in it.
    Read(&'c Contents),
}

/// Tells by its name whether a file is an index of shards.
#[must_use]
pub fn is_index(name: &str) -> bool {
    let marked = [".safetensors.index.", ".bin.index."].iter().any(|mark| name.contains(mark));
    marked && std::path::Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

impl ShardIndex {
    /// Reads an index. Other keys than `weight_map` and `metadata` are passed over.
    ///
    /// # Errors
    /// When it is longer than [`MAX_INDEX_BYTES`] or is no object with a `weight_map` of texts.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() as u64 > MAX_INDEX_BYTES {
            return Err(format!("longer than {MAX_INDEX_BYTES} bytes"));
        }
        serde_json::from_slice(json).map_err(|error| error.to_string())
    }

    /// Returns the names of the shards that lead nowhere else, and the first few findings are about those that do.
    pub fn shards(&self) -> impl Iterator<Item = &str> {
        self.shards.iter().filter_map(|shard| plain_path(shard).ok())
    }

    /// Holds the index against its shards, which `shard` gives by their paths beside it.
    pub fn check<'c>(&self, shard: &dyn Fn(&str) -> Shard<'c>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut note = |code, message: String| findings.push(Finding { code, message });
        if let Some(key) = &self.twice {
            note(FindingCode::IndexTwice, format!("the key {key:?} stands twice; which of the two counts depends on the program"));
        }
        let escaping: Vec<&str> = self.shards.iter().map(String::as_str).filter(|shard| plain_path(shard).is_err()).collect();
        if !escaping.is_empty() {
            note(FindingCode::IndexPath, format!("names files that are not looked for outside the model: {}", first_few(escaping)));
        }
        let known: Vec<Shard<'c>> = self.shards.iter().map(|name| plain_path(name).map_or(Shard::Unread, shard)).collect();
        let missing: Vec<&str> = self.of(&known, |known| matches!(known, Shard::Missing));
        if !missing.is_empty() {
            note(FindingCode::ShardMissing, format!("lists shards that are not in the model: {}", first_few(missing)));
        }
        self.compare(&known, &mut note);
        findings
    }

    fn of<'c>(&self, known: &[Shard<'c>], which: fn(&Shard<'c>) -> bool) -> Vec<&str> {
        self.shards.iter().zip(known).filter(|(_, known)| which(known)).map(|(name, _)| name.as_str()).collect()
    }

    /// Compares tensor by tensor, as far as shards could be read.
    fn compare(&self, known: &[Shard<'_>], note: &mut dyn FnMut(FindingCode, String)) {
        let mut holders: HashMap<&str, usize> = HashMap::new();
        let (mut twice, mut unlisted, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
        for (position, shard) in known.iter().enumerate() {
            let Shard::Read(contents) = shard else { continue };
            for tensor in &contents.tensors {
                if holders.insert(&tensor.name, position).is_some() {
                    twice.push(tensor.name.as_str());
                }
                match self.places.get(tensor.name.as_str()) {
                    None => unlisted.push(tensor.name.as_str()),
                    Some(listed) if *listed != position => elsewhere.push(tensor.name.as_str()),
                    Some(_) => {}
                }
            }
        }
        let is_read = |position: &usize| matches!(known.get(*position), Some(Shard::Read(_)));
        let absent = self.places.iter().filter(|(name, position)| is_read(position) && !holders.contains_key(&***name));
        let absent: Vec<&str> = absent.map(|(name, _)| &**name).collect();
        for (code, names, what) in [
            (FindingCode::ShardTwice, twice, "tensors that stand in two shards"),
            (FindingCode::IndexAbsent, absent, "listed tensors that stand in no shard"),
            (FindingCode::IndexUnlisted, unlisted, "tensors of the shards that are not listed, so that loaders pass them over"),
            (FindingCode::IndexElsewhere, elsewhere, "tensors that stand in another shard than the listed one"),
        ] {
            if !names.is_empty() {
                note(code, format!("{what}: {}", first_few(names)));
            }
        }
        self.compare_size(known, note);
    }

    /// Writers count shared storages once, or once for each name: either is true.
    fn compare_size(&self, known: &[Shard<'_>], note: &mut dyn FnMut(FindingCode, String)) {
        let Some(stated) = &self.total_size else { return };
        let declared = whole(stated);
        let (mut all, mut stored) = (0_u64, 0_u64);
        for shard in known {
            let Shard::Read(contents) = shard else { return };
            let lengths: Option<Vec<u64>> = contents.tensors.iter().map(Tensor::bytes).collect();
            let Some(lengths) = lengths else { return };
            all = lengths.iter().fold(all, |sum, length| sum.saturating_add(*length));
            stored = stored.saturating_add(distinct(&contents.tensors));
        }
        if declared != Some(all) && declared != Some(stored) {
            note(FindingCode::IndexSize, format!("says that the tensors take {stated} bytes; they take {all}"));
        }
    }
}

/// Bytes that tensors take when those that share their place count once.
fn distinct(tensors: &[Tensor]) -> u64 {
    let mut places: Vec<(u64, u64)> = tensors
        .iter()
        .filter_map(|tensor| match &tensor.source.pieces {
            Pieces::Range(place) | Pieces::Strided { place, .. } => Some((place.offset, place.len)),
            _ => None,
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    places.iter().fold(0, |sum, (_, len)| sum.saturating_add(*len))
}

impl<'de> Deserialize<'de> for ShardIndex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Outer;
        impl<'de> Visitor<'de> for Outer {
            type Value = ShardIndex;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a `weight_map`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ShardIndex, A::Error> {
                let mut index = ShardIndex::default();
                let (mut mapped, mut described) = (false, false);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "weight_map" => {
                            index.note_twice(mapped, &key);
                            mapped = true;
                            map.next_value_seed(Places(&mut index))?;
                        }
                        "metadata" => {
                            index.note_twice(described, &key);
                            described = true;
                            map.next_value_seed(Described(&mut index))?;
                        }
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                if mapped { Ok(index) } else { Err(Error::missing_field("weight_map")) }
            }
        }
        deserializer.deserialize_map(Outer)
    }
}

impl ShardIndex {
    fn note_twice(&mut self, twice: bool, key: &str) {
        if twice {
            self.twice.get_or_insert_with(|| short(key));
        }
    }
}

/// The `weight_map`, tensor by tensor; shards are kept once.
struct Places<'i>(&'i mut ShardIndex);

impl<'de> serde::de::DeserializeSeed<'de> for Places<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Places<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object from tensors to files")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut known: HashMap<String, usize> =
            self.0.shards.iter().enumerate().map(|(position, shard)| (shard.clone(), position)).collect();
        while let Some((tensor, shard)) = map.next_entry::<Box<str>, String>()? {
            let position = *known.entry(shard).or_insert_with_key(|shard| {
                self.0.shards.push(shard.clone());
                self.0.shards.len() - 1
            });
            let twice = self.0.places.contains_key(&tensor);
            self.0.note_twice(twice, &tensor);
            self.0.places.insert(tensor, position);
        }
        Ok(())
    }
}

/// The `metadata`, or null. Of its keys only `total_size` counts.
struct Described<'i>(&'i mut ShardIndex);

impl<'de> serde::de::DeserializeSeed<'de> for Described<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Described<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object that describes the index")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut sized = false;
        while let Some(key) = map.next_key::<String>()? {
            if key != "total_size" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            self.0.note_twice(sized, &key);
            sized = true;
            if let Kept(Some(Word::Number(size))) = map.next_value()? {
                self.0.total_size = Some(size);
            }
        }
        Ok(())
    }
}

/// Some writers state the size as `1.5e9`.
fn whole(size: &Number) -> Option<u64> {
    let exact = |float: f64| (float >= 0.0 && float.fract() == 0.0 && float < 9_007_199_254_740_992.0).then_some(float as u64);
    size.as_u64().or_else(|| size.as_f64().and_then(exact))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;
    use crate::ByteRange;

    fn contents(tensors: &[&str]) -> Contents {
        let mut contents = Contents::of("safetensors");
        for (position, name) in tensors.iter().enumerate() {
            let place = ByteRange { offset: 4 * position as u64, len: 4 };
            contents.tensors.push(Tensor::plain(*name, "F32", vec![1], 1, place));
        }
        contents
    }

    fn codes(json: &str, shards: &[(&str, Option<Contents>)]) -> Vec<&'static str> {
        let index = ShardIndex::parse(json.as_bytes()).unwrap();
        let shard = |name: &str| match shards.iter().find(|(known, _)| *known == name) {
            None => Shard::Missing,
            Some((_, None)) => Shard::Unread,
            Some((_, Some(contents))) => Shard::Read(contents),
        };
        index.check(&shard).iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn an_index_that_is_true_has_no_findings() {
        let shards = [("1", Some(contents(&["a", "b"]))), ("2", Some(contents(&["c"])))];
        for size in ["12", "12.0", "null", "\"12\""] {
            let json = format!(r#"{{"metadata":{{"total_size":{size},"x":[]}},"weight_map":{{"a":"1","b":"./1","c":"2"}},"y":1}}"#);
            let json = json.replace("./1", "1");
            assert_eq!(codes(&json, &shards), [""; 0], "{size}");
        }
        assert_eq!(codes(r#"{"metadata":null,"weight_map":{"a":"1"}}"#, &[("1", None)]), [""; 0]);
    }

    #[test]
    fn every_lie_has_its_code() {
        let two = || [("1", Some(contents(&["a", "b"]))), ("2", Some(contents(&["b", "c"])))];
        let one = || [("1", Some(contents(&["a", "b"])))];
        for (json, code) in [
            (r#"{"weight_map":{"a":"1","b":"1","x":"1"}}"#, "index.absent"),
            (r#"{"weight_map":{"a":"1"}}"#, "index.unlisted"),
            (r#"{"weight_map":{"a":"1","b":"1","c":"3"}}"#, "shard.missing"),
            (r#"{"weight_map":{"a":"1","b":"1","c":"../../etc/passwd"}}"#, "index.path"),
            (r#"{"weight_map":{"a":"1","b":"1","a":"1"}}"#, "index.twice"),
            (r#"{"weight_map":{"a":"1","b":"1"},"weight_map":{}}"#, "index.twice"),
            (r#"{"metadata":{"total_size":8,"total_size":8},"weight_map":{"a":"1","b":"1"}}"#, "index.twice"),
            (r#"{"metadata":{"total_size":9},"weight_map":{"a":"1","b":"1"}}"#, "index.size"),
            (r#"{"metadata":{"total_size":-8},"weight_map":{"a":"1","b":"1"}}"#, "index.size"),
            (r#"{"metadata":{"total_size":18446744073709551616},"weight_map":{"a":"1","b":"1"}}"#, "index.size"),
        ] {
            assert_eq!(codes(json, &one()), [code], "{json}");
        }
        assert_eq!(
            codes(r#"{"weight_map":{"a":"1","b":"1","c":"1","d":"2"}}"#, &two()),
            ["shard.twice", "index.absent", "index.elsewhere"]
        );
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"metadata":[8],"weight_map":{}}"#,
            r#"{"weight_map":[]}"#,
            r#"{"weight_map":{"a":1}}"#,
            r#"{"weight_map":{"a":"1"}"#,
        ] {
            assert!(ShardIndex::parse(json.as_bytes()).is_err(), "{json}");
        }
        // What is passed over may nest: it takes no stack.
        let deep = format!(r#"{{"x":{}{},"weight_map":{{}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(ShardIndex::parse(deep.as_bytes()).is_ok());
    }

    #[test]
    fn indexes_are_told_by_name() {
        assert!(
            is_index("model.safetensors.index.json")
                && is_index("model.safetensors.index.fp16.json")
                && is_index("pytorch_model.bin.index.json")
        );
        assert!(!is_index("index.json") && !is_index("model.safetensors") && !is_index("model.safetensors.index.txt"));
    }
}
