//! Who claims the weights, and whose claim is looked at first.

use std::collections::BTreeSet;

use modelmark_chain::{ChainError, Claim, RankedClaim, Registry, TokenRef};
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES, Proof, Record, RecordId, SignatureDocument};

use super::{Gathering, Sources, pinned, with_causes};
use crate::Policy;
use crate::evidence::{Claims, Evidence, Look, WeightsClaim};

/// How many signature documents of a rival's record are looked at.
const MAX_DOCUMENTS: usize = 4;

/// What was found of the claims to the same weights.
pub(super) struct Found {
    /// All that were found, in the order of who said it first.
    pub(super) claims: Vec<RankedClaim>,
    /// Those of creators whom the caller means, by policy or by the record that was brought; when there are some, nobody else's are looked at.
    pub(super) meant: BTreeSet<TokenRef>,
    /// Why commitments could not be looked at.
    pub(super) unranked: Option<String>,
    /// Why the registry's own claims are not among them.
    pub(super) blind: Option<String>,
}

impl Gathering<'_> {
    /// Finds the claims to weights in a registry. A creator's own are asked for by name, so that no flood of strangers' claims can hide them.
    pub(super) async fn find(&self, registry: &Registry, weights: Sha256Digest) -> Result<Found, String> {
        let (sources, policy) = (self.sources, self.policy);
        let asked = self.deadline.within(claims(sources, registry, weights, policy)).await?;
        let (all, meant) = asked.map_err(|error| with_causes(&error))?;
        Ok(self.ranked(registry, all, meant).await)
    }

    /// Adds what an index names and the chain confirms. When the registry's logs cannot be looked through, that alone is looked at.
    pub(super) async fn with_hints(
        &self,
        registry: &Registry,
        found: Result<Found, String>,
        hints: &[String],
        weights: Sha256Digest,
        base: &mut Evidence,
    ) -> Result<Found, String> {
        let known: Vec<_> = found.iter().flat_map(|found| &found.claims).map(|ranked| ranked.token).collect();
        let confirmed = self.confirmed(registry, hints, &known, weights, &mut base.notes).await;
        if confirmed.is_empty() {
            return found;
        }
        let (mut claims, mut meant, blind) = match found {
            Ok(found) => (found.claims.iter().map(|ranked| (ranked.token, ranked.claim)).collect(), found.meant, None),
            Err(why) => (Vec::new(), BTreeSet::new(), Some(why)),
        };
        base.notes.extend(
            blind.iter().map(|why| format!("only what the index names was looked at, because claims could not be looked for: {why}")),
        );
        let pinned = |claim: &Claim| self.policy.creators.iter().any(|creator| creator.address() == claim.creator);
        meant.extend(confirmed.iter().filter(|(_, claim)| pinned(claim)).map(|(token, _)| *token));
        claims.extend(confirmed);
        Ok(Found { blind, ..self.ranked(registry, claims, meant).await })
    }

    /// Puts them in the order of who said it first, as far as that can be looked at.
    pub(super) async fn ranked(&self, registry: &Registry, claims: Vec<(TokenRef, Claim)>, meant: BTreeSet<TokenRef>) -> Found {
        let why = match self.deadline.within(registry.ranked(&claims)).await {
            Ok(Ok(claims)) => return Found { claims, meant, unranked: None, blind: None },
            Ok(Err(error)) => with_causes(&error),
            Err(why) => why,
        };
        let mut claims: Vec<_> = claims.into_iter().map(|(token, claim)| RankedClaim { token, claim, committed: None }).collect();
        claims.sort_by_key(|ranked| (ranked.claim.block, ranked.claim.log_index));
        Found { claims, meant, unranked: Some(why), blind: None }
    }

    /// Looks who else claims the weights of a token that was named, if the policy wants to know.
    pub(super) async fn rivals_of(&self, token: TokenRef, weights: Sha256Digest) -> Look<Claims> {
        if !self.policy.wants_first_claim() {
            return Look::NotAsked;
        }
        let Ok(known) = &self.sources.registry else { return Look::NotAsked };
        if let Some(seen) = self.sources.together.and_then(|together| together.rivals.get(&(token.contract(), weights))) {
            return Found { claims: seen.clone(), meant: BTreeSet::new(), unranked: None, blind: None }.evidence();
        }
        let registry = pinned::registry_at(known, token.contract());
        match self.find(&registry, weights).await {
            Ok(found) => found.evidence(),
            Err(why) => Look::Unreachable(why),
        }
    }
}

