//! Looks at what a brought summary can be held against without reading the files: their names and sizes, and leaves chosen at random if that was asked for.

use std::collections::BTreeMap;
use std::path::Path;

use modelmark_digest::ManifestKind;
use modelmark_digest::partial::{Held, Listing};
use modelmark_record::Provenance;

use super::part::absent_or_unreachable;
use crate::evidence::Look;
use crate::part::{FilePart, PartEvidence, Scope};

/// Holds names and sizes of the local files against the record.
pub(super) fn names_and_sizes(path: &Path, provenance: &Provenance, scope: &Scope) -> Look<PartEvidence> {
    let listing = match Listing::of(path) {
        Ok(listing) if listing.kind() == provenance.model.kind => listing,
        Ok(_) => return Look::Absent("the record speaks of a directory and this is a file, or the other way round".to_owned()),
        Err(error) => return absent_or_unreachable(&error),
    };
    let single = listing.kind() == ManifestKind::File;
    let mut here: BTreeMap<&str, u64> = listing.files().map(|(path, size)| (path.as_str(), size)).collect();
    let mut files = Vec::with_capacity(provenance.model.files.len());
    let mut faults = Vec::new();
    for file in &provenance.model.files {
        // The name of a single file is not part of what is recorded.
        let name = if single { here.keys().next().copied().unwrap_or_default() } else { file.path.as_str() };
        let (path, size) = (name.to_owned(), file.size.get());
        match here.remove(name) {
            Some(present) if present == size => {
                files.push(FilePart { found: Some(path.clone()), path, size, present, held: Held::default() });
            }
            Some(present) => faults.push(format!("{path} has {present} bytes, the model's has {size}")),
            None => faults.push(format!("{path} is missing")),
        }
    }
    faults.extend(here.keys().map(|path| format!("{path} is here, but not in the model")));
    Look::Found(PartEvidence { scope: scope.clone(), leaves: 0, files, faults })
}
