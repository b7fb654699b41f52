//! Several endpoints: what enough of them say counts, and who says something else is named.

use std::time::Duration;

use modelmark_chain::{
    AddressBook, Authenticity, Block, Chain, ChainError, ChainId, Contract, HttpLimits, ReadAt, Registry, SightError, TokenId, authenticity,
};
use modelmark_devnet::{Config, Devnet};
use serde_json::{Value, json};

use crate::double::{Answer, Double, honest};
use crate::samples::{mint, registry, statement, wallet};

/// Long enough for a loaded machine; nothing here hangs but where a test says so.
fn limits() -> HttpLimits {
    HttpLimits { request: Duration::from_secs(20), response_bytes: 1 << 20, attempts: 1, backoff: Duration::from_millis(5) }
}

/// A chain with one token, and its id.
async fn world() -> (Devnet, TokenId) {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let chain = Chain::over(alloy::rpc::client::RpcClient::new(devnet.clone(), true), "truth", None).await.unwrap();
    let id = mint(&registry(&chain).await, &wallet(0), &statement("agreed", &wallet(0))).await;
    (devnet, id)
}

async fn truth(devnet: &Devnet) -> Double {
    Double::before(devnet.clone(), |_, _| None).await
}

async fn connect(endpoints: &[&Double], needed: Option<usize>) -> Result<Chain, ChainError> {
    let urls: Vec<_> = endpoints.iter().map(|double| double.url.clone()).collect();
    connect_to(&urls, needed).await
}

async fn connect_to(urls: &[String], needed: Option<usize>) -> Result<Chain, ChainError> {
    Chain::connect_to_all(urls, Chain::quorum(urls, needed).unwrap(), Some(ChainId::DEVELOPMENT), limits()).await
}

/// Each lie alone is outvoted, and its endpoint named.
#[tokio::test]
async fn a_liar_among_three_is_not_believed_and_named() {
    let (devnet, id) = world().await;
    let lies: [(&str, Value); 5] = [
        ("eth_call", json!(format!("0x{}", "00".repeat(1024)))),
        ("eth_getLogs", json!([])),
        ("eth_getCode", json!("0x00")),
        ("eth_getStorageAt", json!(format!("0x{}", "11".repeat(32)))),
        ("eth_chainId", json!("0x1")),
    ];
    for (method, lie) in lies {
        let liar = Double::before(devnet.clone(), move |asked, _| (asked == method).then(|| Answer::Result(lie.clone()))).await;
        let (one, another) = (truth(&devnet).await, truth(&devnet).await);
        // Whoever is asked first is not believed more.
        let chain = connect(&[&liar, &one, &another], None).await.unwrap();
        let registry = Registry::canonical(&chain);
        let model = registry.model(id).await.unwrap().unwrap();
        assert!(model.is_bound() && model.creator == wallet(0).address(), "{method}");
        assert_eq!(registry.find_by_weights(model.weights).await.unwrap().len(), 1, "{method}");
        assert_eq!(authenticity(&chain, registry.address(), &AddressBook::default()).await.unwrap(), Authenticity::Canonical, "{method}");
        // Of a contract whose address says nothing, the storage is read too.
        let book = Contract::LicenseBook.address();
        assert_eq!(authenticity(&chain, book, &AddressBook::default()).await.unwrap(), Authenticity::Foreign, "{method}");
        let dissent = chain.dissent();
        assert!(dissent.len() == 1 && dissent[0].contains(&liar.url) && dissent[0].contains("CONTRADICTS"), "{method}: {dissent:?}");
    }
}

/// What one endpoint says of one token in a call for many spoils its answer about all of them, and nobody else's.
#[tokio::test]
async fn a_liar_about_one_of_many_tokens_is_not_believed() {
    let (devnet, id) = world().await;
    let truth_of_it = Chain::over(alloy::rpc::client::RpcClient::new(devnet.clone(), true), "truth", None).await.unwrap();
    let ids: Vec<_> = std::iter::once(id).chain((1..8).map(|number| TokenId::from(alloy::primitives::U256::from(number)))).collect();
    let wanted = format!("{:?}", Registry::canonical(&truth_of_it).all_stated(&ids).await.unwrap());
    let liar = Double::before(devnet.clone(), |asked, _| (asked == "eth_call").then(|| Answer::Result(json!("0x1234")))).await;
    let (one, another) = (truth(&devnet).await, truth(&devnet).await);
    let chain = connect(&[&liar, &one, &another], None).await.unwrap();
    let told = Registry::canonical(&chain).all_stated(&ids).await.unwrap();
    assert!(told[0].as_ref().unwrap().as_ref().unwrap().is_bound());
    assert_eq!(format!("{told:?}"), wanted);
    let dissent = chain.dissent();
    assert!(dissent.len() == 1 && dissent[0].contains(&liar.url) && dissent[0].contains("CONTRADICTS"), "{dissent:?}");
}

