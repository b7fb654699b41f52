//! Signed checkpoints and verifier keys: what is read goes back to the same text, and nobody's signature stands under it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_log::{SignedCheckpoint, VerifierKey};

/// The key of the examples of Go's `note` package.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fuzz_target!(|input: &str| {
    if let Ok(key) = input.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), input);
    }
    if let Ok(checkpoint) = input.parse::<SignedCheckpoint>() {
        assert_eq!(checkpoint.to_string(), input);
        assert!(checkpoint.verify(&[]).is_err());
        if let Ok(key) = KEY.parse() {
            let _ = checkpoint.verify(&[key]);
        }
    }
});
