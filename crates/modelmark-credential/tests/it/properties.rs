//! Whatever the bytes are, the answer is a report, and never that they verify.

use modelmark_credential::{Against, PublicKey, Verdict, verify};
use proptest::prelude::*;

use crate::sample::{credential, noon};

proptest! {
    #[test]
    fn no_bytes_verify_by_chance(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_ne!(verify(&bytes, &Against::time(noon())).verdict, Verdict::Verified);
    }

    #[test]
    fn damaged_credentials_do_not_verify(at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut bytes = credential().to_string().into_bytes();
        let index = at.index(bytes.len());
        prop_assume!(bytes[index] != with);
        bytes[index] = with;
        prop_assert_ne!(verify(&bytes, &Against::time(noon())).verdict, Verdict::Verified);
    }

    #[test]
    fn no_text_is_a_key_under_two_names(text in "\\PC{0,80}") {
        if let Ok(key) = text.parse::<PublicKey>() {
            prop_assert!(text.contains(&key.multikey()) || text.contains("kty"));
        }
    }
}
