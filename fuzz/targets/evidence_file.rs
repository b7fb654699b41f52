//! Evidence files: each is refused in one line, or is judged without a panic, and what is written of it again gives the same report.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_verify::{Evidence, MAX_EVIDENCE_BYTES, Policy, Trial, judge};

fuzz_target!(|bytes: &[u8]| {
    match Evidence::from_bytes(bytes) {
        Ok(evidence) => {
            assert!(bytes.len() <= MAX_EVIDENCE_BYTES);
            let trial = Trial::of(&evidence, &Policy::default());
            assert_ne!(trial.exit_code(), 0);
            // Written again it may be longer than what is read: other spellings are shorter.
            if let Ok(again) = evidence.to_bytes() {
                let again = Evidence::from_bytes(&again).unwrap();
                assert_eq!(judge(&again, &Policy::default()), judge(&evidence, &Policy::default()));
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n')),
    }
});
