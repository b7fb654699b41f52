//! What `modelmark storage` is asked about: a record, a token, or anything else that has a CID.

use std::collections::HashSet;
use std::path::Path;

use modelmark_chain::TokenRef;
use modelmark_digest::ContentId;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId};
use modelmark_remote::{Receipt, redundancy};
use modelmark_storage::{LocalStore, Store as _};

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::explain;
use crate::commands::picture;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::places;
use crate::session::Session;

/// A receipt, and what it is of.
pub(super) type Named = (&'static str, Receipt);

/// Returns the receipts that concern what is named, or all of them.
pub(super) fn receipts(session: &Session<'_>, named: Option<&str>, chain: &ChainArgs) -> Result<Vec<Named>> {
    let store = session.store()?;
    let noted = |root: Option<&ContentId>| redundancy::noted(store, root).map_err(places::explain);
    let Some(text) = named else { return Ok(noted(None)?.into_iter().map(|receipt| ("", receipt)).collect()) };
    let subject = resolve(session, text, chain)?;
    let mut found = Vec::new();
    for (what, root) in parts(store, subject)? {
        found.extend(noted(Some(&root))?.into_iter().map(|receipt| (what, receipt)));
    }
    if found.is_empty() {
        return Err(CommandError::refused(format!("no place has taken {subject}, as far as this machine knows"))
            .hint("`modelmark store --place URL` hands a record to a place"));
    }
    Ok(found)
}

/// Returns the CID behind a token, a CID, or the path of a record.
fn resolve(session: &Session<'_>, text: &str, chain: &ChainArgs) -> Result<ContentId> {
    if let Ok(cid) = text.parse() {
        return Ok(cid);
    }
    if !text.contains("/erc721:") {
        return Ok(read_record(Path::new(text))?.id().cid());
    }
    let token: TokenRef = text.parse().or_usage()?;
    session.block_on(async {
        let chain = chain_source::connect(session, chain).await?.chain;
        check_chain(&chain, &token)?;
        let model = registry_of(&chain, &token).model(token.id()).await.map_err(explain)?;
        let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
        Ok(RecordId::from(model.record).cid())
    })
}

/// Returns the roots that belong to a record, if it is one that this machine has; else what was asked about alone.
fn parts(store: &LocalStore, subject: ContentId) -> Result<Vec<(&'static str, ContentId)>> {
    let record = store.get(&subject, MAX_RECORD_BYTES).ok().flatten().and_then(|bytes| CanonicalRecord::parse(&bytes).ok());
    let Some(record) = record else { return Ok(vec![("", subject)]) };
    let mut parts = vec![("record", subject)];
    parts.extend(picture::beside(&record)?.map(|png| ("picture", ContentId::raw(&png))));
    parts.extend(store.attached(&subject).or_unreachable()?.into_iter().map(|id| ("signatures", id)));
    let (model, weights) = (&record.record().provenance.model, &record.record().provenance.weights);
    let mut seen = HashSet::from([model.cid]);
    parts.push(("model", model.cid));
    parts.extend(model.files.iter().filter(|file| seen.insert(file.cid)).map(|file| ("file", file.cid)));
    parts.extend(Some(weights.cid).filter(|weights| seen.insert(*weights)).map(|cid| ("weights", cid)));
    Ok(parts)
}
