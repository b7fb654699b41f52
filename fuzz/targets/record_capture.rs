//! Files beside a model: no panic, and whatever was captured makes a record or a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_record::{Beside, Claims, Document, gather};

fuzz_target!(|bytes: &[u8]| {
    let document = Some(Document { file: "x", bytes });
    for beside in [
        Beside { project: document, ..Beside::default() },
        Beside { card: document, ..Beside::default() },
        Beside { config: document, ..Beside::default() },
    ] {
        if let Ok(capture) = gather(Claims::default(), &beside) {
            assert!(capture.facts.claims.parents.iter().all(|claim| {
                let parent = &claim.parent;
                parent.token.is_some() || parent.token_id.is_some() || parent.cid.is_some() || parent.weights_hash.is_some()
            }));
        }
    }
});
