//! A verification from a bundle and local files: nothing here is async, and nothing here could ask anybody.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use modelmark_chain::{Address, Block, ChainId, MintLink, ProvenToken, ProvenTokens, TokenRef};
use modelmark_digest::cache::DigestCache;
use modelmark_digest::{DigestError, Manifest, Observer, Request};
use modelmark_record::{CanonicalRecord, Record};

use super::{Bundle, BundleError, TrustedBlock, rfc3339, time};
use crate::gather::{IN_THE_LOG, Sizes, seen_in, wallet_questions};
use crate::{
    Ancestor, Ancestry, ChainLevel, ChainView, Descent, Evidence, Finality, FoundSignature, GatherError, Look, Policy, RecordBytes, Report,
    Scope, SignatureFile, Standing, TokenEvidence, WalletAnswer, judge,
};

/// How many generations are followed, and how many ancestors looked at: as online.
const MAX_GENERATIONS: usize = 16;
/// By how many seconds the clocks of who makes blocks and of this machine may differ.
const CLOCKS_DIFFER: u64 = 15 * 60;

/// What is verified.
pub struct Offline<'a> {
    /// The local files.
    pub path: &'a Path,
    /// The bundle's bytes.
    pub bundle: &'a [u8],
    /// Where they came from, for people.
    pub source: &'a str,
    /// Hashes of blocks that the caller knows to be the chain's.
    pub trusted: &'a [TrustedBlock],
    /// On whose word the block is the chain's if the caller knows none: that of the bundle's maker, of an endpoint just asked, or of several that agreed.
    pub word: ChainLevel,
    /// The chain that it has to speak of, if the caller demands one.
    pub chain: Option<ChainId>,
    /// How old its block may be, if the caller demands that and does not name the block.
    pub max_age: Option<Duration>,
    /// Signatures of OpenSSF model signing that the caller found because the policy names who has to have signed the files.
    pub signed: Look<Vec<FoundSignature>>,
    /// What to compute of the files.
    pub request: Request,
    /// Who watches the files being read.
    pub observer: &'a dyn Observer,
    /// Digests from earlier runs to take instead of reading files again.
    pub cache: Option<&'a dyn DigestCache>,
}

/// Verifies local files with a bundle, and with nothing else. A bundle that is refused is a report too: one that does not verify, and says why.
///
/// # Errors
/// When there is nothing at the path.
pub fn verify_bundle(offline: &Offline<'_>, policy: &Policy) -> Result<Report, GatherError> {
    Ok(judge(&bundle_evidence(offline, policy)?, policy))
}

/// Returns what a bundle and local files show, for a policy that follows these curators.
///
/// # Errors
/// When there is nothing at the path.
pub fn bundle_evidence(offline: &Offline<'_>, policy: &Policy) -> Result<Evidence, GatherError> {
    let mut evidence = nothing(offline);
    let bundle = Bundle::parse(offline.bundle).and_then(|bundle| bundle.check(offline.trusted).map(|proven| (bundle, proven)));
    let (bundle, proven) = match bundle.and_then(|(bundle, proven)| of_chain(&proven, offline.chain).map(|()| (bundle, proven))) {
        Ok(bundle) => bundle,
        Err(error) => {
            evidence.bundle = Look::Absent(refusal(&error));
            return Ok(evidence);
        }
    };
    // Endpoints that agree on a block are no caller who knows it.
    let level = if offline.trusted.is_empty() { offline.word } else { ChainLevel::Proof };
    // Whoever names a block wants that one, however old it is.
    let most = offline.max_age.filter(|_| offline.trusted.is_empty());
    evidence.bundle = match most.and_then(|most| untimely(&proven.block, most, evidence.looked_at)) {
        Some(why) => Look::Unreachable(why),
        None => Look::Found(proof_of(&proven, level)),
    };
    evidence.seen = Some(ChainView { level, agreement: None, block: proven.block, finality: Finality::Latest });
    evidence.named = Some(proven.token);
    evidence.notes = notes(&bundle, &proven, level);
    evidence.notes.extend(minted(&proven, offline));
    evidence.record = Look::Found(RecordBytes { bytes: bundle.record().to_vec(), source: offline.source.to_owned() });
    let brought = |bytes: &[u8]| SignatureFile { bytes: bytes.to_vec(), source: offline.source.to_owned(), brought: false };
    evidence.signatures = bundle.signatures().map(brought).collect();
    evidence.wallets = unasked(&evidence);
    look_at_files(offline, &mut evidence)?;
    let curators = policy.curators();
    evidence.token = self::evidence(&proven, &curators);
    evidence.ancestry = Look::Found(ancestry(&proven, &curators));
    Ok(evidence)
}

fn refusal(error: &BundleError) -> String {
    format!("{}: {error}", error.code())
}

