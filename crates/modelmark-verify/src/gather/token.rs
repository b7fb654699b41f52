//! Looks at the token itself: what its contract is, what it says, and how it stands.

use modelmark_chain::{Authenticity, ChainError, Model, ReadAt, Registry, TokenRef};

use super::{Sources, ancestry, foreign, with_causes};
use crate::evidence::{Look, TokenEvidence};
use crate::foreign::ForeignToken;
use crate::{Policy, Standing};

/// What a look at a token came to.
pub(super) enum Looked {
    /// The contract is one of our registries, or answers like one, or could not be asked.
    Registry(Look<TokenEvidence>),
    /// The contract is none of ours, and does not answer like one.
    Foreign(ForeignToken),
}

/// Looks at the token, all of it at one block.
pub(super) async fn look(sources: &Sources<'_>, token: TokenRef, policy: &Policy) -> Looked {
    let registry = match &sources.registry {
        Ok(registry) => *registry,
        Err(why) => return Looked::Registry(Look::Unreachable(why.clone())),
    };
    if registry.chain().id() != token.chain() {
        let why = format!("the token is on {}, the endpoint serves {}", token.chain(), registry.chain().id());
        return Looked::Registry(Look::Unreachable(why));
    }
    let registry = Registry::at(registry.chain(), token.contract());
    let authenticity = match modelmark_chain::authenticity(registry.chain(), token.contract(), sources.address_book).await {
        Ok(authenticity) => authenticity,
        Err(error) => return Looked::Registry(out_of_reach(&error)),
    };
    let not_ours = matches!(authenticity, Authenticity::Foreign | Authenticity::Proxy { .. });
    Looked::Registry(match registry.model(token.id()).await {
        Ok(Some(model)) => {
            let chain = registry.chain().clone().at(ReadAt::Number(model.seen_at.number));
            let standing = ancestry::standing(&chain, &model, &policy.curators).await;
            Look::Found(evidence_of(model, authenticity, standing))
        }
        Ok(None) => Look::Absent(format!("there is no token {token}")),
        Err(ChainError::NoContract { .. } | ChainError::Reverted { .. } | ChainError::Nonsense { .. }) if not_ours => {
            match foreign::token(sources, registry.chain(), token, authenticity).await {
                Ok(token) => return Looked::Foreign(token),
                Err(ChainError::Reverted { reason, .. }) => Look::Absent(format!(
                    "the contract {} is no modelmark registry, and names no owner of the token as ERC-721 has it: {reason}",
                    token.contract()
                )),
                Err(error) => out_of_reach(&error),
            }
        }
        Err(ChainError::NoContract { address, chain, .. }) => Look::Absent(format!("no model registry answers at {address} on {chain}")),
        Err(ChainError::Reverted { reason, .. }) => {
            Look::Absent(format!("the contract {} does not answer like a registry: {reason}", token.contract()))
        }
        Err(error) => out_of_reach(&error),
    })
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
