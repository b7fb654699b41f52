//! Proofs of accounts, slots and receipts: no panic, whatever nodes somebody makes up together with the header that names them.
#![no_main]

use alloy_primitives::keccak256;
use data_encoding::{BASE64, HEXLOWER};
use libfuzzer_sys::fuzz_target;
use modelmark_chain::{ReceiptProof, StateProof};
use serde_json::json;

fuzz_target!(|input: (Vec<Vec<u8>>, Vec<Vec<u8>>, u64)| {
    let (nodes, slots, transaction) = input;
    let root = nodes.first().map(keccak256).unwrap_or_default();
    let header = BASE64.encode(&header(&root.0));
    let base64 = |nodes: &[Vec<u8>]| nodes.iter().map(|node| BASE64.encode(node)).collect::<Vec<_>>();
    let receipt = json!({"header": header, "transaction": transaction, "nodes": base64(&nodes)});
    if let Ok(proof) = serde_json::from_value::<ReceiptProof>(receipt) {
        let _ = proof.check();
    }
    let storage = slots.first().map(keccak256).unwrap_or_default();
    let hash = |hash: &[u8]| format!("0x{}", HEXLOWER.encode(hash));
    let places = |from: usize, count: usize| (from..from + count).collect::<Vec<_>>();
    let slot = json!({"slot": hash(&[1; 32]), "value": "0x1", "proof": places(nodes.len(), slots.len())});
    let account = json!({
        "address": hash(&[1; 20]), "nonce": 1, "balance": "0x0", "storageHash": hash(&storage.0), "codeHash": hash(&[2; 32]),
        "proof": places(0, nodes.len()), "slots": [slot],
    });
    let all = [nodes, slots].concat();
    let state = json!({"header": header, "nodes": base64(&all), "accounts": [account]});
    if let Ok(proof) = serde_json::from_value::<StateProof>(state) {
        let _ = proof.check();
    }
});

/// Returns the RLP of a header with this root of state and receipts, and nothing else in it.
fn header(root: &[u8; 32]) -> Vec<u8> {
    let word = |word: &[u8]| [&[0xa0], word].concat();
    let empty = [0; 256];
    [
        vec![0xf9, 0x01, 0xed],
        word(&[0; 32]),
        word(&[0; 32]),
        [vec![0x94], vec![0; 20]].concat(),
        word(root),
        word(&[0; 32]),
        word(root),
        [&[0xb9, 0x01, 0x00], &empty[..]].concat(),
        vec![0x80; 6],
        word(&[0; 32]),
        [vec![0x88], vec![0; 8]].concat(),
    ]
    .concat()
}
