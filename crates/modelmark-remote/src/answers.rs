//! What places answer, read from bytes: apart from the network, so that it can be tested and fuzzed alone.
//!
//! Every function takes what a stranger sent, of a length that its caller has bounded, and none panics. A reason that they give may hold parts of
//! what was sent; it is bounded and without control characters.

pub mod index;
pub mod kubo;
pub mod pinata;
pub mod pinning;

use serde::de::DeserializeOwned;

use crate::http::tame;

/// Longest accepted name that a place gives to something, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Reads JSON; `what` says what should have come.
fn json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| tame(&format!("not the JSON of {what}: {error}")))
}

/// Accepts a name that a place gives, for use in later requests.
fn name(text: String, what: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > MAX_NAME_BYTES || text.chars().any(char::is_control) {
        return Err(tame(&format!("{what} is no usable name: {text:?}")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use modelmark_digest::ContentId;
    use proptest::prelude::*;

    use super::*;

    /// What places answer when all is well, of the raw block `hello`.
    const WELL: [&str; 6] = [
        r#"{"Key":"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq","Size":5}"#,
        r#"{"Keys":{"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq":{"Type":"recursive"}}}"#,
        r#"{"Root":{"Cid":{"/":"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"},"PinErrorMsg":""}}"#,
        r#"{"ID":"12D3KooW","Addresses":["/ip4/203.0.113.7/tcp/4001"]}"#,
        r#"{"requestid":"a","status":"pinned","pin":{"cid":"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"}}"#,
        r#"{"data":{"id":"a","cid":"bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"}}"#,
    ];

    fn read_all(bytes: &[u8]) -> usize {
        let id = ContentId::raw(b"hello");
        let texts = [kubo::message(bytes), pinning::failure(bytes), pinata::failure(bytes)];
        assert!(texts.iter().all(|text| text.chars().count() <= 300 && !text.chars().any(char::is_control)));
        let read = [
            kubo::key(bytes) == Ok(id),
            kubo::is_pinned(bytes, &id) == Ok(true),
            kubo::imported(bytes, &id) == Ok(Ok(())),
            kubo::addresses(bytes).is_ok(),
            pinning::pin(bytes).is_ok_and(|pin| pin.cid == id),
            pinata::file(bytes).is_ok_and(|file| file.cid == Some(id)),
        ];
        read.iter().filter(|read| **read).count()
    }

    #[test]
    fn each_answer_is_read_as_what_it_is() {
        assert!(WELL.iter().all(|answer| read_all(answer.as_bytes()) == 1));
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_panics(which in 0..WELL.len(), at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut answer = WELL.get(which).map_or(Vec::new(), |answer| answer.as_bytes().to_vec());
            let at = at.index(answer.len());
            answer.splice(at..(at + bytes.len() / 2).min(answer.len()), bytes);
            read_all(&answer);
        }
    }
}
