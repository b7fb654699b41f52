//! Tensors of one name in two widths: whether rounding is all that is between them.
//!
//! No proof that it is: a slight change of the values is as small. So it only decides between "the same, rounded" and "not the same".

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Apart;
use super::group::Variant;
use crate::diff::{Placed, distance};
use crate::{DigestError, Survey};

/// Most elements that are compared of one set: tensors are read a second time for it.
const MAX_ELEMENTS: u64 = 1 << 28;

/// Half the smallest number that the 16 bits of F16 hold: what rounding does to numbers near zero.
const HALF_OF_SMALLEST_F16: f64 = 1.0 / (1 << 25) as f64;

/// Measures the tensors with these names in both sets, the smallest first, until it has been enough.
pub(super) fn largest(survey: &Survey, first: &Variant, second: &Variant, names: &BTreeSet<&str>) -> Result<Option<Apart>, DigestError> {
    let (of_first, mut of_second) = (placed(survey, first, names), placed(survey, second, names));
    let mut pairs: Vec<(Placed<'_>, Placed<'_>)> =
        of_first.into_iter().filter_map(|(name, one)| Some((one, of_second.remove(name)?))).collect();
    pairs.sort_by_key(|(one, _)| one.tensor.elements);
    let mut told = Apart { measured: 0, largest: 0.0, rounded: true };
    let mut left = MAX_ELEMENTS;
    for (one, other) in pairs {
        match left.checked_sub(one.tensor.elements) {
            Some(rest) => left = rest,
            None if told.measured > 0 => break,
            None => left = 0,
        }
        let Some(apart) = distance(one, other)? else { continue };
        let relative = apart.relative_l2.unwrap_or(f64::INFINITY);
        let tiny = apart.max_abs <= HALF_OF_SMALLEST_F16;
        told.measured += 1;
        told.largest = if tiny { told.largest } else { told.largest.max(relative) };
        told.rounded &= apart.not_finite == 0 && (tiny || relative <= unit(&one.tensor.dtype) + unit(&other.tensor.dtype));
    }
    Ok((told.measured > 0).then_some(told))
}

/// The largest relative error that rounding to the nearest number of a type makes.
fn unit(dtype: &str) -> f64 {
    let bits = match dtype {
        "BF16" => 8,
        "F16" => 11,
        "F32" => 24,
        _ => 53,
    };
    f64::exp2(-f64::from(bits))
}

/// Finds the tensors with these names in the files of a set.
fn placed<'s>(survey: &'s Survey, variant: &Variant, names: &BTreeSet<&str>) -> BTreeMap<&'s str, Placed<'s>> {
    let mut placed = BTreeMap::new();
    for path in &variant.files {
        let file = survey.sets.iter().flat_map(|set| &set.files).find(|file| file.path == *path);
        let contents = file.and_then(|file| file.contents.as_ref().ok()?.as_ref());
        let found = survey.tree.files.binary_search_by(|found| found.path.cmp(path)).ok().and_then(|at| survey.tree.files.get(at));
        let (Some(contents), Some(found)) = (contents, found) else { continue };
        let wanted = contents.tensors.iter().filter(|tensor| names.contains(tensor.name.as_str()));
        placed.extend(wanted.map(|tensor| (tensor.name.as_str(), Placed { tree: &survey.tree, found, tensor })));
    }
    placed
}