#[tokio::test]
async fn where_too_few_agree_nothing_is_believed() {
    let (devnet, id) = world().await;
    let liar = |word: &'static str| {
        Double::before(devnet.clone(), move |asked, _| {
            (asked == "eth_call").then(|| Answer::Result(json!(format!("0x{}", word.repeat(64)))))
        })
    };
    let (one, another, honest) = (liar("01").await, liar("02").await, truth(&devnet).await);
    // One against one, three that all say something else, and two of three where all three are demanded.
    let (second, third) = (truth(&devnet).await, truth(&devnet).await);
    for (endpoints, needed) in [(vec![&one, &honest], None), (vec![&one, &another, &honest], None), (vec![&second, &third, &one], Some(3))]
    {
        let chain = connect(&endpoints, needed).await.unwrap();
        let error = Registry::canonical(&chain).model(id).await.unwrap_err();
        assert!(matches!(error, ChainError::Unreachable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("an agreement of") && text.contains("eth_call") && endpoints.iter().all(|double| text.contains(&double.url)),
            "{text}"
        );
    }
}

#[tokio::test]
async fn dead_endpoints_are_counted_out_while_enough_answer() {
    let (devnet, id) = world().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{free}");
    let (one, another) = (truth(&devnet).await, truth(&devnet).await);
    let chain = connect_to(&[nobody.clone(), one.url.clone(), another.url.clone()], None).await.unwrap();
    assert!(Registry::canonical(&chain).model(id).await.unwrap().is_some());
    let dissent = chain.dissent();
    assert!(dissent.len() == 1 && dissent[0].contains(&nobody) && dissent[0].contains("did not answer"), "{dissent:?}");
    let error = connect_to(&[nobody, one.url.clone()], None).await.unwrap_err();
    assert!(matches!(error, ChainError::Unreachable { .. }), "{error:?}");
}

