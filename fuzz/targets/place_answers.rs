//! What places answer, of any bytes: the RPC API of IPFS nodes, the pinning service API, Pinata, an index of tokens. Texts that come out are bounded and printable, and
//! names can be used in a path.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_digest::ContentId;
use modelmark_remote::answers::{index, kubo, pinata, pinning};

fuzz_target!(|bytes: &[u8]| {
    let id = ContentId::raw(b"hello");
    for text in [kubo::message(bytes), pinning::failure(bytes), pinata::failure(bytes)] {
        shown(&text);
    }
    let _ = kubo::key(bytes).map_err(|reason| shown(&reason));
    let _ = kubo::is_pinned(bytes, &id).map_err(|reason| shown(&reason));
    let _ = kubo::imported(bytes, &id).map(|taken| taken.map_err(|reason| shown(&reason)));
    if let Ok(addresses) = kubo::addresses(bytes) {
        assert!(addresses.len() <= kubo::MAX_ADDRESSES);
    }
    if let Ok(pin) = pinning::pin(bytes) {
        name(&pin.request);
        pin.details.iter().for_each(|details| shown(details));
        assert!(pin.delegates.len() <= 20);
    }
    if let Ok(Some(pin)) = pinning::best(bytes, &id) {
        assert_eq!(pin.cid, id);
    }
    if let Ok(file) = pinata::file(bytes) {
        name(&file.id);
    }
    if let Ok(hints) = index::hints(bytes).map_err(|reason| shown(&reason)) {
        assert!(hints.tokens.len() <= index::MAX_HINTS);
        assert!(hints.tokens.iter().all(|token| token.len() <= 256 && !token.chars().any(char::is_control)));
    }
    let _ = index::file(bytes).map_err(|reason| shown(&reason));
    if let Ok(Some(file)) = pinata::find(bytes, &id) {
        assert_eq!(file.cid, Some(id));
    }
});

fn shown(text: &str) {
    assert!(text.chars().count() <= 300 && !text.chars().any(char::is_control));
}

fn name(text: &str) {
    assert!(!text.is_empty() && text.len() <= 256 && !text.chars().any(char::is_control));
}
