//! Looks at the token itself: what its contract is, what it says, and how it stands.

use modelmark_chain::{Authenticity, ChainError, Registry, Stated, TokenRef};

use super::{Sources, ancestry, foreign, pinned, together, with_causes};
use crate::evidence::{Look, TokenEvidence};
use crate::foreign::ForeignToken;
use crate::{Policy, Standing};

/// What a look at a token came to.
pub(super) enum Looked {
    /// The contract is one of our registries, or answers like one, or could not be asked.
    Registry(Box<Look<TokenEvidence>>),
    /// The contract is none of ours, and does not answer like one.
    Foreign(Box<ForeignToken>),
}

/// Looks at the token.
pub(super) async fn look(sources: &Sources<'_>, token: TokenRef, policy: &Policy) -> Looked {
    let registry = match &sources.registry {
        Ok(registry) => *registry,
        Err(why) => return Looked::Registry(Box::new(Look::Unreachable(why.clone()))),
    };
    if registry.chain().id() != token.chain() {
        let why = format!("the token is on {}, the endpoint serves {}", token.chain(), registry.chain().id());
        return Looked::Registry(Box::new(Look::Unreachable(why)));
    }
    let registry = Registry::at(registry.chain(), token.contract());
    let authenticity = match together::authenticity(sources.together, registry.chain(), token.contract(), sources.address_book).await {
        Ok(authenticity) => authenticity,
        Err(error) => return Looked::Registry(Box::new(out_of_reach(&error))),
    };
    let not_ours = matches!(authenticity, Authenticity::Foreign | Authenticity::Proxy { .. });
    let looked = match together::stated(sources.together, &registry, token.id()).await {
        Ok(Some(stated)) => {
            let standing = ancestry::standing(sources, registry.chain(), &stated, &policy.curators()).await;
            Look::Found(evidence_of(stated, authenticity, standing))
        }
        Ok(None) if matches!(registry.is_stored(token.id()).await, Ok(Some(false))) => Look::Absent(format!(
            "the statement of token {token} is in the log alone, and the contract says nothing of it: `verify --prove` proves it, and `log store` stores it"
        )),
        Ok(None) => Look::Absent(format!("there is no token {token}{}", later(&registry, token).await)),
        Err(ChainError::NoContract { .. } | ChainError::Reverted { .. } | ChainError::Nonsense { .. }) if not_ours => {
            match foreign::token(sources, registry.chain(), token, authenticity).await {
                Ok(token) => return Looked::Foreign(Box::new(token)),
                Err(ChainError::Reverted { reason, .. }) => Look::Absent(format!(
                    "the contract {} is no modelmark registry, and names no owner of the token as ERC-721 has it: {reason}",
                    token.contract()
                )),
                Err(error) => out_of_reach(&error),
            }
        }
        Err(ChainError::NoContract { address, chain, .. }) => {
            Look::Absent(format!("no model registry answers at {address} on {chain}{}", later(&registry, token).await))
        }
        Err(ChainError::Reverted { reason, .. }) => {
            Look::Absent(format!("the contract {} does not answer like a registry: {reason}", token.contract()))
        }
        Err(error) => out_of_reach(&error),
    };
    Looked::Registry(Box::new(looked))
}

/// Says that the token is there at a later block, if it is.
async fn later(registry: &Registry, token: TokenRef) -> String {
    let there = async |newest: &Registry| newest.exists(token.id()).await.unwrap_or_default();
    pinned::later(registry, there).await.unwrap_or_default()
}

fn evidence_of(stated: Stated, authenticity: Authenticity, standing: Standing) -> TokenEvidence {
    TokenEvidence {
        token: stated.token,
        authenticity,
        id_matches: stated.is_bound(),
        weights: stated.weights,
        record: stated.record,
        license: stated.license.spdx().to_owned(),
        royalty_bps: stated.royalty.get(),
        creator: stated.creator.to_checksum(None),
        standing,
        lineage: stated.lineage,
        block: stated.seen_at.number,
    }
}

pub(super) fn out_of_reach(error: &ChainError) -> Look<TokenEvidence> {
    Look::Unreachable(with_causes(error))
}
