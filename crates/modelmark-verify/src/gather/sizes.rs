//! Which local files need not be read, because their names or sizes are not the record's: a sparse file of any size costs whoever made it nothing, and whoever
//! reads it hours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use modelmark_digest::partial::Listing;
use modelmark_digest::{Manifest, ManifestKind, ModelPath, Survey};
use modelmark_record::{Provenance, Record};

use super::Sources;
use crate::Scope;
use crate::evidence::{RecordBytes, Unread};

/// What a record that is at hand says about the sizes of the files.
#[derive(Clone)]
pub(crate) struct Sizes {
    kind: ManifestKind,
    files: BTreeMap<String, u64>,
    /// Size of the whole model.
    sum: u64,
    /// Whether files of other sizes are read all the same, if they are no larger than the model, because it is told where they differ.
    compared: bool,
}

impl Sizes {
    pub(crate) fn of(provenance: &Provenance, compared: bool) -> Self {
        let files: BTreeMap<_, _> = provenance.model.files.iter().map(|file| (file.path.to_string(), file.size.get())).collect();
        let sum = files.values().fold(0_u64, |sum, size| sum.saturating_add(*size));
        Self { kind: provenance.model.kind, files, sum, compared }
    }

    /// The sizes of the record that the caller brought, or that was found for the token that the caller named. Tokens that were found by the files are about
    /// files that were read already.
    pub(super) fn known(sources: &Sources<'_>, record: Option<&RecordBytes>) -> Option<Self> {
        let named = sources.token.is_some() || sources.record.is_some();
        let record = record.filter(|_| named && sources.scope == Scope::Whole)?;
        Some(Self::of(&Record::parse(&record.bytes).ok()?.provenance, sources.outboard.is_some()))
    }

    /// Tells which of these files cannot be the record's.
    fn strangers<'f>(&self, kind: ManifestKind, files: impl Iterator<Item = (&'f ModelPath, u64)>) -> BTreeMap<ModelPath, u64> {
        let single = kind == ManifestKind::File && self.kind == ManifestKind::File;
        let recorded = |path: &ModelPath| if single { self.files.values().next() } else { self.files.get(path.as_str()) };
        let stranger = |path: &ModelPath, size: u64| recorded(path) != Some(&size) && (!self.compared || size > self.sum);
        files.filter(|(path, size)| stranger(path, *size)).map(|(path, size)| (path.clone(), size)).collect()
    }

    /// Tells whether there is a file at `path` that cannot be the record's. What cannot be listed is told when it is read.
    pub(super) fn have_strangers(&self, path: &Path) -> bool {
        Listing::of(path).is_ok_and(|listing| !self.strangers(listing.kind(), listing.files()).is_empty())
    }

    /// Takes out of the fingerprints of all files what cannot be the record's.
    pub(super) fn reduce(&self, manifest: &mut Manifest) -> Option<Unread> {
        let strangers = self.strangers(manifest.kind, manifest.files.iter().map(|file| (&file.path, file.size)));
        manifest.files.retain(|file| !strangers.contains_key(&file.path));
        let weights = manifest.weights.files.iter().any(|path| strangers.contains_key(path));
        unread(strangers, weights)
    }

    /// Leaves out of a look what cannot be the record's.
    pub(crate) fn leave_out(&self, survey: &mut Survey) -> Option<Unread> {
        let strangers = self.strangers(survey.kind(), survey.files());
        let weights = survey.leave_out(&strangers.keys().cloned().collect::<BTreeSet<_>>());
        unread(strangers, weights)
    }
}

fn unread(strangers: BTreeMap<ModelPath, u64>, weights: bool) -> Option<Unread> {
    let files: Vec<_> = strangers.into_iter().map(|(path, size)| (path.to_string(), size)).collect();
    (!files.is_empty()).then_some(Unread { files, weights })
}
