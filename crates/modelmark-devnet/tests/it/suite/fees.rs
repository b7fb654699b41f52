//! What gas costs.

use alloy::eips::BlockNumberOrTag;
use alloy::eips::eip1559::BaseFeeParams;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::U256;
use alloy::providers::Provider as _;
use alloy::sol_types::SolCall as _;
use modelmark_devnet::DEV_ACCOUNTS;
use serde_json::json;

use crate::counter::{Counter, deploy};
use crate::node::{Node, priced};

pub(crate) async fn follow_the_rule(node: &Node) {
    let counter = deploy(node).await;
    // A call that burns most of a block makes the next block dearer.
    let spin = priced(node.request(0).await).with_to(counter).with_input(Counter::spinCall {}.abi_encode()).with_gas_limit(29_000_000);
    assert!(!node.send(spin).await.status());
    assert!(node.send(priced(node.request(0).await).with_to(counter).with_value(U256::ZERO)).await.gas_used > 0);
    // Anvil gives its first block the base fee of genesis, so the rule is looked at from the second on.
    for number in 2..=3u64 {
        let parent = node.provider.get_block_by_number((number - 1).into()).await.unwrap().unwrap();
        let block = node.provider.get_block_by_number(number.into()).await.unwrap().unwrap();
        let expected = parent.header.inner.next_block_base_fee(BaseFeeParams::ethereum());
        assert_eq!(block.header.base_fee_per_gas, expected, "block {number}");
    }
    let price = node.provider.get_gas_price().await.unwrap();
    let latest = node.provider.get_block_by_number(BlockNumberOrTag::Latest).await.unwrap().unwrap();
    assert!(price >= u128::from(latest.header.inner.next_block_base_fee(BaseFeeParams::ethereum()).unwrap()));
    assert!(node.provider.get_max_priority_fee_per_gas().await.unwrap() > 0);
}

pub(crate) async fn have_a_history(node: &Node) {
    let tips = [3_000_000_000, 1_000_000_000];
    for tip in tips {
        let transfer = priced(node.request(0).await).with_to(DEV_ACCOUNTS[1].address).with_max_priority_fee_per_gas(tip);
        assert!(node.send(transfer).await.status());
    }
    let history = node.provider.get_fee_history(2, BlockNumberOrTag::Latest, &[0.0, 50.0, 100.0]).await.unwrap();
    assert_eq!(history.oldest_block, 1);
    assert_eq!(history.base_fee_per_gas.len(), 3);
    assert_eq!(history.gas_used_ratio.len(), 2);
    assert_eq!(history.reward.unwrap(), tips.map(|tip| vec![tip; 3]));
    for number in 1..=2u64 {
        let block = node.provider.get_block_by_number(number.into()).await.unwrap().unwrap();
        assert_eq!(history.base_fee_per_gas[usize::try_from(number).unwrap() - 1], u128::from(block.header.base_fee_per_gas.unwrap()));
    }
    let raw = node.ask("eth_feeHistory", json!(["0x1", "latest", []])).await.unwrap();
    assert_eq!(raw["oldestBlock"], "0x2");
    let fees = node.provider.estimate_eip1559_fees().await.unwrap();
    assert!(fees.max_fee_per_gas > 0);
}
