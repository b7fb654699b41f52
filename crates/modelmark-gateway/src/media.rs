//! What a file is called when a browser or a program asks for it: by its name, else by its first bytes.

/// How many bytes are looked at.
pub(crate) const SNIFFED: u64 = 512;

const TEXT: &str = "text/plain; charset=utf-8";
const BINARY: &str = "application/octet-stream";

/// Returns the media type of a file with this name, of which these are the first bytes.
pub(crate) fn media_type(name: Option<&str>, head: &[u8]) -> &'static str {
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "html" | "htm" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "ipynb" => "application/json",
        "md" => "text/markdown; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "py" | "yaml" | "yml" | "toml" | "jsonl" => TEXT,
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "safetensors" | "gguf" | "onnx" | "bin" | "pt" | "pth" | "h5" | "car" => BINARY,
        _ => sniffed(head),
    }
}

fn sniffed(head: &[u8]) -> &'static str {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return "image/png";
    }
    // The last character may be cut.
    let whole = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => head.get(..error.valid_up_to()).and_then(|head| std::str::from_utf8(head).ok()),
        Err(_) => None,
    };
    match whole {
        Some(text) if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => BINARY,
        // Records have no name to tell by.
        Some(text) if text.starts_with("{\"") => "application/json",
        Some(_) => TEXT,
        None => BINARY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_more_than_bytes() {
        assert_eq!(media_type(Some("a.b/Card.MD"), b"\0"), "text/markdown; charset=utf-8");
        assert_eq!(media_type(Some("model.safetensors"), b"text"), BINARY);
        for (head, expected) in [
            (&b"hello"[..], TEXT),
            (b"", TEXT),
            ("ende mit schnitt: ä".as_bytes().split_last().map_or(&[][..], |(_, head)| head), TEXT),
            (b"{\"name\":\"a model\"}", "application/json"),
            (b"\x89PNG\r\n\x1a\n\0", "image/png"),
            (b"\0", BINARY),
            (b"\xff\xfe", BINARY),
            (b"\x1b[2J", BINARY),
        ] {
            assert_eq!(media_type(None, head), expected, "{head:?}");
            assert_eq!(media_type(Some("no extension"), head), expected);
        }
    }
}
