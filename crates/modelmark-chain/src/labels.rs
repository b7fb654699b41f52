//! What pictures show beside what a registry stores: names that a creator gave, and depths that anybody proved.

use alloy::primitives::Address;
use serde::Serialize;

use crate::bindings::{IModelLabels, ModelRenderer as abi};
use crate::{Call, Chain, ChainError, Contract, Model, TokenRef};

/// The most bytes of a model's name and of its family.
pub const MAX_LABEL: (usize, usize) = (64, 32);

/// What a creator calls a model; empty and zero for what they did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Label {
    /// Name.
    pub name: String,
    /// Family.
    pub family: String,
    /// How many parameters it has.
    pub parameters: u64,
}

/// Returns the call by which its creator names a token, once and for good.
#[must_use]
pub fn set_label(token: &TokenRef, label: &Label) -> Call {
    let Label { name, family, parameters } = label.clone();
    let label = IModelLabels::Label { name, family, parameters };
    renderer("name the token", &abi::setLabelCall { registry: token.contract(), tokenId: token.id().get(), label })
}

/// Returns what its creator calls a token; nothing when they did not name it.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn label_of(chain: &Chain, token: &TokenRef) -> Result<Label, ChainError> {
    let call = abi::labelOfCall { registry: token.contract(), tokenId: token.id().get() };
    let label = chain.view_of(Contract::ModelRenderer, call, &chain.block().await?).await?;
    Ok(Label { name: label.name, family: label.family, parameters: label.parameters })
}

/// Returns how many generations of its own registry stand above a token; `None` when nobody has proven it.
///
/// # Errors
/// As [`label_of`].
pub async fn depth_of(chain: &Chain, token: &TokenRef) -> Result<Option<u16>, ChainError> {
    let call = abi::depthOfCall { registry: token.contract(), tokenId: token.id().get() };
    let told = chain.view_of(Contract::ModelRenderer, call, &chain.block().await?).await?;
    Ok(told.known.then_some(told.depth))
}

/// Returns the call that proves a token's depth from its statement. The depths of its parents in the same registry have to be proven before.
#[must_use]
pub fn prove_depth(model: &Model) -> Call {
    let parents = model.lineage.to_abi().into_iter().map(Into::into);
    let registry: Address = model.token.contract();
    let call =
        abi::proveDepthCall { registry, tokenId: model.token.id().get(), license: model.license.digest(), parents: parents.collect() };
    renderer("prove the token's depth", &call)
}

fn renderer(what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
    Call::new(what, Contract::ModelRenderer.interface(), Contract::ModelRenderer.address(), call)
}
