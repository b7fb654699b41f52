//! Documents that calls point to by their digest: a file, whose SHA-256 is taken, or the digest itself.

use std::path::Path;

use modelmark_digest::Sha256Digest;

use crate::error::{CommandError, Result};
use crate::session::read_input;

/// Larger documents are named by their digest.
const MAX_BYTES: u64 = 256 << 20;

/// Reads `text` as `0x` and 64 hex digits, else as the path of a file. `option` is what errors call it.
pub(crate) fn digest(option: &str, text: &str) -> Result<Sha256Digest> {
    if text.starts_with("0x") && !Path::new(text).exists() {
        return text.parse().map_err(|error| CommandError::usage(format!("{option}: {error}")));
    }
    let bytes = read_input(Path::new(text), MAX_BYTES).map_err(|error| CommandError::usage(format!("{option}: {error}")))?;
    Ok(Sha256Digest::of(&bytes))
}
