//! Records and signature documents: no panic, and what is accepted is its own canonical form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_record::{CanonicalRecord, SignatureDocument, SignedRecord};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(canonical) = CanonicalRecord::parse(bytes) {
        assert!(canonical.cid().verify(bytes));
        // A record that is read may hold what we would not write; what we write must read back the same.
        if let Ok(again) = canonical.record().canonical() {
            assert_eq!(again.bytes(), bytes);
        }
        let _ = SignedRecord::from_document(canonical, bytes);
    }
    if let Ok(document) = SignatureDocument::parse(bytes) {
        assert_eq!(document.to_bytes().expect("read, but not written"), bytes);
    }
});
