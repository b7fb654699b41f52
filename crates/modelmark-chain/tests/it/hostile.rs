//! Endpoints that are down, broken or lying: an error within bounded time, never a panic.

use std::time::{Duration, Instant};

use alloy::rpc::client::RpcClient;
use modelmark_chain::{
    AddressBook, Chain, ChainError, ChainId, Collection, DeployPlan, Deployment, HttpLimits, Registry, WalletError, Wei, authenticity,
    token_id_of,
};
use modelmark_devnet::{Config, Devnet};
use serde_json::{Value, json};

use crate::double::{Answer, Double};
use crate::samples::{id, registry, statement, wallet};

/// Patience for tests: everything that hangs is given up within a second.
fn limits() -> HttpLimits {
    HttpLimits { request: Duration::from_millis(500), response_bytes: 1 << 20, attempts: 3, backoff: Duration::from_millis(5) }
}

async fn connect(double: &Double) -> Result<Chain, ChainError> {
    Chain::connect_with(&double.url, None, limits()).await
}

/// Far beyond what any of these takes on a loaded machine: only a hang is longer.
const NO_HANG: Duration = Duration::from_secs(120);

#[tokio::test]
async fn nobody_there_is_said_with_the_host() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = Chain::connect_with(&format!("http://{free}/v3/hunter2"), None, limits()).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ChainError::Unreachable { .. }), "{error:?}");
    assert!(text.contains(&free.to_string()) && text.contains("refused") && !format!("{error:?}{text}").contains("hunter2"), "{text}");
}

#[tokio::test]
async fn answers_that_are_no_chain_id_are_errors() {
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    for answer in [
        Answer::Body(vec![]),
        Answer::Body(b"<html>hello</html>".into()),
        Answer::Body(b"\xff\xfe\x00".into()),
        Answer::Body(b"[]".into()),
        Answer::Body(b"{}".into()),
        Answer::Body(b"null".into()),
        Answer::Body(b"{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":".into()),
        Answer::Body(b"[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"0x1\"}]".into()),
        Answer::Body(deep),
        Answer::Result(Value::Null),
        Answer::Result(json!("0x")),
        Answer::Result(json!("0x0")),
        Answer::Result(json!("0xzz")),
        Answer::Result(json!("0x10000000000000000")),
        Answer::Result(json!({"a": [1, 2, 3]})),
        Answer::Error(json!({"code": -32601, "message": "\u{1b}[31mno such method"})),
        Answer::Error(json!("not an error object")),
        Answer::Truncated,
        Answer::Close,
        Answer::Status(302),
        Answer::Status(401),
        Answer::Status(404),
        Answer::Status(429),
        Answer::Status(500),
    ] {
        let (start, shown) = (Instant::now(), format!("{answer:.80?}"));
        let double = Double::start(move |_, _| answer.clone()).await;
        let text = connect(&double).await.expect_err(&shown).to_string();
        assert!(text.contains(&double.url) && !text.contains('\u{1b}') && text.len() < 1_000, "{shown}: {text}");
        assert!(start.elapsed() < NO_HANG, "{shown}");
    }
}

#[tokio::test]
async fn what_never_ends_is_cut_off() {
    for (answer, wanted) in
        [(Answer::Flood, "more than 1048576 bytes"), (Answer::Hang, "no answer within"), (Answer::Drip, "no answer within")]
    {
        let start = Instant::now();
        let double = Double::start(move |_, _| answer.clone()).await;
        let text = connect(&double).await.unwrap_err().to_string();
        assert!(text.contains(wanted), "{text}");
        assert!(start.elapsed() < NO_HANG);
        assert_eq!(double.count("eth_chainId"), 1, "patience is spent once");
    }
}

#[tokio::test]
async fn another_chain_is_refused_by_name() {
    let double = Double::start(|_, _| Answer::Result(json!("0x1"))).await;
    let error = Chain::connect_with(&double.url, Some(ChainId::DEVELOPMENT), limits()).await.unwrap_err();
    assert!(matches!(error, ChainError::WrongChain { .. }));
    assert!(error.to_string().contains("serves eip155:1, but eip155:31337 was asked for"), "{error}");
}

#[tokio::test]
async fn development_keys_send_nothing_to_another_chain() {
    let devnet = Devnet::in_memory(Config { chain_id: 5, ..Config::default() }).unwrap();
    let chain = Chain::over(RpcClient::new(devnet, true), "other", None).await.unwrap();
    let refused = |error: ChainError| matches!(error, ChainError::Wallet(WalletError::Development { .. }));
    assert!(refused(DeployPlan::new(&chain, &wallet(0), &Deployment::Canonical).await.unwrap_err()));
    let (registry, input) = (Registry::canonical(&chain), statement("elsewhere", &wallet(0)));
    assert!(refused(registry.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap_err()));
    assert!(refused(registry.authorize_mint(&wallet(0), wallet(0).address(), &input, 0).unwrap_err()));
}

#[tokio::test]
async fn reads_are_tried_again_and_transactions_are_not() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let failures = std::sync::atomic::AtomicU32::new(2);
    let double = Double::before(devnet, move |method, _| match method {
        "eth_chainId"
            if failures
                .fetch_update(std::sync::atomic::Ordering::SeqCst, std::sync::atomic::Ordering::SeqCst, |n| n.checked_sub(1))
                .is_ok() =>
        {
            Some(Answer::Status(503))
        }
        "eth_sendRawTransaction" => Some(Answer::Status(503)),
        _ => None,
    })
    .await;
    let patience = modelmark_chain::Patience { deadline: Duration::from_millis(300), ..Default::default() };
    let chain = connect(&double).await.unwrap().with_patience(patience);
    assert_eq!(double.count("eth_chainId"), 3);
    let plan = DeployPlan::new(&chain, &wallet(0), &Deployment::Canonical).await.unwrap();
    // Whether the transaction arrived is unknown, so that it is waited for, but never sent twice.
    let error = plan.execute(&wallet(0)).await.unwrap_err();
    assert!(matches!(error, ChainError::Deadline { .. }), "{error:?}");
    assert_eq!(double.count("eth_sendRawTransaction"), 1);
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_found_again() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let behind = devnet.clone();
    let double = Double::before(devnet, move |method, params| {
        (method == "eth_sendRawTransaction").then(|| {
            behind.request(method, params.clone()).unwrap();
            Answer::Close
        })
    })
    .await;
    let chain = connect(&double).await.unwrap();
    let registry = registry(&chain).await;
    let input = statement("lost answer", &wallet(0));
    let minted = registry.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap().execute(&wallet(0)).await.unwrap();
    assert!(minted.by_us.is_some());
}

