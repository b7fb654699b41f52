//! Recognises what must never become public for good: secrets, e-mail addresses, paths of this machine.
//!
//! A record cannot be taken back, so doubt counts against the text: 64 bare hex digits may be a digest or a private key and are left out.
//! What is recognised is a help, not a promise: an unlabelled password in prose looks like any other word.

use std::ops::Range;

use serde_json::Value;

const SECRET: &str = "what looks like a secret";
const EMAIL: &str = "an e-mail address";
const LOCAL_PATH: &str = "a path of this machine";

/// Prefixes of access tokens, with the least number of characters that must follow.
const TOKEN_PREFIXES: [(&str, usize); 20] = [
    ("hf_", 16),
    ("api_org_", 16),
    ("sk-", 16),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("npm_", 30),
    ("pypi-AgE", 16),
    ("AIza", 30),
    ("wandb_v1_", 16),
];

/// First components of paths that tell where a machine keeps things, even when nothing follows.
const ROOTS: [&str; 12] = ["home", "Users", "root", "tmp", "mnt", "data", "var", "opt", "srv", "private", "workspace", "content"];

/// Keys that end in `token` and name a word of a vocabulary or a count, not a secret.
const HARMLESS_TOKENS: [&str; 12] =
    ["pad", "eos", "bos", "unk", "sep", "cls", "mask", "image", "decoderstart", "forcedbos", "forcedeos", "addbos"];

/// Returns what private thing a text holds, if any.
#[must_use]
pub(crate) fn private(text: &str) -> Option<&'static str> {
    findings(text).next().map(|(_, reason)| reason)
}

/// Returns the text with every private part replaced by a note, and what was recognised.
#[must_use]
pub(crate) fn mask(text: &str) -> (String, Vec<&'static str>) {
    let (mut masked, mut reasons, mut done) = (String::new(), Vec::new(), 0);
    for (range, reason) in findings(text) {
        masked.push_str(text.get(done..range.start).unwrap_or_default());
        masked.push_str("[left out]");
        done = range.end;
        reasons.push(reason);
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    (masked, reasons)
}

/// Tells whether a setting of this name usually holds a secret.
#[must_use]
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let named = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "apikey",
        "accesskey",
        "privatekey",
        "mnemonic",
        "seedphrase",
        "credential",
        "bearer",
    ];
    named.iter().any(|word| plain.contains(word))
        || plain.strip_suffix("token").is_some_and(|kind| !HARMLESS_TOKENS.contains(&kind))
        || plain == "authorization"
        || plain == "cookie"
}

/// Keys whose values are digests, ids, pictures or names of files, which their types have checked.
const TYPED_KEYS: [&str; 16] = [
    "image",
    "type",
    "weightsHash",
    "datasetCid",
    "model",
    "weights",
    "sha256",
    "configSha256",
    "cid",
    "account",
    "token",
    "tokenId",
    "createdAt",
    "root",
    "commit",
    "evidence",
];

/// Returns the first text in a document that holds something private, as the path of its keys and what was recognised.
pub(crate) fn first_private(value: &Value) -> Option<(String, &'static str)> {
    search(value, &TYPED_KEYS)
}

