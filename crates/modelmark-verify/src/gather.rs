//! Looks: at the files, the chain and the store. Collects what is there and decides nothing.

mod ancestry;
mod compared;
mod foreign;
mod part;
mod signatures;
mod token;

pub use self::foreign::foreign_metadata;
pub use self::signatures::{ask_wallets, wallet_questions};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use modelmark_chain::{AddressBook, ChainError, Claim, Registry, TokenRef};
use modelmark_digest::cache::DigestCache;
use modelmark_digest::outboard::{LeafLists, Outboard};
use modelmark_digest::partial::Listing;
use modelmark_digest::{CidProfile, ContentId, DigestError, Manifest, Observer, Request, Sha256Digest, Survey};
use modelmark_record::{MAX_RECORD_BYTES, Record, RecordId};
use modelmark_remote::Reader;
use modelmark_remote::http::Web;
use modelmark_storage::Store;

use self::compared::Known;
use self::part::Seen;
use self::token::Looked;
use crate::evidence::{Evidence, Look, RecordBytes, SignatureFile, TokenEvidence};
use crate::foreign::OmsEvidence;
use crate::{Code, Policy, Report, Scope, Status, Verdict, judge};

/// How many claims to the same weights are looked at: enough for honest cases, few enough that a flood of claims costs little.
const MAX_CLAIMS_LOOKED_AT: usize = 16;

/// Where to look.
pub struct Sources<'a> {
    /// The local files.
    pub path: Option<&'a Path>,
    /// How much of them is looked at.
    pub scope: Scope,
    /// The leaf digests that a part is held against; without them, the store's trees are. Of a whole model they tell which bytes differ. Whoever brings
    /// them need not be trusted.
    pub outboard: Option<Outboard>,
    /// What to compute of them. A record that names another profile has its CIDs made by that one.
    pub request: Request,
    /// Who watches the files being read.
    pub observer: &'a dyn Observer,
    /// Digests from earlier runs to take instead of reading files again; see [`modelmark_digest::cache`] for what that trusts. A gate has none.
    pub cache: Option<&'a dyn DigestCache>,
    /// The registry to ask, or why it cannot be asked.
    pub registry: Result<&'a Registry, String>,
    /// Registries that are trusted although their address does not follow from our code.
    pub address_book: &'a AddressBook,
    /// The token, when the caller knows it; else it is looked for by the weights.
    pub token: Option<TokenRef>,
    /// The store to look for the record in.
    pub store: &'a dyn Store,
    /// Places beyond this machine to look for what the store does not have. Without, nothing is asked of anybody but the chain.
    pub remote: Option<&'a Reader>,
    /// What fetches metadata from the web servers that tokens of others name, if the policy accepts what may be another thing tomorrow.
    pub web: Option<&'a Web>,
    /// A record that the caller brings along.
    pub record: Option<RecordBytes>,
    /// Signature documents that the caller brings along.
    pub signatures: Vec<SignatureFile>,
    /// Metadata that the caller brings along, for a token of a contract that is none of our registries.
    pub metadata: Option<RecordBytes>,
    /// What the caller found out about a signature of OpenSSF model signing. Whoever asked for one does not need a token.
    pub oms: Look<OmsEvidence>,
}

/// What was asked for is nowhere; everything else is evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// There is nothing at the path.
    #[error("there is nothing at {0}")]
    Nothing(PathBuf),
    /// A range was asked for that neither the record nor the local files have.
    #[error("neither the record nor the files have the bytes from {start} up to {} of {path:?}", if *end == u64::MAX { "the end".to_owned() } else { end.to_string() })]
    NoRange {
        /// The file.
        path: String,
        /// First byte.
        start: u64,
        /// Byte after the last; the largest stands for the end of the file.
        end: u64,
    },
}

