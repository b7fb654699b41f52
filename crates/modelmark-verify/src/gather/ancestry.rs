//! Follows a token's parents on chain and reads how each stands. Whoever mints decides how many there are, so the number and the depth are bounded; the time is what the
//! whole look at the network may take.

use std::collections::{BTreeSet, VecDeque};

use modelmark_chain::{Address, Chain, ChainError, Lineage, Registry, Stated, TokenRef};

use super::deadline::Deadline;
use super::{Sources, together, with_causes};
use crate::evidence::{Look, TokenEvidence};
use crate::standing::{Ancestor, Ancestry, Descent, Standing};

/// How many generations are followed.
pub(super) const MAX_GENERATIONS: usize = 16;
/// How many ancestors are looked at.
const MAX_ANCESTORS: usize = 256;

/// Returns how a token stands.
pub(super) async fn standing(sources: &Sources<'_>, chain: &Chain, stated: &Stated, curators: &[Address]) -> Standing {
    let mut judgements = Vec::with_capacity(curators.len());
    for curator in curators {
        match together::judgement(sources.together, chain, *curator, &stated.token).await {
            Ok(judgement) => judgements.push(judgement),
            Err(error) => return Standing { creator: stated.status, curators: Look::Unreachable(with_causes(&error)) },
        }
    }
    Standing { creator: stated.status, curators: Look::Found(judgements) }
}

/// Walks the ancestors of `token`, nearest first, at the block that `chain` is read at.
pub(super) async fn ancestry(
    sources: &Sources<'_>,
    chain: &Chain,
    token: &TokenEvidence,
    curators: &[Address],
    deadline: &Deadline,
) -> Ancestry {
    let mut walk = Walk { verified: token.token, found: Ancestry::default(), known: BTreeSet::from([token.token]), ahead: VecDeque::new() };
    walk.add_parents(&Descent::default(), &token.lineage);
    let registry = Registry::at(chain, token.token.contract());
    while let Some(descent) = walk.ahead.pop_front() {
        let Some(ancestor) = descent.end() else { continue };
        let bound = match () {
            () if descent.0.len() > MAX_GENERATIONS => Some(format!("more than {MAX_GENERATIONS} generations")),
            () if walk.found.ancestors.len() >= MAX_ANCESTORS => Some(format!("more than {MAX_ANCESTORS} ancestors")),
            () => None,
        };
        if bound.is_some() {
            walk.found.cut_short = bound;
            break;
        }
        if let Err(why) = deadline.within(walk.visit(sources, &registry, &descent, curators)).await.flatten() {
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
    async fn visit(&mut self, sources: &Sources<'_>, registry: &Registry, descent: &Descent, curators: &[Address]) -> Result<(), String> {
        let Some(token) = descent.end() else { return Ok(()) };
        let stated = match together::stated(sources.together, registry, token.id()).await {
            Ok(Some(stated)) => stated,
            Ok(None) => {
                self.found.beyond.push((descent.clone(), "its statement is not in the contract's storage".to_owned()));
                return Ok(());
            }
            Err(error @ ChainError::Reverted { .. }) => return Err(format!("the contract does not answer like a registry: {error}")),
            Err(error) => return Err(with_causes(&error)),
        };
        // The id commits to the parents, so that an endpoint cannot hide a generation.
        if !stated.is_bound() {
            return Err("its id is not the hash of what the endpoint says about it".to_owned());
        }
        let standing = standing(sources, registry.chain(), &stated, curators).await;
        self.found.ancestors.push(Ancestor { descent: descent.clone(), weights: stated.weights, record: stated.record, standing });
        self.add_parents(descent, &stated.lineage);
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
