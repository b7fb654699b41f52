//! Rules on what a creator states besides the bytes: the training run, considerations, rights, attachments and evidence.

use std::collections::BTreeSet;

use modelmark_digest::Codec;

use super::at_most;
use crate::{Attachment, Code, Considerations, Decimal, Edge, Provenance, RecordError, Rights, Training};

const TRAINING: &str = "provenance.training";
const ATTACHMENTS: &str = "provenance.attachments";
const EVIDENCE: &str = "provenance.lineage.evidence";

pub(super) fn check(provenance: &Provenance) -> Result<(), RecordError> {
    if let Some(run) = &provenance.training {
        training(run)?;
    }
    if provenance.considerations.as_ref().is_some_and(|stated| *stated == Considerations::default()) {
        return Err(empty("provenance.considerations"));
    }
    if provenance.rights.is_some_and(|rights| rights == Rights::default()) {
        return Err(empty("provenance.rights"));
    }
    attachments(&provenance.attachments)?;
    provenance.lineage.iter().try_for_each(evidence)
}

/// What is absent has one spelling: no key.
fn empty(field: &'static str) -> RecordError {
    RecordError::inconsistent(field, "is empty; leave it out")
}

fn training(run: &Training) -> Result<(), RecordError> {
    if *run == Training::default() {
        return Err(empty(TRAINING));
    }
    if let Some(code) = &run.code {
        if *code == Code::default() {
            return Err(empty("provenance.training.code"));
        }
        if code.dirty.is_some() && code.commit.is_none() {
            return Err(RecordError::inconsistent(
                "provenance.training.code",
                "says whether files differ from a commit that it does not name",
            ));
        }
    }
    if let (Some(start), Some(end)) = (&run.started_at, &run.finished_at)
        && end.is_before(start)
    {
        return Err(RecordError::inconsistent(TRAINING, format!("finished at {end}, before it started at {start}")));
    }
    if run.devices.is_some_and(|devices| devices.get() == 0) {
        return Err(RecordError::inconsistent(TRAINING, "took no device; leave `devices` out"));
    }
    not_negative("provenance.training.energyKwh", run.energy_kwh.as_ref())?;
    not_negative("provenance.training.co2Grams", run.co2_grams.as_ref())
}

fn not_negative(field: &'static str, value: Option<&Decimal>) -> Result<(), RecordError> {
    match value.filter(|value| value.as_str().starts_with('-')) {
        Some(value) => Err(RecordError::inconsistent(field, format!("is {value}; at least 0, without a sign"))),
        None => Ok(()),
    }
}

fn attachments(attachments: &[Attachment]) -> Result<(), RecordError> {
    at_most(ATTACHMENTS, attachments.len(), 64)?;
    let mut names = BTreeSet::new();
    for attachment in attachments {
        if !names.insert(&attachment.name) {
            return Err(RecordError::inconsistent(ATTACHMENTS, format!("name {} twice", attachment.name)));
        }
        if attachment.cid.codec() == Codec::Raw && attachment.cid.digest() != attachment.sha256 {
            return Err(RecordError::inconsistent(
                ATTACHMENTS,
                format!("give {} a raw CID of another digest than its SHA-256", attachment.name),
            ));
        }
    }
    Ok(())
}

fn evidence(edge: &Edge) -> Result<(), RecordError> {
    at_most(EVIDENCE, edge.evidence.len(), 16)?;
    let different: BTreeSet<_> = edge.evidence.iter().collect();
    if different.len() == edge.evidence.len() { Ok(()) } else { Err(RecordError::inconsistent(EVIDENCE, "names a document twice")) }
}
