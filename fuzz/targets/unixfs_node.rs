//! dag-pb blocks: no panic, and what is accepted has one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::unixfs::{decode, encode};

fuzz_target!(|block: &[u8]| {
    if let Ok(node) = decode(block) {
        assert_eq!(encode(&node), block);
    }
});
