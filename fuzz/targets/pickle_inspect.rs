//! The look at pickles of settings: no panic, and nothing that readers of weights accept looks otherwise to it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::pickle::{inspect, parse};

fuzz_target!(|bytes: &[u8]| {
    let inspected = inspect(bytes);
    if let Ok(pickle) = parse(bytes) {
        let inspected = inspected.expect("data is data to both");
        assert_eq!(inspected.root(), pickle.root());
    }
    let _ = modelmark_formats::pytorch::settings(&bytes);
});
