//! Looks at a part of the local files: holds their leaves against a list that follows from the record.

mod hub;
mod proof;

use std::collections::BTreeSet;
use std::path::Path;

use modelmark_digest::outboard::{LeafList, LeafLists};
use modelmark_digest::partial::{Held, Listing, Unfinished, hold, sample};
use modelmark_digest::{ContentId, DigestError, ManifestKind, Observer};
use modelmark_record::{CanonicalRecord, Provenance};

use super::{GatherError, Sources, with_causes};
use crate::evidence::Look;
use crate::part::{FilePart, FileRange, PartEvidence, SampleSize, Scope};

/// Endings under which downloads stand before they are finished.
const UNFINISHED: [&str; 4] = [".incomplete", ".part", ".crdownload", ".download"];

/// What was found last. Rival claims to one model need only one look at the files.
#[derive(Default)]
pub(super) struct Seen(Option<(ContentId, Look<PartEvidence>)>);

impl Seen {
    /// Looks at what `sources.scope` names, unless that was done for the same model.
    pub(super) fn look(&mut self, sources: &Sources<'_>, record: Option<&[u8]>) -> Result<Look<PartEvidence>, GatherError> {
        let Some(path) = sources.path.filter(|_| sources.scope != Scope::Whole) else { return Ok(Look::NotAsked) };
        // Without a valid record there is nothing to hold the files against; the record's own checks say why.
        let Some(record) = record.and_then(|bytes| CanonicalRecord::parse(bytes).ok()) else { return Ok(Look::NotAsked) };
        let provenance = &record.record().provenance;
        match &self.0 {
            Some((cid, look)) if *cid == provenance.model.cid => Ok(look.clone()),
            _ => {
                let look = look(sources, path, provenance)?;
                self.0 = Some((provenance.model.cid, look.clone()));
                Ok(look)
            }
        }
    }
}

fn look(sources: &Sources<'_>, path: &Path, provenance: &Provenance) -> Result<Look<PartEvidence>, GatherError> {
    let proven = match &sources.scope {
        Scope::RangeProof(range) => Some(proof::range(sources, path, provenance, range)),
        Scope::SliceProof(slice) => Some(proof::slice(sources, path, provenance, slice)),
        _ => None,
    };
    if let Some(look) = proven {
        return Ok(look.unwrap_or_else(|look| look));
    }
    if let Scope::Summary(brought) = &sources.scope
        && brought.sample.is_none()
    {
        return Ok(super::summary::names_and_sizes(path, provenance, &sources.scope));
    }
    let lists = match lists(sources, provenance) {
        Ok(lists) => lists,
        Err(why) => return Ok(Look::Unreachable(why)),
    };
    let listing = if sources.scope == Scope::Partial { Listing::of_download(path) } else { Listing::of(path) };
    let listing = match listing {
        Ok(listing) if listing.kind() == lists.kind() => listing,
        Ok(_) => return Ok(Look::Absent("the record speaks of a directory and this is a file, or the other way round".to_owned())),
        Err(error) => return Ok(absent_or_unreachable(&error)),
    };
    let looking = Looking { lists: &lists, listing: &listing, observer: sources.observer.as_ref() };
    let found = match &sources.scope {
        Scope::Whole | Scope::RangeProof(_) | Scope::SliceProof(_) => Err(Look::NotAsked),
        Scope::Summary(brought) => brought.sample.map_or(Err(Look::NotAsked), |size| looking.sample(size)),
        Scope::Ranges(ranges) => {
            looking.refuse_nowhere(ranges)?;
            looking.ranges(ranges)
        }
        Scope::Sample(size) => looking.sample(*size),
        Scope::Partial => looking.partial(provenance),
    };
    Ok(match found {
        Ok((files, faults)) => Look::Found(PartEvidence { scope: sources.scope.clone(), leaves: lists.leaves(), files, faults }),
        Err(look) => look,
    })
}

/// The leaves of the record's files: from the outboard that was brought, else from the trees in the store.
fn lists(sources: &Sources<'_>, provenance: &Provenance) -> Result<LeafLists, String> {
    let model = &provenance.model;
    if let Some(outboard) = &sources.outboard {
        return outboard.clone().check(&model.cid).map_err(|error| error.to_string());
    }
    let mut files = Vec::with_capacity(model.files.len());
    for file in &model.files {
        let leaves = modelmark_storage::leaves(sources.store, &file.cid, file.size.get())
            .map_err(|error| format!("the leaves of {} are not known (an outboard file would tell): {}", file.path, with_causes(&error)))?;
        let list = LeafList::new(model.profile, file.size.get(), leaves, &file.cid).map_err(|error| format!("{}: {error}", file.path))?;
        files.push((file.path.clone(), list));
    }
    Ok(LeafLists::collect(model.kind, files))
}

/// Files and what is wrong besides.
type Found = Result<(Vec<FilePart>, Vec<String>), Look<PartEvidence>>;

struct Looking<'a> {
    lists: &'a LeafLists,
    listing: &'a Listing,
    observer: &'a dyn Observer,
}

