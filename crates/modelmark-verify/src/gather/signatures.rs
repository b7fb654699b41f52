//! Looks for signature documents: those that the caller brought, and those that the store has beside the record.

use modelmark_digest::Sha256Digest;
use modelmark_record::{MAX_SIGNATURES_BYTES, RecordId};
use modelmark_storage::{StorageError, Store};

use super::Sources;
use crate::evidence::{RecordBytes, SignatureFile};

/// How many signature documents of one record are looked at.
const MAX_DOCUMENTS: usize = 64;

/// Returns the documents, those of the caller first.
pub(super) fn look(sources: &Sources<'_>, record: Option<&RecordBytes>) -> Vec<SignatureFile> {
    let mut found = sources.signatures.clone();
    if let Some(record) = record {
        // A store that lost its signatures leaves the judge without them, which is what the report then says.
        found.extend(stored(sources.store, Sha256Digest::of(&record.bytes)).unwrap_or_default());
    }
    found
}

fn stored(store: &dyn Store, record: Sha256Digest) -> Result<Vec<SignatureFile>, StorageError> {
    let documents = store.attached(&RecordId::from(record).cid())?;
    let read =
        |id| Ok(store.get(id, MAX_SIGNATURES_BYTES)?.map(|bytes| SignatureFile { bytes, source: store.name().to_owned(), brought: false }));
    documents.iter().take(MAX_DOCUMENTS).filter_map(|id| read(id).transpose()).collect()
}