/// Gathers evidence and judges it. When several tokens claim the weights, a bounded number is judged, and the report is that of the first one
/// that verifies, else of the one that tells most; the others are mentioned in the notes.
///
/// # Errors
/// When there is nothing at the path, or nowhere such a range.
pub async fn verify(sources: Sources<'_>, policy: &Policy) -> Result<Report, GatherError> {
    let request = sources.request.clone();
    let mut models = Models { sources: &sources, request, survey: None, leaves: compared::leaves(&sources), known: Vec::new() };
    let mut base = Evidence {
        path: sources.path.map(|path| path.display().to_string()),
        notes: Vec::new(),
        model: Look::NotAsked,
        code: Look::NotAsked,
        scope: sources.scope.clone(),
        part: Look::NotAsked,
        sha256: sources.request.sha256,
        tensors: sources.request.tensors,
        named: sources.token,
        token: Look::NotAsked,
        foreign: None,
        oms: sources.oms.clone(),
        ancestry: Look::NotAsked,
        record: Look::NotAsked,
        signatures: Vec::new(),
        wallets: Vec::new(),
    };
    base.notes.extend(sources.oms.found().into_iter().flat_map(|oms| oms.notes.clone()));
    let mut seen = Seen::default();
    let candidates = match models.candidates(&mut base, policy).await? {
        Ok(candidates) => candidates,
        Err(look) => {
            base.token = without_token(&sources, look, &mut base.notes);
            return finish(base, &mut models, &mut seen, policy).await;
        }
    };
    base.notes.extend(candidates.notes);
    let mut best: Option<Report> = None;
    for token in candidates.tokens {
        let looked = match token::look(&sources, token, policy).await {
            Looked::Registry(looked) => looked,
            Looked::Foreign(token) => return foreign::finish(token, base, &mut models, policy),
        };
        let evidence = Evidence { token: looked, ..base.clone() };
        let report = finish(evidence, &mut models, &mut seen, policy).await?;
        if telling(&report) == BEST {
            return Ok(report);
        }
        if best.as_ref().is_none_or(|best| telling(&report) > telling(best)) {
            best = Some(report);
        }
    }
    Ok(best.unwrap_or_else(|| judge(&base, policy)))
}

/// Whoever names a key of OpenSSF model signing, and neither token nor record, does not miss a token that is not there.
fn without_token(sources: &Sources<'_>, look: Look<TokenEvidence>, notes: &mut Vec<String>) -> Look<TokenEvidence> {
    match look {
        Look::Absent(why) if sources.oms != Look::NotAsked && sources.record.is_none() => {
            notes.push(why);
            Look::NotAsked
        }
        other => other,
    }
}

/// The rank of a report in which nothing is wrong.
const BEST: u8 = 4;

/// Ranks reports of rival claims by how much they tell: a stranger's claim whose record nobody has must not hide what is wrong with these files.
fn telling(report: &Report) -> u8 {
    let compared = report.check(Code::RecordValid).is_some_and(|check| check.status == Status::Pass);
    match (report.verdict, compared) {
        (Verdict::Verified | Verdict::VerifiedWithoutRecord | Verdict::PartVerified | Verdict::Sampled, _) => BEST,
        (Verdict::PolicyRefused, _) => 3,
        (Verdict::DoesNotVerify, true) => 2,
        (Verdict::CouldNotLook, _) => 1,
        (Verdict::DoesNotVerify, false) => 0,
    }
}

async fn finish(mut evidence: Evidence, models: &mut Models<'_>, seen: &mut Seen, policy: &Policy) -> Result<Report, GatherError> {
    let sources = models.sources;
    let named = evidence.token.found().map(|token| token.record);
    evidence.record = match (&sources.record, named) {
        (Some(record), _) => Look::Found(record.clone()),
        (None, Some(digest)) => look_for_record(sources, digest).await,
        (None, None) => Look::NotAsked,
    };
    evidence.part = seen.look(sources, evidence.record.found().map(|record| record.bytes.as_slice()))?;
    evidence.signatures = signatures::look(sources, evidence.record.found()).await;
    evidence.wallets = signatures::wallets(sources, &evidence).await;
    let recorded = evidence.record.found().and_then(profile);
    let looked = evidence.model.found().map(|manifest| manifest.profile);
    let profile = recorded.or(looked).unwrap_or(sources.request.profile);
    evidence.model = models.of(profile)?;
    if sources.scope == Scope::Whole {
        models.compared(profile, &mut evidence);
    }
    evidence.code = models.code();
    let left_out = evidence.model.found().map(left_out).unwrap_or_default();
    evidence.notes.splice(..0, left_out);
    let report = judge(&evidence, policy);
    let (Some(token), Ok(registry)) = (evidence.token.found(), &sources.registry) else { return Ok(report) };
    // What does not verify anyway, or nobody can look at, is not worth a walk whose length a stranger chose.
    if matches!(report.verdict, Verdict::DoesNotVerify | Verdict::CouldNotLook) {
        return Ok(report);
    }
    evidence.ancestry = Look::Found(ancestry::ancestry(registry.chain(), token, &policy.curators).await);
    Ok(judge(&evidence, policy))
}

/// Returns how the CIDs of a record were made, if it is one.
fn profile(record: &RecordBytes) -> Option<CidProfile> {
    Record::parse(&record.bytes).ok().map(|record| record.provenance.model.profile)
}

