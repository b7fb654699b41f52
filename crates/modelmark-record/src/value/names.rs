//! Names that other systems give to code, to its surroundings and to documents, each in the one spelling that they share.

use std::borrow::Cow;

use crate::value::{Refusal, text_value};

text_value! {
    /// A commit of a version control system: 40 or 64 lower-case hex digits.
    Commit, "commit", check_commit,
    { "type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$" }
}

text_value! {
    /// A container image: a name with or without a tag and a digest, `ghcr.io/org/name:1@sha256:…`, or a digest alone. At most 255 characters.
    ContainerImage, "container image", check_image,
    { "type": "string", "maxLength": 255, "pattern": "^([A-Za-z0-9][A-Za-z0-9._:/-]*@)?sha256:[0-9a-f]{64}$|^[A-Za-z0-9][A-Za-z0-9._:/-]*$" }
}

text_value! {
    /// A media type in lower case without parameters, such as `application/json` (RFC 6838).
    MediaType, "media type", check_media_type,
    { "type": "string", "maxLength": 255, "pattern": "^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$" }
}

fn check_commit(text: String) -> Result<String, Refusal> {
    let fits = matches!(text.len(), 40 | 64) && is_lower_hex(&text);
    if fits { Ok(text) } else { Err("is not a whole commit: 40 or 64 lower-case hex digits".into()) }
}

fn check_image(text: String) -> Result<String, Refusal> {
    let (name, digest) = match text.rsplit_once('@') {
        Some((name, digest)) => (Some(name), Some(digest)),
        None if text.starts_with("sha256:") => (None, Some(text.as_str())),
        None => (Some(text.as_str()), None),
    };
    let is_digest = |digest: &str| digest.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && is_lower_hex(hex));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/-".contains(&b))
    };
    let fits = text.len() <= 255 && name.is_none_or(is_name) && digest.is_none_or(is_digest);
    if fits { Ok(text) } else { Err("is not a container image such as `ghcr.io/org/name:1` or `sha256:<64 hex digits>`".into()) }
}

fn check_media_type(text: String) -> Result<String, Refusal> {
    let is_part = |part: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        part.len() <= 127 && part.bytes().next().is_some_and(fits) && part.bytes().all(|b| fits(b) || b"!#$&^_.+-".contains(&b))
    };
    let fits = text.split_once('/').is_some_and(|(kind, subtype)| is_part(kind) && is_part(subtype));
    if fits { Ok(text) } else { Err("is not a media type in lower case without parameters, such as application/json".into()) }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_in_one_spelling() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for good in ["pytorch/pytorch:2.8.0-cuda12", "localhost:5000/a_b", &digest, &format!("ghcr.io/o/n:1@{digest}")] {
            assert!(good.parse::<ContainerImage>().is_ok(), "{good}");
        }
        for bad in ["", "-x", "a b", "a@sha256:1", "user@host", "@sha256:", &format!("@{digest}"), "sha256:1", &"a".repeat(256)] {
            assert!(bad.parse::<ContainerImage>().is_err(), "{bad}");
        }
        for good in ["application/json", "application/vnd.cyclonedx+json", "text/markdown"] {
            assert!(good.parse::<MediaType>().is_ok(), "{good}");
        }
        for bad in ["", "json", "a/", "/a", "Text/HTML", "text/html; charset=utf-8", "a/b/c", &format!("a/{}", "b".repeat(128))] {
            assert!(bad.parse::<MediaType>().is_err(), "{bad}");
        }
        assert!("ab".repeat(20).parse::<Commit>().is_ok() && "ab".repeat(32).parse::<Commit>().is_ok());
        for bad in ["", "main", "abcdef0", &"AB".repeat(20), &"xy".repeat(20)] {
            assert!(bad.parse::<Commit>().is_err(), "{bad}");
        }
    }
}
