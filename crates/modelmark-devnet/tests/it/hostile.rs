//! Whatever comes in, an answer goes out: nothing panics, nothing hangs.

use std::cell::OnceCell;

use modelmark_devnet::{Config, DEV_ACCOUNTS, Devnet};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::http::{exchange, post, start};

/// Every method that takes parameters.
const METHODS: [&str; 36] = [
    "web3_sha3",
    "eth_getBalance",
    "eth_getCode",
    "eth_getStorageAt",
    "eth_getTransactionCount",
    "eth_getProof",
    "eth_feeHistory",
    "eth_getBlockByNumber",
    "eth_getBlockByHash",
    "eth_getBlockReceipts",
    "eth_getBlockTransactionCountByNumber",
    "eth_getBlockTransactionCountByHash",
    "eth_getUncleCountByBlockNumber",
    "eth_getUncleByBlockHashAndIndex",
    "eth_getTransactionByHash",
    "eth_getTransactionByBlockNumberAndIndex",
    "eth_getTransactionByBlockHashAndIndex",
    "eth_getTransactionReceipt",
    "eth_getRawTransactionByHash",
    "eth_call",
    "eth_estimateGas",
    "eth_createAccessList",
    "eth_sendRawTransaction",
    "eth_sendTransaction",
    "eth_sign",
    "personal_sign",
    "eth_signTypedData_v4",
    "eth_getLogs",
    "eth_newFilter",
    "eth_newPendingTransactionFilter",
    "eth_getFilterChanges",
    "eth_getFilterLogs",
    "eth_uninstallFilter",
    "evm_increaseTime",
    "evm_setNextBlockTimestamp",
    "evm_revert",
];

/// Values that methods expect somewhere, right and almost right.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(format!("{number:#x}"))),
        prop::sample::select(vec!["latest", "pending", "earliest", "safe", "finalized", "0x", "0x0", "-0x1", "0xffffffffffffffff"])
            .prop_map(Value::from),
        (0..12usize).prop_map(|index| json!(DEV_ACCOUNTS.get(index).map_or(Default::default(), |account| account.address))),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| json!(alloy::hex::encode_prefixed(bytes))),
        Just(json!(alloy::primitives::B256::ZERO)),
        ".{0,12}".prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "from",
        "to",
        "data",
        "input",
        "value",
        "gas",
        "gasPrice",
        "maxFeePerGas",
        "maxPriorityFeePerGas",
        "nonce",
        "accessList",
        "address",
        "storageKeys",
        "topics",
        "fromBlock",
        "toBlock",
        "blockHash",
        "blockNumber",
        "types",
        "domain",
        "message",
        "primaryType",
        "type",
        "name",
        "blocks",
        "timestamp",
        "balance",
        "code",
        "state",
        "stateDiff",
        "chainId",
        "authorizationList",
        "blobVersionedHashes",
    ]);
    leaf().prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone().prop_map(String::from), inner, 0..6).prop_map(|fields| json!(fields)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn no_parameters_make_a_method_panic(requests in prop::collection::vec((prop::sample::select(&METHODS[..]), prop::collection::vec(value(), 0..5)), 1..4)) {
        thread_local! { static CHAIN: OnceCell<Devnet> = const { OnceCell::new() } }
        let devnet = CHAIN.with(|chain| chain.get_or_init(|| Devnet::in_memory(Config::default()).unwrap()).clone());
        for (method, params) in requests {
            if let Err(error) = devnet.request(method, Value::from(params)) {
                prop_assert_ne!(error.code, -32603, "{}", error);
                prop_assert_ne!(error.code, -32601, "{}", error);
            }
        }
    }

    #[test]
    fn no_method_and_no_value_makes_the_chain_panic(method in ".{0,40}", params in value()) {
        thread_local! { static CHAIN: OnceCell<Devnet> = const { OnceCell::new() } }
        let devnet = CHAIN.with(|chain| chain.get_or_init(|| Devnet::in_memory(Config::default()).unwrap()).clone());
        prop_assert!(devnet.request(&method, params).is_err());
    }
}

#[tokio::test]
async fn garbage_over_http_is_answered() {
    let addr = start(Vec::new()).await;
    let deep = |open: &str, close: &str| [open.repeat(300_000), close.repeat(300_000)].concat().into_bytes();
    let bodies = [
        Vec::new(),
        b"\0\xff\xfe".to_vec(),
        b"null".to_vec(),
        b"{".to_vec(),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        br#"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":{"to":{}}}]}"#.to_vec(),
        [br#"{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":"#.to_vec(), deep("[", "]"), b"}".to_vec()].concat(),
        [br#"{"jsonrpc":"2.0","id":"#.to_vec(), deep("[", "]"), br#","method":"eth_chainId"}"#.to_vec()].concat(),
        [b"[".to_vec(), b"1,".repeat(100_000), b"1]".to_vec()].concat(),
    ];
    for body in bodies {
        let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let (status, answer) = exchange(addr, post("localhost", "application/json", &body)).await;
        assert_eq!(status, 200, "{start}");
        assert!(answer.contains("\"error\""), "{start}: {answer}");
    }
    for raw in [&b"\r\n\r\n"[..], b"POST / HTTP/1.1\r\n\r\n", b"POST / HTTP/9.9\r\nHost: x\r\n\r\n", &[0; 100]] {
        exchange(addr, [raw, b"Connection: close\r\n\r\n"].concat()).await;
    }
    let (status, answer) =
        exchange(addr, post("localhost", "application/json", br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#)).await;
    assert_eq!((status, answer.contains("0x7a69")), (200, true));
}
