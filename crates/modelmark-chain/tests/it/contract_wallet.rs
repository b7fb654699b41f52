//! Contract wallets of OpenZeppelin's code (see `vectors/wallets`): deployed ones, ones that are not there yet, and what is none.

use alloy::primitives::{Address, B256, Bytes, keccak256};
use alloy::providers::Provider as _;
use alloy::sol_types::SolValue as _;
use modelmark_chain::{CREATE2_FACTORY, Chain, wallet_accepts};
use serde_json::{Value, json};

use crate::chains::{mined, on_both_chains};
use crate::samples::wallet;

const WALLETS: &str = include_str!("../../../../vectors/wallets/wallets.json");
const SALT: B256 = B256::ZERO;
const DIGEST: B256 = B256::repeat_byte(7);

/// The creation of a wallet of development account 0, and the address that CREATE2 gives it.
fn owned() -> (Vec<u8>, Address) {
    let wallets: Value = serde_json::from_str(WALLETS).unwrap();
    let code: Bytes = wallets["OwnedWallet"].as_str().unwrap().parse().unwrap();
    let code = [code.to_vec(), wallet(0).address().abi_encode()].concat();
    let address = CREATE2_FACTORY.create2(SALT, keccak256(&code));
    (code, address)
}

/// The call that makes it.
fn creation(code: &[u8]) -> Bytes {
    [SALT.as_slice(), code].concat().into()
}

fn wrapped(factory: Address, call: Bytes, signature: &[u8]) -> Vec<u8> {
    let inner = (factory, call, Bytes::from(signature.to_vec())).abi_encode_params();
    [inner, [0x64, 0x92].repeat(16)].concat()
}

async fn accepts(chain: &Chain, account: Address, digest: B256, signature: &[u8]) -> bool {
    wallet_accepts(chain, account, digest, signature, &chain.block().await.unwrap()).await.unwrap()
}

async fn deploy_by_call(chain: &Chain, code: &[u8]) {
    let call = json!({"from": wallet(1).address(), "to": CREATE2_FACTORY, "data": creation(code), "gas": "0x200000"});
    let hash: B256 = chain.provider().raw_request("eth_sendTransaction".into(), (call,)).await.unwrap();
    assert_eq!(mined(chain, hash).await["status"], "0x1");
}

on_both_chains! {
    /// Before it is there a wallet answers only a signature that brings it along; then both.
    async fn a_wallet_accepts_its_owner_s_signature(chain: Chain) {
        let (code, account) = owned();
        let good = wallet(0).sign_digest(&DIGEST.0).unwrap();
        let foreign = wallet(2).sign_digest(&DIGEST.0).unwrap();
        let brought = wrapped(CREATE2_FACTORY, creation(&code), &good);
        assert!(!accepts(&chain, account, DIGEST, &good).await, "nobody is there");
        assert!(accepts(&chain, account, DIGEST, &brought).await);
        assert!(chain.code(account, &chain.block().await.unwrap()).await.unwrap().is_empty(), "asking leaves nothing behind");
        assert!(!accepts(&chain, account, DIGEST, &wrapped(CREATE2_FACTORY, creation(&code), &foreign)).await);
        assert!(!accepts(&chain, account, B256::repeat_byte(8), &brought).await, "another digest, such as that of another chain");
        assert!(!accepts(&chain, Address::repeat_byte(9), DIGEST, &brought).await, "the call makes a wallet elsewhere");
        let empty = wrapped(CREATE2_FACTORY, Bytes::new(), &good);
        assert!(!accepts(&chain, account, DIGEST, &empty).await, "the call makes nothing");

        deploy_by_call(&chain, &code).await;
        for signature in [&good[..], &brought, &empty] {
            assert!(accepts(&chain, account, DIGEST, signature).await);
        }
        assert!(!accepts(&chain, account, DIGEST, &foreign).await);
        assert!(!accepts(&chain, account, B256::repeat_byte(8), &good).await);
    }

    /// No signature of an account without code, no contract that is no wallet, and no bytes that are no wrapping.
    async fn what_is_no_wallet_accepts_nothing(chain: Chain) {
        let good = wallet(0).sign_digest(&DIGEST.0).unwrap();
        for account in [Address::ZERO, wallet(0).address(), CREATE2_FACTORY, Address::with_last_byte(4)] {
            assert!(!accepts(&chain, account, DIGEST, &good).await, "{account}");
            assert!(!accepts(&chain, account, DIGEST, &wrapped(account, Bytes::new(), &good)).await, "{account}");
        }
        let magic = [0x64, 0x92].repeat(16);
        for wrong in [magic.clone(), [vec![0xff; 96], magic.clone()].concat(), [vec![0; 64], magic].concat()] {
            assert!(!accepts(&chain, owned().1, DIGEST, &wrong).await);
        }
    }
}
