//! Reading blocks.

use alloy::consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy::consensus::{BlockHeader as _, ReceiptEnvelope};
use alloy::eips::BlockNumberOrTag;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::{B256, Bloom};
use alloy::providers::Provider as _;
use serde_json::json;

use crate::counter::{deploy, move_to};
use crate::node::{Node, priced};

pub(crate) async fn are_chained_and_committed_to(node: &Node) {
    let counter = deploy(node).await;
    for to in 1..4 {
        assert!(node.send(priced(node.request(0).await).with_to(counter).with_input(move_to(to, "x"))).await.status());
    }
    let mut parent = B256::ZERO;
    for number in 0..=4 {
        let block = node.provider.get_block_by_number(number.into()).full().await.unwrap().unwrap();
        let receipts = node.provider.get_block_receipts(number.into()).await.unwrap().unwrap();
        assert_eq!(block.header.number, number);
        assert_eq!(block.header.parent_hash, parent);
        assert_eq!(block.header.inner.hash_slow(), block.header.hash, "the hash is that of the header");
        let transactions: Vec<_> = block.transactions.txns().map(|transaction| transaction.inner.inner().clone()).collect();
        assert_eq!(calculate_transaction_root(&transactions), block.header.transactions_root);
        let bloom = receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.inner.logs_bloom());
        assert_eq!(bloom, block.header.logs_bloom);
        let receipts: Vec<ReceiptEnvelope> = receipts.into_iter().map(|receipt| receipt.inner.into_primitives_receipt()).collect();
        assert_eq!(calculate_receipt_root(&receipts), block.header.receipts_root);
        parent = block.header.hash;
    }
}

pub(crate) async fn are_found_by_every_name(node: &Node) {
    deploy(node).await;
    let latest = node.provider.get_block_by_number(BlockNumberOrTag::Latest).await.unwrap().unwrap();
    assert_eq!(latest.header.number, 1);
    assert_eq!(node.provider.get_block_number().await.unwrap(), 1);
    let hash = latest.header.hash;
    assert_eq!(node.provider.get_block_by_hash(hash).await.unwrap().unwrap().header, latest.header);
    for tag in [BlockNumberOrTag::Safe, BlockNumberOrTag::Finalized, BlockNumberOrTag::Earliest] {
        assert!(node.provider.get_block_by_number(tag).await.unwrap().unwrap().header.number <= 1);
    }
    let pending = node.provider.get_block_by_number(BlockNumberOrTag::Pending).await.unwrap().unwrap();
    assert_eq!(pending.header.number(), 2);
    assert_eq!(pending.header.parent_hash(), hash);
    assert_eq!(node.ask("eth_getBlockTransactionCountByNumber", json!(["latest"])).await.unwrap(), "0x1");
    assert_eq!(node.ask("eth_getBlockTransactionCountByHash", json!([hash])).await.unwrap(), "0x1");
    assert_eq!(node.ask("eth_getUncleCountByBlockNumber", json!(["latest"])).await.unwrap(), "0x0");
    let by_number = node.ask("eth_getTransactionByBlockNumberAndIndex", json!(["latest", "0x0"])).await.unwrap();
    assert_eq!(by_number["hash"], json!(latest.transactions.hashes().next().unwrap()));
    assert_eq!(node.ask("eth_getTransactionByBlockHashAndIndex", json!([hash, "0x0"])).await.unwrap(), by_number);
    assert!(node.ask("eth_getTransactionByBlockNumberAndIndex", json!(["latest", "0x1"])).await.unwrap().is_null());
}

pub(crate) async fn that_do_not_exist_are_null(node: &Node) {
    for (method, params) in [
        ("eth_getBlockByNumber", json!(["0x99", false])),
        ("eth_getBlockByHash", json!([B256::ZERO, true])),
        ("eth_getTransactionByHash", json!([B256::ZERO])),
        ("eth_getTransactionReceipt", json!([B256::ZERO])),
    ] {
        assert!(node.ask(method, params).await.unwrap().is_null(), "{method}");
    }
}