impl Looking<'_> {
    /// Refuses ranges that are a mistake: bytes that are neither on the record nor here say nothing about the model.
    fn refuse_nowhere(&self, ranges: &[FileRange]) -> Result<(), GatherError> {
        for FileRange { path, range } in ranges {
            let present = self.listing.files().find(|(name, _)| self.lists.kind() == ManifestKind::File || name.as_str() == path);
            let sizes = [self.lists.file(path).map(LeafList::size), present.map(|(_, size)| size)];
            if !sizes.into_iter().flatten().any(|size| range.start < size && (range.end <= size || range.end == u64::MAX)) {
                return Err(GatherError::NoRange { path: path.clone(), start: range.start, end: range.end });
            }
        }
        Ok(())
    }

    fn ranges(&self, ranges: &[FileRange]) -> Found {
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        for FileRange { path, range } in ranges {
            let Some(list) = self.lists.file(path) else {
                faults.push(format!("{path} is not in the model"));
                continue;
            };
            let chosen: Vec<usize> = list.covering(range).collect();
            if chosen.is_empty() || (list.size() < range.end && range.end != u64::MAX) {
                faults.push(format!("{path} has {} bytes, not all of those asked for", list.size()));
                continue;
            }
            files.push(self.file(path, std::slice::from_ref(path), list, &chosen)?);
        }
        Ok((files, faults))
    }

    fn sample(&self, size: SampleSize) -> Found {
        let total = self.lists.leaves();
        let chosen = sample(total, size.of(total)).map_err(|error| Look::Unreachable(error.to_string()))?;
        let mut chosen = chosen.into_iter().peekable();
        let (mut files, mut first) = (Vec::new(), 0_u64);
        for (path, list) in self.lists.files() {
            let end = first + list.len() as u64;
            let mut here = Vec::new();
            while let Some(leaf) = chosen.next_if(|leaf| *leaf < end) {
                here.push(usize::try_from(leaf - first).unwrap_or(usize::MAX));
            }
            first = end;
            let path = path.map_or_else(|| self.only_name(), ToString::to_string);
            files.push(self.file(&path, std::slice::from_ref(&path), list, &here)?);
        }
        let mut faults = self.added(&files);
        // Sizes and names cost nothing to compare, so all of them are.
        faults.extend(files.iter().filter(|file| file.found.is_none() || file.present != file.size).map(wrong_size));
        files.retain(|file| file.held.leaves > 0);
        Ok((files, faults))
    }

    fn partial(&self, provenance: &Provenance) -> Found {
        let mut files = Vec::new();
        let mut hub = hub::Downloads::of(self.listing, self.lists);
        for (path, list) in self.lists.files() {
            let path = path.map_or_else(|| self.only_name(), ToString::to_string);
            let names: Vec<_> = std::iter::once(path.clone()).chain(UNFINISHED.iter().map(|ending| format!("{path}{ending}"))).collect();
            let all: Vec<usize> = (0..list.len()).collect();
            let mut part = self.file(&path, &names, list, &all)?;
            if part.found.is_none()
                && let Some(download) = hub.of_file(list, provenance.model.files.iter().find(|file| file.path.as_str() == path))
            {
                part = self.download(&path, download, list, &all)?;
            }
            files.push(part);
        }
        let faults = self.added(&files);
        Ok((files, faults))
    }

    /// Looks at the leaves `chosen` of the first of `names` that is there.
    fn file(&self, path: &str, names: &[String], list: &LeafList, chosen: &[usize]) -> Result<FilePart, Look<PartEvidence>> {
        for name in names {
            if let Some((file, present)) = self.listing.open(name).map_err(|error| absent_or_unreachable(&error))? {
                let held = hold(&file, present, list, chosen, &|bytes| self.observer.advanced(bytes))
                    .map_err(|error| Look::Unreachable(format!("cannot read {name}: {error}")))?;
                return Ok(FilePart { path: path.to_owned(), found: Some(name.clone()), size: list.size(), present, held });
            }
        }
        let absent = if list.is_empty() { 0..0 } else { 0..list.size() };
        let held = Held { absent: vec![absent], ..Held::default() };
        Ok(FilePart { path: path.to_owned(), found: None, size: list.size(), present: 0, held })
    }

    /// Looks at an unfinished download of the file at `path`.
    fn download(&self, path: &str, download: &Unfinished, list: &LeafList, chosen: &[usize]) -> Result<FilePart, Look<PartEvidence>> {
        let unreadable = |error: std::io::Error| Look::Unreachable(format!("cannot read {}: {error}", download.name()));
        let file = download.open().map_err(unreadable)?;
        let held = hold(&file, download.size(), list, chosen, &|bytes| self.observer.advanced(bytes)).map_err(unreadable)?;
        let found = Some(download.name().to_owned());
        Ok(FilePart { path: path.to_owned(), found, size: list.size(), present: download.size(), held })
    }

    fn only_name(&self) -> String {
        self.listing.files().next().map(|(path, _)| path.to_string()).unwrap_or_default()
    }

    /// Files that are neither the model's nor its unfinished downloads.
    fn added(&self, files: &[FilePart]) -> Vec<String> {
        let known: BTreeSet<&str> = files.iter().filter_map(|file| file.found.as_deref()).collect();
        let added = self.listing.files().filter(|(path, _)| !known.contains(path.as_str()));
        added.map(|(path, _)| format!("{path} is here, but not in the model")).collect()
    }
}

fn wrong_size(file: &FilePart) -> String {
    match &file.found {
        Some(_) => format!("{} has {} bytes, the model's has {}", file.path, file.present, file.size),
        None => format!("{} is missing", file.path),
    }
}

pub(super) fn absent_or_unreachable(error: &DigestError) -> Look<PartEvidence> {
    match error {
        DigestError::Read { .. } | DigestError::Changed(_) | DigestError::Hollow { .. } => Look::Unreachable(with_causes(error)),
        error => Look::Absent(with_causes(error)),
    }
}
