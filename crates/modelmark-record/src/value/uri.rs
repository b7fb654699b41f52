//! Addresses that a record may point at: only schemes that name content or that anyone can open.

use std::borrow::Cow;

use data_encoding::BASE64;

use crate::value::{Refusal, text_value};

/// Longest URI in bytes.
const MAX_URI: usize = 2048;
/// Longest image data URI in bytes.
const MAX_IMAGE: usize = 65_536;
const IMAGE_PREFIXES: [&str; 3] = ["data:image/svg+xml;base64,", "data:image/png;base64,", "data:image/webp;base64,"];

text_value! {
    /// A URI with the scheme `https`, `ipfs`, `ar` or `doi`, without user name or password, at most 2,048 ASCII characters.
    Uri, "URI", check_uri,
    { "type": "string", "maxLength": 2048, "pattern": "^(https://|ipfs://|ar://|doi:)[!#-;=?-Z\\[\\]_a-z~]+$" }
}

text_value! {
    /// A picture: a base64 data URI (SVG, PNG or WebP) of at most 65,536 characters, or a [`Uri`].
    ImageUri, "image", check_image,
    { "type": "string", "maxLength": 65_536, "pattern": "^(https://|ipfs://|ar://|data:image/(svg\\+xml|png|webp);base64,)[!#-;=?-Z\\[\\]_a-z~]+$" }
}

fn check_uri(text: String) -> Result<String, Refusal> {
    if text.len() > MAX_URI {
        return Err(format!("is longer than {MAX_URI} characters").into());
    }
    let Some(rest) = ["https://", "ipfs://", "ar://", "doi:"].iter().find_map(|scheme| text.strip_prefix(scheme)) else {
        return Err("does not start with https://, ipfs://, ar:// or doi:".into());
    };
    if rest.is_empty() || !rest.bytes().all(is_uri_byte) {
        return Err("holds a character that a URI must percent-encode, or nothing after its scheme".into());
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if !text.starts_with("doi:") && (authority.is_empty() || authority.contains('@')) {
        return Err("has no host, or a user name or password before it".into());
    }
    Ok(text)
}

fn check_image(text: String) -> Result<String, Refusal> {
    let Some(data) = IMAGE_PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) else {
        if text.starts_with("doi:") {
            return Err("is not a picture".into());
        }
        return check_uri(text).map_err(|reason| format!("{reason} (nor is it a base64 SVG, PNG or WebP data URI)").into());
    };
    if text.len() > MAX_IMAGE {
        return Err(format!("is longer than {MAX_IMAGE} characters").into());
    }
    if data.is_empty() || BASE64.decode(data.as_bytes()).is_err() {
        return Err("is not canonical base64 after its media type".into());
    }
    Ok(text)
}

/// RFC 3986 unreserved, reserved and `%`; never a quote, angle bracket, backslash, space or non-ASCII byte.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_schemes_and_characters() {
        for good in ["https://example.org/a?b=c#d", "ipfs://bafk/x", "ar://abc-_", "doi:10.1000/182"] {
            assert!(good.parse::<Uri>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "https://",
            "http://example.org",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://user:pw@example.org/",
            "https://a b",
            "https://a\"b",
            "https://é",
            "https:///x",
            "HTTPS://example.org",
        ] {
            assert!(bad.parse::<Uri>().is_err(), "{bad}");
        }
        assert!(format!("https://{}", "a".repeat(MAX_URI)).parse::<Uri>().is_err());
    }

    #[test]
    fn takes_pictures_as_data() {
        assert!("data:image/svg+xml;base64,PHN2Zy8+".parse::<ImageUri>().is_ok());
        assert!("ipfs://bafk".parse::<ImageUri>().is_ok());
        for bad in [
            "data:image/svg+xml;base64,PHN2Zy8",
            "data:image/svg+xml;base64,",
            "data:image/svg+xml,<svg/>",
            "data:text/html;base64,PHN2Zy8+",
            "doi:10.1/1",
        ] {
            assert!(bad.parse::<ImageUri>().is_err(), "{bad}");
        }
        assert!(format!("data:image/png;base64,{}", "AAAA".repeat(MAX_IMAGE / 4)).parse::<ImageUri>().is_err());
    }
}
