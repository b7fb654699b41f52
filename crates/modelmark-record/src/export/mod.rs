//! The formats that the rest of the world reads: a record in, a document out. No clock, no random number, no network: the same record gives the same bytes.
//!
//! An export is a translation. It carries no signature; whoever needs the proof goes back to the record, which every export names by its CID.

mod ai_act;
mod card;
mod croissant;
mod cyclonedx;
mod front_matter;
mod markdown;
mod prov;
mod slsa;
mod spdx;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::RecordId;

pub use ai_act::{Form, Missing, Question, Section, ai_act_form, ai_act_summary};
pub use card::{MAX_CARD_BYTES, card};
pub use croissant::croissant;
pub use cyclonedx::cyclonedx;
pub use prov::prov;
pub use slsa::{TRAINING_BUILD_TYPE, slsa};
pub use spdx::spdx;

/// A record cannot be translated into a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The model card is longer than what is read of one.
    #[error("the model card has {size} bytes; the limit is {limit}")]
    CardTooLarge {
        /// Its length in bytes.
        size: usize,
        /// The longest accepted length in bytes.
        limit: usize,
    },
    /// The model card is not text.
    #[error("the model card is not UTF-8: {0}")]
    CardNotText(std::str::Utf8Error),
    /// The marks around the provenance section are not one pair, so that nobody can say what is to be replaced.
    #[error("the model card has {starts} start and {ends} end marks of a provenance section, not one of each in this order")]
    CardMarks {
        /// Number of start marks.
        starts: usize,
        /// Number of end marks.
        ends: usize,
    },
    /// The format wants to know when the document was created, and the record states no time.
    #[error("the format wants a time of creation, and the record states none")]
    NoTime,
    /// Which dataset is meant does not follow from what was asked for.
    #[error("{}", no_dataset(known))]
    NoDataset {
        /// The datasets of the record.
        known: Vec<String>,
    },
}

fn no_dataset(known: &[String]) -> String {
    match known {
        [] => "the record names no dataset".to_owned(),
        [..] => format!("the dataset that is meant has to be one of the record's, which are {known:?}"),
    }
}

/// Writes a JSON document as people read it: keys sorted, whatever order serde keeps them in; what is null and lists without items left out.
fn document(value: Value) -> Vec<u8> {
    // Alternate form of a `Value` is indented JSON; unlike a writer it cannot fail.
    format!("{:#}\n", lean(value)).into_bytes()
}

/// Returns the word that a record writes for a value of a closed set.
fn word(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn lean(value: Value) -> Value {
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().map(|(key, value)| (key, lean(value))).collect();
            entries.retain(|(_, value)| !is_empty(value));
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(lean).filter(|item| !item.is_null()).collect()),
        other => other,
    }
}

/// Returns a UUID of version 8 (RFC 9562, section 5.8) made of the first bytes of the record's id: the same record has the same one.
fn uuid(id: RecordId) -> String {
    let digest = id.digest();
    let (head, _) = digest.as_bytes().split_at(16);
    let mut bits = head.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    bits = bits & !(0xf << 76) | 0x8 << 76;
    bits = bits & !(0b11 << 62) | 0b10 << 62;
    let field = |shift: u32, digits: u32| bits >> shift & ((1 << (digits * 4)) - 1);
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", field(96, 8), field(80, 4), field(64, 4), field(48, 4), field(0, 12))
}

#[cfg(test)]
mod tests {
    use modelmark_digest::Sha256Digest;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_uuid_says_that_it_is_one_of_version_8() {
        let of = |byte| uuid(Sha256Digest::from([byte; 32]).into());
        assert_eq!(of(0xff), "ffffffff-ffff-8fff-bfff-ffffffffffff");
        assert_eq!(of(0x12), "12121212-1212-8212-9212-121212121212");
        assert_eq!(of(0), "00000000-0000-8000-8000-000000000000");
    }

    #[test]
    fn documents_are_sorted_and_hold_no_nulls() {
        let value = json!({ "b": [null, 1, {"d": null}], "a": null, "A": {"z": [], "y": ""} });
        assert_eq!(lean(value).to_string(), r#"{"A":{"y":""},"b":[1,{}]}"#);
    }
}
