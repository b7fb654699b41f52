//! Follows a token's parents on chain and reads how each stands. Whoever mints decides how many there are, so the number, the depth and the time are bounded.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use modelmark_chain::{Address, Chain, ChainError, Lineage, Model, ReadAt, Registry, TokenRef};

use super::with_causes;
use crate::evidence::{Look, TokenEvidence};
use crate::standing::{Ancestor, Ancestry, Descent, Standing};

/// How many generations are followed.
const MAX_GENERATIONS: usize = 16;
/// How many ancestors are looked at.
const MAX_ANCESTORS: usize = 256;
/// How long the whole walk may take; each question has a deadline of its own.
const MAX_WALK: Duration = Duration::from_secs(60);

/// Returns how a token stands.
pub(super) async fn standing(chain: &Chain, model: &Model, curators: &[Address]) -> Standing {
    let mut judgements = Vec::with_capacity(curators.len());
    for curator in curators {
        match modelmark_chain::judgement(chain, *curator, &model.token).await {
            Ok(judgement) => judgements.push(judgement),
            Err(error) => return Standing { creator: model.status, curators: Look::Unreachable(with_causes(&error)) },
        }
    }
    Standing { creator: model.status, curators: Look::Found(judgements) }
}

/// Walks the ancestors of `token`, nearest first, all of them as they were at the block at which the token was read.
pub(super) async fn ancestry(chain: &Chain, token: &TokenEvidence, curators: &[Address]) -> Ancestry {
    let chain = chain.clone().at(ReadAt::Number(token.block));
    let mut walk = Walk { verified: token.token, found: Ancestry::default(), known: BTreeSet::from([token.token]), ahead: VecDeque::new() };
    walk.add_parents(&Descent::default(), &token.lineage);
    let registry = Registry::at(&chain, token.token.contract());
    let started = Instant::now();
    while let Some(descent) = walk.ahead.pop_front() {
        let Some(ancestor) = descent.end() else { continue };
        let bound = match () {
            () if descent.0.len() > MAX_GENERATIONS => Some(format!("more than {MAX_GENERATIONS} generations")),
            () if walk.found.ancestors.len() >= MAX_ANCESTORS => Some(format!("more than {MAX_ANCESTORS} ancestors")),
            () if started.elapsed() > MAX_WALK => Some(format!("it took longer than {} seconds", MAX_WALK.as_secs())),
            () => None,
        };
        if bound.is_some() {
            walk.found.cut_short = bound;
            break;
        }
        if let Err(why) = walk.visit(&registry, &descent, curators).await {
            walk.found.cut_short = Some(format!("{ancestor}: {why}"));
            break;
        }
    }
    walk.found
}

struct Walk {
    verified: TokenRef,
    found: Ancestry,
    known: BTreeSet<TokenRef>,
    ahead: VecDeque<Descent>,
}

impl Walk {
    async fn visit(&mut self, registry: &Registry, descent: &Descent, curators: &[Address]) -> Result<(), String> {
        let Some(token) = descent.end() else { return Ok(()) };
        let model = match registry.model(token.id()).await {
            Ok(Some(model)) => model,
            Ok(None) => {
                self.found.beyond.push((descent.clone(), "its statement is not in the contract's storage".to_owned()));
                return Ok(());
            }
            Err(error @ ChainError::Reverted { .. }) => return Err(format!("the contract does not answer like a registry: {error}")),
            Err(error) => return Err(with_causes(&error)),
        };
        // The id commits to the parents, so that an endpoint cannot hide a generation.
        if !model.is_bound() {
            return Err("its id is not the hash of what the endpoint says about it".to_owned());
        }
        let standing = standing(registry.chain(), &model, curators).await;
        self.found.ancestors.push(Ancestor { descent: descent.clone(), standing });
        self.add_parents(descent, &model.lineage);
        Ok(())
    }

    fn add_parents(&mut self, descent: &Descent, lineage: &Lineage) {
        for parent in lineage.parents() {
            let own = (self.verified.chain(), self.verified.contract());
            let place = parent.external.map_or(own, |place| (place.chain, place.contract));
            let token = TokenRef::new(place.0, place.1, parent.token_id);
            if !self.known.insert(token) {
                continue;
            }
            let descent = descent.then(parent.relation, token);
            // Where the token says that it is decides, not how it says so: nobody hides a parent by calling their own registry another one.
            if place != own {
                self.found.beyond.push((descent, "it is in another registry".to_owned()));
            } else {
                self.ahead.push_back(descent);
            }
        }
    }
}
