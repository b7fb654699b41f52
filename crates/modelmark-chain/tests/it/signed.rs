//! What creators and earners sign for others to submit, and commitments to weights: Rust against the contracts, on many random values.
//!
//! The registry and the vault tell no digest, so that they are asked the only way there is: with a signature over the digest of here, which they take
//! only when theirs is the same.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol;
use modelmark_chain::{Call, CallPlan, Chain, ChainError, Commitment, Contract, Delegation, Registry, RoyaltyVault, Wallet, Withdrawal};
use modelmark_digest::Sha256Digest;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use zeroize::Zeroizing;

use crate::chains::on_both_chains;
use crate::differential::ask;
use crate::samples::{mint, registry, statement, wallet};

sol!(Priority, "../../contracts/artifacts/Priority.json");

const CASES: usize = 64;
/// What the vault says about a withdrawal that was signed rightly, of an account that has nothing.
const NOTHING: &str = "LineageVaultNothing";

on_both_chains! {
    async fn the_vault_takes_what_was_signed_here_and_nothing_else(chain: Chain) {
        let vault = registry(&chain).await.royalty_vault().await.unwrap().unwrap();
        let mut runner = TestRunner::deterministic();
        for case in 0..CASES {
            let (key, signed) = any_withdrawal().new_tree(&mut runner).unwrap().current();
            let signature = vault.sign_withdrawal(&signed, &key).unwrap();
            assert_eq!(refusal(&chain, vault.submit_withdrawal(&signed, signature.clone())).await, NOTHING, "{signed:?}");
            // One field another than was signed, each in its turn; a nonce that is not the next is seen in the digest.
            let other = match case % 5 {
                0 => Withdrawal { account: wallet(1).address(), ..signed },
                1 => Withdrawal { currency: Address::from_word(signed.deadline.into()), ..signed },
                2 => Withdrawal { to: wallet(1).address(), ..signed },
                3 => Withdrawal { deadline: signed.deadline - U256::ONE, ..signed },
                _ => Withdrawal { nonce: U256::ONE, ..signed },
            };
            let signature = if case % 5 == 4 { vault.sign_withdrawal(&other, &key).unwrap() } else { signature };
            let refused = refusal(&chain, vault.submit_withdrawal(&other, signature)).await;
            assert_eq!(refused, "LineageVaultInvalidSignature", "{other:?} for {signed:?}");
        }
    }

    async fn the_registry_takes_what_was_signed_here_and_nothing_else(chain: Chain) {
        let registry = registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        for case in 0..CASES {
            let (key, signed) = any_delegation().new_tree(&mut runner).unwrap().current();
            let signature = registry.sign_delegation(&signed, &key).unwrap();
            plan(&chain, registry.submit_delegation(&signed, signature.clone())).await.unwrap();
            let other = match case % 5 {
                0 => Delegation { creator: wallet(1).address(), ..signed },
                1 => Delegation { delegate: wallet(1).address(), ..signed },
                2 => Delegation { allowed: !signed.allowed, ..signed },
                3 => Delegation { deadline: signed.deadline - U256::ONE, ..signed },
                _ => Delegation { nonce: U256::ONE, ..signed },
            };
            let signature = if case % 5 == 4 { registry.sign_delegation(&other, &key).unwrap() } else { signature };
            let refused = refusal(&chain, registry.submit_delegation(&other, signature)).await;
            assert_eq!(refused, "ModelRegistryInvalidSignature", "{other:?} for {signed:?}");
        }
    }

    async fn nonces_count_what_was_submitted(chain: Chain) {
        let registry = registry(&chain).await;
        let vault = registry.royalty_vault().await.unwrap().unwrap();
        let (owner, to) = (wallet(2), Address::repeat_byte(0x77));
        let token = mint(&registry, &owner, &statement("earner", &owner)).await;
        let deadline = U256::MAX;
        for count in 0..3_u64 {
            let nonce = U256::from(count);
            // The beneficiary of a payment gets all of it but the keeper's part.
            send(&chain, vault.pay(token, Address::ZERO, U256::from(20_000), owner.address())).await;
            let earnings = vault.earnings_for(token, Address::ZERO, owner.address()).await.unwrap();
            let model = registry.model(token).await.unwrap().unwrap();
            send(&chain, vault.distribute(&model, &earnings)).await;
            assert_eq!(vault.withdrawal_nonce(owner.address()).await.unwrap(), nonce);
            let signed = Withdrawal { account: owner.address(), currency: Address::ZERO, to, nonce, deadline };
            submit_once(&chain, &vault, &signed, &owner).await;
            assert_eq!(chain.balance(to).await.unwrap().get(), U256::from(19_900 * (count + 1)));

            assert_eq!(registry.delegation_nonce(owner.address()).await.unwrap(), nonce);
            let signed = Delegation { creator: owner.address(), delegate: to, allowed: count % 2 == 0, nonce, deadline };
            let signature = registry.sign_delegation(&signed, &owner).unwrap();
            send(&chain, vec![registry.submit_delegation(&signed, signature)]).await;
            assert_eq!(registry.acts_for(to, owner.address()).await.unwrap(), signed.allowed);
        }
    }

    async fn commitments_are_those_of_the_contract(chain: Chain) {
        registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..CASES {
            let (creator, weights) = any::<([u8; 20], [u8; 32])>().new_tree(&mut runner).unwrap().current();
            let commitment = Commitment::new(creator.into(), Sha256Digest::from(weights)).unwrap();
            let salt: B256 = serde_json::to_value(&commitment).unwrap()["salt"].as_str().unwrap().parse().unwrap();
            let call = Priority::commitmentOfCall { creator: creator.into(), weightsDigest: weights.into(), salt };
            assert_eq!(ask(&chain, Contract::Priority.address(), call).await, commitment.digest());
        }
    }
}

