//! Merging of what stands in objects of its own: the training run, considerations and rights. Each key is taken by itself.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use crate::{Code, Considerations, Dataset, DatasetRole, Label, Rights, Scalar, Training};

use super::gather::Source;
use super::{Capture, Claims, Finding, FindingCode, number};

/// Most settings of a record.
const MAX_SETTINGS: usize = 256;

impl Capture {
    pub(super) fn run(&mut self, sources: &[Source]) -> Training {
        Training {
            code: self.code(sources),
            run: self.first("training.run", sources, |claims| &claims.run.run),
            started_at: self.first("training.startedAt", sources, |claims| &claims.run.started_at),
            finished_at: self.first("training.finishedAt", sources, |claims| &claims.run.finished_at),
            hardware: self.first("training.hardware", sources, |claims| &claims.run.hardware),
            devices: self.first("training.devices", sources, |claims| &claims.run.devices),
            image: self.first("training.image", sources, |claims| &claims.run.image),
            energy_kwh: self.first("training.energyKwh", sources, |claims| &claims.run.energy_kwh),
            co2_grams: self.first("training.co2Grams", sources, |claims| &claims.run.co2_grams),
        }
    }

    /// A commit belongs to the repository that its own source names, so the object is taken whole. Only a repository that somebody names without a
    /// commit, and a commit without a repository, complete each other.
    fn code(&mut self, sources: &[Source]) -> Option<Code> {
        self.conflict("training.code", sources, |claims| claims.run.code.as_ref()?.commit.as_ref().map(ToString::to_string));
        let mut code = self.pick("training.code", sources, |claims| &claims.run.code)?;
        let stated = |source: &Source| source.claims.run.code.clone();
        if code.commit.is_none()
            && let Some((source, other)) = sources
                .iter()
                .find_map(|source| Some((source, stated(source).filter(|other| other.commit.is_some() && other.uri.is_none())?)))
        {
            (code.commit, code.dirty) = (other.commit, other.dirty);
            self.note("training.code", source);
        }
        if code.uri.is_none()
            && let Some((source, other)) = sources
                .iter()
                .find_map(|source| Some((source, stated(source).filter(|other| other.uri.is_some() && other.commit.is_none())?)))
        {
            code.uri = other.uri;
            self.note("training.code", source);
        }
        Some(code)
    }

    /// Unites settings by name.
    pub(super) fn settings(&mut self, sources: &[Source]) -> BTreeMap<Label, Scalar> {
        let mut settings: BTreeMap<Label, (Scalar, String)> = BTreeMap::new();
        let mut full = false;
        for source in sources {
            for (name, value) in &source.claims.training {
                let field = format!("trainingConfig.{name}");
                let known = settings.get(name).cloned();
                full |= known.is_none() && settings.len() == MAX_SETTINGS;
                let new = known.is_none() && !full;
                self.state(&field, value, source, new);
                if let Some((taken, from)) = known.filter(|(taken, _)| !number::same(&taken.to_string(), &value.to_string())) {
                    let message = format!("{field}: {from} says {taken}, {} says {value}; {taken} is taken", source.name);
                    self.findings.push(Finding { code: FindingCode::Conflict, field, message });
                } else if new {
                    self.note("trainingConfig", source);
                    settings.insert(name.clone(), (value.clone(), source.name.clone()));
                }
            }
        }
        if full {
            let message = format!("more than {MAX_SETTINGS} settings were found; the first are taken");
            self.findings.push(Finding { code: FindingCode::TooMany, field: "trainingConfig".to_owned(), message });
        }
        settings.into_iter().map(|(name, (value, _))| (name, value)).collect()
    }

    /// Unites datasets by name and role; a description that knows no role completes the dataset that it describes.
    pub(super) fn datasets(&mut self, sources: &[Source]) -> Vec<Dataset> {
        let mut united: Vec<Dataset> = Vec::new();
        for source in sources {
            for entry in &source.claims.datasets {
                let described = |known: &&mut Dataset| {
                    known.name == entry.name && known.role == entry.role
                        || entry.role == DatasetRole::Other && last_part(&known.name) == last_part(&entry.name)
                };
                let new = match united.iter_mut().find(described) {
                    Some(known) if !source.origins.is_empty() => {
                        let other = other_bytes(known, entry);
                        if other {
                            self.findings.push(other_data(known, &source.name));
                        }
                        !other && complete(known, entry)
                    }
                    Some(_) => false,
                    None => {
                        united.push(entry.clone());
                        true
                    }
                };
                self.state("datasets", entry, source, new);
                if new {
                    self.note("datasets", source);
                }
            }
        }
        united
    }

    pub(super) fn considerations(&mut self, sources: &[Source]) -> Considerations {
        Considerations {
            intended_use: self.pick("considerations.intendedUse", sources, |claims| &claims.considerations.intended_use),
            limitations: self.pick("considerations.limitations", sources, |claims| &claims.considerations.limitations),
            fairness: self.pick("considerations.fairness", sources, |claims| &claims.considerations.fairness),
            risks: self.pick("considerations.risks", sources, |claims| &claims.considerations.risks),
            personal_data: self.pick("considerations.personalData", sources, |claims| &claims.considerations.personal_data),
        }
    }

    pub(super) fn rights(&mut self, sources: &[Source]) -> Rights {
        Rights { training_mining: self.pick("rights.trainingMining", sources, |claims| &claims.rights.training_mining) }
    }

    /// Takes the first source that says something, and tells of others that contradict it.
    pub(super) fn first<T: Clone + Display + Serialize>(
        &mut self,
        field: &str,
        sources: &[Source],
        get: impl Fn(&Claims) -> &Option<T>,
    ) -> Option<T> {
        self.conflict(field, sources, |claims| get(claims).as_ref().map(ToString::to_string));
        self.pick(field, sources, get)
    }
}

/// What a hub calls `org/name` is elsewhere `name`.
fn last_part(name: &Label) -> &str {
    name.as_str().rsplit('/').next().unwrap_or_default()
}

/// Tells whether a description speaks of other bytes than those that are known.
fn other_bytes(known: &Dataset, other: &Dataset) -> bool {
    known.sha256.is_some() && other.sha256.is_some() && known.sha256 != other.sha256
}

fn other_data(known: &Dataset, source: &str) -> Finding {
    let message = format!("{source} describes a file of other content than {}; nothing was taken from it", known.name);
    Finding { code: FindingCode::Conflict, field: "datasets".to_owned(), message }
}

/// Fills in what a dataset does not say yet; tells whether the other said anything new.
fn complete(known: &mut Dataset, other: &Dataset) -> bool {
    let before = known.clone();
    // Of data that was fingerprinted as a folder, a digest of one file that somebody describes is not the digest.
    if known.cid.is_none() && known.root.is_none() {
        known.sha256 = known.sha256.or(other.sha256);
    }
    known.license = known.license.take().or_else(|| other.license.clone());
    known.revision = known.revision.take().or_else(|| other.revision.clone());
    known.uri = known.uri.take().or_else(|| other.uri.clone());
    *known != before
}
