//! Blocks of many transactions of every type, and proofs changed in every way.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a block that cannot be made is a failed test")]

use alloy::consensus::proofs::calculate_receipt_root;
use alloy::consensus::{Eip658Value, Header, Receipt, TxType};
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::primitives::Address;
use proptest::prelude::*;

use super::*;

/// A block of `count` transactions of every type in turn, each with as many logs as its place says, modulo three; each seventh failed.
fn block(count: usize) -> (B256, Vec<Vec<u8>>, Header) {
    let receipt = |index: usize| {
        let log = |n: usize| Log::new_unchecked(Address::repeat_byte(n as u8), vec![B256::with_last_byte(index as u8)], vec![7; n].into());
        let (status, logs) = if index % 7 == 6 { (false, 0) } else { (true, index % 3) };
        let receipt = Receipt {
            status: Eip658Value::Eip658(status),
            cumulative_gas_used: 21_000 * (index as u64 + 1),
            logs: (0..logs).map(log).collect(),
        };
        ReceiptEnvelope::from_typed(TxType::try_from((index % 5) as u8).unwrap(), receipt.with_bloom())
    };
    let receipts: Vec<_> = (0..count).map(receipt).collect();
    let root = calculate_receipt_root(&receipts);
    (root, receipts.iter().map(|receipt| receipt.encoded_2718()).collect(), Header { receipts_root: root, ..Header::default() })
}

fn proof(count: usize, wanted: usize) -> ReceiptProof {
    let (_, receipts, header) = block(count);
    let (_, nodes) = fetch::proven(&receipts, wanted);
    ReceiptProof { header: alloy_rlp::encode(header).into(), transaction: wanted as u64, nodes }
}

#[test]
fn every_receipt_of_a_block_is_proven_and_is_the_one_of_its_place() {
    for count in [1, 2, 3, 16, 17, 127, 128, 129, 130, 256, 300] {
        let (root, receipts, _) = block(count);
        for wanted in (0..count).step_by(if count < 20 { 1 } else { 11 }).chain([count - 1]) {
            assert_eq!(fetch::proven(&receipts, wanted).0, root, "{wanted} of {count}");
            let proven = proof(count, wanted).check().unwrap();
            assert_eq!(proven.receipt.encoded_2718(), receipts[wanted], "{wanted} of {count}");
            assert_eq!(proven.logs().len(), if wanted % 7 == 6 { 0 } else { wanted % 3 });
        }
    }
}

#[test]
fn another_place_is_not_proven() {
    for (place, claimed) in [(0, 1), (1, 0), (127, 128), (128, 127), (5, 300), (5, u64::MAX)] {
        let swapped = ReceiptProof { transaction: claimed, ..proof(200, place) };
        assert!(matches!(swapped.check(), Err(ReceiptProofError::NotProven { .. })), "{place} as {claimed}");
    }
}

#[test]
fn a_proof_has_one_form() {
    let change = |change: fn(&mut ReceiptProof)| {
        let mut proof = proof(200, 70);
        change(&mut proof);
        proof.check().unwrap_err()
    };
    assert!(proof(200, 70).nodes.len() > 2);
    assert!(matches!(change(|proof| proof.nodes.swap(0, 1)), ReceiptProofError::NotProven { .. }));
    assert!(matches!(change(|proof| drop(proof.nodes.pop())), ReceiptProofError::NotProven { .. }));
    assert!(matches!(change(|proof| proof.nodes.push(proof.nodes.last().unwrap().clone())), ReceiptProofError::NotProven { .. }));
    assert!(matches!(change(|proof| proof.nodes.insert(0, proof.nodes[0].clone())), ReceiptProofError::NotProven { .. }));
    assert!(matches!(change(|proof| proof.nodes.clear()), ReceiptProofError::NotProven { .. }));
    assert!(matches!(
        change(|proof| *proof.nodes.last_mut().unwrap() = vec![0; MAX_RECEIPT + 1].into()),
        ReceiptProofError::TooMuch { .. }
    ));
    assert!(matches!(change(|proof| proof.nodes[0] = vec![0; MAX_NODE + 1].into()), ReceiptProofError::TooMuch { .. }));
    assert!(matches!(change(|proof| proof.nodes = vec![Bytes::new(); MAX_DEPTH + 1]), ReceiptProofError::TooMuch { .. }));
    assert!(matches!(change(|proof| proof.header = [&proof.header[..], &[0]].concat().into()), ReceiptProofError::Header(_)));
    assert!(matches!(change(|proof| proof.header = vec![0; 9 << 10].into()), ReceiptProofError::Header(_)));
}

#[test]
fn what_is_no_receipt_of_ethereum_is_not_read() {
    // A deposit of a rollup, as the trie of such a chain has it.
    let (_, mut receipts, mut header) = block(3);
    receipts[0] = [&[0x7e], &receipts[0][..]].concat();
    let (root, nodes) = fetch::proven(&receipts, 0);
    header.receipts_root = root;
    let proof = ReceiptProof { header: alloy_rlp::encode(&header).into(), transaction: 0, nodes };
    assert!(matches!(proof.check(), Err(ReceiptProofError::Unreadable { .. })));
}

proptest! {
    /// Whatever bit of a node is turned, it is refused.
    #[test]
    fn no_bit_can_be_turned(node: prop::sample::Index, byte: prop::sample::Index, bit in 0_u8..8) {
        let mut proof = proof(40, 20);
        let node = node.index(proof.nodes.len());
        let mut bytes = proof.nodes[node].to_vec();
        let at = byte.index(bytes.len());
        bytes[at] ^= 1 << bit;
        proof.nodes[node] = bytes.into();
        prop_assert!(proof.check().is_err());
    }

    /// Whoever makes up nodes and the header that commits to them is answered too.
    #[test]
    fn any_bytes_are_answered(nodes in prop::collection::vec(any::<Vec<u8>>(), 0..4), transaction: u64) {
        let root = nodes.first().map(alloy::primitives::keccak256).unwrap_or_default();
        let header = alloy_rlp::encode(Header { receipts_root: root, ..Header::default() });
        let _ = ReceiptProof { header: header.into(), transaction, nodes: nodes.into_iter().map(Bytes::from).collect() }.check();
    }
}
