//! Policy files in both forms: each is refused in one line, or reads back from its canonical form as the same policy, and can be told in words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_verify::{Form, MAX_POLICY_BYTES, Rules};

fuzz_target!(|bytes: &[u8]| {
    for form in [Form::Toml, Form::Yaml] {
        match Rules::read(bytes, form) {
            Ok(rules) => {
                assert!(bytes.len() <= MAX_POLICY_BYTES);
                let canonical = rules.canonical();
                assert_eq!(serde_json::from_value::<Rules>(canonical).ok().as_ref(), Some(&rules));
                drop(rules.problems());
                assert!(!rules.explain().is_empty());
            }
            Err(error) => assert!(!error.to_string().contains('\n')),
        }
    }
});
