//! Claims to the same weights in the order of who said it first: by a commitment that was shown, else by the mint.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256};
use alloy::sol_types::SolEvent as _;
use modelmark_digest::Sha256Digest;

use crate::bindings::Priority as abi;
use crate::history::LogQuery;
use crate::registry::MAX_CLAIMS;
use crate::{Chain, ChainError, Claim, Contract, Registry, TokenId, TokenRef};

/// How many tokens one question about commitments names.
const TOKENS_AT_ONCE: usize = 100;
/// How many proofs of commitments are read for one question; more are a flood that somebody paid for.
const MAX_PROOFS: usize = 10_000;
/// How many commitments are held against the times of mints, the earliest first. A claim with a later one stands where its mint is.
const MAX_PLACED: usize = 64;
/// How many weights one question about claims names.
const WEIGHTS_AT_ONCE: usize = 100;
/// How many claims are taken of one such question. Where there are more, the weights are looked at one by one.
const MAX_OF_MANY: usize = 4 * MAX_CLAIMS;
/// How many claims are put in order together.
const MAX_TOGETHER: usize = 4 * MAX_CLAIMS;

/// A claim, and what was shown of an earlier commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankedClaim {
    /// The token.
    pub token: TokenRef,
    /// The claim.
    pub claim: Claim,
    /// The earliest time, in Unix seconds, at which its creator is shown to have committed to the weights; it is earlier than the mint.
    pub committed: Option<u64>,
}

impl Registry {
    /// Puts claims to the same weights, of this registry and others on its chain, in the order of who said it first.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or there are too many proofs of commitments to read.
    pub async fn ranked(&self, claims: &[(TokenRef, Claim)]) -> Result<Vec<RankedClaim>, ChainError> {
        let own = claims.iter().all(|(token, _)| token.contract() == self.address());
        ranked(self.chain(), if own { self.first_block() } else { 0 }, claims).await
    }

    /// Returns who claims each of these weights in this registry, in the order of who said it first: what [`Registry::find_by_weights`] and
    /// [`Registry::ranked`] come to for each, by few questions. Weights that too many claim for that are left out.
    ///
    /// # Errors
    /// As [`Registry::ranked`].
    pub async fn rivals(&self, weights: &[Sha256Digest]) -> Result<BTreeMap<Sha256Digest, Vec<RankedClaim>>, ChainError> {
        let weights: Vec<_> = weights.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let (mut found, mut room) = (BTreeMap::new(), MAX_TOGETHER);
        for chunk in weights.chunks(WEIGHTS_AT_ONCE) {
            let claims = self.claims_of(chunk, None, MAX_OF_MANY).await?;
            if claims.len() >= MAX_OF_MANY {
                // A flood for one of them may hide claims of another.
                continue;
            }
            let mut each: BTreeMap<Sha256Digest, Vec<(TokenRef, Claim)>> = chunk.iter().map(|weights| (*weights, Vec::new())).collect();
            for (weights, claim) in claims {
                each.entry(weights).or_default().push((self.token(claim.token_id), claim));
            }
            for (weights, claims) in each {
                if claims.len() < MAX_CLAIMS && claims.len() <= room {
                    room -= claims.len();
                    found.insert(weights, claims);
                }
            }
        }
        // Of weights that one token claims there is nothing to be put in order.
        let rivals: Vec<_> =
            found.values().filter(|claims| claims.len() > 1).flatten().map(|(token, claim)| plain(*token, *claim)).collect();
        let times = if rivals.is_empty() { BTreeMap::new() } else { commitments(self.chain(), self.first_block(), &rivals).await? };
        let mut mints = Mints { chain: self.chain(), times: BTreeMap::new() };
        let mut all = BTreeMap::new();
        for (weights, claims) in found {
            let claims = claims.into_iter().map(|(token, claim)| plain(token, claim)).collect();
            all.insert(weights, ordered(claims, &times, &mut mints).await?);
        }
        Ok(all)
    }
}

/// A claim of which no commitment is known.
const fn plain(token: TokenRef, claim: Claim) -> RankedClaim {
    RankedClaim { token, claim, committed: None }
}

