//! Bundles of Arweave: no panic, and the items of what is read give the same bundle again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_remote::arweave::{read_bundle, write_bundle, DataItem};

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes::Bytes::copy_from_slice(bytes);
    let Ok(held) = read_bundle(&bytes) else { return };
    let top: Vec<DataItem> = held.into_iter().filter(|held| held.depth == 0).map(|held| held.item).collect();
    assert_eq!(write_bundle(&top), bytes);
});
