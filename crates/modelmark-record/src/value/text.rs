//! Checked text: the macro behind every string type of a record, and the two plain ones.

use std::borrow::Cow;

/// Why a text is refused, as the end of a sentence.
pub(crate) type Refusal = Cow<'static, str>;

/// A text that the type it was meant for refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?} {reason}")]
pub struct ValueError {
    what: &'static str,
    value: String,
    reason: Refusal,
}

impl ValueError {
    pub(crate) fn new(what: &'static str, value: &str, reason: impl Into<Refusal>) -> Self {
        Self { what, value: value.chars().take(120).collect(), reason: reason.into() }
    }

    /// Returns why it is refused, as the end of a sentence that names the text by itself.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// Defines a string type whose every value has passed `check: fn(String) -> Result<String, Refusal>`, with its JSON Schema.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:path, $schema:tt) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::value::ValueError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                let shown: String = text.chars().take(120).collect();
                $check(text).map(Self).map_err(|reason| $crate::value::ValueError::new($what, &shown, reason))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match serde_json::json!($schema) {
                    serde_json::Value::Object(map) => map.into(),
                    _ => schemars::Schema::default(),
                }
            }
        }
    };
}
pub(crate) use text_value;

text_value! {
    /// One line of text for people or programs: 1 to 200 characters, no control or direction-override character, not blank.
    Label, "text", check_label,
    { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]*\\S[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]*$" }
}

text_value! {
    /// Text of several lines: at most 10,000 characters; of the control characters only line feed and tab.
    Prose, "text", check_prose,
    { "type": "string", "maxLength": 10_000, "pattern": "^[^\u{0}-\u{8}\u{b}-\u{1f}\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}]*$" }
}

fn check_label(text: String) -> Result<String, Refusal> {
    at_most(&text, 200)?;
    if text.trim().is_empty() {
        return Err("is blank".into());
    }
    match text.chars().find(|c| is_unsafe(*c) || matches!(c, '\u{2028}' | '\u{2029}')) {
        Some(c) => Err(format!("holds the character U+{:04X}, which is not allowed in one line of text", u32::from(c)).into()),
        None => Ok(text),
    }
}

fn check_prose(text: String) -> Result<String, Refusal> {
    at_most(&text, 10_000)?;
    match text.chars().find(|c| is_unsafe(*c) && !matches!(c, '\n' | '\t')) {
        Some(c) => {
            Err(format!("holds the character U+{:04X}; of the control characters only line feed and tab are allowed", u32::from(c)).into())
        }
        None => Ok(text),
    }
}

pub(super) fn at_most(text: &str, limit: usize) -> Result<(), Refusal> {
    // A character has at most four bytes, so the cheap test spares counting the characters of an enormous text.
    if text.len() > limit.saturating_mul(4) || text.chars().count() > limit {
        return Err(format!("is longer than {limit} characters").into());
    }
    Ok(())
}

/// Control characters, and the direction overrides with which a name can be shown as another (CVE-2021-42574).
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_any_script_and_refuses_what_deceives_a_reader() {
        for good in ["a", "модель", "模型 🦊", "e\u{301}", "a/b", &"é".repeat(200)] {
            assert!(good.parse::<Label>().is_ok(), "{good}");
            assert!(good.parse::<Prose>().is_ok(), "{good}");
        }
        for bad in ["\u{202e}txt", "a\0", "\u{1b}[2J", "a\u{85}b", "\u{2066}", &"x".repeat(10_001)] {
            assert!(bad.parse::<Label>().is_err(), "{bad:?}");
            assert!(bad.parse::<Prose>().is_err(), "{bad:?}");
        }
        for line in ["", " ", "a\nb", "a\tb", "\u{2028}", &"é".repeat(201)] {
            assert!(line.parse::<Label>().is_err(), "{line:?}");
            assert!(line.parse::<Prose>().is_ok(), "{line:?}");
        }
    }
}
