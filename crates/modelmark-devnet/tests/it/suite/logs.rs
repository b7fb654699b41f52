//! Finding logs.

use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider as _;
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent as _;
use modelmark_devnet::DEV_ACCOUNTS;
use serde_json::json;

use crate::counter::{Counter, deploy, move_to};
use crate::node::{Node, priced};

/// Two counters; the first is moved to 1 and 2 by different accounts, the second to 1.
async fn three_moves(node: &Node) -> (Address, Address) {
    let (first, second) = (deploy(node).await, deploy(node).await);
    for (account, counter, to) in [(0, first, 1), (1, first, 2), (0, second, 1)] {
        let receipt = node.send(priced(node.request(account).await).with_to(counter).with_input(move_to(to, "x"))).await;
        assert_eq!(receipt.logs().len(), 1);
    }
    (first, second)
}

pub(crate) async fn are_found_by_address_and_topic(node: &Node) {
    let (first, second) = three_moves(node).await;
    let all = || Filter::new().from_block(0);
    let found = |filter: Filter| async move { node.provider.get_logs(&filter).await.unwrap() };
    let to = |to: u64| B256::from(U256::from(to));
    let by = |account: usize| DEV_ACCOUNTS[account].address.into_word();

    let logs = found(all()).await;
    assert_eq!(logs.len(), 3);
    let decoded = Counter::Moved::decode_log(&logs[0].inner).unwrap();
    assert_eq!((decoded.address, decoded.by, decoded.to, decoded.note.as_str()), (first, DEV_ACCOUNTS[0].address, U256::from(1), "x"));
    assert_eq!((logs[0].block_number, logs[0].log_index, logs[0].transaction_index), (Some(3), Some(0), Some(0)));

    assert_eq!(found(all().address(first)).await.len(), 2);
    assert_eq!(found(all().address(vec![first, second])).await.len(), 3);
    assert_eq!(found(all().address(Address::ZERO)).await.len(), 0);
    assert_eq!(found(all().event_signature(Counter::Moved::SIGNATURE_HASH)).await.len(), 3);
    assert_eq!(found(all().event_signature(B256::ZERO)).await.len(), 0);
    assert_eq!(found(all().topic1(by(0))).await.len(), 2);
    assert_eq!(found(all().topic2(to(1))).await.len(), 2);
    assert_eq!(found(all().topic2(vec![to(1), to(2)])).await.len(), 3);
    assert_eq!(found(all().address(first).topic1(by(1)).topic2(to(2))).await.len(), 1);
    assert_eq!(found(all().topic3(to(1))).await.len(), 0);
    let raw = node.ask("eth_getLogs", json!([{ "fromBlock": "0x0", "topics": [null, [by(0), by(1)], to(2)] }])).await.unwrap();
    assert_eq!(raw.as_array().unwrap().len(), 1);
}

pub(crate) async fn are_found_by_block(node: &Node) {
    three_moves(node).await;
    let count = |params| async move { node.ask("eth_getLogs", json!([params])).await.unwrap().as_array().unwrap().len() };
    assert_eq!(count(json!({})).await, 1, "the last block, when nothing is said");
    assert_eq!(count(json!({ "fromBlock": "0x4" })).await, 2);
    assert_eq!(count(json!({ "fromBlock": "0x3", "toBlock": "0x4" })).await, 2);
    assert_eq!(count(json!({ "fromBlock": "earliest", "toBlock": "latest" })).await, 3);
    let hash = node.provider.get_block_by_number(4.into()).await.unwrap().unwrap().header.hash;
    assert_eq!(count(json!({ "blockHash": hash })).await, 1);
    assert!(node.ask("eth_getLogs", json!([{ "blockHash": hash, "fromBlock": "0x0" }])).await.is_err());
}
