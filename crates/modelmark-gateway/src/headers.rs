//! Headers that all answers share, and the values that several of them need.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderMap,
    HeaderName, HeaderValue, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};

use crate::target::encode;

pub(crate) const IPFS_PATH: HeaderName = HeaderName::from_static("x-ipfs-path");
pub(crate) const IPFS_ROOTS: HeaderName = HeaderName::from_static("x-ipfs-roots");
pub(crate) const IPFS_URI: HeaderName = HeaderName::from_static("ipfs-uri");
pub(crate) const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

/// What lies behind a CID never changes.
pub(crate) const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=29030400, immutable");

/// Adds what every answer has: any web page may read it, and no browser may take it for something else.
pub(crate) fn add_common(headers: &mut HeaderMap) {
    let all = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "Cache-Control, Content-Type, If-None-Match, Range, User-Agent, X-Requested-With"),
        (
            ACCESS_CONTROL_EXPOSE_HEADERS,
            "Content-Length, Content-Location, Content-Range, Etag, Ipfs-Uri, X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Stream-Output",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Tells whether the client has what `etag` names, by the weak comparison of RFC 9110.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Returns `Content-Disposition` for a file of this name: in ASCII with everything else replaced, and where that changed it whole as well.
pub(crate) fn disposition(kind: &str, name: &str) -> String {
    let plain: String = name.chars().map(|c| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\') { c } else { '_' }).collect();
    let mut value = format!("{kind}; filename=\"{plain}\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        encode(name, &mut value);
    }
    value
}

/// Returns the header, if these characters can stand in one.
pub(crate) fn value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a bad header is a failed test")]
    use super::*;

    #[test]
    fn known_etags_are_found_in_lists() {
        let known = |header: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, header.parse().unwrap());
            is_known(&headers, "\"cid\"")
        };
        for yes in ["\"cid\"", "W/\"cid\"", "*", "\"a\", \"b\", \"cid\"", "\"a\",W/\"cid\""] {
            assert!(known(yes), "{yes}");
        }
        for no in ["cid", "\"cid.raw\"", "\"\"", "\"a\""] {
            assert!(!known(no), "{no}");
        }
    }

    #[test]
    fn names_of_files_survive_in_headers() {
        assert_eq!(disposition("inline", "foobar.bin"), "inline; filename=\"foobar.bin\"");
        let cyrillic = disposition("attachment", "testтест.jpg");
        assert_eq!(cyrillic, "attachment; filename=\"test____.jpg\"; filename*=UTF-8''test%D1%82%D0%B5%D1%81%D1%82.jpg");
        let hostile = disposition("attachment", "a\"; x=\"\r\nSet-Cookie: b\\");
        assert!(value(&hostile).is_some() && !hostile.contains('\n'), "{hostile}");
    }
}
