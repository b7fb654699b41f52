//! Looks at the token itself: what its contract is, what it says, and how it stands.

use modelmark_chain::{Authenticity, ChainError, LoggedToken, Registry, Stated, TokenRef};
use modelmark_digest::Sha256Digest;
use modelmark_record::Record;

use super::{Sources, ancestry, foreign, pinned, record, together, with_causes};
use crate::evidence::{Look, TokenEvidence};
use crate::foreign::ForeignToken;
use crate::{Policy, Standing};

/// What a look at a token came to.
pub(super) enum Looked {
    /// The contract is one of our registries, or answers like one, or could not be asked.
    Registry(Box<Look<TokenEvidence>>),
    /// The same of a token whose statement is in the log alone.
    Logged(Box<Look<TokenEvidence>>),
    /// The contract is none of ours, and does not answer like one.
    Foreign(Box<ForeignToken>),
}

/// What a token is whose statement is in the log alone.
pub(crate) const IN_THE_LOG: &str =
    "the token's statement is in the log alone: its id binds it, and its creator can change and recall nothing before somebody stores it";

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
    let registry = pinned::registry_at(registry, token.contract());
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
        Ok(None) => match registry.logged(token.id()).await {
            Ok(Some(logged)) => {
                let stated = match under_its_license(sources, logged).await {
                    Ok(stated) => stated,
                    Err(look) => return Looked::Logged(look),
                };
                let standing = ancestry::standing(sources, registry.chain(), &stated, &policy.curators()).await;
                return Looked::Logged(Box::new(Look::Found(evidence_of(stated, authenticity, standing))));
            }
            Ok(None) => Look::Absent(format!("there is no token {token}{}", later(&registry, token).await)),
            Err(error) => out_of_reach(&error),
        },
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

/// Completes what the log tells by the licence, which the record states that the log names. Whether it is that licence, the token's id tells.
async fn under_its_license(sources: &Sources<'_>, logged: LoggedToken) -> Result<Stated, Box<Look<TokenEvidence>>> {
    let token = logged.token;
    let brought = sources.record.as_ref().filter(|record| Sha256Digest::of(&record.bytes) == logged.record);
    let record = match brought {
        Some(record) => Look::Found(record.clone()),
        None => record::look(sources, logged.record).await,
    };
    let alone = format!("the statement of token {token} is in the log alone");
    let bytes = match record {
        Look::Found(record) => record.bytes,
        Look::Absent(why) | Look::Unreachable(why) => {
            return Err(Box::new(Look::Unreachable(format!(
                "{alone}, and its licence stands nowhere but in its record, which is not at hand: {why}; bring it with `--record`, or name a place that has it with `--place`"
            ))));
        }
        Look::NotAsked => return Err(Box::new(Look::NotAsked)),
    };
    let stated = Record::parse(&bytes).map(|record| logged.under(record.provenance.license.spdx.as_str()));
    stated.map_err(|error| Box::new(Look::Absent(format!("{alone}, and what it names as its record is none: {error}"))))
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