fn of_chain(proven: &ProvenTokens, demanded: Option<ChainId>) -> Result<(), BundleError> {
    let found = proven.token.chain();
    match demanded.filter(|demanded| *demanded != found) {
        Some(demanded) => Err(BundleError::Chain { found, demanded }),
        None => Ok(()),
    }
}

/// Says why a block is none of those that a caller wants to hear of who bounds its age.
fn untimely(block: &Block, most: Duration, now: Option<u64>) -> Option<String> {
    let Some(now) = now else { return Some("nobody knows what time it is, and how old the block is".to_owned()) };
    let (number, time, most) = (block.number, time(block), most.as_secs());
    if now.saturating_sub(block.time) > most {
        return Some(format!("block {number} is an old one, of {time}: no more than {most} seconds are allowed"));
    }
    (block.time.saturating_sub(now) > CLOCKS_DIFFER).then(|| format!("block {number} is of the future, of {time}"))
}

fn proof_of(proven: &ProvenTokens, level: ChainLevel) -> String {
    let word = match level {
        ChainLevel::Proof => "which the caller trusts",
        ChainLevel::Bundle => "by the word of whoever made the bundle",
        ChainLevel::Agreement => "by the word of the endpoints, which agree",
        _ => "by the word of the endpoint",
    };
    format!("everything is proven against block {} ({}), {word}", proven.block.number, proven.block.hash)
}

fn notes(bundle: &Bundle, proven: &ProvenTokens, level: ChainLevel) -> Vec<String> {
    let block = &proven.block;
    let mut notes =
        vec![format!("all of this is as of block {}, {}: what was said later, such as a recall, is not seen", block.number, time(block))];
    if level != ChainLevel::Proof {
        let whoever = match level {
            ChainLevel::Bundle => "the maker of the bundle",
            ChainLevel::Agreement => "the endpoints, which agree,",
            _ => "the endpoint",
        };
        let (hash, chain) = (block.hash, proven.token.chain());
        notes.push(format!("nobody but {whoever} says that {hash} is a block of {chain}; name one that you know with --block-hash"));
    }
    if let Some(time) = proven.priority {
        notes.push(format!("its creator is shown to have committed to these weights by {}", rfc3339(time)));
    }
    if let [first, ..] = bundle.rivals() {
        let others = bundle.rivals().len();
        notes.push(format!(
            "by the word of the bundle's maker, {others} other tokens name these weights, the oldest {} by {}: pin the creator that you mean",
            first.token, first.creator
        ));
    }
    notes
}

/// Says of a token of which nothing is stored when it was minted, and who says so.
fn minted(proven: &ProvenTokens, offline: &Offline<'_>) -> Option<String> {
    let token = proven.tokens.get(&proven.token.id()).filter(|token| !token.stored)?;
    let Some(mint) = &proven.mint else {
        return Some(format!("{IN_THE_LOG}; {} owns the token, and when it was minted is not proven", token.owner));
    };
    let whoever = match offline.word {
        ChainLevel::Bundle => "the maker of the bundle",
        ChainLevel::Agreement => "the endpoints, which agree,",
        _ => "the endpoint",
    };
    let link = match mint.link {
        MintLink::Same => "the block of the proof".to_owned(),
        MintLink::Parent => "which the header of the proof's block names as its parent".to_owned(),
        MintLink::History => "whose hash is in the state that is proven (EIP-2935)".to_owned(),
        MintLink::Told if offline.trusted.contains(&mint.block.hash.0) => "which the caller trusts too".to_owned(),
        MintLink::Told => {
            format!(
                "which nobody but {whoever} says is one of the chain's: when it was minted rests on that, and nothing else; name its hash with a second --block-hash"
            )
        }
    };
    let (block, time) = (&mint.block, time(&mint.block));
    Some(format!("{IN_THE_LOG}; its mint's log is proven, in block {} of {time} ({}), {link}", block.number, block.hash))
}

/// Reads the files as the record says that their CIDs are made.
fn look_at_files(offline: &Offline<'_>, evidence: &mut Evidence) -> Result<(), GatherError> {
    let recorded = Record::parse(&evidence.record.found().map(|record| record.bytes.clone()).unwrap_or_default()).ok();
    let profile = recorded.as_ref().map_or(offline.request.profile, |record| record.provenance.model.profile);
    let request = Request { profile, holes: recorded.is_some(), ..offline.request.clone() };
    let looked = modelmark_digest::survey(offline.path).and_then(|mut survey| {
        let unread = recorded.and_then(|record| Sizes::of(&record.provenance, false).leave_out(&mut survey));
        let manifest = survey.digest(&request, offline.observer, offline.cache)?;
        Ok((survey, manifest, unread))
    });
    match looked {
        Ok((survey, manifest, unread)) => {
            evidence.unread = unread;
            evidence.notes.extend(left_out(&manifest));
            (evidence.code, evidence.surveyed) = seen_in(&survey);
            evidence.model = Look::Found(manifest);
        }
        Err(DigestError::Missing(path)) => return Err(GatherError::Nothing(path)),
        Err(error @ (DigestError::Read { .. } | DigestError::Changed(_) | DigestError::Hollow { .. })) => {
            evidence.model = Look::Unreachable(error.to_string())
        }
        Err(error) => evidence.model = Look::Absent(error.to_string()),
    }
    Ok(())
}

