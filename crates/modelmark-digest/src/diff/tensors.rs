//! Which tensors of two models are the same, by name and by content.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::measure::Distance;
use crate::{ModelPath, Sha256Digest};

/// What a comparison knows of one tensor.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) dtype: String,
    pub(super) shape: Vec<u64>,
    /// The file that describes it.
    pub(super) file: ModelPath,
    /// Binds type, shape and bytes.
    pub(super) content: Sha256Digest,
    /// Binds shape and values, whatever the width of the type.
    pub(super) value: Sha256Digest,
}

/// How the tensors of two models stand to each other. Lists are in the byte order of the names in the first model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TensorChanges {
    /// Number of tensors in the first model.
    pub first: u64,
    /// Number of tensors in the second model.
    pub second: u64,
    /// Number of tensors with the same name, type, shape and bytes.
    pub identical: u64,
    /// Tensors with the same values under another name, or in another type that loses nothing.
    pub moved: Vec<MovedTensor>,
    /// Tensors with one name and different values, types or shapes.
    pub changed: Vec<ChangedTensor>,
    /// Tensors of the second model only.
    pub added: Vec<TensorOutline>,
    /// Tensors of the first model only.
    pub removed: Vec<TensorOutline>,
    /// Whether tensors of one model lie together in files where those of the other do not.
    pub resharded: bool,
}

/// A tensor without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TensorOutline {
    /// Name as stored.
    pub name: String,
    /// Type token.
    pub dtype: String,
    /// Dimensions, outermost first.
    pub shape: Vec<u64>,
}

/// One tensor in both models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MovedTensor {
    /// In the first model.
    pub first: TensorOutline,
    /// In the second model.
    pub second: TensorOutline,
    /// Whether several tensors hold the same, so that another of them could as well have come from this one; pairs are then made in the order of names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
}

/// A tensor whose values, type or shape are others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedTensor {
    /// In the first model.
    pub first: TensorOutline,
    /// In the second model, under the same name.
    pub second: TensorOutline,
    /// Name under which the first model has what the second has here: two layers that were swapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stood_at: Option<String>,
    /// Whether one is quantised and the other is not, or not in the same way: their elements are codes on other scales, and are not measured.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quantised: bool,
    /// How far they are apart; absent when the shapes differ or the elements are no plain numbers of one kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<Distance>,
}

impl MovedTensor {
    /// Tells whether the name is another.
    #[must_use]
    pub fn renamed(&self) -> bool {
        self.first.name != self.second.name
    }

    /// Tells whether the type is another.
    #[must_use]
    pub fn retyped(&self) -> bool {
        self.first.dtype != self.second.dtype
    }
}

impl Known {
    pub(super) fn outline(&self) -> TensorOutline {
        TensorOutline { name: self.name.clone(), dtype: self.dtype.clone(), shape: self.shape.clone() }
    }
}

impl TensorChanges {
    /// Compares; distances are left to the caller. Names are unique in each model.
    pub(super) fn between(first: &[Known], second: &[Known]) -> Self {
        let by_name = |tensors| BTreeMap::from_iter(Iterator::map(<[Known]>::iter(tensors), |tensor| (tensor.name.as_str(), tensor)));
        let (of_first, of_second) = (by_name(first), by_name(second));
        let mut changes = Self {
            first: first.len() as u64,
            second: second.len() as u64,
            resharded: groups(&of_first, &of_second) != groups(&of_second, &of_first),
            ..Self::default()
        };
        let mut stood = BTreeMap::new();
        of_first.values().rev().for_each(|tensor| {
            stood.insert(tensor.value, tensor.name.as_str());
        });
        let mut gone = Vec::new();
        for (name, tensor) in &of_first {
            match of_second.get(name) {
                Some(other) if other.content == tensor.content => changes.identical += 1,
                Some(other) if other.value == tensor.value => {
                    changes.moved.push(MovedTensor { first: tensor.outline(), second: other.outline(), ambiguous: false });
                }
                Some(other) => changes.changed.push(ChangedTensor {
                    first: tensor.outline(),
                    second: other.outline(),
                    stood_at: stood.get(&other.value).map(|name| (*name).to_owned()),
                    quantised: quantised(&tensor.dtype, &other.dtype),
                    distance: None,
                }),
                None => gone.push(*tensor),
            }
        }
        let mut came: Vec<&Known> = of_second.values().filter(|tensor| !of_first.contains_key(tensor.name.as_str())).copied().collect();
        changes.pair(&mut gone, &mut came, |tensor| tensor.content);
        changes.pair(&mut gone, &mut came, |tensor| tensor.value);
        changes.moved.sort_by(|a, b| a.first.name.cmp(&b.first.name));
        changes.removed = gone.into_iter().map(Known::outline).collect();
        changes.added = came.into_iter().map(Known::outline).collect();
        changes
    }

