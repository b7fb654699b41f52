//! Endpoints that give their logs in small pieces, and floods of claims.

use alloy::rpc::client::RpcClient;
use modelmark_chain::{Chain, ChainError, Patience, ReadAt};
use modelmark_devnet::{Config, Devnet};
use serde_json::{Value, json};

use crate::double::{Answer, Double};
use crate::samples::{mint, registry, statement, wallet};

/// A chain with three claims of the same weights by different creators, several blocks apart, and the digest.
async fn claimed(devnet: &Devnet) -> modelmark_digest::Sha256Digest {
    let chain = Chain::over(RpcClient::new(devnet.clone(), true), "truth", None).await.unwrap();
    let registry = registry(&chain).await;
    for creator in [3, 1, 2] {
        mint(&registry, &wallet(creator), &statement("claimed", &wallet(creator))).await;
        devnet
            .request("anvil_mine", json!(["0x19"]))
            .or_else(|_| (0..25).try_fold(Value::Null, |_, _| devnet.request("evm_mine", json!([]))))
            .unwrap();
    }
    statement("claimed", &wallet(0)).weights
}

fn span(params: &Value) -> u64 {
    let number = |key: &str| u64::from_str_radix(params[0][key].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    number("toBlock") - number("fromBlock") + 1
}

async fn chain_limited_to(devnet: Devnet, blocks: u64) -> (Double, Chain) {
    let double = Double::before(devnet, move |method, params| {
        (method == "eth_getLogs" && span(params) > blocks)
            .then(|| Answer::Error(json!({"code": -32005, "message": "query exceeds max block range"})))
    })
    .await;
    let chain = Chain::connect(&double.url, None).await.unwrap();
    (double, chain)
}

#[tokio::test]
async fn claims_are_found_in_order_whatever_the_endpoints_range() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let weights = claimed(&devnet).await;
    for blocks in [u64::MAX, 30, 7, 1] {
        let (_double, chain) = chain_limited_to(devnet.clone(), blocks).await;
        let registry = modelmark_chain::Registry::canonical(&chain);
        let claims = registry.find_by_weights(weights).await.unwrap();
        let creators: Vec<_> = claims.iter().map(|claim| claim.creator).collect();
        assert_eq!(creators, [3, 1, 2].map(|n| wallet(n).address()), "{blocks}");
        assert!(claims.is_sorted_by_key(|claim| (claim.block, claim.log_index)));
        let mine = registry.find_by_creator(weights, wallet(1).address()).await.unwrap();
        assert_eq!(mine, claims[1..2]);
        // The mint is found through its time where the range is too small for all of the chain.
        for claim in &claims {
            let model = registry.model(claim.token_id).await.unwrap().unwrap();
            assert_eq!((model.minted.block, model.minted.tx), (claim.block, claim.tx));
        }
    }
}

#[tokio::test]
async fn an_endpoint_without_logs_is_not_asked_for_ever() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let weights = claimed(&devnet).await;
    for (code, most) in [(-32601, 1), (-32005, 12)] {
        let double = Double::before(devnet.clone(), move |method, _| {
            (method == "eth_getLogs").then(|| Answer::Error(json!({"code": code, "message": "no"})))
        })
        .await;
        let registry = modelmark_chain::Registry::canonical(&Chain::connect(&double.url, None).await.unwrap());
        assert!(matches!(registry.find_by_weights(weights).await.unwrap_err(), ChainError::Refused { .. }));
        assert!(double.count("eth_getLogs") <= most, "{}", double.count("eth_getLogs"));
    }
}

#[tokio::test]
async fn a_log_that_was_not_asked_for_is_a_lie() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let weights = claimed(&devnet).await;
    let other = json!([{"fromBlock": "0x0", "toBlock": "latest"}]);
    let logs = devnet.request("eth_getLogs", other).unwrap();
    let double = Double::before(devnet, move |method, _| (method == "eth_getLogs").then(|| Answer::Result(logs.clone()))).await;
    let registry = modelmark_chain::Registry::canonical(&Chain::connect(&double.url, None).await.unwrap());
    let error = registry.find_by_weights(weights).await.unwrap_err();
    assert!(matches!(&error, ChainError::Nonsense { detail, .. } if detail.contains("not asked for")), "{error:?}");
}

#[tokio::test]
async fn a_token_is_read_as_it_was_at_a_block() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let weights = claimed(&devnet).await;
    let chain = Chain::over(RpcClient::new(devnet, true), "truth", None).await.unwrap();
    let claims = modelmark_chain::Registry::canonical(&chain).find_by_weights(weights).await.unwrap();
    let before = modelmark_chain::Registry::canonical(&chain.clone().at(ReadAt::Number(claims[1].block - 1)));
    assert_eq!(before.find_by_weights(weights).await.unwrap(), claims[..1]);
    assert!(before.model(claims[1].token_id).await.unwrap().is_none());
    assert_eq!(before.model(claims[0].token_id).await.unwrap().unwrap().seen_at.number, claims[1].block - 1);
}

#[tokio::test]
async fn confirmations_are_waited_for_and_not_for_ever() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let miner = devnet.clone();
    let chain = Chain::over(RpcClient::new(devnet.clone(), true), "truth", None).await.unwrap();
    let registry = registry(&chain).await;
    let input = statement("confirmed", &wallet(0));
    let poll = std::time::Duration::from_millis(10);
    // Nobody mines: the third block never comes.
    let alone = chain.clone().with_patience(Patience { confirmations: 3, deadline: poll * 20, poll });
    let lonely = modelmark_chain::Registry::at(&alone, registry.address());
    let plan = lonely.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap();
    assert!(matches!(plan.execute(&wallet(0)).await.unwrap_err(), ChainError::Deadline { .. }));
    // With blocks coming, the same again goes through.
    let ticking = tokio::spawn(async move {
        loop {
            miner.request("evm_mine", json!([])).unwrap();
            tokio::time::sleep(poll).await;
        }
    });
    let patient = chain.with_patience(Patience { confirmations: 3, deadline: poll * 2_000, poll });
    let served = modelmark_chain::Registry::at(&patient, registry.address());
    let plan = served.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap();
    let minted = plan.execute(&wallet(0)).await.unwrap();
    ticking.abort();
    assert!(served.exists(minted.token.id()).await.unwrap());
}
