//! Looks at the token itself: what its contract is, what it says, and how it stands.

use modelmark_chain::{Authenticity, ChainError, Model, ReadAt, Registry, TokenRef};

use super::{Sources, ancestry, with_causes};
use crate::evidence::{Look, TokenEvidence};
use crate::{Policy, Standing};

/// Looks at the token, all of it at one block.
pub(super) async fn look(sources: &Sources<'_>, token: TokenRef, policy: &Policy) -> Look<TokenEvidence> {
    let registry = match &sources.registry {
        Ok(registry) => *registry,
        Err(why) => return Look::Unreachable(why.clone()),
    };
    if registry.chain().id() != token.chain() {
        return Look::Unreachable(format!("the token is on {}, the endpoint serves {}", token.chain(), registry.chain().id()));
    }
    let registry = Registry::at(registry.chain(), token.contract());
    let authenticity = match modelmark_chain::authenticity(registry.chain(), token.contract(), sources.address_book).await {
        Ok(authenticity) => authenticity,
        Err(error) => return out_of_reach(&error),
    };
    match registry.model(token.id()).await {
        Ok(Some(model)) => {
            let chain = registry.chain().clone().at(ReadAt::Number(model.seen_at.number));
            let standing = ancestry::standing(&chain, &model, &policy.curators).await;
            Look::Found(evidence_of(model, authenticity, standing))
        }
        Ok(None) => Look::Absent(format!("there is no token {token}")),
        Err(ChainError::NoContract { address, chain, .. }) => Look::Absent(format!("no model registry answers at {address} on {chain}")),
        Err(ChainError::Reverted { reason, .. }) => {
            Look::Absent(format!("the contract {} does not answer like a registry: {reason}", token.contract()))
        }
        Err(error) => out_of_reach(&error),
    }
}

fn evidence_of(model: Model, authenticity: Authenticity, standing: Standing) -> TokenEvidence {
    TokenEvidence {
        token: model.token,
        authenticity,
        id_matches: model.is_bound(),
        weights: model.weights,
        record: model.record,
        license: model.license.spdx().to_owned(),
        royalty_bps: model.royalty.share.get(),
        creator: model.creator.to_checksum(None),
        standing,
        lineage: model.lineage,
        block: model.seen_at.number,
    }
}

pub(super) fn out_of_reach(error: &ChainError) -> Look<TokenEvidence> {
    Look::Unreachable(with_causes(error))
}
