//! Bundles: no panic, one spelling, and no proof in garbage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_chain::TokenProof;
use modelmark_verify::Bundle;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = Bundle::parse(bytes) {
        assert_eq!(bundle.to_bytes().unwrap(), bytes);
        let _ = bundle.check(&[]);
    }
    if let Ok(proof) = serde_json::from_slice::<TokenProof>(bytes) {
        let _ = proof.check();
    }
});
