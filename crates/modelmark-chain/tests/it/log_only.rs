//! Tokens whose statement is in the log only, until somebody stores it.

use alloy::primitives::{B256, Bytes};
use alloy::providers::Provider as _;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use modelmark_chain::{BasisPoints, Chain, License, ModelInput, ReadAt, Registry, token_id_of};

use crate::chains::{mined, on_both_chains};
use crate::differential::{ModelRegistry, abi};
use crate::samples::{mint, registry, statement, wallet};

on_both_chains! {
    async fn a_log_only_token_says_nothing_until_it_is_stored(chain: Chain) {
        let registry = registry(&chain).await;
        // Enters the licence into the book.
        mint(&registry, &wallet(1), &statement("other", &wallet(1))).await;
        let creator = wallet(2);
        let input = bare("logged");
        let id = token_id_of(&input);
        send(&registry, creator.address(), ModelRegistry::mintLogOnlyCall { to: creator.address(), model: abi(&input) }).await;
        assert!(registry.exists(id).await.unwrap());
        assert_eq!(registry.model(id).await.unwrap(), None);
        let claims = registry.find_by_weights(input.weights).await.unwrap();
        assert_eq!(claims.len(), 1, "the claim is there and in order");

        send(&registry, wallet(3).address(), ModelRegistry::storeCall { model: abi(&input) }).await;
        let model = registry.model(id).await.unwrap().unwrap();
        assert!(model.is_bound() && model.is_of(&input));
        // The token does not know when it was minted; the log does.
        let born = Registry::at(&chain.clone().at(ReadAt::Number(model.minted.block)), registry.address());
        assert!(born.exists(id).await.unwrap() && born.model(id).await.unwrap().is_none());
        assert_eq!(model.minted.block, claims[0].block);
        assert!(model.minted.time > 0 && model.minted.time <= model.seen_at.time);
    }
}

/// A statement with nothing that its id does not commit to.
fn bare(name: &str) -> ModelInput {
    ModelInput {
        dataset: None,
        framework: None,
        metrics: None,
        royalty: BasisPoints::default(),
        license: License::new("Apache-2.0", None).unwrap(),
        ..statement(name, &wallet(2))
    }
}

async fn send<C: SolCall>(registry: &Registry, from: alloy::primitives::Address, call: C) {
    let request =
        TransactionRequest::default().from(from).to(registry.address()).gas_limit(1_000_000).input(Bytes::from(call.abi_encode()).into());
    // Development chains sign for their own accounts.
    let provider = registry.chain().provider();
    let hash: B256 = provider.raw_request("eth_sendTransaction".into(), (request,)).await.unwrap();
    mined(registry.chain(), hash).await;
}
