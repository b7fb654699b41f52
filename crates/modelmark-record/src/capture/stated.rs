//! Merging of what stands in objects of its own: the training run, considerations and rights. Each key is taken by itself.

use std::fmt::Display;

use crate::{Code, Considerations, Rights, Training};

use super::merge::Source;
use super::{Capture, Claims};

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

    /// A commit belongs to the repository that its own source names, so the object is taken whole.
    fn code(&mut self, sources: &[Source]) -> Option<Code> {
        self.conflict("training.code", sources, |claims| claims.run.code.as_ref()?.commit.as_ref().map(ToString::to_string));
        self.pick("training.code", sources, |claims| &claims.run.code)
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
    pub(super) fn first<T: Clone + Display>(&mut self, field: &str, sources: &[Source], get: impl Fn(&Claims) -> &Option<T>) -> Option<T> {
        self.conflict(field, sources, |claims| get(claims).as_ref().map(ToString::to_string));
        self.pick(field, sources, get)
    }
}
