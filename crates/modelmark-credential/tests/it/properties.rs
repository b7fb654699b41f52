//! Whatever the bytes are, the answer is a report, and never that they verify.

use std::sync::LazyLock;

use modelmark_credential::{Against, PublicKey, Verdict, verify};
use proptest::prelude::*;

use crate::sample::{credential, noon, token};

static CREDENTIAL: LazyLock<Vec<u8>> = LazyLock::new(|| credential().to_string().into_bytes());
static TOKEN: LazyLock<Vec<u8>> = LazyLock::new(|| token().into_bytes());

proptest! {
    #[test]
    fn no_bytes_verify_by_chance(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_ne!(verify(&bytes, &Against::time(noon())).verdict, Verdict::Verified);
    }

    #[test]
    fn damaged_credentials_do_not_verify(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut bytes = CREDENTIAL.clone();
        let index = at.index(bytes.len());
        prop_assume!(bytes[index] != with);
        bytes[index] = with;
        prop_assert_ne!(verify(&bytes, &Against::time(noon())).verdict, Verdict::Verified);
    }

    #[test]
    fn damaged_tokens_do_not_verify(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut bytes = TOKEN.clone();
        let index = at.index(bytes.len());
        prop_assume!(bytes[index] != with);
        bytes[index] = with;
        let report = verify(&bytes, &Against::time(noon()));
        prop_assert_ne!(report.verdict, Verdict::Verified, "{:?} at {}", with as char, index);
    }

    #[test]
    fn no_text_is_a_key_under_two_names(text in "\\PC{0,80}") {
        if let Ok(key) = text.parse::<PublicKey>() {
            prop_assert!(text.contains(&key.multikey()) || text.contains("kty"));
        }
    }
}