fn search(value: &Value, typed: &[&str]) -> Option<(String, &'static str)> {
    match value {
        Value::String(text) => private(text).map(|reason| (String::new(), reason)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| search(item, typed).map(|found| within(&at.to_string(), found)))
        }
        Value::Object(entries) => entries.iter().find_map(|(key, item)| entry(key, item, typed).map(|found| within(key, found))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn entry(key: &str, item: &Value, typed: &[&str]) -> Option<(String, &'static str)> {
    if typed.contains(&key) {
        return None;
    }
    if item.is_string() && is_secret_key(key) {
        return Some((String::new(), SECRET));
    }
    // The keys of settings are the writer's own, so none of them vouches for its value.
    let typed = if key == "trainingConfig" { &[] } else { typed };
    private(key).map(|reason| (String::new(), reason)).or_else(|| search(item, typed))
}

fn within(key: &str, (path, reason): (String, &'static str)) -> (String, &'static str) {
    let separator = if path.is_empty() { "" } else { "." };
    (format!("{key}{separator}{path}"), reason)
}

/// The private parts of a text, in order.
fn findings(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> {
    let whole = text.contains("PRIVATE KEY-----").then_some((0..text.len(), SECRET));
    let rest = if whole.is_some() { "" } else { text };
    let mut before = "";
    whole.into_iter().chain(words(rest).filter_map(move |range| {
        let word = rest.get(range.clone()).unwrap_or_default();
        let label = std::mem::replace(&mut before, word);
        word_is_private(word, label).map(|reason| (range, reason))
    }))
}

/// The ranges between white space, quotes, brackets and list separators.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_gap = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;|".contains(c);
    text.split(is_gap).scan(0, move |at, word| {
        let start = *at;
        let end = start + word.len();
        *at = end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Some(start..end)
    })
}

fn word_is_private(word: &str, before: &str) -> Option<&'static str> {
    let labelled = before.eq_ignore_ascii_case("bearer") && word.len() >= 16 && is_opaque(word)
        || before.strip_suffix([':', '=']).is_some_and(|key| is_secret_key(key) && is_opaque(word));
    let assigned = word.split_once(['=', ':']).is_some_and(|(key, value)| is_secret_key(key) && is_opaque(value));
    if labelled || assigned || word.split(['=', ':', '/', '?', '&', '#', '@']).any(is_token) || is_bare_key(word) || has_user_info(word) {
        return Some(SECRET);
    }
    if is_local_path(word) || word.split(['=', ':']).any(is_local_path) {
        return Some(LOCAL_PATH);
    }
    word.split([':', '/', '=']).any(is_email).then_some(EMAIL)
}

/// A value that nobody reads as a word: at least eight characters, one of them a digit.
fn is_opaque(value: &str) -> bool {
    value.len() >= 8 && value.bytes().any(|b| b.is_ascii_digit())
}

fn is_token(part: &str) -> bool {
    let part = part.trim_end_matches(['.', '!']);
    let body = |rest: &str, least: usize| rest.len() >= least && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let aws = part.len() == 20
        && ["AKIA", "ASIA"].iter().any(|prefix| part.starts_with(prefix))
        && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let jwt = part.starts_with("eyJ") && part.len() >= 40 && part.matches('.').count() == 2;
    aws || jwt || TOKEN_PREFIXES.iter().any(|(prefix, least)| part.strip_prefix(prefix).is_some_and(|rest| body(rest, *least)))
}

/// 64 hex digits that nothing declares to be a digest.
fn is_bare_key(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    if word.to_ascii_lowercase().starts_with("sha256:") {
        return false;
    }
    word.split(['=', ':', '/']).any(|part| {
        let digits = part.strip_prefix("0x").unwrap_or(part);
        digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn has_user_info(word: &str) -> bool {
    let authority = word.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| authority.contains('@'))
}

fn is_local_path(part: &str) -> bool {
    let drive = matches!(part.as_bytes(), [letter, b':', b'\\' | b'/', next, ..] if letter.is_ascii_alphabetic() && *next != b'/');
    let share = part.starts_with("\\\\") && part.len() > 2;
    let home = part.starts_with("~/") || part.starts_with("$HOME") || part.starts_with("%USERPROFILE%") || part.starts_with("file:/");
    drive || share || home || is_absolute(part)
}

/// `/a/b`, or one of the well-known roots; a lone `/word` and the `//host` of a URL are no paths.
fn is_absolute(part: &str) -> bool {
    let Some(rest) = part.strip_prefix('/') else { return false };
    let mut components = rest.split('/');
    let first = components.next().unwrap_or_default();
    !first.is_empty() && (ROOTS.contains(&first) || components.next().is_some_and(|second| !second.is_empty()))
}

fn is_email(part: &str) -> bool {
    let part = part.trim_matches(['.', '*', '_', '!', '?']);
    let Some((user, host)) = part.split_once('@') else { return false };
    let user_fits = !user.is_empty() && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b));
    let host_fits = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    let domain =
        host.rsplit_once('.').is_some_and(|(name, tld)| !name.is_empty() && tld.len() >= 2 && tld.bytes().all(|b| b.is_ascii_alphabetic()));
    user_fits && host_fits && domain
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn recognises_secrets() {
        let key = "ab".repeat(32);
        for text in [
            "hf_abcdefghijklmnopqrstuvwxyz012345",
            "use sk-proj-abcdefghijklmnop0123 here",
            "(AKIAIOSFODNN7EXAMPLE)",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345.",
            "https://example.org/?key=hf_abcdefghijklmnopqrstuvwxyz012345",
            "https://user:pw@example.org/x",
            "Authorization: Bearer abcdef0123456789abcdef",
            "password=hunter22222",
            "wandb_api_key: 0123456789abcdef",
            "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            &key,
            &format!("0x{key}"),
        ] {
            assert_eq!(private(text), Some(SECRET), "{text}");
        }
    }

    #[test]
    fn recognises_people_and_machines() {
        for text in ["mail jane.doe+x@example.co.uk.", "<a@b.org>", "mailto:a@b.org", "git@github.com:org/repo"] {
            assert_eq!(private(text), Some(EMAIL), "{text}");
        }
        for text in [
            "/home/jane",
            "/Users/jane/model",
            "out=/scratch/run/1",
            "~/model",
            "C:\\Users\\jane",
            "D:/models/x",
            "\\\\server\\share",
            "file:///etc/passwd",
            "$HOME/x",
            "see (/tmp)",
            "/eos/lab/x",
        ] {
            assert_eq!(private(text), Some(LOCAL_PATH), "{text}");
        }
    }

    #[test]
    fn leaves_ordinary_text_alone() {
        for text in [
            "",
            "A model for text-classification and/or ranking, trained on wiki/en and bookcorpus.",
            "https://huggingface.co/org/name/tree/main",
            "org/name",
            "transformers==4.57.0",
            "risk-free sk-learn pipeline; hf_hub",
            "1e-5",
            "accuracy@1 and recall@10, top/5",
            "pkg@1.2.3",
            "max_token: 128",
            "ratio 3:4 at 10:30",
            "a bearer sentence-transformers model",
            "https://example.org/home/jane/x",
            &format!("sha256:{}", "ab".repeat(32)),
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            "Модель: 模型 🦊",
            "/s is sarcasm",
        ] {
            assert_eq!(private(text), None, "{text}");
        }
        assert!(!is_secret_key("eos_token") && !is_secret_key("max_tokens") && !is_secret_key("learning_rate"));
        assert!(is_secret_key("hub_token") && is_secret_key("push_to_hub_token") && is_secret_key("AWS_SECRET_ACCESS_KEY"));
    }

    #[test]
    fn masks_only_the_private_part() {
        let (text, reasons) = mask("Write to a@b.org, or see /home/jane/notes. 模型 ok");
        assert_eq!(text, "Write to [left out], or see [left out] 模型 ok");
        assert_eq!(reasons, [EMAIL, LOCAL_PATH]);
    }

    #[test]
    fn finds_the_place_in_a_document() {
        let document = json!({ "name": "x", "provenance": { "weightsHash": "ab".repeat(32), "tags": ["a", "b@c.org"] } });
        assert_eq!(first_private(&document), Some(("provenance.tags.1".to_owned(), EMAIL)));
        for (key, value) in [("hub_token", "x"), ("model", "hf_abcdefghijklmnopqrstuvwxyz012345")] {
            let settings = json!({ "trainingConfig": { key: value } });
            assert_eq!(first_private(&settings), Some((format!("trainingConfig.{key}"), SECRET)));
        }
    }
}
