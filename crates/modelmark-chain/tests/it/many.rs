//! Many tokens at once: the same answers as one by one, through Multicall3, from endpoints with batches, and from those without.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider as _;
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use modelmark_chain::{
    CallPlan, Chain, ChainError, License, Lineage, Model, ModelInput, Registry, Relation, Stated, TokenId, Wallet, token_id_of,
};
use modelmark_devnet::{Config, Devnet};
use serde_json::json;

use crate::chains::mined;
use crate::differential::{ModelRegistry, abi};
use crate::double::{Answer, Double};
use crate::samples::{id, mint, parent, registry, statement, wallet};

/// Tokens of a batch into the log that are stored afterwards.
const STORED: usize = 20;

fn statement_of(creator: &Wallet, number: usize) -> ModelInput {
    ModelInput {
        dataset: None,
        framework: None,
        metrics: None,
        royalty: modelmark_chain::BasisPoints::default(),
        license: License::new("ISC", None).unwrap(),
        ..statement(&format!("model {number}"), creator)
    }
}

async fn send(chain: &Chain, from: Address, to: Address, call: Vec<u8>) {
    let request = TransactionRequest::default().from(from).to(to).gas_limit(16_000_000).input(Bytes::from(call).into());
    let hash: B256 = chain.provider().raw_request("eth_sendTransaction".into(), (request,)).await.unwrap();
    assert_eq!(mined(chain, hash).await["status"], "0x1");
}

/// A thousand ids: tokens with every field, with parents, of a batch into the log and stored since, of the log alone, and ids of no token; or so many.
async fn minted(devnet: &Devnet, most: usize) -> (Registry, Vec<TokenId>) {
    let chain = Chain::over(RpcClient::new(devnet.clone(), true), "the embedded chain", None).await.unwrap();
    let registry = registry(&chain).await;
    let creator = wallet(2);
    let mut ids = vec![mint(&registry, &wallet(1), &statement("full", &wallet(1))).await];
    let parents = vec![parent(ids[0], Relation::FineTune, 700)];
    let child = ModelInput { lineage: Lineage::new(parents).unwrap(), ..statement("child", &wallet(1)) };
    ids.push(mint(&registry, &wallet(1), &child).await);
    let statements: Vec<_> = (0..most - 10).map(|number| statement_of(&creator, number)).collect();
    let calls = registry.mint_log_only(creator.address(), &statements);
    CallPlan::new(&chain, &creator, calls).await.unwrap().execute(&creator).await.unwrap();
    for stored in &statements[..STORED] {
        send(&chain, creator.address(), registry.address(), ModelRegistry::storeCall { model: abi(stored) }.abi_encode()).await;
    }
    ids.extend(statements.iter().map(token_id_of));
    let missing = most - ids.len();
    ids.extend((0..missing as u64).map(id));
    (registry, ids)
}

fn same(many: &[Result<Option<Model>, ChainError>], single: &Result<Option<Model>, ChainError>, place: usize) {
    assert_eq!(format!("{:?}", many[place]), format!("{single:?}"), "{place}");
}

#[tokio::test]
async fn a_thousand_at_once_are_what_each_is_alone() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 1_000).await;
    let many = registry.models(&ids).await.unwrap();
    assert_eq!(many.len(), 1_000);
    assert_eq!(many.iter().filter(|model| matches!(model, Ok(Some(model)) if model.is_bound())).count(), STORED + 2);
    assert!(many.iter().all(Result::is_ok));
    for place in [0, 1, 2, 3, STORED + 1, STORED + 2, 500, 999] {
        same(&many, &registry.model(ids[place]).await, place);
    }
    assert!(registry.models(&[]).await.unwrap().is_empty());
}

/// Where Multicall3 is, as addresses stand in questions.
const MULTICALL: &str = "ca11bde05977b3631167028862be2a173976ca11";

/// What a chain without Multicall3 answers.
fn without_multicall(devnet: &Devnet, method: &str, params: &serde_json::Value) -> Answer {
    match method == "eth_getCode" && params.to_string().to_lowercase().contains(MULTICALL) {
        true => Answer::Result(json!("0x")),
        false => crate::double::honest(devnet, method, params),
    }
}

