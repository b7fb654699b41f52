//! What an index of tokens answers, and the same as a file (`docs/spec/index.md`).

use std::collections::BTreeMap;

use modelmark_digest::Sha256Digest;
use serde::Deserialize;

use super::json;

/// Longest answer, in bytes.
pub const MAX_ANSWER_BYTES: u64 = 64 << 10;
/// Longest file, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 << 20;
/// Most tokens of one digest that are taken; the rest is counted.
pub const MAX_HINTS: usize = 64;
/// Longest accepted name of a token, in bytes: CAIP-19 names of ERC-721 tokens are shorter.
const MAX_TOKEN_BYTES: usize = 256;
/// How a digest's text begins.
const SHA256: &str = "sha256:";

/// Tokens that an index names for a digest: hints, of which nothing is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// What should be the names of tokens.
    pub tokens: Vec<String>,
    /// How many more there were, or were no names.
    pub left_out: usize,
}

#[derive(Deserialize)]
struct Answer {
    tokens: Vec<String>,
}

#[derive(Deserialize)]
struct Listed {
    digests: BTreeMap<String, Vec<String>>,
}

/// Reads an answer.
///
/// # Errors
/// When it is something else.
pub fn hints(bytes: &[u8]) -> Result<Hints, String> {
    json::<Answer>(bytes, "an index's answer").map(|answer| taken(answer.tokens))
}

/// Reads a file: what it names for each digest.
///
/// # Errors
/// When it is something else.
pub fn file(bytes: &[u8]) -> Result<BTreeMap<Sha256Digest, Hints>, String> {
    let Listed { digests } = json(bytes, "an index")?;
    let known = digests.into_iter().map(|(digest, tokens)| {
        let hex = digest.strip_prefix(SHA256).ok_or_else(|| super::tame(&format!("a digest does not begin with {SHA256}: {digest}")))?;
        let digest = hex.parse::<Sha256Digest>().map_err(|error| super::tame(&error.to_string()))?;
        Ok((digest, taken(tokens)))
    });
    known.collect()
}

fn taken(all: Vec<String>) -> Hints {
    let count = all.len();
    let usable = |token: &String| token.len() <= MAX_TOKEN_BYTES && !token.chars().any(char::is_control);
    let tokens: Vec<_> = all.into_iter().filter(usable).take(MAX_HINTS).collect();
    Hints { left_out: count - tokens.len(), tokens }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "an answer that is not read is a failed test")]

    use super::*;

    #[test]
    fn what_is_no_name_and_what_is_too_much_is_left_out() {
        let hostile = [&["\u{1b}[31m".to_owned(), "x".repeat(257)][..], &vec!["eip155:1/x".to_owned(); 100]].concat();
        let read = hints(&serde_json::to_vec(&serde_json::json!({"tokens": hostile, "later": 1})).unwrap()).unwrap();
        assert_eq!((read.tokens.len(), read.left_out), (MAX_HINTS, 38));
        assert!(read.tokens.iter().all(|token| token == "eip155:1/x"));
        for wrong in [&b"{}"[..], b"[]", b"{\"tokens\":{}}", b"{\"tokens\":[1]}", b"{\"tokens\":[],\"tokens\":[]}", &[b'['; 60_000][..]] {
            assert!(hints(wrong).is_err());
        }
    }

    #[test]
    fn a_file_names_digests_as_they_are_asked_for() {
        let digest = Sha256Digest::of(b"weights");
        let named = |digest: &str| file(format!("{{\"digests\":{{\"{digest}\":[\"a\"]}}}}").as_bytes());
        let hex = digest.to_string();
        assert_eq!(named(&format!("sha256:{hex}")).unwrap().get(&digest).unwrap().tokens, ["a"]);
        for wrong in [hex.clone(), format!("sha256:{}", &hex[1..]), format!("sha512:{hex}"), "\\u001b".to_owned()] {
            assert!(!named(&wrong).unwrap_err().contains('\u{1b}'));
        }
    }
}
