//! Manifest and facts become a record.

use modelmark_digest::{ContentId, FileEntry, Manifest};

use crate::capture::{Claims, Facts, ParentClaim};
use crate::picture::Picture;
use crate::value::{Count, Label, Prose, ValueError};
use crate::{
    Creator, Dataset, DatasetRole, Model, ModelFile, Provenance, ProvenanceType, Record, RecordError, RecordedWeights, Royalty, Tensors,
    Tokenizer, attributes,
};

impl Record {
    /// Composes a record from the fingerprints of a model and the facts about it. The same input gives the same record, on every machine.
    ///
    /// # Errors
    ///
    /// Refuses when the name, the licence, the creator's account or a SHA-256 is missing, and when a value of the manifest does not fit a record.
    pub fn compose(manifest: &Manifest, facts: Facts) -> Result<Self, RecordError> {
        let Facts { claims, sources } = facts;
        let name = claims.name.clone().ok_or(RecordError::Missing { field: "a name", hint: "give --name, or name in modelmark.toml" })?;
        let (description, image, external_url) = (claims.description.clone(), claims.image.clone(), claims.external_url.clone());
        let mut provenance = provenance(manifest, claims)?;
        provenance.sources = sources;
        let description = match description {
            Some(description) => description,
            None => describe(&name, &provenance)?,
        };
        let image = match image {
            Some(image) => image,
            None => Picture::draw(&name, &provenance).uri()?,
        };
        let attributes = attributes::of(&provenance);
        Ok(Self { name, description, image, external_url, attributes, provenance })
    }
}

fn provenance(manifest: &Manifest, claims: Claims) -> Result<Provenance, RecordError> {
    let license = claims.license.ok_or(RecordError::Missing {
        field: "a licence",
        hint: "give --license with an SPDX expression, or license in modelmark.toml or in the model card",
    })?;
    let account = claims.creator.ok_or(RecordError::Missing { field: "the creator's account", hint: "it is the account that signs" })?;
    let weights_hash = manifest.weights.sha256.ok_or(NO_SHA256)?;
    Ok(Provenance {
        r#type: ProvenanceType::V1,
        weights_hash,
        model_architecture: claims.architecture.as_ref().map(|architecture| architecture.family.clone()),
        dataset_cid: first_training_cid(&claims.datasets),
        training_config: claims.training,
        model: model(manifest)?,
        weights: weights(manifest)?,
        version: claims.version,
        task: claims.task,
        tags: claims.tags,
        framework: claims.framework,
        architecture: claims.architecture,
        tokenizer: claims.tokenizer.map(|sha256| Tokenizer { sha256 }),
        training: present(claims.run),
        datasets: claims.datasets,
        evaluations: claims.evaluations,
        considerations: present(claims.considerations),
        lineage: claims.parents.iter().map(ParentClaim::edge).collect(),
        license,
        royalty: claims.royalty.map(|bps| Royalty { bps }),
        rights: present(claims.rights),
        creator: Creator { account, name: claims.creator_name },
        contributors: claims.contributors,
        attachments: claims.attachments,
        sources: Vec::new(),
        created_at: claims.created_at,
    })
}

/// An object of which nothing is known has no key.
fn present<T: Default + PartialEq>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}

const NO_SHA256: RecordError = RecordError::Missing { field: "the SHA-256 of every file", hint: "digest the model with SHA-256" };

fn model(manifest: &Manifest) -> Result<Model, RecordError> {
    Ok(Model {
        cid: manifest.cid,
        kind: manifest.kind,
        profile: manifest.profile,
        size: manifest.size.try_into()?,
        files: manifest.files.iter().map(file).collect::<Result<_, _>>()?,
        ignored: manifest.ignored.iter().map(|name| name.parse()).collect::<Result<_, ValueError>>()?,
    })
}

fn file(entry: &FileEntry) -> Result<ModelFile, RecordError> {
    Ok(ModelFile { path: entry.path.clone(), size: entry.size.try_into()?, sha256: entry.sha256.ok_or(NO_SHA256)?, cid: entry.cid })
}

fn weights(manifest: &Manifest) -> Result<RecordedWeights, RecordError> {
    let weights = &manifest.weights;
    let tensors = weights.tensors.as_ref().map(|summary| {
        let dtypes = summary.dtypes.iter().map(|(dtype, elements)| Ok((dtype.parse()?, (*elements).try_into()?)));
        Ok::<_, ValueError>(Tensors {
            count: summary.count.try_into()?,
            parameters: summary.parameters.try_into()?,
            dtypes: dtypes.collect::<Result<_, ValueError>>()?,
            root: summary.root,
            content: summary.content,
            value: summary.value,
        })
    });
    Ok(RecordedWeights {
        cid: weights.cid,
        files: weights.files.clone(),
        format: weights.format.as_deref().map(str::parse).transpose()?,
        tensors: tensors.transpose()?,
    })
}

/// One sentence from the facts, for a model that nobody describes.
fn describe(name: &Label, provenance: &Provenance) -> Result<Prose, ValueError> {
    let kind = provenance.model_architecture.as_ref().map(|family| format!(" {family}")).unwrap_or_default();
    let task = provenance.task.as_ref().map(|task| format!(" for {task}")).unwrap_or_default();
    let size = provenance.weights.tensors.as_ref().map(|tensors| format!(" with {} parameters", tensors.parameters)).unwrap_or_default();
    format!("{name}: a{kind} model{task}{size}.").parse()
}

/// Returns the CID of the first training dataset that has one.
pub(crate) fn first_training_cid(datasets: &[Dataset]) -> Option<ContentId> {
    datasets.iter().filter(|dataset| dataset.role == DatasetRole::Train).find_map(|dataset| dataset.cid)
}

/// Writes a count with at most four digits and a metric suffix, in integer arithmetic: `4810`, `22.7M`, `1.3B`.
pub(crate) fn short(count: Count) -> String {
    let units = [(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (10_000, "K")];
    match units.into_iter().find(|(least, _)| count.get() >= *least) {
        None => count.to_string(),
        Some((least, unit)) => {
            let scale = if unit == "K" { 1_000 } else { least };
            format!("{}.{}{unit}", count.get() / scale, count.get() % scale * 10 / scale)
        }
    }
}
