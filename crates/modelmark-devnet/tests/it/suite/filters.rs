//! Following what is new.

use alloy::network::TransactionBuilder as _;
use alloy::primitives::{B256, U256};
use alloy::providers::Provider as _;
use alloy::rpc::types::{Filter, Log};
use serde_json::json;

use crate::counter::{deploy, move_to};
use crate::node::{Node, priced};

pub(crate) async fn report_what_is_new(node: &Node) {
    let counter = deploy(node).await;
    let blocks = node.provider.new_block_filter().await.unwrap();
    let logs = node.provider.new_filter(&Filter::new().address(counter)).await.unwrap();
    let hashes = || node.provider.get_filter_changes::<B256>(blocks);
    let changes = || node.provider.get_filter_changes::<Log>(logs);
    assert!(hashes().await.unwrap().is_empty());
    assert!(changes().await.unwrap().is_empty());

    let receipt = node.send(priced(node.request(0).await).with_to(counter).with_input(move_to(1, "x"))).await;
    assert_eq!(hashes().await.unwrap(), [receipt.block_hash.unwrap()]);
    assert_eq!(changes().await.unwrap(), receipt.logs());
    assert!(hashes().await.unwrap().is_empty(), "nothing is told twice");
    assert!(changes().await.unwrap().is_empty());
    assert_eq!(node.provider.get_filter_logs(logs).await.unwrap(), receipt.logs());

    assert!(node.provider.uninstall_filter(blocks).await.unwrap());
    assert!(!node.provider.uninstall_filter(blocks).await.unwrap());
    assert!(node.ask("eth_getFilterChanges", json!([U256::from(0xffff)])).await.is_err());
    assert!(node.provider.new_pending_transactions_filter(false).await.is_ok());
}