/// The local files as each profile names them, looked at when they are first needed: the profile of a record is known once the record is found, but a
/// token may have to be found by the files before.
struct Models<'s> {
    sources: &'s Sources<'s>,
    /// What to compute; set before the first look.
    request: Request,
    /// The look at their headers, and for code: taken before they are hashed, so that what was hashed is what was looked at.
    survey: Option<Result<Survey, Look<Manifest>>>,
    /// What the outboard says, by its own word.
    leaves: Option<Arc<LeafLists>>,
    known: Vec<Known>,
}

impl Models<'_> {
    fn of(&mut self, profile: CidProfile) -> Result<Look<Manifest>, GatherError> {
        if let Some(known) = self.known.iter().find(|known| known.profile == profile) {
            return Ok(known.model.clone());
        }
        let known = self.look(profile)?;
        let model = known.model.clone();
        self.known.push(known);
        Ok(model)
    }

    fn look_at_files(&mut self, profile: CidProfile, observer: &dyn Observer) -> Result<Look<Manifest>, GatherError> {
        let sources = self.sources;
        let Some(path) = sources.path.filter(|_| sources.scope == Scope::Whole) else { return Ok(Look::NotAsked) };
        if self.survey.is_none() {
            self.survey = Some(match modelmark_digest::survey(path) {
                Ok(survey) => Ok(survey),
                Err(error) => Err(nothing_to_compare(error)?),
            });
        }
        match &self.survey {
            None => Ok(Look::NotAsked),
            Some(Err(look)) => Ok(look.clone()),
            Some(Ok(survey)) => {
                let request = Request { profile, ..self.request.clone() };
                survey.digest(&request, observer, sources.cache).map_or_else(nothing_to_compare, |manifest| Ok(Look::Found(manifest)))
            }
        }
    }

    /// What runs code, of files that could be fingerprinted; of others, the check of the files says what is wrong.
    fn code(&self) -> Look<Vec<String>> {
        let fingerprinted = self.known.iter().any(|known| known.model.found().is_some());
        let Some(Ok(survey)) = self.survey.as_ref().filter(|_| fingerprinted) else { return Look::NotAsked };
        let code = survey.findings.iter().filter(|(_, finding)| finding.code.runs_code());
        let lines = code.map(|(file, finding)| {
            let file = file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
            format!("{file}{} ({})", finding.message, finding.code.as_str())
        });
        Look::Found(lines.collect())
    }

    /// Finds the tokens to look at. Only when nobody names a token, and none is found by one profile's CID of the weights, is another profile tried.
    async fn candidates(&mut self, base: &mut Evidence, policy: &Policy) -> Result<Result<Candidates, Look<TokenEvidence>>, GatherError> {
        let sources = self.sources;
        let brought = sources.record.as_ref().and_then(profile);
        if sources.token.is_none() {
            let outboard = sources.outboard.as_ref().map(Outboard::profile);
            base.model = self.of(brought.or(outboard).unwrap_or(sources.request.profile))?;
        }
        let mut found = candidates(sources, base, policy).await;
        let other_cids = |manifest: &Manifest| manifest.files.iter().any(|file| file.size > MOST_BYTES_OF_ONE_CID);
        if brought.is_some() || !matches!(found, Err(Look::Absent(_))) || !base.model.found().is_some_and(other_cids) {
            return Ok(found);
        }
        for profile in CidProfile::ALL {
            let other = Evidence { model: self.of(profile)?, ..base.clone() };
            if let Ok(candidates) = candidates(sources, &other, policy).await {
                *base = other;
                found = Ok(candidates);
                break;
            }
        }
        Ok(found)
    }
}

/// Largest file that every profile gives the same CID.
const MOST_BYTES_OF_ONE_CID: u64 = CidProfile::UnixfsV1Legacy.leaf_bytes() as u64;

/// Says what it means that the local files could not be fingerprinted.
fn nothing_to_compare(error: DigestError) -> Result<Look<Manifest>, GatherError> {
    match error {
        DigestError::Missing(path) => Err(GatherError::Nothing(path)),
        // A file that cannot be read, or not twice alike, says nothing about the model.
        error @ (DigestError::Read { .. } | DigestError::Changed(_)) => Ok(Look::Unreachable(with_causes(&error))),
        // Everything else is something that no record can list: it was put there after the model was published.
        error => Ok(Look::Absent(with_causes(&error))),
    }
}

fn left_out(manifest: &Manifest) -> Vec<String> {
    let ignored = manifest.ignored.iter().map(|name| format!("{name} is not part of a model and was not verified"));
    let origin = manifest.origin.iter().map(|origin| format!("the cache says that these files are {origin}, which nobody checked"));
    ignored.chain(origin).collect()
}

/// The tokens to look at, in the order of their claims.
struct Candidates {
    tokens: Vec<TokenRef>,
    notes: Vec<String>,
}

