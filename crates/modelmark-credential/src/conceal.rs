//! Which claims of a record a token hides, each behind its own digest.
//!
//! In the open stays what says which model, whose, of which weights and under which licence; without it a token would be about nothing. What is hidden can
//! be shown member by member, and of the lists and maps that people share in part, entry by entry.

use serde_json::{Map, Value, json};

use crate::credential::IssueError;
use crate::disclosure::{DIGESTS, ELEMENT, digest, disclose, is_reserved};

/// What stays in the open, as paths into the record.
const OPEN: [&str; 12] = [
    "name",
    "provenance",
    "provenance/type",
    "provenance/weightsHash",
    "provenance/model",
    "provenance/model/cid",
    "provenance/model/kind",
    "provenance/model/profile",
    "provenance/model/size",
    "provenance/creator",
    "provenance/creator/account",
    "provenance/license",
];
/// What is hidden, or stands in the open, in parts.
const IN_PARTS: [&str; 13] = [
    "",
    "provenance",
    "provenance/model",
    "provenance/creator",
    "provenance/training",
    "provenance/trainingConfig",
    "provenance/tags",
    "provenance/datasets",
    "provenance/evaluations",
    "provenance/lineage",
    "provenance/contributors",
    "provenance/attachments",
    "provenance/sources",
];

/// Hides the claims of a record and returns it with the disclosures of all of them.
pub(crate) fn conceal(record: &Value) -> Result<(Value, Vec<String>), IssueError> {
    let mut disclosures = Vec::new();
    let concealed = parts("", record, &mut disclosures)?;
    Ok((concealed, disclosures))
}

fn parts(path: &str, value: &Value, disclosures: &mut Vec<String>) -> Result<Value, IssueError> {
    if !IN_PARTS.contains(&path) {
        return Ok(value.clone());
    }
    match value {
        Value::Object(object) => members(path, object, disclosures),
        Value::Array(items) => {
            let hide = |item| Ok(json!({ELEMENT: hidden(None, item, disclosures)?}));
            items.iter().map(hide).collect::<Result<_, _>>().map(Value::Array)
        }
        plain => Ok(plain.clone()),
    }
}

fn members(path: &str, object: &Map<String, Value>, disclosures: &mut Vec<String>) -> Result<Value, IssueError> {
    let (mut open, mut digests) = (Map::new(), Vec::new());
    for (name, value) in object {
        // The settings of a training run have the names that their writer gave them.
        if is_reserved(name) {
            return Err(IssueError::Unwritable(format!("the record has a key `{name}`, which a token with digests cannot have")));
        }
        let inner = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        let value = parts(&inner, value, disclosures)?;
        if OPEN.contains(&inner.as_str()) {
            open.insert(name.clone(), value);
        } else {
            digests.push(hidden(Some(name), &value, disclosures)?);
        }
    }
    if !digests.is_empty() {
        // The order of the record would tell which is which.
        digests.sort_unstable();
        open.insert(DIGESTS.into(), digests.into());
    }
    Ok(Value::Object(open))
}

/// Makes a disclosure and returns the digest that stands in its place.
fn hidden(name: Option<&str>, value: &Value, disclosures: &mut Vec<String>) -> Result<String, IssueError> {
    let disclosure = disclose(name, value)?;
    let digest = digest(&disclosure);
    disclosures.push(disclosure);
    Ok(digest)
}
