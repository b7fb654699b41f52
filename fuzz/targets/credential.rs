//! Credentials in every form: no panic, and nothing verifies by chance.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_credential::{Against, Instant, PublicKey, Verdict, verify};

fuzz_target!(|bytes: &[u8]| {
    let against = Against::time(Instant::from_unix(1_800_000_000).expect("a time"));
    let report = verify(bytes, &against);
    assert!(report.verdict != Verdict::Verified || report.checks.len() > 3);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(key) = text.parse::<PublicKey>() {
            assert_eq!(key.multikey().parse::<PublicKey>().expect("its own name"), key);
        }
        if let Ok(instant) = text.parse::<Instant>() {
            assert_eq!(instant.to_string().parse::<Instant>().expect("its own text"), instant);
        }
    }
});