fn left_out(manifest: &Manifest) -> impl Iterator<Item = String> {
    manifest.ignored.iter().map(|name| format!("{name} is not part of a model and was not verified"))
}

/// What contract wallets would have to say, and cannot be asked.
fn unasked(evidence: &Evidence) -> Vec<WalletAnswer> {
    let Some(Ok(record)) = evidence.record.found().map(|record| CanonicalRecord::parse(&record.bytes)) else { return Vec::new() };
    let word = || Look::Unreachable("nobody is asked offline".to_owned());
    wallet_questions(&record, &evidence.signatures).into_iter().map(|question| WalletAnswer { question, word: word() }).collect()
}

/// Returns what was proven of the token.
fn evidence(proven: &ProvenTokens, curators: &[Address]) -> Look<TokenEvidence> {
    let Some(token) = proven.tokens.get(&proven.token.id()) else { return Look::Absent(format!("there is no token {}", proven.token)) };
    Look::Found(TokenEvidence {
        token: proven.token,
        authenticity: proven.authenticity.clone(),
        // A proof of a token whose id does not follow is refused.
        id_matches: true,
        weights: token.weights,
        record: token.record,
        license: token.license.clone(),
        royalty_bps: token.royalty.get(),
        creator: token.creator.to_checksum(None),
        standing: standing(token, curators),
        lineage: token.lineage.clone(),
        block: proven.block.number,
    })
}

fn standing(token: &ProvenToken, curators: &[Address]) -> Standing {
    let mut judgements = Vec::with_capacity(curators.len());
    for curator in curators {
        match token.judgements.iter().find(|judgement| judgement.curator == *curator) {
            Some(judgement) => judgements.push(*judgement),
            None => {
                let why = format!("the proof does not hold what {curator} says; have it made with `--curator {curator}`");
                return Standing { creator: token.status, curators: Look::Unreachable(why) };
            }
        }
    }
    Standing { creator: token.status, curators: Look::Found(judgements) }
}

/// Walks what was proven of the token's ancestors, nearest first.
fn ancestry(proven: &ProvenTokens, curators: &[Address]) -> Ancestry {
    let mut found = Ancestry::default();
    let (mut known, mut ahead) = (BTreeSet::from([proven.token]), VecDeque::from([Descent::default()]));
    while let Some(descent) = ahead.pop_front() {
        let here = descent.end().unwrap_or(proven.token);
        let Some(token) = proven.tokens.get(&here.id()) else {
            if proven.logged.contains(&here.id()) {
                found.beyond.push((descent, "its statement is not in the contract's storage".to_owned()));
                continue;
            }
            found.cut_short = Some(format!("nothing is proven of {here}"));
            break;
        };
        if descent.0.len() > MAX_GENERATIONS {
            found.cut_short = Some(format!("more than {MAX_GENERATIONS} generations"));
            break;
        }
        if !descent.0.is_empty() {
            found.ancestors.push(Ancestor {
                descent: descent.clone(),
                standing: standing(token, curators),
                record: token.record,
                weights: token.weights,
            });
        }
        for parent in token.lineage.parents() {
            let own = (proven.token.chain(), proven.token.contract());
            let place = parent.external.map_or(own, |place| (place.chain, place.contract));
            let parent_token = TokenRef::new(place.0, place.1, parent.token_id);
            if known.insert(parent_token) {
                let descent = descent.then(parent.relation, parent_token);
                match place == own {
                    true => ahead.push_back(descent),
                    false => found.beyond.push((descent, "it is in another registry".to_owned())),
                }
            }
        }
    }
    found
}

fn nothing(offline: &Offline<'_>) -> Evidence {
    Evidence {
        path: Some(offline.path.display().to_string()),
        scope: Scope::Whole,
        looked_at: SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs()),
        sha256: offline.request.sha256,
        tensors: offline.request.tensors,
        signed: offline.signed.clone(),
        ..Evidence::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_neither_older_than_is_allowed_nor_of_the_future() {
        let told = |at, most, now| untimely(&Block { number: 1, hash: Default::default(), time: at }, Duration::from_secs(most), now);
        assert_eq!(told(1000, 60, Some(1060)), None);
        assert!(told(1000, 60, Some(1061)).is_some_and(|why| why.contains("an old one")));
        assert_eq!(told(1000 + CLOCKS_DIFFER, 60, Some(1000)), None);
        assert!(told(1001 + CLOCKS_DIFFER, 60, Some(1000)).is_some_and(|why| why.contains("of the future")));
        assert!(told(1000, 60, None).is_some());
    }
}
