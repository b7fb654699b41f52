//! How the signer says that the files were listed and hashed.

use std::fmt;

use serde_json::Value;

use crate::code::{Code, Refused, shown};
use crate::json::Object;

/// Which pieces of the model have digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every file has one.
    Files,
    /// Every file has one for each so many bytes; an empty file has none.
    Shards(u64),
}

/// The hash of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashType {
    /// SHA-256.
    Sha256,
    /// BLAKE2b with 64 bytes.
    Blake2b,
    /// BLAKE3 with 32 bytes.
    Blake3,
}

impl HashType {
    /// Returns the word that signatures use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Blake2b => "blake2b",
            Self::Blake3 => "blake3",
        }
    }

    /// Returns the bytes of a digest.
    pub(crate) const fn length(self) -> usize {
        match self {
            Self::Sha256 | Self::Blake3 => 32,
            Self::Blake2b => 64,
        }
    }
}

impl fmt::Display for HashType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The `serialization` of a predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serialization {
    /// Which pieces of the model have digests.
    pub method: Method,
    /// With which hash.
    pub hash: HashType,
    /// Whether the signer followed links.
    pub allow_symlinks: bool,
    /// What the signer left out, as it stands below the model's folder.
    pub ignore_paths: Vec<String>,
}

impl Serialization {
    /// Reads and checks the object.
    pub(crate) fn read(object: Object<'_>) -> Result<Self, Refused> {
        Ok(Self {
            method: method(object)?,
            hash: hash_type(object)?,
            allow_symlinks: allow_symlinks(object)?,
            ignore_paths: match object.optional("ignore_paths") {
                None => Vec::new(),
                Some(_) => object.list("ignore_paths")?.iter().map(ignore_path).collect::<Result<_, _>>()?,
            },
        })
    }

    /// Tells whether a resource may name this algorithm.
    pub(crate) fn admits(&self, algorithm: &str) -> bool {
        let whole = algorithm == self.hash.as_str();
        match self.method {
            Method::Files => whole,
            // The specification writes the hash, the reference client adds the size of the shards.
            Method::Shards(size) => whole || algorithm == format!("{}-sharded-{size}", self.hash),
        }
    }
}

fn method(object: Object<'_>) -> Result<Method, Refused> {
    match object.text("method")? {
        "files" => Ok(Method::Files),
        "shards" => {
            let value = object.required("shard_size")?;
            // The reference client writes whole numbers as floats.
            let size = value.as_u64().or_else(|| value.as_f64().and_then(integral)).filter(|size| *size > 0);
            let refused =
                || Refused::new(Code::Serialization, format!("the shard size {} is no positive integer", shown(&value.to_string())));
            size.map(Method::Shards).ok_or_else(refused)
        }
        other => Err(Refused::new(Code::Serialization, format!("the files were listed by an unknown method {}", shown(other)))),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
fn integral(value: f64) -> Option<u64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && (0.0..LIMIT).contains(&value)).then_some(value as u64)
}

fn hash_type(object: Object<'_>) -> Result<HashType, Refused> {
    match object.text("hash_type")? {
        "sha256" => Ok(HashType::Sha256),
        "blake2b" => Ok(HashType::Blake2b),
        "blake3" => Ok(HashType::Blake3),
        other => Err(Refused::new(
            Code::HashType,
            format!("the files were hashed with {}; sha256, blake2b and blake3 are supported", shown(other)),
        )),
    }
}

fn allow_symlinks(object: Object<'_>) -> Result<bool, Refused> {
    match object.optional("allow_symlinks") {
        // The first signatures do not say it.
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| object.not_a("allow_symlinks", "truth value")),
    }
}

/// Reads what is to be ignored: something below the model's folder, neither the folder itself nor something outside.
fn ignore_path(value: &Value) -> Result<String, Refused> {
    let text = value.as_str().ok_or_else(|| Refused::new(Code::Field, "an entry of `ignore_paths` is not text"))?;
    let trimmed = text.strip_prefix("./").unwrap_or(text);
    let trimmed = trimmed.strip_suffix('/').unwrap_or(trimmed);
    let refused = |why: &str| Refused::new(Code::IgnorePath, format!("the signature ignores {}, {why}", shown(text)));
    if matches!(trimmed, "" | ".") {
        return Err(refused("which is the whole model"));
    }
    if trimmed.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused("which is not a path inside the model"));
    }
    Ok(trimmed.to_owned())
}
