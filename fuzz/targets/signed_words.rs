//! Documents that creators and accounts sign for somebody else to submit: consents to mints, delegations, withdrawals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_chain::{SignedDelegation, SignedMint, SignedWithdrawal};

fuzz_target!(|data: &[u8]| {
    if let Ok(word) = serde_json::from_slice::<SignedDelegation>(data) {
        let _ = word.word().digest(word.chain, word.registry);
        let json = serde_json::to_vec(&word).expect("a document is written as it was read");
        assert_eq!(serde_json::from_slice::<SignedDelegation>(&json).expect("what was written is read"), word);
    }
    if let Ok(word) = serde_json::from_slice::<SignedWithdrawal>(data) {
        let _ = word.word().digest(word.chain, word.vault);
        let json = serde_json::to_vec(&word).expect("a document is written as it was read");
        assert_eq!(serde_json::from_slice::<SignedWithdrawal>(&json).expect("what was written is read"), word);
    }
    if let Ok(consent) = serde_json::from_slice::<SignedMint>(data) {
        assert_eq!(consent.token_id().get(), consent.token);
        let json = serde_json::to_vec(&consent).expect("a document is written as it was read");
        assert_eq!(serde_json::from_slice::<SignedMint>(&json).expect("what was written is read"), consent);
    }
});
