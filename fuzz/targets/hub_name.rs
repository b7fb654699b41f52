//! Names of models on the hub: no panic, and nothing is accepted that could lead out of a folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::hub::HubName;

fuzz_target!(|text: &str| {
    let Ok(name) = text.parse::<HubName>() else { return };
    assert_eq!(name.to_string(), text);
    let folder = name.folder();
    assert!(!folder.contains(['/', '\\', '\0']) && folder.starts_with("models--"));
    let parts = name.revision().unwrap_or("main").split('/').all(|part| !matches!(part, "" | "." | ".."));
    assert!(parts, "{text:?}");
});
