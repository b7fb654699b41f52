//! A whole model looked at with its outboard: besides what differs, where.

use std::ops::Range;
use std::sync::Arc;

use modelmark_digest::outboard::LeafLists;
use modelmark_digest::partial::Held;
use modelmark_digest::{CidProfile, Manifest};
use modelmark_record::Record;

use super::files::Known;
use super::{Gathering, Sources};
use crate::Scope;
use crate::evidence::{Evidence, Look};
use crate::part::{FilePart, PartEvidence};

/// The leaves by the outboard's own word, when all files are looked at: whose they are is held against the record later.
pub(super) fn leaves(sources: &Sources<'_>) -> Option<Arc<LeafLists>> {
    let outboard = sources.outboard.as_ref().filter(|_| sources.scope == Scope::Whole)?;
    outboard.clone().check(&outboard.cid().ok()?).ok().map(Arc::new)
}

impl Gathering<'_> {
    /// Adds to the evidence which bytes differ, if the outboard is that of the record.
    pub(super) fn compared(&self, profile: CidProfile, evidence: &mut Evidence) {
        let Some(outboard) = self.sources.outboard.as_ref().and_then(|outboard| outboard.cid().ok()) else { return };
        let record = evidence.record.found().and_then(|record| Record::parse(&record.bytes).ok());
        let Some(wanted) = record.map(|record| record.provenance.model.cid) else { return };
        if outboard != wanted {
            evidence.notes.push(format!("the outboard is of the model {outboard}, not of the record's: where files differ is not told"));
            return;
        }
        let (Some(leaves), Some(known)) = (self.files.leaves(), self.files.known(profile)) else { return };
        let Some(manifest) = known.model.found() else { return };
        let files = differing(leaves, known, manifest);
        if !files.is_empty() {
            evidence.part = Look::Found(PartEvidence { scope: Scope::Whole, leaves: leaves.leaves(), files, faults: Vec::new() });
        }
    }
}

/// The files that are there and are not the model's.
fn differing(leaves: &LeafLists, known: &Known, manifest: &Manifest) -> Vec<FilePart> {
    let mut files = Vec::new();
    for entry in &manifest.files {
        let Some(list) = leaves.file(entry.path.as_str()).filter(|list| list.cid() != entry.cid) else { continue };
        // Bytes beyond the end of the model's file are no leaf of it.
        let bad = known.differing.get(&entry.path).into_iter().flatten();
        let bad: Vec<Range<u64>> =
            bad.map(|range| range.start..range.end.min(list.size())).filter(|range| range.start < range.end).collect();
        let absent = if entry.size < list.size() { std::iter::once(entry.size..list.size()).collect() } else { Vec::new() };
        let good = between(&bad, entry.size.min(list.size()));
        let held = Held { leaves: list.len() as u64, good, bad, absent };
        let path = entry.path.to_string();
        files.push(FilePart { found: Some(path.clone()), path, size: list.size(), present: entry.size, held });
    }
    files
}

/// What lies around `ranges` up to `end`.
fn between(ranges: &[Range<u64>], end: u64) -> Vec<Range<u64>> {
    let starts = std::iter::once(0).chain(ranges.iter().map(|range| range.end));
    let ends = ranges.iter().map(|range| range.start).chain(std::iter::once(end));
    starts.zip(ends).filter(|(start, end)| start < end).map(|(start, end)| start..end).collect()
}
