//! Places beyond this machine: opening those that the user names, and handing things to them.

use std::sync::Arc;

use modelmark_digest::ContentId;
use modelmark_record::CanonicalRecord;
use modelmark_remote::{Item, Remote, RemoteError};
use modelmark_storage::Store;

use crate::credentials;
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::PlaceArgs;
use crate::session::Session;

/// Opens the places that `args` name.
pub(crate) fn open(args: &PlaceArgs) -> Result<Vec<Arc<dyn Remote>>> {
    if args.places.is_empty() {
        return Ok(Vec::new());
    }
    let credentials = credentials::gather()?;
    args.places.iter().map(|address| modelmark_remote::open(address, &credentials).map_err(explain)).collect()
}

/// Hands the record, and what is attached to it, from the block store to each of `places`.
pub(crate) async fn keep(session: &Session<'_>, places: &[Arc<dyn Remote>], record: &CanonicalRecord) -> Result<()> {
    let store: Arc<dyn Store> = session.shared_store()?;
    let cid = record.id().cid();
    let mut items = vec![item(cid, record.bytes().len())];
    for id in store.attached(&cid).or_unreachable()? {
        let size = store.get(&id, modelmark_record::MAX_SIGNATURES_BYTES).or_unreachable()?.map_or(0, |bytes| bytes.len());
        items.push(item(id, size));
    }
    for place in places {
        for item in &items {
            place.put(item, Arc::clone(&store), &()).await.map_err(explain)?;
        }
        session.output.step("store", format!("{cid} at {}", place.name()));
    }
    Ok(())
}

fn item(root: ContentId, bytes: usize) -> Item {
    Item { root, bytes: bytes as u64, media_type: "application/json".to_owned(), name: None }
}

/// Says what kind of obstacle a place was.
pub(crate) fn explain(error: RemoteError) -> CommandError {
    let kind = match &error {
        RemoteError::Scheme { .. } | RemoteError::Credential { .. } | RemoteError::Forbidden { .. } | RemoteError::Unable { .. } => {
            Kind::Usage
        }
        _ => Kind::Unreachable,
    };
    CommandError::new(kind, error)
}
