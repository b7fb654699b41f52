//! Outboard files: no panic, what is accepted has one spelling and is only the model that it recomputes to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::outboard::Outboard;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(outboard) = Outboard::parse(bytes) {
        assert_eq!(outboard.encode(), bytes);
        if let Ok(cid) = outboard.cid() {
            let leaves = outboard.check(&cid).unwrap();
            assert!(leaves.files().all(|(_, list)| (0..list.len()).all(|index| list.place(index).end <= list.size())));
        }
    }
});
