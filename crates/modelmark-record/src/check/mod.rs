//! Rules that no single value can keep: sums, order, and parts of a record that must agree with each other.

mod stated;

use std::collections::{BTreeMap, BTreeSet};

use modelmark_digest::unixfs::{Folder, file_dag};
use modelmark_digest::{CidProfile, ContentId, MAX_DEPTH, ManifestKind, ModelPath, Sha256Digest};

use crate::value::Scalar;
use crate::{Model, ModelFile, Parent, Provenance, Record, RecordError, redact};

const WEIGHTS_CID: &str = "provenance.weights.cid";

/// Every rule that a reader holds a record against, after its types have held.
pub(crate) fn record(record: &Record) -> Result<(), RecordError> {
    at_most("attributes", record.attributes.len(), 100)?;
    for attribute in &record.attributes {
        if attribute.display_type.is_some() != matches!(attribute.value, Scalar::Integer(_)) {
            return Err(RecordError::inconsistent(
                "attributes",
                format!("{} must have display_type exactly when it is a number", attribute.trait_type),
            ));
        }
    }
    let provenance = &record.provenance;
    model(&provenance.model)?;
    weights(provenance)?;
    named_twice(provenance)?;
    lists(provenance)?;
    lineage(provenance)?;
    contributors(provenance)?;
    stated::check(provenance)
}

/// Refuses what must never become public for good; held against records that we make, not against those we read.
pub(crate) fn private(record: &Record) -> Result<(), RecordError> {
    let value = serde_json::to_value(record).map_err(|error| RecordError::Invalid { what: "record", reason: error.to_string() })?;
    match redact::first_private(&value) {
        Some((field, reason)) => Err(RecordError::Private { field, reason }),
        None => Ok(()),
    }
}

fn model(model: &Model) -> Result<(), RecordError> {
    if model.files.is_empty() || !sorted(model.files.iter().map(|file| &file.path)) {
        return Err(RecordError::inconsistent("provenance.model.files", "must be sorted by path, at least one, none twice"));
    }
    let sum = model.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.size.get()));
    if sum != Some(model.size.get()) {
        return Err(RecordError::inconsistent("provenance.model.size", "is not the sum of the file sizes"));
    }
    let one_file = matches!(model.files.as_slice(), [file] if file.cid == model.cid);
    if model.kind == ManifestKind::File && !one_file {
        return Err(RecordError::inconsistent("provenance.model", "is a single file but does not list exactly that file"));
    }
    at_most("provenance.model.ignored", model.ignored.len(), 16)
}

fn weights(provenance: &Provenance) -> Result<(), RecordError> {
    let weights = &provenance.weights;
    if weights.files.is_empty() || !sorted(weights.files.iter()) {
        return Err(RecordError::inconsistent("provenance.weights.files", "must be sorted by path, at least one, none twice"));
    }
    let files: BTreeMap<&ModelPath, &ModelFile> = provenance.model.files.iter().map(|file| (&file.path, file)).collect();
    let found: Option<Vec<&ModelFile>> = weights.files.iter().map(|path| files.get(path).copied()).collect();
    let Some(found) = found else {
        return Err(RecordError::inconsistent("provenance.weights.files", "names a file that model.files does not list"));
    };
    if weights_hash(&found) != provenance.weights_hash {
        return Err(RecordError::inconsistent("provenance.weightsHash", "does not follow from the SHA-256 of the weights files"));
    }
    let model = &provenance.model;
    // A model without recognised weights is weights whole. Its CID can cover empty directories, of which the record does not tell.
    if weights.cid == model.cid && found.len() == model.files.len() {
        return Ok(());
    }
    match found.as_slice() {
        [file] if weights.cid != file.cid => Err(RecordError::inconsistent(WEIGHTS_CID, "is not the CID of the one weights file")),
        [_] => Ok(()),
        several if weights.cid != weights_folder(model.profile, several)? => {
            Err(RecordError::inconsistent(WEIGHTS_CID, "is not the CID of a directory with exactly the weights files"))
        }
        _ => Ok(()),
    }
}

/// CID of the directory that holds only these files. A file's tree needs no reading: its size tells how large the tree is.
fn weights_folder(profile: CidProfile, files: &[&ModelFile]) -> Result<ContentId, RecordError> {
    let mut folder = Folder::new(profile);
    for file in files {
        // Directories are closed by recursion, and their number must not be the writer's choice.
        if file.path.as_str().matches('/').count() > MAX_DEPTH {
            return Err(RecordError::inconsistent("provenance.weights.files", format!("name a file deeper than {MAX_DEPTH} directories")));
        }
        folder.add_file(&file.path, &file_dag(profile, file.cid, file.size.get()));
    }
    let dag = folder.finish(&mut |_, _| {});
    dag.map(|dag| dag.cid).map_err(|error| RecordError::inconsistent("provenance.weights.files", format!("are no directory: {error}")))
}

