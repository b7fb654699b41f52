//! What this chain promises beyond the common suite.

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::Provider as _;
use alloy::rpc::types::EIP1186AccountProofResponse;
use alloy::trie::proof::verify_proof;
use alloy::trie::{Nibbles, TrieAccount};
use modelmark_devnet::{Config, DEV_ACCOUNTS, Devnet, DevnetError, serve};
use serde_json::json;

use crate::counter::{deploy, init_code, move_to};
use crate::node::{Node, priced, sign};

/// Checks a proof against the state root in the block's header, from the outside.
async fn check_proof(node: &Node, address: Address, slots: &[B256], number: u64) -> EIP1186AccountProofResponse {
    let root = node.provider.get_block_by_number(number.into()).await.unwrap().unwrap().header.state_root;
    let proof = node.provider.get_proof(address, slots.to_vec()).number(number).await.unwrap();
    let account = TrieAccount { nonce: proof.nonce, balance: proof.balance, storage_root: proof.storage_hash, code_hash: proof.code_hash };
    let exists = account != TrieAccount::default();
    let expected = exists.then(|| alloy_rlp::encode(account));
    verify_proof(root, Nibbles::unpack(keccak256(address)), expected, &proof.account_proof).unwrap();
    for slot in &proof.storage_proof {
        let expected = (!slot.value.is_zero()).then(|| alloy_rlp::encode(slot.value));
        verify_proof(proof.storage_hash, Nibbles::unpack(keccak256(slot.key.as_b256())), expected, &slot.proof).unwrap();
    }
    proof
}

#[tokio::test]
async fn proofs_hold_against_the_state_root_of_any_block() {
    let node = Node::in_process();
    let counter = deploy(&node).await;
    for to in [100, 200] {
        assert!(node.send(priced(node.request(0).await).with_to(counter).with_input(move_to(to, ""))).await.status());
    }
    let slots = [B256::ZERO, B256::from(U256::from(77))];
    for (number, at) in [(1, 7), (2, 100), (3, 200)] {
        let proof = check_proof(&node, counter, &slots, number).await;
        assert_eq!(proof.storage_proof[0].value, U256::from(at));
        assert_eq!(proof.storage_proof[1].value, U256::ZERO);
        let sender = check_proof(&node, DEV_ACCOUNTS[0].address, &[], number).await;
        assert_eq!((sender.nonce, sender.code_hash), (number, KECCAK_EMPTY));
    }
    assert_eq!(check_proof(&node, counter, &[], 0).await.code_hash, KECCAK_EMPTY);
    check_proof(&node, Address::repeat_byte(0x99), &[], 3).await;
}

