//! The records of the models that a model was made from, as far as the chain and the block store know them.

use std::collections::{HashSet, VecDeque};

use modelmark_chain::{TokenId, TokenRef};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{CanonicalRecord, Edge, MAX_RECORD_BYTES, RecordId};
use modelmark_storage::{LocalStore, Role, Store as _, car};

use crate::chain_source::{Connected, connect};
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::Session;

/// A model's records, its own first and each once, and names of those that are not here.
#[derive(Default)]
pub(super) struct Ancestors {
    pub(super) records: Vec<ContentId>,
    pub(super) unknown: Vec<String>,
}

/// How a model is named where another one says that it was made from it.
enum Named {
    Record(ContentId),
    /// In the registry that is asked.
    Token(TokenId),
    /// By what it is, for models without a token there.
    Files(Box<Edge>),
}

/// Follows the parents of `record`, nearest first, through the records in the store and the tokens on the chain.
///
/// The chain is asked only when a parent is named by a token of it, or when the model itself was.
pub(super) async fn of(session: &Session<'_>, args: &ChainArgs, record: ContentId, token: Option<&TokenRef>) -> Result<Ancestors> {
    let store = session.store()?;
    let mut walk = Walk { session, args, store, connected: None, kept: None, tokens: HashSet::new(), seen: HashSet::new() };
    let mut found = Ancestors::default();
    let mut ahead = VecDeque::from([Named::Record(record)]);
    ahead.extend(token.map(|token| Named::Token(token.id())));
    while let Some(next) = ahead.pop_front() {
        if walk.seen.len() + walk.tokens.len() > 2 * car::MAX_ROOTS {
            return Err(CommandError::refused(format!("the lineage has more than {} models", car::MAX_ROOTS)));
        }
        match next {
            Named::Record(cid) => walk.record(cid, &mut found, &mut ahead).await?,
            Named::Token(id) => walk.token(id, &mut found, &mut ahead).await?,
            Named::Files(edge) => walk.files(&edge, &mut found, &mut ahead)?,
        }
    }
    Ok(found)
}

struct Walk<'s> {
    session: &'s Session<'s>,
    args: &'s ChainArgs,
    store: &'s LocalStore,
    connected: Option<Connected>,
    /// The records that the store keeps, with the CID of the files and the digest of the weights that they speak of.
    kept: Option<Vec<(ContentId, ContentId, Sha256Digest)>>,
    tokens: HashSet<TokenId>,
    seen: HashSet<ContentId>,
}

impl<'s> Walk<'s> {
    async fn record(&mut self, cid: ContentId, found: &mut Ancestors, ahead: &mut VecDeque<Named>) -> Result<()> {
        if !self.seen.insert(cid) {
            return Ok(());
        }
        let Some(record) = read(self.store, &cid) else {
            found.unknown.push(format!("record {cid}"));
            return Ok(());
        };
        found.records.push(cid);
        for edge in &record.record().provenance.lineage {
            ahead.push_back(self.named(edge).await?);
        }
        Ok(())
    }

    async fn named(&mut self, edge: &Edge) -> Result<Named> {
        let own = match (&edge.parent.token, &edge.parent.token_id) {
            (_, Some(id)) => Some(id.get().into()),
            (Some(token), None) => {
                let (chain, contract, id) = token.parts();
                let registry = &self.connected().await?.registry;
                (chain == registry.chain().id().get() && contract == registry.address()).then(|| id.into())
            }
            (None, None) => None,
        };
        Ok(own.map_or_else(|| Named::Files(Box::new(edge.clone())), Named::Token))
    }

    async fn token(&mut self, id: TokenId, found: &mut Ancestors, ahead: &mut VecDeque<Named>) -> Result<()> {
        if !self.tokens.insert(id) {
            return Ok(());
        }
        let registry = &self.connected().await?.registry;
        let Some(model) = registry.model(id).await.map_err(explain)? else {
            found.unknown.push(format!("token {}", registry.token(id)));
            return Ok(());
        };
        ahead.push_back(Named::Record(RecordId::from(model.record).cid()));
        // What the chain knows leads on where a record is not here.
        ahead.extend(model.lineage.parents().iter().filter(|parent| parent.external.is_none()).map(|parent| Named::Token(parent.token_id)));
        Ok(())
    }

    fn files(&mut self, edge: &Edge, found: &mut Ancestors, ahead: &mut VecDeque<Named>) -> Result<()> {
        let parent = &edge.parent;
        let kept = match self.kept.take() {
            Some(kept) => kept,
            None => kept_records(self.store)?,
        };
        let before = ahead.len();
        for (record, files, weights) in &kept {
            if parent.cid.is_some_and(|cid| cid == *files) || parent.weights_hash.is_some_and(|hash| hash == *weights) {
                ahead.push_back(Named::Record(*record));
            }
        }
        self.kept = Some(kept);
        if ahead.len() == before {
            let token = parent.token.as_ref().map(|token| format!("token {token}"));
            let cid = parent.cid.map(|cid| format!("files {cid}"));
            let weights = parent.weights_hash.map(|hash| format!("weights {}", hash.to_0x()));
            found.unknown.push(token.or(cid).or(weights).unwrap_or_default());
        }
        Ok(())
    }

    async fn connected(&mut self) -> Result<&Connected> {
        let connected = match self.connected.take() {
            Some(connected) => connected,
            None => connect(self.session, self.args).await?,
        };
        Ok(self.connected.insert(connected))
    }
}

fn read(store: &LocalStore, cid: &ContentId) -> Option<CanonicalRecord> {
    store.get(cid, MAX_RECORD_BYTES).ok().flatten().and_then(|bytes| CanonicalRecord::parse(&bytes).ok())
}

fn kept_records(store: &LocalStore) -> Result<Vec<(ContentId, ContentId, Sha256Digest)>> {
    let pins = store.pins().or_unreachable()?;
    let records = pins.into_iter().filter(|pin| pin.role == Role::Record);
    let known = records.filter_map(|pin| {
        let record = read(store, &pin.root)?;
        let provenance = &record.record().provenance;
        Some((pin.root, provenance.model.cid, provenance.weights_hash))
    });
    Ok(known.collect())
}
