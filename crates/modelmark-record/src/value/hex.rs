//! The spelling of SHA-256 digests inside a record: `0x` and 64 lower-case hex digits, what Ethereum tools and tutorials compare with.

/// `#[serde(with = "hash")]` for a digest.
pub(crate) mod hash {
    use modelmark_digest::Sha256Digest;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(digest: &Sha256Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digest.to_0x())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sha256Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !text.starts_with("0x") {
            return Err(D::Error::custom(format_args!("digest {:?} does not start with 0x", text.chars().take(80).collect::<String>())));
        }
        text.parse().map_err(D::Error::custom)
    }
}

/// `#[serde(with = "optional_hash")]` for a digest that may be absent.
pub(crate) mod optional_hash {
    use modelmark_digest::Sha256Digest;
    use serde::{Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde's `with` hands over a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(digest: &Option<Sha256Digest>, serializer: S) -> Result<S::Ok, S::Error> {
        match digest {
            Some(digest) => super::hash::serialize(digest, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sha256Digest>, D::Error> {
        super::hash::deserialize(deserializer).map(Some)
    }
}

/// `#[serde(with = "hashes")]` for a list of digests.
pub(crate) mod hashes {
    use modelmark_digest::Sha256Digest;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    struct Hash(#[serde(with = "super::hash")] Sha256Digest);

    pub(crate) fn serialize<S: Serializer>(digests: &[Sha256Digest], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(digests.iter().map(|digest| digest.to_0x()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Sha256Digest>, D::Error> {
        Vec::<Hash>::deserialize(deserializer).map(|digests| digests.into_iter().map(|Hash(digest)| digest).collect())
    }
}
