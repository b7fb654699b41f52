//! Several sets of weights in one repository that by their names are the same model, compared with each other.
//!
//! Which of them is used depends on the program that loads the model, so that a set which is another model than the others is a way to smuggle one in. The
//! digests of the tensors are made by the run that fingerprints the model; only tensors that may have been rounded are read a second time.

mod compare;
mod group;
mod rounding;

use std::collections::{BTreeMap, HashSet};

use modelmark_formats::{Finding, FindingCode, first_few};
use serde::Serialize;

use crate::cache::{DigestCache, Memo};
use crate::digest::digest_tree;
use crate::fingerprint::TensorDigest;
use crate::{DigestError, Manifest, ModelPath, Observer, Request, Survey, WeightsFile};
use compare::Told;
pub(crate) use group::Variant;

/// How one set of weights stands to another that by its name is the same model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The set, by the file or the index that stands for it.
    pub set: String,
    /// The files that describe its tensors.
    pub files: Vec<ModelPath>,
    /// The set that it is compared with.
    pub with: String,
    /// What comes out.
    pub likeness: Likeness,
    /// Distinct weight tensors of the set that the other has too, with the same shape and values.
    pub shared: u64,
    /// Distinct weight tensors of the set.
    pub tensors: u64,
    /// The same for people.
    pub summary: String,
}

/// How two sets of weights stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Likeness {
    /// The same weights.
    Same,
    /// The same values, some in types of another width.
    Precision,
    /// The same up to the rounding of a narrower type.
    Rounded,
    /// One holds all of the other's weights, and more.
    Part,
    /// Some weights are the same; the others are stored in another way, or differ.
    Related,
    /// They cannot be compared: quantised, or not read.
    Incomparable,
    /// Not the same model.
    Different,
}

impl Likeness {
    /// Returns the code of the finding that says so.
    #[must_use]
    pub const fn code(self) -> FindingCode {
        match self {
            Self::Same => FindingCode::SameWeights,
            Self::Precision => FindingCode::OtherPrecision,
            Self::Rounded => FindingCode::RoundedWeights,
            Self::Part => FindingCode::PartOfWeights,
            Self::Related => FindingCode::RelatedWeights,
            Self::Incomparable => FindingCode::IncomparableWeights,
            Self::Different => FindingCode::DifferentWeights,
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Same => "the same",
            Self::Precision => "the same in another precision",
            Self::Rounded => "the same up to rounding",
            Self::Part => "a part or more",
            Self::Related => "related",
            Self::Incomparable => "not comparable",
            Self::Different => "not the same model",
        }
    }
}

impl Survey {
    /// Returns the name of the set that a file of weights belongs to: that of the file, of the index that lists it, or of the shards with a star for their
    /// numbers.
    #[must_use]
    pub fn name_of_set(&self, file: &WeightsFile) -> String {
        group::name_of_set(self, &file.path)
    }

    /// Tells whether there are sets of weights to compare.
    #[must_use]
    pub fn has_variants(&self) -> bool {
        !group::groups(self).is_empty()
    }

    /// Returns the files that the model's parameters are counted in: those of the first format, without the sets that by their names are another of
    /// them once more.
    #[must_use]
    pub fn primary_files(&self) -> Vec<&WeightsFile> {
        let Some(first) = self.sets.first() else { return Vec::new() };
        let paths: HashSet<&ModelPath> = first.files.iter().map(|file| &file.path).collect();
        let groups = group::groups(self);
        let of_first = |variant: &&Variant| variant.files.iter().any(|path| paths.contains(path));
        let again = groups.iter().flat_map(|group| group.iter().filter(of_first).skip(1)).flat_map(|variant| &variant.files);
        let again: HashSet<&ModelPath> = again.collect();
        let is_again = |file: &WeightsFile| again.contains(file.holder.as_ref().unwrap_or(&file.path));
        first.files.iter().filter(|file| !is_again(file)).collect()
    }

    /// Fingerprints the model as [`Survey::digest`] does, and compares its sets of weights. The findings say how they stand to each other from then on.
    ///
    /// # Errors
    /// As [`Survey::digest`].
    pub fn digest_comparing(
        &mut self,
        request: &Request,
        observer: &dyn Observer,
        cache: Option<&dyn DigestCache>,
    ) -> Result<(Manifest, Vec<Comparison>), DigestError> {
        let groups = group::groups(self);
        let memo = cache.map(|cache| Memo::new(cache, request));
        let files: HashSet<&ModelPath> = groups.iter().flatten().flat_map(|variant| &variant.files).collect();
        let positions = self.tree.files.iter().enumerate().filter(|(_, found)| files.contains(&found.path));
        let also: Vec<usize> = positions.map(|(position, _)| position).collect();
        let digested = digest_tree(&self.tree, &also, request, observer, memo)?;
        let mut comparisons = Vec::new();
        for group in &groups {
            let Some((first, others)) = group.split_first() else { continue };
            let of_first = tensors(first, &digested.also);
            for other in others {
                comparisons.push(self.compared(first, &of_first, other, &tensors(other, &digested.also))?);
            }
        }
        self.tell(&comparisons);
        Ok((digested.manifest, comparisons))
    }

