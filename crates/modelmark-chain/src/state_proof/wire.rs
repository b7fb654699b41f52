//! Bytes in JSON, as base64 (RFC 4648, padded), which has one spelling for them.

use data_encoding::BASE64;
use serde::de::{Deserializer, Error as _};

fn decoded<'de, D: Deserializer<'de>>(text: &str) -> Result<alloy::primitives::Bytes, D::Error> {
    BASE64.decode(text.as_bytes()).map(Into::into).map_err(D::Error::custom)
}

pub(crate) mod base64 {
    use alloy::primitives::Bytes;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::BASE64.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        super::decoded::<D>(&String::deserialize(deserializer)?)
    }
}

pub(crate) mod base64_list {
    use alloy::primitives::Bytes;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(list: &[Bytes], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|bytes| super::BASE64.encode(bytes)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Bytes>, D::Error> {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| super::decoded::<D>(text)).collect()
    }
}

pub(super) mod base64_option {
    use alloy::primitives::Bytes;
    use serde::{Deserializer, Serializer};

    pub(in crate::state_proof) fn serialize<S: Serializer>(bytes: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_str(&super::BASE64.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::state_proof) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
        <String as serde::Deserialize>::deserialize(deserializer).and_then(|text| super::decoded::<D>(&text)).map(Some)
    }
}
