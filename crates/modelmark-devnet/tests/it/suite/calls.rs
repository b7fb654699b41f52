//! Questions to contracts.

use alloy::eips::BlockId;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider as _;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::{SolCall as _, SolError as _};
use modelmark_devnet::DEV_ACCOUNTS;
use serde_json::json;

use crate::counter::{Counter, deploy, init_code, move_to};
use crate::node::{Node, priced, refusal};

fn question(to: Address, input: impl Into<Bytes>) -> TransactionRequest {
    TransactionRequest::default().with_from(DEV_ACCOUNTS[0].address).with_to(to).with_input(input)
}

async fn at(node: &Node, counter: Address, block: impl Into<BlockId>) -> U256 {
    let output = node.provider.call(question(counter, Counter::atCall {}.abi_encode())).block(block.into()).await.unwrap();
    Counter::atCall::abi_decode_returns(&output).unwrap()
}

pub(crate) async fn run_on_any_block(node: &Node) {
    let counter = deploy(node).await;
    let moved = node.send(priced(node.request(0).await).with_to(counter).with_input(move_to(8, "a"))).await;
    let (number, hash) = (moved.block_number.unwrap(), moved.block_hash.unwrap());
    assert_eq!(at(node, counter, number - 1).await, U256::from(7));
    assert_eq!(at(node, counter, number).await, U256::from(8));
    assert_eq!(at(node, counter, hash).await, U256::from(8));
    assert_eq!(at(node, counter, BlockId::latest()).await, U256::from(8));
    assert_eq!(at(node, counter, BlockId::pending()).await, U256::from(8));
    let before = node.ask("eth_call", json!([question(counter, Counter::atCall {}.abi_encode()), "0x0"])).await.unwrap();
    assert_eq!(before, "0x", "there is no code in genesis");
    let output = node.provider.call(question(counter, Counter::environmentCall {}.abi_encode())).await.unwrap();
    let environment = Counter::environmentCall::abi_decode_returns(&output).unwrap();
    assert_eq!(environment.chain, U256::from(31337));
    assert_eq!(environment.sender, DEV_ACCOUNTS[0].address);
    assert!(environment.timestamp > U256::ZERO);
    assert_ne!(environment.parent, B256::ZERO);
}

pub(crate) async fn answer_reverts_with_their_data(node: &Node) {
    let counter = deploy(node).await;
    let error = node.provider.call(question(counter, move_to(1001, ""))).await.unwrap_err();
    let (code, message, data) = refusal(&error);
    assert_eq!(code, 3);
    assert!(message.starts_with("execution reverted"), "{message}");
    let expected = Counter::TooFar { asked: U256::from(1001), limit: U256::from(1000) };
    assert_eq!(Counter::TooFar::abi_decode(&data.unwrap()).unwrap(), expected);

    let (code, message, data) = refusal(&node.provider.call(question(counter, move_to(7, ""))).await.unwrap_err());
    assert_eq!(code, 3);
    assert_eq!(message, "execution reverted: already there");
    assert!(data.is_some());

    let error = node.provider.estimate_gas(question(counter, move_to(1001, ""))).await.unwrap_err();
    assert_eq!(refusal(&error).0, 3);
    let error = node.provider.call(question(counter, Counter::failCall {}.abi_encode())).await.unwrap_err();
    assert!(refusal(&error).2.unwrap().starts_with(&[0x4e, 0x48, 0x7b, 0x71]), "Panic(uint256)");
    let error = node.provider.call(question(counter, Counter::spinCall {}.abi_encode())).await.unwrap_err();
    assert_ne!(refusal(&error).0, 3, "running out of gas is not a revert");
}

pub(crate) async fn estimate_what_a_transaction_needs(node: &Node) {
    assert_eq!(
        node.provider.estimate_gas(question(Address::repeat_byte(9), Bytes::new()).with_value(U256::from(1))).await.unwrap(),
        21_000
    );
    let deployment = TransactionRequest::default().with_from(DEV_ACCOUNTS[0].address).with_deploy_code(init_code(7));
    let gas = node.provider.estimate_gas(deployment).await.unwrap();
    let receipt = node.send(priced(node.request(0).await).with_deploy_code(init_code(7)).with_gas_limit(gas)).await;
    assert!(receipt.status());
    let counter = receipt.contract_address.unwrap();
    // Setting a slot to zero gives gas back, which the limit must still cover.
    for input in [move_to(8, "a long enough note that does not fit into one word"), Counter::resetCall {}.abi_encode().into()] {
        let gas = node.provider.estimate_gas(question(counter, input.clone())).await.unwrap();
        let receipt = node.send(priced(node.request(0).await).with_to(counter).with_input(input).with_gas_limit(gas)).await;
        assert!(receipt.status());
    }
}

pub(crate) async fn suppose_another_state(node: &Node) {
    let counter = deploy(node).await;
    let ask = question(counter, Counter::atCall {}.abi_encode());
    let slot = B256::ZERO;
    let value = B256::from(U256::from(99));
    let diff = json!({ counter.to_string(): { "stateDiff": { slot.to_string(): value } } });
    assert_eq!(node.ask("eth_call", json!([ask, "latest", diff])).await.unwrap(), value.to_string());
    let poor = question(Address::ZERO, Bytes::new()).with_from(Address::repeat_byte(7)).with_value(U256::from(5));
    assert!(node.ask("eth_call", json!([poor, "latest"])).await.is_err());
    let rich = json!({ Address::repeat_byte(7).to_string(): { "balance": "0x5" } });
    assert_eq!(node.ask("eth_call", json!([poor, "latest", rich])).await.unwrap(), "0x");
}

pub(crate) async fn list_what_is_accessed(node: &Node) {
    let counter = deploy(node).await;
    let result = node.provider.create_access_list(&question(counter, Counter::atCall {}.abi_encode())).await.unwrap();
    assert_eq!(result.access_list.0.len(), 1);
    assert_eq!(result.access_list.0[0].address, counter);
    assert_eq!(result.access_list.0[0].storage_keys, [B256::ZERO]);
    assert!(result.gas_used > U256::from(21_000));
}
