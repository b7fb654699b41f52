//! What two sets of weights have in common, by the digests of their tensors.

use std::collections::{BTreeMap, BTreeSet};

use super::Likeness;
use crate::fingerprint::{Roots, TensorDigest, is_float};
use crate::{DigestError, Sha256Digest};

/// Types that hold each number by itself, in the widths that models are trained in.
const PLAIN: [&str; 4] = ["F64", "F32", "F16", "BF16"];

/// What came out.
pub(super) struct Told {
    pub(super) likeness: Likeness,
    /// Distinct weight tensors of the second that the first has too.
    pub(super) shared: u64,
    /// Distinct weight tensors of the second.
    pub(super) tensors: u64,
    /// More for people.
    pub(super) detail: String,
}

impl Told {
    pub(super) fn incomparable(reason: String) -> Self {
        Self { likeness: Likeness::Incomparable, shared: 0, tensors: 0, detail: reason }
    }
}

/// How tensors that have one name and one shape and are of different types are apart, when it could be measured.
pub(super) struct Apart {
    /// Tensors that were measured.
    pub(super) measured: usize,
    /// The largest distance, divided by the norm of the tensor.
    pub(super) largest: f64,
    /// Whether every distance is one that rounding explains.
    pub(super) rounded: bool,
}

/// Measures the tensors with these names; nothing when none can be.
pub(super) type Measuring<'m> = &'m mut dyn FnMut(&BTreeSet<&str>) -> Result<Option<Apart>, DigestError>;

/// Compares two sets.
pub(super) fn sets(first: &[&TensorDigest], second: &[&TensorDigest], measure: Measuring<'_>) -> Result<Told, DigestError> {
    let (Some(of_first), Some(of_second)) = (by_name(first), by_name(second)) else {
        return Ok(Told::incomparable("files of one set hold different tensors of one name: parts of tensors".to_owned()));
    };
    let (one, other) = (values(first), values(second));
    let shared = one.intersection(&other).count() as u64;
    let told = |likeness, detail| Told { likeness, shared, tensors: other.len() as u64, detail };
    let roots = |tensors: &[&TensorDigest]| Roots::over(tensors.iter().copied());
    if roots(first).exact == roots(second).exact {
        return Ok(told(Likeness::Same, String::new()));
    }
    if one.is_empty() || other.is_empty() {
        return Ok(Told::incomparable("no floating-point tensors".to_owned()));
    }
    let clashes = Clashes::between(&of_first, &of_second);
    if one == other {
        return Ok(match clashes.names() {
            0 if contents(first) == contents(second) => told(Likeness::Same, "names, or tensors that are no weights, differ".to_owned()),
            0 => told(Likeness::Precision, format!("{}, here {}", types(first), types(second))),
            swapped => told(Likeness::Different, format!("the same values, but {swapped} of them under other names")),
        });
    }
    if !clashes.plain.is_empty() {
        return Ok(told(Likeness::Different, format!("{} tensors of the same name and type differ", clashes.plain.len())));
    }
    if clashes.names() == 0 && (one.is_subset(&other) || other.is_subset(&one)) {
        let detail = format!("{shared} tensors in common; {} there, {} here", one.len(), other.len());
        return Ok(told(Likeness::Part, detail));
    }
    if let Some(detail) = quantised(first, second) {
        return Ok(told(Likeness::Incomparable, format!("{detail}; {shared} of {} weight tensors are the same", other.len())));
    }
    if !clashes.other_width.is_empty() {
        return Ok(match measure(&clashes.other_width)? {
            None => told(Likeness::Related, String::new()),
            Some(Apart { measured, largest, rounded }) => {
                let detail = format!(
                    "{}, here {}; relative distance at most {largest:.1e} in {measured} of {} tensors",
                    types(first),
                    types(second),
                    clashes.other_width.len()
                );
                told(if rounded { Likeness::Rounded } else { Likeness::Different }, detail)
            }
        });
    }
    Ok(told(if shared > 0 { Likeness::Related } else { Likeness::Different }, String::new()))
}