/// Asked for its newest block, one endpoint tells of an old one, and one of a block that nobody has.
#[tokio::test]
async fn neither_who_is_behind_nor_who_invents_blocks_decides_on_the_head() {
    let (devnet, id) = world().await;
    let number = |block: u64| json!([format!("{block:#x}"), false]);
    let at = move |devnet: &Devnet, block: u64| honest(devnet, "eth_getBlockByNumber", &number(block));
    let is_tag = |params: &Value| params[0].as_str().is_some_and(|block| !block.starts_with("0x"));
    let behind = devnet.clone();
    let stale =
        Double::before(devnet.clone(), move |method, params| (method == "eth_getBlockByNumber" && is_tag(params)).then(|| at(&behind, 0)))
            .await;
    let ahead = devnet.clone();
    let inventor = Double::before(devnet.clone(), move |method, params| {
        let Answer::Result(mut block) = honest(&ahead, method, params) else { return None };
        if method == "eth_getBlockByNumber" && is_tag(params) {
            block["number"] = json!("0xffffffffffff");
            return Some(Answer::Result(block));
        }
        None
    })
    .await;
    let (one, another) = (truth(&devnet).await, truth(&devnet).await);
    for tag in [ReadAt::Latest, ReadAt::Finalized] {
        let chain = connect(&[&stale, &inventor, &one, &another], None).await.unwrap().at(tag);
        let head = devnet.request("eth_blockNumber", json!([])).unwrap();
        assert_eq!(format!("{:#x}", chain.block().await.unwrap().number), head.as_str().unwrap());
        assert!(Registry::canonical(&chain).model(id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_block_with_another_hash_is_another_block() {
    let (devnet, _) = world().await;
    let behind = devnet.clone();
    let liar = Double::before(devnet.clone(), move |method, params| {
        let Answer::Result(mut block) = honest(&behind, method, params) else { return None };
        (method == "eth_getBlockByNumber").then(|| {
            block["hash"] = json!(format!("0x{}", "66".repeat(32)));
            Answer::Result(block)
        })
    })
    .await;
    let honest = truth(&devnet).await;
    assert!(matches!(connect(&[&liar, &honest], None).await.unwrap().block().await.unwrap_err(), ChainError::Unreachable { .. }));
    let third = truth(&devnet).await;
    let block = connect(&[&liar, &honest, &third], None).await.unwrap().block().await.unwrap();
    assert_ne!(block.hash.0, [0x66; 32]);
}

#[tokio::test]
async fn a_transaction_is_sent_to_the_first_alone() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let endpoints = [truth(&devnet).await, truth(&devnet).await, truth(&devnet).await];
    let chain = connect(&endpoints.each_ref(), None).await.unwrap();
    registry(&chain).await;
    assert!(endpoints[0].count("eth_sendRawTransaction") > 0);
    assert_eq!(endpoints[1].count("eth_sendRawTransaction") + endpoints[2].count("eth_sendRawTransaction"), 0);
}

/// Refusals of long ranges by one endpoint shorten the questions to all, so that a flood of logs cannot part those that agree.
#[tokio::test]
async fn limits_of_one_endpoint_do_not_part_them() {
    let (devnet, id) = world().await;
    let narrow = || {
        Double::before(devnet.clone(), |method, params| {
            let block = |name: &str| u64::from_str_radix(params[0][name].as_str()?.trim_start_matches("0x"), 16).ok();
            let wide = method == "eth_getLogs" && block("toBlock")? - block("fromBlock")? > 2;
            wide.then(|| Answer::Error(json!({"code": -32005, "message": "block range too wide"})))
        })
    };
    let (one, another, third) = (narrow().await, narrow().await, truth(&devnet).await);
    let chain = connect(&[&one, &another, &third], None).await.unwrap();
    let registry = Registry::canonical(&chain);
    let weights = registry.model(id).await.unwrap().unwrap().weights;
    assert_eq!(registry.find_by_weights(weights).await.unwrap().len(), 1);
}

/// An endpoint that stopped in the past, or whose blocks are of the future, and a clock of this machine that is wrong, look alike: all are refused.
#[tokio::test]
async fn blocks_of_other_times_are_refused() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = async |time: u64| {
        let behind = devnet.clone();
        let double = Double::before(devnet.clone(), move |method, params| {
            let Answer::Result(mut block) = honest(&behind, method, params) else { return None };
            (method == "eth_getBlockByNumber").then(|| {
                block["timestamp"] = json!(format!("{time:#x}"));
                Answer::Result(block)
            })
        })
        .await;
        let chain = Chain::connect_with(&double.url, None, limits()).await.unwrap();
        (double, chain)
    };
    let bound = Some(Duration::from_secs(3600));
    let (_old, chain) = at(now - 7200).await;
    let error = chain.clone().with_max_age(bound).sight().await.unwrap_err();
    assert!(matches!(error, SightError::Old { bound: 3600, .. }), "{error:?}");
    assert!(error.to_string().contains("answers an old block"), "{error}");
    // Whoever sets no bound, or names the block, gets it.
    assert!(chain.clone().sight().await.is_ok());
    let sight = chain.at(ReadAt::Number(0)).with_max_age(bound).sight().await.unwrap();
    assert_eq!((sight.block.number, sight.finality), (0, ReadAt::Finalized));
    let (_future, chain) = at(now + 7200).await;
    let error = chain.with_max_age(bound).sight().await.unwrap_err();
    assert!(matches!(error, SightError::Future { .. }), "{error:?}");
    let (_fresh, chain) = at(now - 60).await;
    let Block { time, .. } = chain.with_max_age(bound).sight().await.unwrap().block;
    assert_eq!(time, now - 60);
}

#[test]
fn a_chain_has_a_bound_only_where_blocks_keep_coming() {
    assert_eq!(ChainId::DEVELOPMENT.max_block_age(), None);
    assert_eq!(ChainId::try_from(8453).unwrap().max_block_age(), Some(Duration::from_secs(10_800)));
}
