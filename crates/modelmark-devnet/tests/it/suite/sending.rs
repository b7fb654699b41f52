//! Sending transactions.

use alloy::consensus::Transaction as _;
use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::eips::eip7702::Authorization;
use alloy::network::{TransactionBuilder as _, TransactionBuilder7702 as _, TransactionResponse as _};
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::Provider as _;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::SignerSync as _;
use alloy::sol_types::SolCall as _;
use modelmark_devnet::{CREATE2_FACTORY, DEV_ACCOUNTS};
use serde_json::json;

use crate::counter::{Counter, deploy, init_code, move_to};
use crate::node::{Node, key, priced, sign};

pub(crate) async fn deploys_with_every_type_of_transaction(node: &Node) {
    let base = || async { node.request(0).await.with_deploy_code(init_code(7)) };
    let list = AccessList(vec![AccessListItem { address: Address::ZERO, storage_keys: vec![B256::ZERO] }]);
    let types = [
        base().await.with_gas_price(20_000_000_000),
        base().await.with_gas_price(20_000_000_000).with_access_list(list.clone()),
        priced(base().await),
        priced(base().await).with_access_list(list),
    ];
    for ((nonce, request), expected_type) in (0..).zip(types).zip([0, 1, 2, 2]) {
        let receipt = node.send(request.with_nonce(nonce)).await;
        assert!(receipt.status());
        assert_eq!(receipt.transaction_type() as u8, expected_type);
        assert_eq!(receipt.contract_address, Some(DEV_ACCOUNTS[0].address.create(nonce)));
        let code = node.provider.get_code_at(receipt.contract_address.unwrap()).await.unwrap();
        assert!(!code.is_empty());
        let transaction = node.provider.get_transaction_by_hash(receipt.transaction_hash).await.unwrap().unwrap();
        assert_eq!(transaction.from(), DEV_ACCOUNTS[0].address);
        assert_eq!(transaction.nonce(), nonce);
        assert_eq!(transaction.block_hash, receipt.block_hash);
        assert_eq!(transaction.input(), &init_code(7));
    }
}

pub(crate) async fn mines_reverts(node: &Node) {
    let counter = deploy(node).await;
    let receipt = node.send(priced(node.request(0).await).with_to(counter).with_input(move_to(1001, ""))).await;
    assert!(!receipt.status());
    assert!(receipt.logs().is_empty());
    assert!(receipt.gas_used > 21_000);
    assert_eq!(node.provider.get_transaction_count(DEV_ACCOUNTS[0].address).await.unwrap(), 2);
}

pub(crate) async fn fills_in_for_a_development_account(node: &Node) {
    let (from, to) = (DEV_ACCOUNTS[1].address, Address::repeat_byte(0x11));
    let hash = node.ask("eth_sendTransaction", json!([{ "from": from, "to": to, "value": "0x10" }])).await.unwrap();
    let receipt = node.receipt(hash.as_str().unwrap().parse().unwrap()).await;
    assert_eq!((receipt.status(), receipt.gas_used), (true, 21_000));
    assert_eq!(node.provider.get_balance(to).await.unwrap(), U256::from(16));
    let hash = node.ask("eth_sendTransaction", json!([{ "from": from, "data": init_code(3), "gasPrice": "0x4a817c800" }])).await.unwrap();
    let receipt = node.receipt(hash.as_str().unwrap().parse().unwrap()).await;
    assert_eq!(receipt.contract_address, Some(from.create(1)));
}

pub(crate) async fn waits_for_an_earlier_nonce(node: &Node) {
    let to = Address::repeat_byte(0x22);
    let transfer =
        |nonce: u64| async move { sign(priced(node.request(2).await).with_to(to).with_value(U256::from(1)).with_nonce(nonce)).await };
    let second = node.send_raw(transfer(1).await).await.unwrap();
    assert!(node.provider.get_transaction_receipt(second).await.unwrap().is_none());
    assert_eq!(node.provider.get_transaction_by_hash(second).await.unwrap().unwrap().block_hash, None);
    let first = node.send_raw(transfer(0).await).await.unwrap();
    assert!(node.receipt(first).await.block_number <= node.receipt(second).await.block_number);
    assert_eq!(node.provider.get_balance(to).await.unwrap(), U256::from(2));
}

pub(crate) async fn deploys_through_the_factory(node: &Node) {
    let salt = keccak256("salt");
    let input: Bytes = [salt.as_slice(), &init_code(5)].concat().into();
    let receipt = node.send(priced(node.request(0).await).with_to(CREATE2_FACTORY).with_input(input)).await;
    assert!(receipt.status());
    let counter = CREATE2_FACTORY.create2_from_code(salt, init_code(5));
    let at = TransactionRequest::default().with_to(counter).with_input(Counter::atCall {}.abi_encode());
    assert_eq!(node.provider.call(at).await.unwrap(), Bytes::from(U256::from(5).to_be_bytes_vec()));
}

pub(crate) async fn delegates_an_account(node: &Node) {
    let counter = deploy(node).await;
    let delegating = DEV_ACCOUNTS[3].address;
    let authorization = Authorization { chain_id: U256::from(31337), address: counter, nonce: 0 };
    let signature = key(delegating).sign_hash_sync(&authorization.signature_hash()).unwrap();
    let request = priced(node.request(0).await)
        .with_to(delegating)
        .with_input(move_to(9, "delegated"))
        .with_authorization_list(vec![authorization.into_signed(signature)]);
    let receipt = node.send(request).await;
    assert!(receipt.status());
    assert_eq!(receipt.transaction_type() as u8, 4);
    assert_eq!(receipt.logs()[0].address(), delegating);
    let code = node.provider.get_code_at(delegating).await.unwrap();
    assert_eq!(code, Bytes::from([&[0xef, 0x01, 0x00], counter.as_slice()].concat()));
}

/// EIP-6780: only the transaction that created a contract can destroy it.
pub(crate) async fn destroys_only_what_it_created(node: &Node) {
    // Deploys `CALLER SELFDESTRUCT`.
    let init = Bytes::from_static(&[0x61, 0x33, 0xff, 0x60, 0x00, 0x52, 0x60, 0x02, 0x60, 0x1e, 0xf3]);
    let deployed = node.send(priced(node.request(0).await).with_deploy_code(init).with_value(U256::from(9))).await;
    let contract = deployed.contract_address.unwrap();
    assert!(node.send(priced(node.request(0).await).with_to(contract)).await.status());
    assert_eq!(node.provider.get_balance(contract).await.unwrap(), U256::ZERO);
    assert_eq!(node.provider.get_code_at(contract).await.unwrap(), Bytes::from_static(&[0x33, 0xff]));
    // Runs `CALLER SELFDESTRUCT` as init code.
    let gone = node.send(priced(node.request(0).await).with_deploy_code(Bytes::from_static(&[0x33, 0xff]))).await;
    assert!(gone.status());
    assert_eq!(node.provider.get_transaction_count(gone.contract_address.unwrap()).await.unwrap(), 0);
}
