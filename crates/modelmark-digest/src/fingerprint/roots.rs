//! The three levels over all tensors of a model, and how much of one model lies in another.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::TensorDigest;
use crate::Sha256Digest;
use crate::merkle::root;

/// The weight fingerprint: one root a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roots {
    /// Level 1: names, types, shapes and bytes.
    pub exact: Sha256Digest,
    /// Level 2: types, shapes and bytes of float tensors, whatever their names and number.
    pub content: Sha256Digest,
    /// Level 3: shapes and values of float tensors, whatever their widths too.
    pub value: Sha256Digest,
}

impl Roots {
    /// Makes the roots over tensors in any order. Their names have to differ, which is for the caller to know.
    #[must_use]
    pub fn of(tensors: &[TensorDigest]) -> Self {
        Self::over(tensors.iter())
    }

    pub(crate) fn over<'t>(tensors: impl Iterator<Item = &'t TensorDigest> + Clone) -> Self {
        let mut named: Vec<&TensorDigest> = tensors.clone().collect();
        named.sort_by(|a, b| a.name.cmp(&b.name));
        let exact: Vec<Sha256Digest> = named.into_iter().map(TensorDigest::exact_leaf).collect();
        let content: BTreeSet<Sha256Digest> = tensors.clone().filter_map(TensorDigest::content_leaf).collect();
        let value: BTreeSet<Sha256Digest> = tensors.filter_map(TensorDigest::value_leaf).collect();
        Self { exact: root(&exact), content: over_set(content), value: over_set(value) }
    }
}

fn over_set(leaves: BTreeSet<Sha256Digest>) -> Sha256Digest {
    root(&leaves.into_iter().collect::<Vec<_>>())
}

/// How many of a model's float tensors lie in another model too, as sets: `shared` of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// Distinct tensors of the first that the second has too.
    pub shared: u64,
    /// Distinct tensors of the first.
    pub of: u64,
}

impl Overlap {
    /// Compares by type, shape and bytes (level 2).
    #[must_use]
    pub fn of_content(a: &[TensorDigest], b: &[TensorDigest]) -> Self {
        Self::between(a.iter().filter_map(TensorDigest::content_leaf), b.iter().filter_map(TensorDigest::content_leaf))
    }

    /// Compares by shape and values (level 3).
    #[must_use]
    pub fn of_values(a: &[TensorDigest], b: &[TensorDigest]) -> Self {
        Self::between(a.iter().filter_map(TensorDigest::value_leaf), b.iter().filter_map(TensorDigest::value_leaf))
    }

    fn between(a: impl Iterator<Item = Sha256Digest>, b: impl Iterator<Item = Sha256Digest>) -> Self {
        let (a, b): (BTreeSet<Sha256Digest>, BTreeSet<Sha256Digest>) = (a.collect(), b.collect());
        Self { shared: a.intersection(&b).count() as u64, of: a.len() as u64 }
    }

    /// Returns the share of the first that lies in the second, from 0 to 1; `None` when the first has no float tensors.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.shared as f64 / self.of as f64)
    }
}
