//! Which tokens speak of the model at hand, when nobody names one.

use modelmark_chain::{Registry, TokenRef};
use modelmark_digest::partial::Listing;
use modelmark_digest::{CidProfile, ContentId, Manifest};
use modelmark_record::Record;

use super::{GatherError, Gathering, Sources, first_profile, pinned, profile};
use crate::Scope;
use crate::evidence::{Claims, Evidence, Look, TokenEvidence};

/// How many claims to the same weights are looked at: enough for honest cases, few enough that a flood of claims costs little.
const MAX_CLAIMS_LOOKED_AT: usize = 16;

/// Largest file that every profile gives the same CID.
const MOST_BYTES_OF_ONE_CID: u64 = CidProfile::UnixfsV1Legacy.leaf_bytes() as u64;

/// The tokens to look at, in this order, and who claims the weights at all.
pub(super) struct Candidates {
    pub(super) tokens: Vec<TokenRef>,
    pub(super) claims: Look<Claims>,
}

/// What the token is looked for by.
struct Subject {
    model: Option<ContentId>,
    weights: ContentId,
}

impl Gathering<'_> {
    /// Finds the tokens to look at. Only when nobody names a token, and none is found by one profile's CID of the weights, is another profile tried.
    pub(super) async fn candidates(&mut self, base: &mut Evidence) -> Result<Result<Candidates, Look<TokenEvidence>>, GatherError> {
        let sources = self.sources;
        if let Some(token) = sources.token {
            return Ok(Ok(Candidates { tokens: vec![token], claims: Look::NotAsked }));
        }
        base.model = self.files.of(first_profile(sources)).await?;
        base.unread = self.files.unread(first_profile(sources));
        let mut found = self.search(base).await;
        let other_cids = |manifest: &Manifest| manifest.files.iter().any(|file| file.size > MOST_BYTES_OF_ONE_CID);
        if sources.record.as_ref().is_some_and(|record| profile(record).is_some())
            || !matches!(found, Err(Look::Absent(_)))
            || !base.model.found().is_some_and(other_cids)
        {
            return Ok(found);
        }
        for profile in CidProfile::ALL {
            let mut other = Evidence { model: self.files.of(profile).await?, ..base.clone() };
            if let Ok(candidates) = self.search(&mut other).await {
                *base = other;
                found = Ok(candidates);
                break;
            }
        }
        Ok(found)
    }

    async fn search(&self, base: &mut Evidence) -> Result<Candidates, Look<TokenEvidence>> {
        let sources = self.sources;
        let Some(subject) = subject(sources, base) else { return Err(Look::NotAsked) };
        let registry = sources.registry.as_ref().map_err(|why| Look::Unreachable(why.clone()))?;
        let weights = subject.weights;
        let digests: Vec<_> =
            [Some(weights), subject.model.filter(|model| *model != weights)].into_iter().flatten().map(|cid| cid.digest()).collect();
        let (found, (hints, notes)) = futures_util::future::join(self.find(registry, weights.digest()), self.hinted(&digests)).await;
        base.notes.extend(notes);
        let found = self.with_hints(registry, found, &hints, weights.digest(), base).await.map_err(Look::Unreachable)?;
        if found.claims.is_empty() {
            let (address, chain) = (registry.address(), registry.chain().id());
            let there = async |newest: &Registry| newest.find_by_weights(weights.digest()).await.is_ok_and(|claims| !claims.is_empty());
            let later = self.deadline.within(pinned::later(registry, there)).await.ok().flatten().unwrap_or_default();
            return Err(Look::Absent(format!("no token of {address} on {chain} names these weights ({weights}){later}")));
        }
        let mut tokens = found.tokens(sources, subject.model);
        tokens.truncate(MAX_CLAIMS_LOOKED_AT);
        Ok(Candidates { tokens, claims: found.evidence() })
    }
}

/// The model at hand. Of a part nothing can be computed, so that the outboard or the record has to say which model it should be; whether it is, the
/// checks tell. Without files the caller says what to look for.
fn subject(sources: &Sources<'_>, base: &Evidence) -> Option<Subject> {
    if let (Some(manifest), None) = (base.model.found(), &base.unread) {
        return Some(Subject { model: Some(manifest.cid), weights: manifest.weights.cid });
    }
    let recorded = sources.record.as_ref().and_then(|record| Record::parse(&record.bytes).ok());
    let recorded = recorded.map(|record| (record.provenance.model.cid, record.provenance.weights.cid));
    // Of files that were not all read nothing can be computed either.
    if base.unread.is_some() {
        return recorded.map(|(model, weights)| Subject { model: Some(model), weights });
    }
    if sources.scope == Scope::Whole {
        let weights = sources.weights.filter(|_| sources.path.is_none())?;
        return Some(Subject { model: sources.model.or(recorded.map(|(model, _)| model)), weights });
    }
    if let Some(outboard) = &sources.outboard {
        let listing = sources.path.and_then(|path| Listing::of(path).ok());
        let weights = listing.map_or_else(|| outboard.weights_cid(), |listing| outboard.weights_cid_beside(&listing));
        return Some(Subject { model: Some(outboard.cid().ok()?), weights: weights.ok()?? });
    }
    recorded.map(|(model, weights)| Subject { model: Some(model), weights })
}