/// What the token is looked for by.
struct Subject {
    model: ContentId,
    weights: ContentId,
}

/// The model at hand. Of a part nothing can be computed, so that the outboard or the record has to say which model it should be; whether it is, the
/// checks tell.
fn subject(sources: &Sources<'_>, base: &Evidence) -> Option<Subject> {
    if let Some(manifest) = base.model.found() {
        return Some(Subject { model: manifest.cid, weights: manifest.weights.cid });
    }
    if sources.scope == Scope::Whole {
        return None;
    }
    if let Some(outboard) = &sources.outboard {
        let listing = sources.path.and_then(|path| Listing::of(path).ok());
        let weights = listing.map_or_else(|| outboard.weights_cid(), |listing| outboard.weights_cid_beside(&listing));
        return Some(Subject { model: outboard.cid().ok()?, weights: weights.ok()?? });
    }
    let record = Record::parse(&sources.record.as_ref()?.bytes).ok()?;
    Some(Subject { model: record.provenance.model.cid, weights: record.provenance.weights.cid })
}

async fn candidates(sources: &Sources<'_>, base: &Evidence, policy: &Policy) -> Result<Candidates, Look<TokenEvidence>> {
    if let Some(token) = sources.token {
        return Ok(Candidates { tokens: vec![token], notes: Vec::new() });
    }
    let Some(subject) = subject(sources, base) else { return Err(Look::NotAsked) };
    let registry = sources.registry.as_ref().map_err(|why| Look::Unreachable(why.clone()))?;
    let weights = subject.weights;
    let claims = claims(registry, weights.digest(), policy).await.map_err(|error| token::out_of_reach(&error))?;
    if claims.is_empty() {
        let (address, chain) = (registry.address(), registry.chain().id());
        return Err(Look::Absent(format!("no token of {address} on {chain} names these weights ({weights})")));
    }
    let notes = rivals(&claims);
    let (of_these_files, others): (Vec<&Claim>, Vec<&Claim>) = claims.iter().partition(|claim| speaks_of(sources, claim, &subject));
    let tokens = of_these_files.into_iter().chain(others).take(MAX_CLAIMS_LOOKED_AT).map(|claim| registry.token(claim.token_id)).collect();
    Ok(Candidates { tokens, notes })
}

/// Tells whether a claim's record is at hand and speaks of exactly these files. Such claims are looked at first, so that neither older versions with
/// the same weights nor a flood of strangers' claims keep the right one from being seen.
fn speaks_of(sources: &Sources<'_>, claim: &Claim, subject: &Subject) -> bool {
    let brought =
        sources.record.as_ref().filter(|record| Sha256Digest::of(&record.bytes) == claim.record).map(|record| record.bytes.clone());
    let bytes = brought.or_else(|| sources.store.get(&RecordId::from(claim.record).cid(), MAX_RECORD_BYTES).ok().flatten());
    bytes.and_then(|bytes| Record::parse(&bytes).ok()).is_some_and(|record| record.provenance.model.cid == subject.model)
}

/// Returns the claims to look at, oldest first. A pinned creator's own come alone if there are any, so that no flood of strangers' claims can hide them.
async fn claims(registry: &Registry, weights: Sha256Digest, policy: &Policy) -> Result<Vec<Claim>, ChainError> {
    let mut pinned = Vec::new();
    for creator in &policy.creators {
        pinned.extend(registry.find_by_creator(weights, creator.address()).await?);
    }
    if pinned.is_empty() {
        return registry.find_by_weights(weights).await;
    }
    pinned.sort_by_key(|claim| (claim.block, claim.log_index));
    Ok(pinned)
}

/// Says that the same weights were registered more than once: the reader has to know that a claim is not a proof of authorship.
fn rivals(claims: &[Claim]) -> Vec<String> {
    let mut creators: Vec<_> = claims.iter().map(|claim| claim.creator).collect();
    creators.sort();
    creators.dedup();
    match (claims, creators.len()) {
        ([_], _) | ([], _) => Vec::new(),
        (_, 1) => vec![format!("{} tokens of the same creator name these weights", claims.len())],
        ([earliest, ..], several) => vec![format!(
            "{} tokens of {several} creators name these weights; the earliest is by {}: pin the creator that you mean",
            claims.len(),
            earliest.creator
        )],
    }
}

/// Looks for the record in the store, then at the places beyond this machine.
async fn look_for_record(sources: &Sources<'_>, digest: Sha256Digest) -> Look<RecordBytes> {
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

/// Says where something came from that was held against its CID.
fn from_place(place: &str) -> String {
    format!("{place}, held against its CID")
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
