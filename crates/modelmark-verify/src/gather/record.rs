//! Looks for the record, and for what places said when they took the model that it speaks of.

use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{MAX_RECORD_BYTES, Record, RecordId};
use modelmark_remote::Receipt;
use modelmark_storage::StorageError;

use super::{Sources, from_place, with_causes};
use crate::evidence::{Look, RecordBytes};

/// How many receipts are looked at.
const MAX_RECEIPTS: usize = 256;

/// Looks for the record in the store, then at the places beyond this machine.
pub(super) async fn look(sources: &Sources<'_>, digest: Sha256Digest) -> Look<RecordBytes> {
    let (store, id) = (sources.store, RecordId::from(digest));
    let here = match store.get(&id.cid(), MAX_RECORD_BYTES) {
        Ok(Some(bytes)) => return Look::Found(RecordBytes { bytes, source: store.name().to_owned() }),
        Ok(None) => Look::Absent(format!("record {} is not in {}", id.cid(), store.name())),
        Err(error) => Look::Unreachable(with_causes(&error)),
    };
    let Some(remote) = sources.remote else { return here };
    match remote.block_from(&id.cid()).await {
        Ok((place, block)) => Look::Found(RecordBytes { bytes: block.into_bytes(), source: from_place(&place) }),
        Err(error) => Look::Unreachable(format!("record {} is not in {}: {}", id.cid(), store.name(), with_causes(&error))),
    }
}

/// Returns what places said when they took the model, as far as the store notes it: the whole in one word, or the folder's own block and every file of the
/// record, each with a word of its own. The first of these words to run out is what is told then.
pub(super) fn receipts(sources: &Sources<'_>, record: Option<&RecordBytes>) -> Look<Vec<Receipt>> {
    let Some(record) = record.and_then(|record| Record::parse(&record.bytes).ok()) else { return Look::NotAsked };
    let model = &record.provenance.model;
    match of_model(sources, model.cid, model.files.iter().map(|file| file.cid)) {
        Ok(receipts) => Look::Found(receipts),
        Err(error) => Look::Unreachable(with_causes(&error)),
    }
}

fn of_model(sources: &Sources<'_>, root: ContentId, files: impl Iterator<Item = ContentId>) -> Result<Vec<Receipt>, StorageError> {
    let noted = noted(sources, root)?;
    let (alone, mut whole): (Vec<_>, Vec<_>) = noted.into_iter().partition(|receipt| receipt.alone);
    // Places that took the folder's block, with the earliest end of their words.
    let mut pieces: Vec<Receipt> = alone.into_iter().filter(|one| whole.iter().all(|known| known.place != one.place)).collect();
    let mut seen = std::collections::BTreeSet::new();
    for file in files.filter(|file| seen.insert(*file)) {
        if pieces.is_empty() {
            break;
        }
        let of_file = noted_whole(sources, file)?;
        pieces.retain_mut(|piece| {
            let Some(file) = of_file.iter().find(|file| file.place == piece.place) else { return false };
            // RFC 3339 in UTC sorts as text.
            let ends = [piece.expires.take(), file.expires.clone()].into_iter().flatten().min();
            piece.expires = ends;
            true
        });
    }
    whole.extend(pieces.into_iter().map(|piece| Receipt { alone: false, ..piece }));
    Ok(whole)
}

fn noted_whole(sources: &Sources<'_>, root: ContentId) -> Result<Vec<Receipt>, StorageError> {
    Ok(noted(sources, root)?.into_iter().filter(|receipt| !receipt.alone).collect())
}

/// What is no receipt, or none of this, is left out.
fn noted(sources: &Sources<'_>, root: ContentId) -> Result<Vec<Receipt>, StorageError> {
    let documents = sources.store.receipts_of(&root)?;
    let receipts = documents.iter().filter_map(|document| serde_json::from_slice::<Receipt>(document).ok());
    Ok(receipts.filter(|receipt| receipt.root == root).take(MAX_RECEIPTS).collect())
}