    /// Says that there are several sets of weights.
    pub(crate) fn notice_several(&mut self) {
        let message = match group::groups(self).as_slice() {
            [] if self.sets.len() < 2 => return,
            [] => {
                let formats: Vec<&str> = self.sets.iter().map(|set| set.extension).collect();
                format!("weights in {} formats ({}), which by their names are not one model", formats.len(), formats.join(", "))
            }
            groups => {
                let groups: Vec<String> = groups.iter().map(|group| first_few(group.iter().map(|variant| variant.name.as_str()))).collect();
                let groups = first_few(groups.iter().map(String::as_str));
                format!(
                    "sets of weights that by their names are one model ({groups}); whether they are is not known before they are compared"
                )
            }
        };
        self.findings.push((None, Finding { code: FindingCode::SeveralSets, message }));
    }

    fn compared(&self, first: &Variant, of_first: &Listed<'_>, other: &Variant, of_other: &Listed<'_>) -> Result<Comparison, DigestError> {
        let told = match (of_first, of_other) {
            (Ok(one), Ok(two)) => compare::sets(one, two, &mut |names| rounding::largest(self, first, other, names))?,
            (Err(reason), _) | (_, Err(reason)) => Told::incomparable(reason.clone()),
        };
        let Told { likeness, shared, tensors, detail } = told;
        let summary = summary(likeness, &first.name, (shared, tensors), &detail);
        Ok(Comparison { set: other.name.clone(), files: other.files.clone(), with: first.name.clone(), likeness, shared, tensors, summary })
    }

    /// Puts what came out among the findings, in the place of the word that nothing is known.
    fn tell(&mut self, comparisons: &[Comparison]) {
        if comparisons.is_empty() {
            return;
        }
        self.findings.retain(|(_, finding)| finding.code != FindingCode::SeveralSets);
        let mut counts: BTreeMap<Likeness, usize> = BTreeMap::new();
        comparisons.iter().for_each(|comparison| *counts.entry(comparison.likeness).or_default() += 1);
        let counts: Vec<String> = counts.into_iter().map(|(likeness, count)| format!("{count} {}", likeness.in_words())).collect();
        let message = format!("sets of weights that by their names are one model, besides the first: {}", counts.join(", "));
        self.findings.push((None, Finding { code: FindingCode::SeveralSets, message }));
        for comparison in comparisons {
            let finding = Finding { code: comparison.likeness.code(), message: comparison.summary.clone() };
            self.findings.push((comparison.files.first().cloned(), finding));
        }
    }
}

/// The tensors of a set, or why they are not known.
type Listed<'d> = Result<Vec<&'d TensorDigest>, String>;

fn tensors<'d>(variant: &Variant, digested: &'d BTreeMap<ModelPath, Result<Vec<TensorDigest>, String>>) -> Listed<'d> {
    let mut all = Vec::new();
    for file in &variant.files {
        match digested.get(file) {
            Some(Ok(tensors)) => all.extend(tensors),
            Some(Err(reason)) => return Err(format!("{file}: {reason}")),
            None => return Err(format!("{file} is not read")),
        }
    }
    Ok(all)
}

fn summary(likeness: Likeness, with: &str, (shared, tensors): (u64, u64), detail: &str) -> String {
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    match likeness {
        Likeness::Same => format!("the same weights as {with}{detail}"),
        Likeness::Precision => format!("the same values as {with} in another precision{detail}"),
        Likeness::Rounded => format!("the weights of {with} up to rounding, as far as can be told{detail}"),
        Likeness::Part if shared == tensors => format!("a part of the weights of {with}{detail}"),
        Likeness::Part => format!("all weights of {with}, and more{detail}"),
        Likeness::Related => {
            format!("{shared} of {tensors} weight tensors are those of {with}; the others are stored in another way, or differ{detail}")
        }
        Likeness::Incomparable => format!("cannot be compared with {with}{detail}"),
        Likeness::Different => format!("not the same model as {with}: {shared} of {tensors} weight tensors in common{detail}"),
    }
}