#[test]
fn only_the_one_who_is_named_signs() {
    let key = wallet(1);
    let signed = Delegation { creator: key.address(), delegate: Address::ZERO, allowed: true, nonce: U256::ZERO, deadline: U256::MAX };
    let chain = |id: u64| modelmark_chain::ChainId::try_from(id).unwrap();
    let digest = signed.digest(chain(1), Address::ZERO);
    assert_ne!(digest, signed.digest(chain(2), Address::ZERO));
    assert_ne!(digest, signed.digest(chain(1), Address::repeat_byte(1)));
}

on_both_chains! {
    async fn a_strangers_key_signs_nothing(chain: Chain) {
        let registry: Registry = registry(&chain).await;
        let vault = registry.royalty_vault().await.unwrap().unwrap();
        let (account, stranger) = (wallet(1).address(), wallet(2));
        let (nonce, deadline) = (U256::ZERO, U256::MAX);
        let delegation = Delegation { creator: account, delegate: account, allowed: true, nonce, deadline };
        assert!(registry.sign_delegation(&delegation, &stranger).is_err());
        let withdrawal = Withdrawal { account, currency: Address::ZERO, to: account, nonce, deadline };
        assert!(vault.sign_withdrawal(&withdrawal, &stranger).is_err());
    }
}

/// Submits a withdrawal, which pays; the same one a second time is refused.
async fn submit_once(chain: &Chain, vault: &RoyaltyVault, signed: &Withdrawal, key: &Wallet) {
    let signature = vault.sign_withdrawal(signed, key).unwrap();
    send(chain, vec![vault.submit_withdrawal(signed, signature.clone())]).await;
    assert_eq!(refusal(chain, vault.submit_withdrawal(signed, signature)).await, "LineageVaultInvalidSignature");
}

/// A stranger plans to submit, which asks the chain whether the contract would take it.
async fn plan(chain: &Chain, call: Call) -> Result<CallPlan, ChainError> {
    CallPlan::new(chain, &wallet(5), vec![call]).await
}

async fn send(chain: &Chain, calls: Vec<Call>) {
    CallPlan::new(chain, &wallet(5), calls).await.unwrap().execute(&wallet(5)).await.unwrap();
}

async fn refusal(chain: &Chain, call: Call) -> &'static str {
    match plan(chain, call).await {
        Err(ChainError::Reverted { reason, .. }) => reason.error.expect("an error of ours"),
        other => panic!("{other:?}"),
    }
}

fn any_withdrawal() -> impl Strategy<Value = (Wallet, Withdrawal)> {
    (any_key(), any::<[[u8; 20]; 2]>(), any_deadline()).prop_map(|(key, [currency, to], deadline)| {
        let account = key.address();
        (key, Withdrawal { account, currency: currency.into(), to: to.into(), nonce: U256::ZERO, deadline })
    })
}

fn any_delegation() -> impl Strategy<Value = (Wallet, Delegation)> {
    (any_key(), any::<[u8; 20]>(), any::<bool>(), any_deadline()).prop_map(|(key, delegate, allowed, deadline)| {
        let creator = key.address();
        (key, Delegation { creator, delegate: delegate.into(), allowed, nonce: U256::ZERO, deadline })
    })
}

fn any_key() -> impl Strategy<Value = Wallet> {
    // Below the order of the curve, and not zero.
    any::<[u8; 31]>().prop_map(|bytes| {
        let hex = format!("0x00{}", Bytes::from([&bytes[..30], &[bytes[30] | 1]].concat()).to_string().trim_start_matches("0x"));
        Wallet::from_hex(&Zeroizing::new(hex)).unwrap()
    })
}

/// Any second that is far away: 256 bits wide, as the contracts have it.
fn any_deadline() -> impl Strategy<Value = U256> {
    prop_oneof![Just(U256::MAX), any::<[u8; 32]>().prop_map(|word| U256::from_be_bytes(word) | U256::from(1_u64 << 40))]
}
