//! Proofs that others published, changed in every way.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a vector that cannot be read is a failed test")]

use alloy::rpc::types::EIP1186AccountProofResponse;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// See `vectors/state/README.md`.
fn published() -> Value {
    serde_json::from_str(include_str!("../../../../vectors/state/published.json")).unwrap()
}

/// A proof of one published account, under a header that has its state root.
fn proof(name: &str) -> StateProof {
    let stated = published()[name].clone();
    let answer: EIP1186AccountProofResponse = serde_json::from_value(stated.clone()).unwrap();
    let root = stated["stateRoot"].as_str().map_or_else(|| keccak256(&answer.account_proof[0]), |root| root.parse().unwrap());
    let header = alloy_rlp::encode(Header { state_root: root, ..Header::default() });
    let mut proof = StateProof { header: header.into(), nodes: Vec::new(), accounts: Vec::new() };
    let slots = answer.storage_proof.iter().map(|slot| slot.key.as_b256()).collect();
    proof.add(&Wanted { address: answer.address, code: false, slots }, answer, None, &mut fetch::Places::default());
    proof
}

#[test]
fn a_published_header_is_rebuilt_with_the_fields_of_every_fork() {
    let header = published()["header"].clone();
    let (hash, rlp) = fetch::rebuilt(serde_json::from_value(header.clone()).unwrap());
    assert_eq!(hash.to_string(), header["hash"].as_str().unwrap());
    assert_eq!(Header::decode(&mut rlp.as_ref()).unwrap().number, 23_535_880);
}

#[test]
fn published_accounts_and_slots_are_proven() {
    let address: Address = "0xaa00000000000000000000000000000000000000".parse().unwrap();
    let state = proof("present").check().unwrap();
    assert_eq!(state.has_code(address), Some(true));
    assert_eq!(state.slot(address, B256::with_last_byte(1)).unwrap(), U256::ZERO);
    assert!(matches!(state.slot(address, B256::ZERO), Err(StateProofError::NotProven { .. })));
    let state = proof("absent").check().unwrap();
    assert_eq!(state.has_code("0x1234567890123456789012345678901234567890".parse().unwrap()), Some(false));
    assert_eq!(state.has_code(address), None);
}

#[test]
fn other_values_are_not_proven() {
    let change = |change: fn(&mut AccountProof)| {
        let mut proof = proof("present");
        change(&mut proof.accounts[0]);
        proof.check().unwrap_err()
    };
    assert!(matches!(change(|account| account.balance += U256::ONE), StateProofError::Account { .. }));
    assert!(matches!(change(|account| account.nonce = 0), StateProofError::Account { .. }));
    assert!(matches!(change(|account| account.code_hash = B256::ZERO), StateProofError::Account { .. }));
    assert!(matches!(change(|account| account.storage_hash = EMPTY_ROOT_HASH), StateProofError::Account { .. }));
    assert!(matches!(change(|account| account.slots[0].value = U256::ONE), StateProofError::Slot { .. }));
    assert!(matches!(change(|account| account.code = Some(Bytes::new())), StateProofError::Code(_)));
    // An account that is there cannot be shown as one that is not.
    let away = |account: &mut AccountProof| {
        (account.nonce, account.balance) = (0, U256::ZERO);
        (account.storage_hash, account.code_hash) = (EMPTY_ROOT_HASH, KECCAK256_EMPTY);
    };
    assert!(matches!(change(away), StateProofError::Account { .. }));
    // A path that stops early shows nothing.
    assert!(matches!(change(|account| account.slots[0].proof.clear()), StateProofError::Form(_)));
}

#[test]
fn nodes_have_one_form() {
    let change = |change: fn(&mut StateProof)| {
        let mut proof = proof("present");
        change(&mut proof);
        proof.check().unwrap_err()
    };
    assert!(matches!(change(|proof| proof.nodes.swap(0, 1)), StateProofError::Account { .. }));
    assert!(matches!(change(|proof| proof.nodes.push(Bytes::new())), StateProofError::Form(_)));
    assert!(matches!(change(|proof| proof.accounts[0].proof = vec![1, 0]), StateProofError::Form(_)));
    assert!(matches!(change(|proof| proof.accounts.push(proof.accounts[0].clone())), StateProofError::Form(_)));
    let twice = |proof: &mut StateProof| {
        let slot = proof.accounts[0].slots[0].clone();
        proof.accounts[0].slots.push(slot);
    };
    assert!(matches!(change(twice), StateProofError::Form(_)));
    assert!(matches!(change(|proof| proof.nodes[0] = vec![0; MAX_NODE + 1].into()), StateProofError::TooMuch { .. }));
    assert!(matches!(change(|proof| proof.header = vec![0; MAX_HEADER + 1].into()), StateProofError::TooMuch { .. }));
    assert!(matches!(change(|proof| proof.accounts[0].proof = vec![0; MAX_DEPTH + 1]), StateProofError::TooMuch { .. }));
    assert!(matches!(change(|proof| proof.header = [&proof.header[..], &[0]].concat().into()), StateProofError::Header(_)));
}

proptest! {
    /// Whatever bit is turned, either it is refused, or it is in the header, which then is that of another block.
    #[test]
    fn no_bit_can_be_turned(node in 0_usize..3, byte: prop::sample::Index, bit in 0_u8..8) {
        let mut proof = proof("present");
        let mut bytes = proof.nodes[node].to_vec();
        let at = byte.index(bytes.len());
        bytes[at] ^= 1 << bit;
        proof.nodes[node] = bytes.into();
        prop_assert!(proof.check().is_err());
    }

    #[test]
    fn any_bytes_are_answered(header: Vec<u8>, nodes: Vec<Vec<u8>>) {
        let mut proof = proof("present");
        if !header.is_empty() {
            proof.header = header.into();
        }
        for (place, node) in nodes.into_iter().enumerate().take(3) {
            proof.nodes[place] = node.into();
        }
        let _ = proof.check();
    }
}