#[tokio::test]
async fn a_node_that_is_behind_its_own_receipts_is_waited_for() {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    // As a pool of nodes behind one address does: a receipt from one, then three looks at another that lacks the block.
    let (behind, stale) = (devnet.clone(), std::sync::Arc::new(AtomicU32::new(0)));
    let looks = stale.clone();
    let double = Double::before(devnet, move |method, params| {
        if method != "eth_getBlockByNumber" || looks.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_err() {
            return None;
        }
        let newest = behind.request(method, params.clone()).unwrap();
        let number = u64::from_str_radix(newest["number"].as_str()?.trim_start_matches("0x"), 16).ok()?;
        Some(Answer::Result(behind.request(method, json!([format!("{:#x}", number - 1), false])).unwrap()))
    })
    .await;
    let chain = connect(&double).await.unwrap();
    let registry = registry(&chain).await;
    let input = statement("lagging", &wallet(0));
    let plan = registry.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap();
    stale.store(4, SeqCst);
    let minted = plan.execute(&wallet(0)).await.unwrap();
    assert!(minted.by_us.is_some());
    assert_eq!(stale.load(SeqCst), 0);
}

#[tokio::test]
async fn a_chain_without_the_factory_is_told_what_to_do() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let double = Double::before(devnet, |method, _| (method == "eth_getCode").then(|| Answer::Result(json!("0x")))).await;
    let error = DeployPlan::new(&connect(&double).await.unwrap(), &wallet(0), &Deployment::Canonical).await.unwrap_err();
    assert!(matches!(error, ChainError::NoFactory { .. }));
    assert!(error.to_string().contains("0x3fAB184622Dc19b6109349B94811493BF45362d2"), "{error}");
}

#[tokio::test]
async fn reverts_without_a_reason_are_reverts() {
    for error in [
        json!({"code": 3, "message": "execution reverted", "data": "0x"}),
        json!({"code": -32000, "message": "execution reverted"}),
        json!({"code": 3, "message": "execution reverted", "data": "0xdeadbeef"}),
        json!({"code": 3, "message": "execution reverted", "data": format!("0x08c379a0{}", "ff".repeat(100))}),
    ] {
        let double = Double::before(Devnet::in_memory(Config::default()).unwrap(), move |method, _| {
            (method == "eth_call").then(|| Answer::Error(error.clone()))
        })
        .await;
        let registry = Registry::canonical(&connect(&double).await.unwrap());
        let error = registry.model(id(1)).await.unwrap_err();
        assert!(matches!(error, ChainError::Reverted { .. }), "{error:?}");
        assert!(error.to_string().contains("the contract refused"), "{error}");
    }
}

#[tokio::test]
async fn chains_without_a_fee_market_get_legacy_transactions() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let behind = devnet.clone();
    let double = Double::before(devnet.clone(), move |method, params| {
        let mut block = (method == "eth_getBlockByNumber").then(|| behind.request(method, params.clone()).unwrap())?;
        block.as_object_mut()?.remove("baseFeePerGas");
        Some(Answer::Result(block))
    })
    .await;
    let registry = registry(&connect(&double).await.unwrap()).await;
    let input = statement("legacy", &wallet(0));
    let minted = registry.plan_mint(&wallet(0), wallet(0).address(), &input).await.unwrap().execute(&wallet(0)).await.unwrap();
    let sent = devnet.request("eth_getTransactionByHash", json!([minted.by_us.unwrap().tx])).unwrap();
    assert_eq!(sent["type"], "0x0");
}

