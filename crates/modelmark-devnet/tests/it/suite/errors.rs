//! What is refused, and how.

use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, U256};
use alloy::rpc::types::TransactionRequest;
use modelmark_devnet::DEV_ACCOUNTS;
use serde_json::json;

use crate::node::{Node, priced, refusal, sign};

pub(crate) async fn have_the_codes_of_the_specification(node: &Node) {
    for (method, params, expected) in [
        ("eth_noSuchMethod", json!([]), -32601),
        ("eth_getBalance", json!([]), -32602),
        ("eth_getBalance", json!(["0x12", "latest"]), -32602),
        ("eth_getBlockByNumber", json!(["last", false]), -32602),
        ("eth_getTransactionByHash", json!(["0x00"]), -32602),
        ("eth_call", json!([{ "to": 5 }, "latest"]), -32602),
        ("eth_getLogs", json!([{ "address": "nobody" }]), -32602),
        ("eth_sendRawTransaction", json!(["0xzz"]), -32602),
    ] {
        let error = node.ask(method, params.clone()).await.unwrap_err();
        assert_eq!(refusal(&error).0, expected, "{method} {params}: {error}");
    }
}

/// Sends what must not be mined; geth answers with code -32000, anvil with -32003.
async fn refused(node: &Node, request: TransactionRequest, expected: &str) {
    let error = node.send_raw(sign(request).await).await.unwrap_err();
    let (code, message, _) = refusal(&error);
    assert!([-32000, -32003].contains(&code), "{error}");
    assert!(message.contains(expected), "{error}");
}

pub(crate) async fn say_why_a_transaction_is_refused(node: &Node) {
    let transfer =
        || async { priced(node.request(0).await).with_to(Address::repeat_byte(5)).with_value(U256::from(1)).with_gas_limit(21_000) };
    assert!(node.send(transfer().await).await.status());
    refused(node, transfer().await.with_nonce(0), "nonce too low").await;
    refused(node, transfer().await.with_value(U256::MAX >> 8), "insufficient funds for gas * price + value").await;
    refused(node, transfer().await.with_gas_limit(20_999), "intrinsic gas too low").await;
    refused(node, transfer().await.with_max_fee_per_gas(1).with_max_priority_fee_per_gas(1), "max fee per gas less than block base fee")
        .await;
    refused(node, transfer().await.with_max_priority_fee_per_gas(30_000_000_000), "max priority fee per gas higher than max fee per gas")
        .await;
    refused(node, transfer().await.with_chain_id(1), "invalid chain id").await;
    refused(node, transfer().await.with_gas_limit(100_000_000), "limit").await;
    assert!(node.send(transfer().await).await.status(), "nothing of it was mined");
}

pub(crate) async fn refuse_what_nobody_may_send(node: &Node) {
    for raw in ["0x", "0x00", "0xc0", "0x02c0", "0x03c0", "0x7f01", "0xdeadbeef"] {
        assert!(node.ask("eth_sendRawTransaction", json!([raw])).await.is_err(), "{raw}");
    }
    let stranger = Address::repeat_byte(0x77);
    assert!(node.ask("eth_sendTransaction", json!([{ "from": stranger, "to": DEV_ACCOUNTS[0].address }])).await.is_err());
    assert!(node.ask("eth_sign", json!([stranger, "0x00"])).await.is_err());
}
