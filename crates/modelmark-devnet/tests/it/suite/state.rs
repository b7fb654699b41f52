//! Reading accounts, now and then.

use alloy::dyn_abi::TypedData;
use alloy::eips::BlockId;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, B256, Bytes, Signature, U256, address, keccak256};
use alloy::providers::Provider as _;
use modelmark_devnet::{CREATE2_FACTORY, DEV_ACCOUNTS, DEV_BALANCE};
use serde_json::{Value, json};

use crate::counter::{deploy, move_to};
use crate::node::{Node, priced};

pub(crate) async fn is_kept_for_every_block(node: &Node) {
    let to = Address::repeat_byte(0x33);
    for _ in 0..3 {
        assert!(node.send(priced(node.request(0).await).with_to(to).with_value(U256::from(10))).await.status());
    }
    for number in 0..=3u64 {
        assert_eq!(node.provider.get_balance(to).number(number).await.unwrap(), U256::from(10 * number));
        let nonce = node.provider.get_transaction_count(DEV_ACCOUNTS[0].address).number(number).await.unwrap();
        assert_eq!(nonce, number);
    }
    let counter = deploy(node).await;
    assert!(node.provider.get_code_at(counter).number(3).await.unwrap().is_empty());
    assert!(node.send(priced(node.request(0).await).with_to(counter).with_input(move_to(9, ""))).await.status());
    let slot = |id: BlockId| async move { node.provider.get_storage_at(counter, U256::ZERO).block_id(id).await.unwrap() };
    assert_eq!(slot(BlockId::number(3)).await, U256::ZERO);
    assert_eq!(slot(BlockId::number(4)).await, U256::from(7));
    assert_eq!(slot(BlockId::latest()).await, U256::from(9));
    let hash = node.provider.get_block_by_number(4.into()).await.unwrap().unwrap().header.hash;
    let object = node.ask("eth_getStorageAt", json!([counter, "0x0", { "blockHash": hash }])).await.unwrap();
    assert_eq!(object, json!(B256::from(U256::from(7))));
    assert!(node.ask("eth_getBalance", json!([to, "0x99"])).await.is_err(), "a block that does not exist has no state");
}

pub(crate) async fn of_the_development_accounts(node: &Node) {
    let accounts = node.provider.get_accounts().await.unwrap();
    assert_eq!(accounts, DEV_ACCOUNTS.map(|account| account.address));
    for account in accounts {
        assert_eq!(node.provider.get_balance(account).await.unwrap(), DEV_BALANCE);
    }
    assert!(!node.provider.get_code_at(CREATE2_FACTORY).await.unwrap().is_empty());
    assert_eq!(node.provider.get_chain_id().await.unwrap(), 31337);
    assert_eq!(node.provider.get_net_version().await.unwrap(), 31337);
    assert!(!node.provider.get_client_version().await.unwrap().is_empty());
    assert_eq!(node.ask("net_listening", json!([])).await.unwrap(), Value::Bool(true));
    assert_eq!(node.ask("eth_syncing", json!([])).await.unwrap(), Value::Bool(false));
    assert_eq!(node.ask("web3_sha3", json!(["0x68656c6c6f"])).await.unwrap(), json!(keccak256("hello")));
}

pub(crate) async fn signs_for_development_accounts(node: &Node) {
    let account = DEV_ACCOUNTS[0].address;
    let message = Bytes::from_static(b"hello");
    let signature = |value: Value| Signature::from_raw(&value.as_str().unwrap().parse::<Bytes>().unwrap()).unwrap();
    let signed = signature(node.ask("eth_sign", json!([account, message])).await.unwrap());
    assert_eq!(signed.recover_address_from_msg(&message).unwrap(), account);
    let signed = signature(node.ask("personal_sign", json!([message, account])).await.unwrap());
    assert_eq!(signed.recover_address_from_msg(&message).unwrap(), account);
    let document = json!({
        "types": {
            "EIP712Domain": [{ "name": "name", "type": "string" }],
            "Mail": [{ "name": "to", "type": "address" }, { "name": "text", "type": "string" }]
        },
        "primaryType": "Mail",
        "domain": { "name": "test" },
        "message": { "to": address!("00000000000000000000000000000000000000aa"), "text": "hi" }
    });
    let hash = serde_json::from_value::<TypedData>(document.clone()).unwrap().eip712_signing_hash().unwrap();
    let signed = signature(node.ask("eth_signTypedData_v4", json!([account, document])).await.unwrap());
    assert_eq!(signed.recover_address_from_prehash(&hash).unwrap(), account);
}
