//! Looks at bytes that a proof connects to the record, where neither the rest of the file or tensor nor its leaves are at hand.

use std::ops::Range;
use std::path::Path;

use modelmark_digest::ManifestKind;
use modelmark_digest::fingerprint::SliceProof;
use modelmark_digest::partial::{KnownLeaves, Listing, Piece, RangeProof, hold};
use modelmark_record::Provenance;

use super::absent_or_unreachable;
use crate::evidence::Look;
use crate::gather::Sources;
use crate::part::{FilePart, PartEvidence};

type Looked = Result<Look<PartEvidence>, Look<PartEvidence>>;

/// Holds the proof of a range against the record, and the bytes at `path` against the proof.
pub(super) fn range(sources: &Sources<'_>, path: &Path, provenance: &Provenance, proof: &RangeProof) -> Looked {
    let model = &provenance.model;
    let listing = Listing::of(path).map_err(|error| absent_or_unreachable(&error))?;
    let named: Vec<&str> = model.files.iter().filter(|file| file.cid == proof.cid()).map(|file| file.path.as_str()).collect();
    // Files with the same bytes have one proof: the one that is there is meant.
    let here = named.iter().find(|name| listing.files().any(|(path, _)| path.as_str() == **name));
    let Some(name) = here.or(named.first()) else {
        return Ok(fault(sources, format!("no file on the record has the CID that the proof is about, {}", proof.cid())));
    };
    if proof.profile() != model.profile {
        let differs = format!("the proof is for CIDs of the profile {}, the record has those of {}", proof.profile(), model.profile);
        return Ok(fault(sources, differs));
    }
    let proven = match proof.check(&proof.cid()) {
        Ok(proven) => proven,
        Err(error) => return Ok(fault(sources, error.to_string())),
    };
    let whole = Whole { name, size: proven.size(), leaves: proven.size().div_ceil(model.profile.leaf_bytes() as u64) };
    held(sources, &listing, &whole, &Part { known: &proven, indexes: proven.indexes(), span: proven.span() })
}

/// Holds the proof of a slice against the record, and the bytes at `path` against the proof.
pub(super) fn slice(sources: &Sources<'_>, path: &Path, provenance: &Provenance, proof: &SliceProof) -> Looked {
    let listing = Listing::of(path).map_err(|error| absent_or_unreachable(&error))?;
    let Some(tensors) = &provenance.weights.tensors else {
        return Ok(fault(sources, "the record says nothing about tensors".to_owned()));
    };
    if proof.tensors() != tensors.count.get() {
        let differs = format!("the proof is for a model of {} tensors, the record has {}", proof.tensors(), tensors.count.get());
        return Ok(fault(sources, differs));
    }
    let proven = match proof.check(&tensors.root) {
        Ok(proven) => proven,
        Err(error) => return Ok(fault(sources, error.to_string())),
    };
    let tensor = proof.tensor();
    let whole =
        Whole { name: &tensor.name, size: tensor.bytes, leaves: tensor.bytes.div_ceil(modelmark_digest::fingerprint::CHUNK_BYTES as u64) };
    if listing.kind() == ManifestKind::Directory {
        return Ok(fault(sources, format!("{} is a directory: {}", path.display(), whole.wanted(&proven.span()))));
    }
    held(sources, &listing, &whole, &Part { known: &proven, indexes: proven.indexes(), span: proven.span() })
}

/// What the bytes are a part of.
struct Whole<'a> {
    name: &'a str,
    size: u64,
    leaves: u64,
}

impl Whole<'_> {
    fn wanted(&self, span: &Range<u64>) -> String {
        let Self { name, size, .. } = self;
        format!(
            "give {name} whole ({size} bytes), or its bytes {}..{} alone in a file, which hold those of the proof",
            span.start, span.end
        )
    }
}

/// The leaves or chunks that were proven.
struct Part<'a> {
    known: &'a dyn KnownLeaves,
    indexes: Range<usize>,
    span: Range<u64>,
}

fn held(sources: &Sources<'_>, listing: &Listing, whole: &Whole<'_>, part: &Part<'_>) -> Looked {
    let Some((file, length)) = listing.open(whole.name).map_err(|error| absent_or_unreachable(&error))? else {
        return Ok(fault(sources, format!("{} is not there", whole.name)));
    };
    let start = match listing.kind() {
        ManifestKind::File if length == part.span.end - part.span.start => part.span.start,
        ManifestKind::File if length != whole.size => {
            return Ok(fault(sources, format!("there are {length} bytes: {}", whole.wanted(&part.span))));
        }
        _ => 0,
    };
    let present = start.saturating_add(length);
    let chosen: Vec<usize> = part.indexes.clone().collect();
    let advanced = |bytes| sources.observer.advanced(bytes);
    let held = hold(&Piece { file: &file, start }, present, part.known, &chosen, &advanced)
        .map_err(|error| Look::Unreachable(format!("cannot read {}: {error}", whole.name)))?;
    let name = whole.name.to_owned();
    let part = FilePart { path: name.clone(), found: Some(name), size: whole.size, present, held };
    Ok(Look::Found(PartEvidence { scope: sources.scope.clone(), leaves: whole.leaves, files: vec![part], faults: Vec::new() }))
}

/// The look that found only what is wrong.
fn fault(sources: &Sources<'_>, fault: String) -> Look<PartEvidence> {
    Look::Found(PartEvidence { scope: sources.scope.clone(), leaves: 0, files: Vec::new(), faults: vec![fault] })
}
