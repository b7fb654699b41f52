//! Tokens of JSON parts: no panic, nothing verifies by chance, and what can be presented is read again.
#![no_main]

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use modelmark_credential::{Against, Instant, Verdict, present, verify};

fuzz_target!(|bytes: &[u8]| {
    let at = Instant::from_unix(1_800_000_000).expect("a time");
    // The first part says how the others are joined; no JSON has this byte.
    let mut parts = bytes.split(|byte| *byte == 0xff);
    let joints = parts.next().unwrap_or_default();
    let mut token = String::new();
    for (index, part) in parts.enumerate() {
        token.push_str(&BASE64URL_NOPAD.encode(part));
        token.push(if joints.get(index).is_some_and(|joint| joint % 2 == 0) { '.' } else { '~' });
    }
    let asked = Against { audience: Some("a"), nonce: Some("n"), ..Against::time(at) };
    assert_ne!(verify(token.as_bytes(), &asked).verdict, Verdict::Verified);
    assert_ne!(verify(token.as_bytes(), &Against::time(at)).verdict, Verdict::Verified);
    let all = present(&token, &[""], None, at);
    assert_eq!(all.as_ref().ok().map(|all| all.withheld), all.as_ref().ok().map(|_| 0));
    if let Ok(none) = present(&token, &[], None, at) {
        let again = present(&none.token, &[], None, at).expect("what was made here");
        assert_eq!((none.disclosed, again.token), (0, none.token));
    }
});
