//! Data items of Arweave: no panic, and what verifies binds its data to its id.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_remote::arweave::{bound_data, DataItem};

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes::Bytes::copy_from_slice(bytes);
    let Ok(item) = DataItem::read(bytes.clone()) else { return };
    assert_eq!(item.bytes(), &bytes);
    assert_eq!(bound_data(&item.id(), bytes), item.verify().map(|()| item.data().clone()));
});
