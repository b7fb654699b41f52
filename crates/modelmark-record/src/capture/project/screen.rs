//! Keeps private things that stand in `modelmark.toml` out of the record.

use serde_json::{Map, Value};

use crate::redact;

use super::Intake;

/// Keys whose values are digests, ids or pictures, which their types check.
const TYPED_KEYS: [&str; 11] =
    ["image", "cid", "root", "sha256", "weights-hash", "account", "token", "token-id", "tokenizer-sha256", "commit", "evidence"];

/// Takes out what must not become public, and says so.
pub(super) fn screen(path: &str, table: &mut Map<String, Value>, intake: &mut Intake<'_>) {
    table.retain(|key, value| {
        let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Object(inner) => screen(&field, inner, intake),
            Value::Array(items) => items.retain_mut(|item| match item {
                Value::Object(inner) => {
                    screen(&field, inner, intake);
                    true
                }
                Value::String(text) => TYPED_KEYS.contains(&key.as_str()) || keep(&field, text, intake),
                _ => true,
            }),
            Value::String(text) if field == "model.description" || (path == "considerations" && key != "personal-data") => {
                let (masked, reasons) = redact::mask(text);
                *text = masked;
                reasons.into_iter().for_each(|reason| intake.leave_out(&field, reason));
            }
            Value::String(text) => return (path != "training" && TYPED_KEYS.contains(&key.as_str())) || keep(&field, text, intake),
            _ => {}
        }
        true
    });
}

fn keep(field: &str, text: &str, intake: &mut Intake<'_>) -> bool {
    let key = field.rsplit('.').next().unwrap_or(field);
    let reason = redact::private(text).or_else(|| redact::is_secret_key(key).then_some("a setting that usually holds a secret"));
    reason.into_iter().for_each(|reason| intake.leave_out(field, reason));
    reason.is_none()
}