/// Sends `body`'s requests to the chain one after the other, as a server of batches does.
fn batch(devnet: &Devnet, body: &[u8]) -> Vec<u8> {
    let requests: Vec<serde_json::Value> = serde_json::from_slice(body).unwrap();
    let answers = requests.iter().map(|request| match devnet.request(request["method"].as_str().unwrap(), request["params"].clone()) {
        Ok(result) => json!({"jsonrpc": "2.0", "id": request["id"], "result": result}),
        Err(error) => {
            json!({"jsonrpc": "2.0", "id": request["id"], "error": {"code": error.code, "message": error.message, "data": error.data}})
        }
    });
    // In another order than asked.
    serde_json::to_vec(&answers.rev().collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn batches_spare_round_trips_and_their_refusal_costs_one() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 150).await;
    let some = ids;
    let wanted = format!("{:?}", registry.models(&some).await.unwrap());
    let batches = Arc::new(AtomicUsize::new(0));
    for refused in [false, true] {
        batches.store(0, Ordering::Relaxed);
        let (chain, counted) = (devnet.clone(), batches.clone());
        let double = Double::with_batches(
            {
                let devnet = devnet.clone();
                move |method, params| without_multicall(&devnet, method, params)
            },
            move |body| {
                counted.fetch_add(1, Ordering::Relaxed);
                match refused {
                    true => Answer::Body(br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches here"}}"#.to_vec()),
                    false => Answer::Body(batch(&chain, body)),
                }
            },
        )
        .await;
        let chain = Chain::connect(&double.url, None).await.unwrap();
        let told = Registry::at(&chain, registry.address()).models(&some).await.unwrap();
        assert_eq!(format!("{told:?}"), wanted, "refused: {refused}");
        let singly = double.count("eth_call");
        match refused {
            // Two batches for the statements, one for each of four questions about the 22 that have one.
            false => assert_eq!((batches.load(Ordering::Relaxed), singly), (6, 0)),
            // Both of the first are tried in smaller and smaller pieces; none is sent after that.
            true => assert!(batches.load(Ordering::Relaxed) <= 6 && singly == 150 + 4 * (STORED + 2), "{batches:?} {singly}"),
        }
    }
}

#[tokio::test]
async fn what_a_batch_leaves_out_or_refuses_is_asked_alone() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 150).await;
    let wanted = format!("{:?}", registry.models(&ids[..40]).await.unwrap());
    let (chain, honest) = (devnet.clone(), devnet.clone());
    let double = Double::with_batches(
        move |method, params| without_multicall(&honest, method, params),
        move |body| {
            let mut answers: Vec<serde_json::Value> = serde_json::from_slice(&batch(&chain, body)).unwrap();
            answers.pop();
            let busy = answers[0]["id"].clone();
            answers[0] = json!({"jsonrpc": "2.0", "id": busy, "error": {"code": -32005, "message": "too many at once"}});
            answers.push(json!({"jsonrpc": "2.0", "id": 77_777_777, "result": "0x01"}));
            Answer::Body(serde_json::to_vec(&answers).unwrap())
        },
    )
    .await;
    let chain = Chain::connect(&double.url, None).await.unwrap();
    let told = Registry::at(&chain, registry.address()).models(&ids[..40]).await.unwrap();
    assert_eq!(format!("{told:?}"), wanted);
    assert_eq!(double.count("eth_call"), 2 * 5, "the one left out and the one refused of each batch");
}

#[tokio::test]
async fn lies_about_one_token_stay_with_it_and_silence_ends_it_all() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 150).await;
    let (chain, honest, silent) = (devnet.clone(), devnet.clone(), Arc::new(AtomicBool::new(false)));
    let (quiet, mute) = (silent.clone(), silent.clone());
    let lied = format!(
        "{:x}",
        ModelRegistry::ownerOfCall { tokenId: ids[3].get() }.abi_encode().iter().fold(U256::ZERO, |n, b| (n << 8) | U256::from(*b))
    );
    let lie = lied.clone();
    let double = Double::with_batches(
        move |method, params| match params.to_string().contains(&lie) {
            _ if method == "eth_call" && quiet.load(Ordering::Relaxed) => Answer::Status(404),
            true => Answer::Result(json!("0x1234")),
            false => without_multicall(&honest, method, params),
        },
        move |body| {
            if mute.load(Ordering::Relaxed) {
                return Answer::Status(404);
            }
            let requests: Vec<serde_json::Value> = serde_json::from_slice(body).unwrap();
            let mut answers: Vec<serde_json::Value> = serde_json::from_slice(&batch(&chain, body)).unwrap();
            for (answer, request) in answers.iter_mut().rev().zip(requests) {
                if request.to_string().contains(&lied) {
                    answer["result"] = json!("0x1234");
                }
            }
            Answer::Body(serde_json::to_vec(&answers).unwrap())
        },
    )
    .await;
    let chain = Chain::connect(&double.url, None).await.unwrap();
    let told = Registry::at(&chain, registry.address()).models(&ids[..10]).await.unwrap();
    let wrong: Vec<_> = (0..10).filter(|place| told[*place].is_err()).collect();
    assert_eq!(wrong, [3]);
    assert!(matches!(told[3], Err(ChainError::Nonsense { .. })), "{:?}", told[3]);

    silent.store(true, Ordering::Relaxed);
    let before = double.count("eth_call");
    let registry = Registry::at(&chain, registry.address());
    let error = registry.models(&ids).await.unwrap_err();
    assert!(matches!(error, ChainError::Unreachable { .. }), "{error}");
    assert!(double.count("eth_call") <= before + 2, "nobody is asked a hundred times whether they answer");
}

