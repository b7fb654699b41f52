//! Redundancy policies: each is refused, or reads back as it is shown and can be asked about places.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_remote::{Address, Policy};

fuzz_target!(|text: &str| {
    let Ok(policy) = text.parse::<Policy>() else { return };
    assert_eq!(policy.to_string().parse::<Policy>().as_ref(), Ok(&policy));
    let places: Vec<Address> = ["file:///a", "s3://b", "ar://c"].iter().filter_map(|url| url.parse().ok()).collect();
    if policy.check_possible(&places).is_ok() {
        assert!(policy.missing(&places, &places).is_empty());
    }
});
