//! Statements and wallets for tests.

use alloy::primitives::{B256, U256};
use modelmark_chain::{
    Chain, ChainId, Deployment, Kind, License, Lineage, ModelInput, Parent, Registry, Relation, TokenId, Wallet, deploy,
};
use modelmark_digest::Sha256Digest;

pub(crate) fn wallet(index: usize) -> Wallet {
    Wallet::development(ChainId::DEVELOPMENT, index).unwrap()
}

/// A statement of `creator` about a model called `name`, with every descriptive field.
pub(crate) fn statement(name: &str, creator: &Wallet) -> ModelInput {
    ModelInput {
        weights: Sha256Digest::of(name.as_bytes()),
        record: Sha256Digest::of(format!("record of {name}").as_bytes()),
        dataset: Some(Sha256Digest::of(b"dataset")),
        architecture: None,
        framework: Some("pytorch 2.8.0".parse().unwrap()),
        metrics: Some(B256::repeat_byte(9)),
        license: License::new("ISC", None).unwrap(),
        kind: Kind::Model,
        royalty: 500.try_into().unwrap(),
        creator: creator.address(),
        lineage: Lineage::default(),
    }
}

pub(crate) fn parent(id: TokenId, relation: Relation, share_bps: u16) -> Parent {
    Parent { external: None, token_id: id, relation, share: share_bps.try_into().unwrap(), evidence: B256::repeat_byte(3) }
}

/// Deploys the canonical registry.
pub(crate) async fn registry(chain: &Chain) -> Registry {
    let deployed = deploy(chain, &wallet(0), &Deployment::Canonical).await.unwrap();
    Registry::at(chain, deployed.registry)
}

/// Mints a statement and returns the token's id.
pub(crate) async fn mint(registry: &Registry, wallet: &Wallet, input: &ModelInput) -> TokenId {
    let plan = registry.plan_mint(wallet, wallet.address(), input).await.unwrap();
    plan.execute(wallet).await.unwrap().token.id()
}

pub(crate) fn id(number: u64) -> TokenId {
    U256::from(number).into()
}