#[tokio::test]
async fn nodes_that_suggest_no_tip_are_served_too() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let missing = json!({"code": -32601, "message": "the method eth_maxPriorityFeePerGas does not exist"});
    let double =
        Double::before(devnet, move |method, _| (method == "eth_maxPriorityFeePerGas").then(|| Answer::Error(missing.clone()))).await;
    registry(&connect(&double).await.unwrap()).await;
}

#[tokio::test]
async fn a_nonce_that_is_always_taken_is_given_up() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let taken = json!({"code": -32000, "message": "nonce too low: next nonce 5, tx nonce 4"});
    let double = Double::before(devnet, move |method, _| (method == "eth_sendRawTransaction").then(|| Answer::Error(taken.clone()))).await;
    let plan = DeployPlan::new(&connect(&double).await.unwrap(), &wallet(0), &Deployment::Canonical).await.unwrap();
    assert!(matches!(plan.execute(&wallet(0)).await.unwrap_err(), ChainError::Contended { .. }));
    assert_eq!(double.count("eth_sendRawTransaction"), 8);
}

#[tokio::test]
async fn gas_that_grows_after_the_plan_is_not_paid() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let asked = std::sync::atomic::AtomicU32::new(0);
    let double = Double::before(devnet, move |method, _| {
        let later = method == "eth_estimateGas" && asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0;
        later.then(|| Answer::Result(json!("0xffffffffffff")))
    })
    .await;
    let plan = DeployPlan::new(&connect(&double).await.unwrap(), &wallet(0), &Deployment::Canonical).await.unwrap();
    assert!(matches!(plan.execute(&wallet(0)).await.unwrap_err(), ChainError::CostGrew { .. }));
    assert_eq!(double.count("eth_sendRawTransaction"), 0);
}

#[tokio::test]
async fn tls_is_spoken_to_https_addresses() {
    // A plain server: what matters is that the handshake is tried, with roots and a provider, and fails with an error.
    let double = Double::start(|_, _| Answer::Hang).await;
    let error = Chain::connect_with(&double.url.replace("http:", "https:"), None, limits()).await.unwrap_err();
    assert!(matches!(error, ChainError::Unreachable { .. }), "{error:?}");
}

/// Whatever a single question is answered with, every function answers, and none claims to have found what is not there.
#[tokio::test]
async fn no_lie_makes_anything_panic() {
    let methods = [
        "eth_call",
        "eth_getLogs",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getStorageAt",
        "eth_estimateGas",
        "eth_getBalance",
        "eth_maxPriorityFeePerGas",
    ];
    let word = format!("0x{}", "ff".repeat(32));
    let offsets = format!("0x{}", "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff".repeat(8));
    let lies = [
        Value::Null,
        json!(true),
        json!(-1),
        json!([]),
        json!({}),
        json!([null, 1, {"topics": []}]),
        json!("0x"),
        json!("0x01"),
        json!(word),
        json!(offsets),
        json!("é".repeat(1000)),
        json!([{"address": wallet(0).address(), "topics": [], "data": "0x", "blockNumber": word, "logIndex": "0x0"}]),
        json!({"number": "0xffffffffffffffff", "hash": word, "timestamp": "0xffffffffffffffff", "baseFeePerGas": word}),
    ];
    let input = statement("lied about", &wallet(0));
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    registry(&Chain::over(RpcClient::new(devnet.clone(), true), "truth", None).await.unwrap()).await;
    for method in methods {
        for lie in &lies {
            let shown = format!("{method} {lie:.60}");
            let lie = lie.clone();
            let double = Double::before(devnet.clone(), move |asked, _| (asked == method).then(|| Answer::Result(lie.clone()))).await;
            let chain = connect(&double).await.unwrap();
            let registry = Registry::canonical(&chain);
            let start = Instant::now();
            if let Ok(Some(model)) = registry.model(token_id_of(&input)).await {
                assert!(!model.is_of(&input) || !model.is_bound(), "{shown}");
            }
            let _ = registry.exists(id(1)).await;
            let _ = registry.royalty_info(id(1), Wei::from(u128::MAX)).await;
            assert_eq!(registry.find_by_weights(input.weights).await.unwrap_or_default(), [], "{shown}");
            let _ = authenticity(&chain, Collection::canonical().address(), &AddressBook::default()).await;
            let _ = DeployPlan::new(&chain, &wallet(0), &Deployment::Canonical).await;
            if let Ok(plan) = registry.plan_mint(&wallet(0), wallet(0).address(), &input).await {
                assert!(plan.costs().steps.is_empty() || plan.costs().total >= Wei::default(), "{shown}");
            }
            assert!(start.elapsed() < NO_HANG, "{shown}");
        }
    }
}
