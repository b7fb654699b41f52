//! Reads a policy file: TOML or YAML, bounded, and with no key that means nothing.

use std::path::Path;

use modelmark_digest::Sha256Digest;
use serde_json::Value;

use super::keys;
use super::rules::Rules;

/// The longest policy file, in bytes.
pub const MAX_POLICY_BYTES: usize = 64 << 10;

/// A file that is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is longer than a policy may be.
    #[error("it is longer than {MAX_POLICY_BYTES} bytes")]
    TooLong,
    /// It is not text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Its name tells neither form.
    #[error("its name ends in neither .toml nor .yaml, so that nobody can tell how it is to be read")]
    Form,
    /// It names what no policy has.
    #[error("{}", .0.join("; "))]
    Keys(Vec<String>),
    /// It cannot be read as a policy: the text says where and why.
    #[error("{0}")]
    Content(String),
}

/// How a policy file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// TOML 1.0.
    Toml,
    /// YAML 1.2, one document; JSON is a part of it.
    Yaml,
}

impl Form {
    /// Returns the form that a file's name tells.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" | "json" => Some(Self::Yaml),
            _ => None,
        }
    }
}

impl Rules {
    /// Reads a policy.
    ///
    /// # Errors
    /// It is too long, no text, not of this form, holds a key twice or one that means nothing, or a value that its key does not take.
    pub fn read(bytes: &[u8], form: Form) -> Result<Self, PolicyError> {
        if bytes.len() > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| PolicyError::NotText)?;
        // The keys first: what is wrong with them is told with the nearest key that there is.
        let value: Value = parse(text, form)?;
        let unknown = keys::unknown(&value);
        if !unknown.is_empty() {
            return Err(PolicyError::Keys(unknown));
        }
        parse(text, form)
    }

    /// Returns the policy as JSON in one form, whatever the file looked like: names spelled one way, nothing that says what is so anyway.
    #[must_use]
    pub fn canonical(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Returns the SHA-256 of [`Rules::canonical`] as text: two files that say the same have the same.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.canonical().to_string().as_bytes())
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &str, form: Form) -> Result<T, PolicyError> {
    match form {
        Form::Toml => toml::from_str(text).map_err(|error| PolicyError::Content(one_line(&error.to_string()))),
        Form::Yaml => serde_saphyr::from_str_with_options(text, yaml()).map_err(|error| PolicyError::Content(one_line(&error.to_string()))),
    }
}

/// Bounds far above any policy and far below what an expansion of aliases could cost. A merge (`<<`) is refused: it hides which value counts.
fn yaml() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 20_000,
            max_nodes: 20_000,
            max_depth: 16,
            flow_nesting_limit: 16,
            max_aliases: 64,
            max_anchors: 64,
            max_documents: 1,
            max_total_scalar_bytes: MAX_POLICY_BYTES,
            max_recorded_anchor_events: 20_000,
            max_recorded_anchor_bytes: 4 * MAX_POLICY_BYTES,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 20_000, max_replay_stack_depth: 8 },
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// Parsers show a piece of the file; that is told in one line.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.chars().all(|c| "^|-~ ".contains(c))).collect();
    lines.join("; ").chars().take(1000).collect()
}