#[tokio::test]
async fn the_clock_moves_and_a_remembered_chain_comes_back() {
    let node = Node::in_process();
    let timestamp = || async { node.provider.get_block_by_number(Default::default()).await.unwrap().unwrap().header.timestamp };
    let start = timestamp().await;
    let id = node.ask("evm_snapshot", json!([])).await.unwrap();
    node.ask("evm_increaseTime", json!([86_400])).await.unwrap();
    node.ask("evm_mine", json!([])).await.unwrap();
    assert!(timestamp().await >= start + 86_400);
    node.ask("evm_setNextBlockTimestamp", json!([start + 200_000])).await.unwrap();
    let deployed = deploy(&node).await;
    assert_eq!(timestamp().await, start + 200_000);
    assert!(node.ask("evm_setNextBlockTimestamp", json!([start])).await.is_err());
    node.ask("evm_mine", json!([{ "timestamp": start + 300_000, "blocks": 3 }])).await.unwrap();
    assert_eq!(node.provider.get_block_number().await.unwrap(), 5);

    assert_eq!(node.ask("evm_revert", json!([id])).await.unwrap(), json!(true));
    assert_eq!(node.provider.get_block_number().await.unwrap(), 0);
    assert_eq!(timestamp().await, start);
    assert!(node.provider.get_code_at(deployed).await.unwrap().is_empty());
    assert_eq!(node.provider.get_transaction_count(DEV_ACCOUNTS[0].address).await.unwrap(), 0);
    assert_eq!(node.ask("evm_revert", json!([id])).await.unwrap(), json!(false), "a snapshot is good for once");
    assert_eq!(deploy(&node).await, deployed);
    assert!(timestamp().await < start + 86_400, "the clock went back too");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_sends_at_once_gets_a_nonce() {
    let node = Node::over_http().await;
    let to = Address::repeat_byte(0x44);
    let send = || node.ask("eth_sendTransaction", json!([{ "from": DEV_ACCOUNTS[5].address, "to": to, "value": "0x1" }]));
    let hashes = tokio::join!(send(), send(), send(), send());
    for hash in [hashes.0, hashes.1, hashes.2, hashes.3] {
        assert!(node.receipt(hash.unwrap().as_str().unwrap().parse().unwrap()).await.status());
    }
    assert_eq!(node.provider.get_balance(to).await.unwrap(), U256::from(4));
}

#[tokio::test]
async fn going_back_forgets_what_was_remembered_later() {
    let node = Node::in_process();
    let remember = || async { node.ask("evm_snapshot", json!([])).await.unwrap() };
    let node = &node;
    let go_back = |id: serde_json::Value| async move { node.ask("evm_revert", json!([id])).await.unwrap() };
    let first = remember().await;
    deploy(node).await;
    let second = remember().await;
    deploy(node).await;
    assert_eq!(go_back(first).await, json!(true));
    assert_eq!(node.provider.get_block_number().await.unwrap(), 0);
    assert_eq!(go_back(second.clone()).await, json!(false));
    let third = remember().await;
    assert_ne!(third, second, "numbers are not used again");
    deploy(node).await;
    assert_eq!(go_back(third).await, json!(true));
    assert_eq!(node.provider.get_block_number().await.unwrap(), 0);
    for _ in 0..70 {
        remember().await;
    }
    assert_eq!(go_back(remember().await).await, json!(true));
    assert_eq!(go_back(json!("0xffffffffffffffffffff")).await, json!(false));
}

#[tokio::test]
async fn a_filter_with_too_many_choices_is_refused() {
    let node = Node::in_process();
    let addresses = vec![Address::ZERO; 3];
    assert!(node.ask("eth_getLogs", json!([{ "address": addresses }])).await.is_ok());
    let addresses: Vec<Address> = (0..1001u64).map(|number| Address::left_padding_from(&number.to_be_bytes())).collect();
    assert!(node.ask("eth_getLogs", json!([{ "address": addresses }])).await.is_err());
    let topics: Vec<B256> = addresses.iter().map(|address| address.into_word()).collect();
    assert!(node.ask("eth_newFilter", json!([{ "topics": [[], topics] }])).await.is_err());
}

#[tokio::test]
async fn a_replacement_must_pay_more() {
    let node = Node::in_process();
    let waiting = |tip: u128| async move { priced(node_request(tip)) };
    fn node_request(value: u128) -> alloy::rpc::types::TransactionRequest {
        alloy::rpc::types::TransactionRequest::default()
            .with_from(DEV_ACCOUNTS[4].address)
            .with_to(Address::ZERO)
            .with_value(U256::from(value))
            .with_nonce(5)
            .with_chain_id(31337)
            .with_gas_limit(30_000)
    }
    node.send_raw(sign(waiting(1).await).await).await.unwrap();
    let again = node.send_raw(sign(waiting(1).await).await).await.unwrap_err();
    assert!(again.to_string().contains("already known"), "{again}");
    let cheap = node.send_raw(sign(waiting(2).await).await).await.unwrap_err();
    assert!(cheap.to_string().contains("replacement transaction underpriced"), "{cheap}");
    let dear = waiting(3).await.with_max_fee_per_gas(40_000_000_000).with_max_priority_fee_per_gas(2_000_000_000);
    node.send_raw(sign(dear).await).await.unwrap();
    assert_eq!(node.provider.get_transaction_count(DEV_ACCOUNTS[4].address).pending().await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_loopback_interface_unless_told_otherwise() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let error = serve(devnet, std::net::SocketAddr::from(([0, 0, 0, 0], 0)), std::future::pending()).await.unwrap_err();
    assert!(matches!(error, DevnetError::NotLoopback(_)), "{error}");
}

#[test]
fn it_works_without_a_runtime() {
    let devnet = Devnet::in_memory(Config { chain_id: 5, ..Config::default() }).unwrap();
    assert_eq!(devnet.request("eth_chainId", json!([])).unwrap(), "0x5");
    let data: Bytes = init_code(7);
    let hash = devnet.request("eth_sendTransaction", json!([{ "from": DEV_ACCOUNTS[0].address, "data": data }])).unwrap();
    let receipt = devnet.request("eth_getTransactionReceipt", json!([hash])).unwrap();
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(devnet.request("eth_gibberish", json!([])).unwrap_err().code, -32601);
}