type Named<'d> = BTreeMap<&'d str, &'d TensorDigest>;

/// Tensors by name; nothing when two of one name differ.
fn by_name<'d>(tensors: &[&'d TensorDigest]) -> Option<Named<'d>> {
    let mut named = BTreeMap::new();
    let alike = |tensor: &TensorDigest, other: &TensorDigest| tensor.shape == other.shape && tensor.digest == other.digest;
    tensors
        .iter()
        .all(|tensor| named.insert(tensor.name.as_str(), *tensor).is_none_or(|other: &TensorDigest| alike(tensor, other)))
        .then_some(named)
}

fn values(tensors: &[&TensorDigest]) -> BTreeSet<Sha256Digest> {
    tensors.iter().filter_map(|tensor| tensor.value_leaf()).collect()
}

fn contents(tensors: &[&TensorDigest]) -> BTreeSet<Sha256Digest> {
    tensors.iter().filter_map(|tensor| tensor.content_leaf()).collect()
}

/// Weight tensors that have one name in both sets and different values.
#[derive(Default)]
struct Clashes<'d> {
    /// Of one type or of different shapes: no way of storing them explains that.
    plain: BTreeSet<&'d str>,
    /// Of one shape, in plain types of different widths: rounding may explain that.
    other_width: BTreeSet<&'d str>,
    /// The rest: quantised in one of the two at least.
    others: usize,
}

impl<'d> Clashes<'d> {
    fn between(first: &Named<'d>, second: &Named<'d>) -> Self {
        let mut clashes = Self::default();
        for (name, other) in second {
            let Some(tensor) = first.get(name) else { continue };
            let (Some(one), Some(two)) = (tensor.value_leaf(), other.value_leaf()) else { continue };
            let plain = [tensor, other].iter().all(|tensor| PLAIN.contains(&tensor.dtype.as_str()));
            match () {
                () if one == two => {}
                () if !plain => clashes.others += 1,
                () if tensor.shape != other.shape || tensor.dtype == other.dtype => drop(clashes.plain.insert(name)),
                () => drop(clashes.other_width.insert(name)),
            }
        }
        clashes
    }

    fn names(&self) -> usize {
        self.plain.len() + self.other_width.len() + self.others
    }
}

/// Names the types, the one with most elements first.
fn types(tensors: &[&TensorDigest]) -> String {
    let mut elements: BTreeMap<&str, u64> = BTreeMap::new();
    for tensor in tensors.iter().filter(|tensor| is_float(&tensor.dtype)) {
        let sum = elements.entry(&tensor.dtype).or_default();
        *sum = sum.saturating_add(tensor.elements);
    }
    let mut types: Vec<(&str, u64)> = elements.into_iter().collect();
    types.sort_by_key(|(_, elements)| std::cmp::Reverse(*elements));
    types.iter().map(|(dtype, _)| *dtype).collect::<Vec<_>>().join(" and ")
}

/// Says which of the sets is quantised: most bytes are in types that hold no plain numbers.
fn quantised(first: &[&TensorDigest], second: &[&TensorDigest]) -> Option<String> {
    let most = |tensors: &[&TensorDigest]| {
        let mut bytes: BTreeMap<&str, u64> = BTreeMap::new();
        for tensor in tensors {
            let sum = bytes.entry(&tensor.dtype).or_default();
            *sum = sum.saturating_add(tensor.bytes);
        }
        bytes
            .into_iter()
            .max_by_key(|(_, bytes)| *bytes)
            .map(|(dtype, _)| dtype.to_owned())
            .filter(|dtype| !PLAIN.contains(&dtype.as_str()))
    };
    match (most(first), most(second)) {
        (None, None) => None,
        (Some(one), Some(two)) => Some(format!("both are quantised: {one} there, {two} here")),
        (None, Some(dtype)) => Some(format!("quantised: {dtype}")),
        (Some(dtype), None) => Some(format!("the other is quantised: {dtype}")),
    }
}