impl Found {
    /// What the judge is told.
    pub(super) fn evidence(&self) -> Look<Claims> {
        if let Some(why) = &self.blind {
            return Look::Unreachable(why.clone());
        }
        let told = |ranked: &RankedClaim| WeightsClaim {
            token: ranked.token,
            creator: ranked.claim.creator.to_checksum(None),
            block: ranked.claim.block,
            committed: ranked.committed,
        };
        Look::Found(Claims { claims: self.claims.iter().map(told).collect(), unranked: self.unranked.clone() })
    }

    /// The tokens in the order in which they are looked at: first claims whose record is at hand and speaks of exactly these files, so that neither older
    /// versions with the same weights nor a flood of strangers' claims keep the right one from being seen; of these, first those whose record their creator
    /// signed; else as they were said.
    pub(super) fn tokens(&self, sources: &Sources<'_>, model: Option<ContentId>) -> Vec<TokenRef> {
        let looked = self.claims.iter().filter(|ranked| self.meant.is_empty() || self.meant.contains(&ranked.token));
        let mut tokens: Vec<_> = looked.map(|ranked| (standing(sources, &ranked.claim, model), ranked.token)).collect();
        tokens.sort_by_key(|(standing, _)| *standing);
        tokens.into_iter().map(|(_, token)| token).collect()
    }
}

/// What is known of a claim before anybody looks at its token; the best comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    SpeaksOfTheseFilesAndIsSigned,
    SpeaksOfTheseFiles,
    Unknown,
}

fn standing(sources: &Sources<'_>, claim: &Claim, model: Option<ContentId>) -> Standing {
    let brought =
        sources.record.as_ref().filter(|record| Sha256Digest::of(&record.bytes) == claim.record).map(|record| record.bytes.clone());
    let id = RecordId::from(claim.record).cid();
    let Some(bytes) = brought.or_else(|| sources.store.get(&id, MAX_RECORD_BYTES).ok().flatten()) else { return Standing::Unknown };
    match CanonicalRecord::parse(&bytes) {
        Ok(record) if Some(record.record().provenance.model.cid) != model => Standing::Unknown,
        Ok(record) if is_signed(sources, &id, &record, claim) => Standing::SpeaksOfTheseFilesAndIsSigned,
        Ok(_) => Standing::SpeaksOfTheseFiles,
        Err(_) => Standing::Unknown,
    }
}

/// Tells whether the account that claims the weights signed the record with its key, as far as that can be seen here. What a contract wallet would say is asked
/// when the claim is looked at.
fn is_signed(sources: &Sources<'_>, id: &ContentId, record: &CanonicalRecord, claim: &Claim) -> bool {
    let attached = sources.store.attached(id).unwrap_or_default();
    let stored = attached.iter().take(MAX_DOCUMENTS).filter_map(|id| sources.store.get(id, MAX_SIGNATURES_BYTES).ok().flatten());
    let brought = sources.signatures.iter().map(|file| file.bytes.clone());
    let documents = brought.chain(stored).filter_map(|bytes| SignatureDocument::parse(&bytes).ok());
    documents
        .filter(|document| document.record == record.id())
        .flat_map(|document| document.signatures)
        .any(|signature| signature.signer.address() == claim.creator && matches!(signature.check(record), Ok(Proof::Holds)))
}

/// Returns all claims to the weights, and which of them are by creators whom the caller means.
async fn claims(
    sources: &Sources<'_>,
    registry: &Registry,
    weights: Sha256Digest,
    policy: &Policy,
) -> Result<(Vec<(TokenRef, Claim)>, BTreeSet<TokenRef>), ChainError> {
    let mut creators = policy.creators.clone();
    if creators.is_empty() {
        // A record that the caller brings says whose claim it belongs to.
        let brought = sources.record.as_ref().and_then(|record| Record::parse(&record.bytes).ok());
        creators.extend(brought.map(|record| record.provenance.creator.account));
    }
    let named = |claim: Claim| (registry.token(claim.token_id), claim);
    let mut found = Vec::new();
    for creator in &creators {
        found.extend(registry.find_by_creator(weights, creator.address()).await?.into_iter().map(named));
    }
    let meant: BTreeSet<_> = found.iter().map(|(token, _)| *token).collect();
    match registry.find_by_weights(weights).await {
        Ok(others) => found.extend(others.into_iter().map(named).filter(|(token, _)| !meant.contains(token))),
        // Whose claim is meant is known; who else makes one then is not.
        Err(_) if !meant.is_empty() => {}
        Err(error) => return Err(error),
    }
    Ok((found, meant))
}