/// The SHA-256 of one file, or of what `sha256sum` prints for several.
fn weights_hash(files: &[&ModelFile]) -> Sha256Digest {
    match files {
        [file] => file.sha256,
        several => Sha256Digest::of(several.iter().map(|file| listing_line(file)).collect::<String>().as_bytes()),
    }
}

// `sha256sum` doubles the backslashes of a name and marks such a line with one more.
fn listing_line(file: &ModelFile) -> String {
    match file.path.as_str() {
        plain if !plain.contains('\\') => format!("{}  {plain}\n", file.sha256),
        escaped => format!("\\{}  {}\n", file.sha256, escaped.replace('\\', r"\\")),
    }
}

/// Values that stand in two places because readers look for them there.
fn named_twice(provenance: &Provenance) -> Result<(), RecordError> {
    if provenance.model_architecture.as_ref() != provenance.architecture.as_ref().map(|architecture| &architecture.family) {
        return Err(RecordError::inconsistent("provenance.modelArchitecture", "is not architecture.family"));
    }
    if provenance.dataset_cid != crate::compose::first_training_cid(&provenance.datasets) {
        return Err(RecordError::inconsistent("provenance.datasetCid", "is not the CID of the first training dataset that has one"));
    }
    Ok(())
}

fn lists(provenance: &Provenance) -> Result<(), RecordError> {
    at_most("provenance.trainingConfig", provenance.training_config.len(), 256)?;
    at_most("provenance.tags", provenance.tags.len(), 64)?;
    at_most("provenance.datasets", provenance.datasets.len(), 256)?;
    at_most("provenance.evaluations", provenance.evaluations.len(), 1000)?;
    at_most("provenance.sources", provenance.sources.len(), 256)
}

fn lineage(provenance: &Provenance) -> Result<(), RecordError> {
    const FIELD: &str = "provenance.lineage";
    at_most(FIELD, provenance.lineage.len(), 32)?;
    let shares: u32 = provenance.lineage.iter().filter_map(|edge| edge.share_bps).map(|share| u32::from(share.get())).sum();
    if shares > 10_000 {
        return Err(RecordError::inconsistent(FIELD, format!("shares sum to {shares} basis points; at most 10000")));
    }
    for (at, edge) in provenance.lineage.iter().enumerate() {
        if !is_bound(&edge.parent) {
            return Err(RecordError::inconsistent(
                FIELD,
                format!("parent {at} has neither a token nor a digest; a name alone binds nothing"),
            ));
        }
        if provenance.lineage.iter().take(at).any(|earlier| earlier.parent == edge.parent) {
            return Err(RecordError::inconsistent(FIELD, format!("parent {at} is listed twice")));
        }
        if edge.parent.cid == Some(provenance.model.cid) {
            return Err(RecordError::inconsistent(FIELD, format!("parent {at} is the model itself")));
        }
    }
    Ok(())
}

pub(crate) const fn is_bound(parent: &Parent) -> bool {
    parent.token.is_some() || parent.token_id.is_some() || parent.cid.is_some() || parent.weights_hash.is_some()
}

fn contributors(provenance: &Provenance) -> Result<(), RecordError> {
    const FIELD: &str = "provenance.contributors";
    let contributors = &provenance.contributors;
    at_most(FIELD, contributors.len(), 256)?;
    let sum: u32 = contributors.iter().map(|contributor| u32::from(contributor.share_bps.get())).sum();
    if !contributors.is_empty() && sum != 10_000 {
        return Err(RecordError::inconsistent(FIELD, format!("shares sum to {sum} basis points instead of 10000")));
    }
    let accounts: BTreeSet<_> = contributors.iter().map(|contributor| &contributor.account).collect();
    if accounts.len() != contributors.len() {
        return Err(RecordError::inconsistent(FIELD, "name an account twice"));
    }
    Ok(())
}

fn at_most(field: &'static str, len: usize, limit: usize) -> Result<(), RecordError> {
    if len > limit { Err(RecordError::inconsistent(field, format!("has {len} entries; at most {limit}"))) } else { Ok(()) }
}

fn sorted<'a>(paths: impl Iterator<Item = &'a ModelPath> + Clone) -> bool {
    paths.clone().zip(paths.skip(1)).all(|(a, b)| a < b)
}
