//! A model's parents as the registry takes them, and what it would refuse about them, told before anything is read or written.

use modelmark_chain::{Address, ExternalRegistry, Lineage, Parent, Registry, Relation, TokenId};
use modelmark_record::{Edge, ParentClaim};

use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::session::Session;

/// The largest part, in 1/10 000, that ancestors can get by a stack.
const MOST_BY_STACK: u32 = 5_000;

/// Returns the parents that have a token; those known by a digest alone stand in the record only.
pub(crate) fn lineage(session: &Session<'_>, edges: &[Edge], registry: &Registry) -> Result<Lineage> {
    let mut parents = Vec::new();
    for edge in edges {
        match parent(&edge.parent, edge.relation, edge.share_bps, registry)? {
            Some(parent) => parents.push(parent),
            None => session.output.note("a parent without a token stands in the record, but not on chain"),
        }
    }
    Lineage::new(parents).or_refused()
}

/// Refuses parents that the registry would refuse of a mint by `creator`, and says what their shares rule out.
pub(crate) async fn check(session: &Session<'_>, registry: &Registry, creator: Address, claims: &[ParentClaim]) -> Result<()> {
    let mut parents = Vec::new();
    for claim in claims {
        // What composing the record takes it for, too.
        let relation = claim.relation.unwrap_or(modelmark_record::Relation::Finetune);
        parents.extend(parent(&claim.parent, relation, claim.share_bps, registry)?);
    }
    let lineage = Lineage::new(parents).or_refused()?;
    let mut versions = 0;
    for parent in lineage.parents().iter().filter(|parent| parent.external.is_none()) {
        let token = registry.token(parent.token_id);
        let model = registry.model(parent.token_id).await.map_err(explain)?;
        let known = match &model {
            Some(_) => true,
            // A token whose statement is in the log only is there, too.
            None => registry.exists(parent.token_id).await.map_err(explain)?,
        };
        if !known {
            return Err(CommandError::refused(format!("there is no token {token}; nothing was written")));
        }
        if parent.relation != Relation::Version {
            continue;
        }
        versions += 1;
        if let Some(model) = model.filter(|model| ![model.creator, model.owner].contains(&creator)) {
            let told = format!("{creator} is neither the creator {} nor the owner {} of {token}", model.creator, model.owner);
            return Err(CommandError::refused(format!("{told}: its series is not yours to continue; nothing was written"))
                .hint("sign with the key of one of them, or publish what comes from it with `modelmark derive`"));
        }
    }
    if versions > 1 {
        return Err(CommandError::refused("a model is the next version of one other, not of several; nothing was written"));
    }
    let shares: u32 = lineage.parents().iter().map(|parent| u32::from(parent.share.get())).sum();
    if shares > MOST_BY_STACK {
        session.output.note(format!(
            "the parents get {} % of what this model earns, for good: more than the 50 % up to which `modelmark royalty stack` pays ancestors at once",
            f64::from(shares) / 100.0
        ));
    }
    Ok(())
}

fn parent(
    named: &modelmark_record::Parent,
    relation: modelmark_record::Relation,
    share: Option<modelmark_record::ShareBps>,
    registry: &Registry,
) -> Result<Option<Parent>> {
    let (external, token_id): (_, TokenId) = match (&named.token, &named.token_id) {
        (_, Some(id)) => (None, id.get().into()),
        (Some(token), None) => {
            let (chain, contract, id) = token.parts();
            let own = chain == registry.chain().id().get() && contract == registry.address();
            let elsewhere = ExternalRegistry { chain: chain.try_into().or_refused()?, contract };
            ((!own).then_some(elsewhere), id.into())
        }
        (None, None) => return Ok(None),
    };
    let share = share.map_or(0, |share| share.get()).try_into().or_refused()?;
    Ok(Some(Parent { external, token_id, relation: told(relation), share, evidence: Default::default() }))
}

const fn told(relation: modelmark_record::Relation) -> Relation {
    use modelmark_record::Relation as R;
    match relation {
        R::Version => Relation::Version,
        R::Finetune => Relation::FineTune,
        R::Adapter => Relation::Adapter,
        R::Merge => Relation::Merge,
        R::Quantized => Relation::Quantized,
        R::Pruned => Relation::Pruned,
        R::Distilled => Relation::Distilled,
        R::Converted => Relation::Converted,
    }
}