#[tokio::test]
async fn what_many_state_is_what_each_states_alone() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 600).await;
    let all = registry.all_stated(&ids).await.unwrap();
    assert_eq!(all.len(), 600);
    assert_eq!(all.iter().filter(|stated| matches!(stated, Ok(Some(stated)) if stated.is_bound())).count(), STORED + 2);
    assert!(all.iter().all(Result::is_ok));
    for place in [0, 1, 2, STORED + 1, STORED + 2, 599] {
        let alone = registry.stated(ids[place]).await.unwrap();
        assert_eq!(all[place].as_ref().unwrap(), &alone, "{place}");
        assert_eq!(alone, registry.model(ids[place]).await.unwrap().map(Stated::from), "{place}");
    }
    assert_eq!(all[1].as_ref().unwrap().as_ref().unwrap().lineage.parents().len(), 1);
    assert!(registry.all_stated(&[]).await.unwrap().is_empty());
}

/// Asks `ids` through a double that answers as the chain does, except where `tweak` has another answer. Returns what was told, and how often the chain was called
/// through Multicall3, and directly.
async fn through(
    devnet: &Devnet,
    address: Address,
    ids: &[TokenId],
    tweak: impl Fn(&str, &serde_json::Value) -> Option<Answer> + Send + Sync + 'static,
) -> (String, usize, usize) {
    let together = Arc::new(AtomicUsize::new(0));
    let counted = together.clone();
    let double = Double::before(devnet.clone(), move |method, params| {
        if method == "eth_call" && params[0]["to"].to_string().to_lowercase().contains(MULTICALL) {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        tweak(method, params)
    })
    .await;
    let chain = Chain::connect(&double.url, None).await.unwrap();
    let told = Registry::at(&chain, address).all_stated(ids).await.unwrap();
    let together = together.load(Ordering::Relaxed);
    (format!("{told:?}"), together, double.count("eth_call") - together)
}

#[tokio::test]
async fn one_call_asks_for_hundreds_and_pieces_where_that_is_too_much() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 150).await;
    let wanted = format!("{:?}", registry.all_stated(&ids).await.unwrap());
    let is_large = |params: &serde_json::Value| params.to_string().len() > 40_000;
    let to_it = |params: &serde_json::Value| params[0]["to"].to_string().to_lowercase().contains(MULTICALL);

    let (told, together, directly) = through(&devnet, registry.address(), &ids, |_, _| None).await;
    assert_eq!((told == wanted, together), (true, 1));
    assert!(directly <= 4, "one for each licence, not {directly}");

    let (told, together, directly) = through(&devnet, registry.address(), &ids, move |method, params| {
        let refused = method == "eth_call" && is_large(params);
        refused.then(|| Answer::Error(json!({"code": -32000, "message": "out of gas"})))
    })
    .await;
    assert_eq!(told, wanted);
    assert!((3..=8).contains(&together) && directly <= 4, "{together} {directly}");

    // An answer that is none, or one too short, is no answer.
    let short = format!("0x{:064x}{:064x}", 32, 0);
    for answer in ["0x".to_owned(), "0x1234".to_owned(), short] {
        let (told, together, directly) = through(&devnet, registry.address(), &ids, move |method, params| {
            (method == "eth_call" && to_it(params)).then(|| Answer::Result(json!(answer)))
        })
        .await;
        assert_eq!(told, wanted);
        assert!(together <= 4 && directly >= 150, "{together} {directly}");
    }
}

#[tokio::test]
async fn other_code_at_the_place_of_multicall_is_not_asked() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (registry, ids) = minted(&devnet, 30).await;
    let wanted = format!("{:?}", registry.all_stated(&ids).await.unwrap());
    for code in ["0x", "0x6001"] {
        let (told, together, _) = through(&devnet, registry.address(), &ids, move |method, params| {
            let there = method == "eth_getCode" && params.to_string().to_lowercase().contains(MULTICALL);
            there.then(|| Answer::Result(json!(code)))
        })
        .await;
        assert_eq!((told == wanted, together), (true, 0));
    }
}