async fn ranked(chain: &Chain, since: u64, claims: &[(TokenRef, Claim)]) -> Result<Vec<RankedClaim>, ChainError> {
    let found: Vec<RankedClaim> = claims.iter().map(|(token, claim)| plain(*token, *claim)).collect();
    let times = if found.len() < 2 { BTreeMap::new() } else { commitments(chain, since, &found).await? };
    ordered(found, &times, &mut Mints { chain, times: BTreeMap::new() }).await
}

/// Puts claims to the same weights in order, by the commitments that were shown.
async fn ordered(
    mut found: Vec<RankedClaim>,
    times: &BTreeMap<(Address, TokenId), u64>,
    mints: &mut Mints<'_>,
) -> Result<Vec<RankedClaim>, ChainError> {
    found.sort_by_key(|ranked| (ranked.claim.block, ranked.claim.log_index));
    if found.len() < 2 {
        return Ok(found);
    }
    for ranked in &mut found {
        ranked.committed = times.get(&(ranked.token.contract(), ranked.token.id())).copied();
    }
    let (mut early, mut plain): (Vec<_>, Vec<_>) = found.into_iter().partition(|ranked| ranked.committed.is_some());
    early.sort_by_key(|ranked| ranked.committed);
    let late = early.split_off(early.len().min(MAX_PLACED));
    plain.extend(late);
    plain.sort_by_key(|ranked| (ranked.claim.block, ranked.claim.log_index));
    let mut order = Vec::with_capacity(early.len());
    for ranked in early {
        order.push((mints.until(&plain, ranked.committed.unwrap_or_default()).await?, ranked));
    }
    // From the back, so that the places in front stay what they are.
    for (place, ranked) in order.into_iter().rev() {
        plain.insert(place, ranked);
    }
    Ok(plain)
}

/// The earliest commitment that was shown for each token.
async fn commitments(chain: &Chain, since: u64, claims: &[RankedClaim]) -> Result<BTreeMap<(Address, TokenId), u64>, ChainError> {
    let block = chain.block().await?;
    let mut times = BTreeMap::new();
    for chunk in claims.chunks(TOKENS_AT_ONCE) {
        let mut registries: Vec<B256> = chunk.iter().map(|ranked| ranked.token.contract().into_word()).collect();
        registries.sort();
        registries.dedup();
        let tokens = chunk.iter().map(|ranked| B256::from(ranked.token.id().get())).collect();
        let topics = [vec![abi::PriorityProven::SIGNATURE_HASH], registries, tokens, vec![]];
        let query = LogQuery { contract: Contract::Priority.address(), topics };
        let logs = chain.logs(&query, since.min(block.number), block.number, MAX_PROOFS).await?;
        if logs.len() >= MAX_PROOFS {
            return Err(chain.nonsense("eth_getLogs", "more proofs of commitments than anybody needs"));
        }
        for placed in &logs {
            let event =
                abi::PriorityProven::decode_log_validate(&placed.log).map_err(|error| chain.nonsense("eth_getLogs", &error.to_string()))?;
            let time = event.time.to::<u64>();
            let earliest = times.entry((event.registry, TokenId::from(event.tokenId))).or_insert(time);
            *earliest = time.min(*earliest);
        }
    }
    Ok(times)
}

/// The times of blocks with mints, each asked for once.
struct Mints<'c> {
    chain: &'c Chain,
    times: BTreeMap<u64, u64>,
}

impl Mints<'_> {
    /// Returns how many of these claims, which are in the order of their mints, were minted at `time` or before. Who commits in the very block of another's mint
    /// may have read the mint.
    async fn until(&mut self, claims: &[RankedClaim], time: u64) -> Result<usize, ChainError> {
        let (mut low, mut high) = (0, claims.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(ranked) = claims.get(middle) else { break };
            if self.time(ranked.claim.block).await? <= time { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    async fn time(&mut self, block: u64) -> Result<u64, ChainError> {
        if let Some(time) = self.times.get(&block) {
            return Ok(*time);
        }
        let time = self.chain.block_at(block).await?.time;
        self.times.insert(block, time);
        Ok(time)
    }
}