    /// Takes out of both lists what is the same by `key`.
    fn pair(&mut self, gone: &mut Vec<&Known>, came: &mut Vec<&Known>, key: fn(&Known) -> Sha256Digest) {
        let mut waiting: BTreeMap<Sha256Digest, Vec<&Known>> = BTreeMap::new();
        // Last name first, because they are taken from the end.
        came.iter().rev().for_each(|tensor| waiting.entry(key(tensor)).or_default().push(tensor));
        let several_came: BTreeSet<Sha256Digest> = waiting.iter().filter(|(_, alike)| alike.len() > 1).map(|(key, _)| *key).collect();
        let mut leaving: BTreeMap<Sha256Digest, usize> = BTreeMap::new();
        gone.iter().for_each(|tensor| *leaving.entry(key(tensor)).or_default() += 1);
        gone.retain(|tensor| {
            let key = key(tensor);
            let Some(other) = waiting.get_mut(&key).and_then(Vec::pop) else { return true };
            let ambiguous = several_came.contains(&key) || leaving.get(&key).is_some_and(|count| *count > 1);
            self.moved.push(MovedTensor { first: tensor.outline(), second: other.outline(), ambiguous });
            false
        });
        let left: BTreeSet<&str> = waiting.into_values().flatten().map(|tensor| tensor.name.as_str()).collect();
        came.retain(|tensor| left.contains(tensor.name.as_str()));
    }

    /// Tells whether all tensors have the same names, types, shapes and bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.moved.is_empty() && self.changed.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }

    /// Returns the number of tensors of the second model whose values the first one has, under whatever name.
    #[must_use]
    pub fn shared(&self) -> u64 {
        self.identical + self.moved.len() as u64
    }
}

/// Tells whether of two types one is of codes that mean something only with a scale beside them, and the other is not of the same codes.
fn quantised(first: &str, second: &str) -> bool {
    codes(first) != codes(second) && first != "BOOL" && second != "BOOL"
}

/// Which codes a type may be made of: integers, which stand beside scales in other tensors, or blocks.
fn codes(dtype: &str) -> Option<&str> {
    let integer = dtype.strip_prefix(['I', 'U']).is_some_and(|bits| bits.bytes().all(|c| c.is_ascii_digit()));
    let block = dtype.starts_with("GGML:") || dtype.starts_with("F6_") || dtype == "F4";
    if integer { Some("integer") } else { block.then_some(dtype) }
}

/// Which of the tensors that both have lie in one file: the first such name stands for the file.
fn groups<'a>(tensors: &BTreeMap<&'a str, &'a Known>, others: &BTreeMap<&'a str, &'a Known>) -> Vec<&'a str> {
    let mut first_in = BTreeMap::new();
    let both = tensors.iter().filter(|(name, _)| others.contains_key(*name));
    both.map(|(name, tensor)| *first_in.entry(&tensor.file).or_insert(*name)).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn known(name: &str, dtype: &str, value: &str, file: &str) -> Known {
        Known {
            name: name.to_owned(),
            dtype: dtype.to_owned(),
            shape: vec![2],
            file: file.try_into().unwrap(),
            content: Sha256Digest::of(format!("{dtype} {value}").as_bytes()),
            value: Sha256Digest::of(value.as_bytes()),
        }
    }

    fn model(tensors: &[(&str, &str, &str)]) -> Vec<Known> {
        tensors.iter().map(|(name, dtype, value)| known(name, dtype, value, "m")).collect()
    }

    fn names(outlines: &[TensorOutline]) -> Vec<&str> {
        outlines.iter().map(|outline| outline.name.as_str()).collect()
    }

    #[test]
    fn each_tensor_falls_into_one_class() {
        let first =
            model(&[("a", "F32", "1"), ("b", "F32", "2"), ("c", "F32", "3"), ("d", "F32", "4"), ("e", "F32", "5"), ("x", "F32", "6")]);
        let second =
            model(&[("a", "F32", "1"), ("b", "BF16", "2"), ("c2", "F32", "3"), ("d2", "F16", "4"), ("e", "F32", "!"), ("y", "F32", "7")]);
        let changes = TensorChanges::between(&first, &second);
        assert_eq!((changes.first, changes.second, changes.identical, changes.shared()), (6, 6, 1, 4));
        let moved: Vec<_> = changes.moved.iter().map(|moved| (moved.second.name.as_str(), moved.renamed(), moved.retyped())).collect();
        assert_eq!(moved, [("b", false, true), ("c2", true, false), ("d2", true, true)]);
        assert_eq!(changes.changed.iter().map(|changed| changed.first.name.as_str()).collect::<Vec<_>>(), ["e"]);
        assert_eq!((names(&changes.added), names(&changes.removed)), (vec!["y"], vec!["x"]));
    }

    #[test]
    fn swapped_layers_are_named() {
        let changes =
            TensorChanges::between(&model(&[("a", "F32", "1"), ("b", "F32", "2")]), &model(&[("a", "F32", "2"), ("b", "F32", "1")]));
        let stood: Vec<_> = changes.changed.iter().map(|changed| (changed.first.name.as_str(), changed.stood_at.as_deref())).collect();
        assert_eq!(stood, [("a", Some("b")), ("b", Some("a"))]);
    }

    #[test]
    fn tied_tensors_are_paired_one_by_one() {
        let changes = TensorChanges::between(
            &model(&[("a", "F32", "1"), ("b", "F32", "1")]),
            &model(&[("p", "F32", "1"), ("q", "F32", "1"), ("r", "F32", "1")]),
        );
        let pairs: Vec<_> = changes.moved.iter().map(|moved| (moved.first.name.as_str(), moved.second.name.as_str())).collect();
        assert_eq!((pairs, names(&changes.added)), (vec![("a", "p"), ("b", "q")], vec!["r"]));
        assert!(changes.moved.iter().all(|moved| moved.ambiguous), "any of the three could be any of the two");
    }

    #[test]
    fn pairs_among_equals_are_marked() {
        let changes = TensorChanges::between(
            &model(&[("a", "F32", "0"), ("b", "F32", "0"), ("c", "F32", "1"), ("d", "F32", "2")]),
            &model(&[("p", "F32", "0"), ("q", "F32", "1"), ("r", "F32", "2"), ("s", "F32", "2"), ("b", "F32", "3")]),
        );
        let pairs: Vec<_> =
            changes.moved.iter().map(|moved| (moved.first.name.as_str(), moved.second.name.as_str(), moved.ambiguous)).collect();
        assert_eq!(pairs, [("a", "p", false), ("c", "q", false), ("d", "r", true)], "of `b` is known that its values are others");
    }

    #[test]
    fn codes_are_told_from_numbers() {
        for (first, second) in [("I8", "F32"), ("F16", "I32"), ("GGML:Q4_K", "F32"), ("GGML:Q4_K", "GGML:Q8_0"), ("BF16", "F4")] {
            assert!(quantised(first, second), "{first} {second}");
        }
        for (first, second) in [("I64", "I32"), ("F32", "BF16"), ("F8_E4M3", "F32"), ("BOOL", "F32"), ("I8", "I8"), ("F4", "F4")] {
            assert!(!quantised(first, second), "{first} {second}");
        }
    }

    #[test]
    fn shards_are_told_by_what_lies_together_not_by_their_names() {
        let tensors =
            |files: [&str; 3]| ["a", "b", "c"].iter().zip(files).map(|(name, file)| known(name, "F32", name, file)).collect::<Vec<_>>();
        let of = |first, second| TensorChanges::between(&tensors(first), &tensors(second)).resharded;
        assert!(!of(["1", "1", "2"], ["x", "x", "y"]));
        assert!(of(["1", "1", "2"], ["1", "2", "2"]));
        assert!(of(["1", "1", "1"], ["1", "1", "2"]));
    }
}
