//! What an adapter of PEFT says of itself in `adapter_config.json`: which model it changes, and how.

use serde::Serialize;

use crate::contents::short;
use crate::object::{Object, Word};
use crate::{Finding, FindingCode};

/// The configuration of an adapter lies beside its weights under this name.
pub const ADAPTER_CONFIG: &str = "adapter_config.json";

/// Longest configuration that is read, in bytes. Those of adapters that name every layer have some ten thousand.
pub const MAX_ADAPTER_CONFIG_BYTES: u64 = 1 << 23;

/// An adapter: a small set of weights that changes another model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Adapter {
    /// Name or path of the model that it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_model: Option<String>,
    /// Revision of that model; absent when it is not pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Method, such as `LORA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Task, such as `CAUSAL_LM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u64>,
    /// Scale; a decimal as written, for some are fractions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<String>,
    /// The modules that it changes, or one pattern for them; the first 64.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_modules: Vec<String>,
}

impl Adapter {
    /// Reads a configuration.
    ///
    /// # Errors
    /// When it is no JSON object, longer than [`MAX_ADAPTER_CONFIG_BYTES`], a key that matters stands twice, or its text has a control character.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() as u64 > MAX_ADAPTER_CONFIG_BYTES {
            return Err(format!("longer than {MAX_ADAPTER_CONFIG_BYTES} bytes"));
        }
        let config: Object = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let text = |key: &str| match config.word(key) {
            Some(Word::Text(text)) if !text.is_empty() => Some(short(text)),
            _ => None,
        };
        let number = |key: &str| match config.word(key) {
            Some(Word::Number(number)) => Some(number),
            _ => None,
        };
        let modules = config.word("target_modules").map_or(&[][..], Word::all);
        Ok(Self {
            base_model: text("base_model_name_or_path"),
            revision: text("revision"),
            kind: text("peft_type"),
            task: text("task_type"),
            rank: number("r").and_then(serde_json::Number::as_u64),
            alpha: number("lora_alpha").map(ToString::to_string),
            target_modules: modules.iter().filter_map(Word::text).map(short).collect(),
        })
    }

    /// Returns what a person should know: whether the model that it changes can be told, and what the configuration gives away.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let Some(base) = &self.base_model else { return Vec::new() };
        let (code, message) = match (is_local(base), &self.revision) {
            (true, _) => (
                FindingCode::Private,
                format!(
                    "`base_model_name_or_path` is a path of the machine that trained it, {base}: it may tell who that was, and names no model"
                ),
            ),
            (false, Some(revision)) if is_commit(revision) => return Vec::new(),
            (false, Some(revision)) => {
                (FindingCode::ParentUnpinned, format!("changes {base} at {revision:?}, which is no commit: its owner can change it"))
            }
            (false, None) => {
                (FindingCode::ParentUnpinned, format!("changes {base}, of which no revision is named: its owner can change it"))
            }
        };
        vec![Finding { code, message }]
    }
}

/// Tells whether a name of a model is a path on some machine. A name on the hub has one slash at most, and none at its start.
#[must_use]
pub fn is_local(name: &str) -> bool {
    let climbs = name.split(['/', '\\']).any(|component| component == "..");
    let drive = name.get(1..3).is_some_and(|rest| rest == ":\\" || rest == ":/");
    climbs || drive || name.starts_with(['/', '\\', '~', '.']) || name.starts_with("file:")
}

/// A full commit of Git, which nobody can change afterwards.
fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn codes(json: &str) -> Vec<&'static str> {
        Adapter::parse(json.as_bytes()).unwrap().findings().iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn a_configuration_of_peft_is_read() {
        let json =
            br#"{"base_model_name_or_path":"org/base","revision":null,"peft_type":"LORA","task_type":"CAUSAL_LM","r":8,"lora_alpha":16.5,
            "target_modules":["q_proj","v_proj",3],"loftq_config":{},"unknown":[[]]}"#;
        let expected = Adapter {
            base_model: Some("org/base".to_owned()),
            revision: None,
            kind: Some("LORA".to_owned()),
            task: Some("CAUSAL_LM".to_owned()),
            rank: Some(8),
            alpha: Some("16.5".to_owned()),
            target_modules: vec!["q_proj".to_owned(), "v_proj".to_owned()],
        };
        assert_eq!(Adapter::parse(json).unwrap(), expected);
        assert_eq!(Adapter::parse(br#"{"target_modules":"all-linear"}"#).unwrap().target_modules, ["all-linear"]);
    }

    #[test]
    fn values_of_other_types_say_nothing() {
        let json = br#"{"base_model_name_or_path":[],"r":"8","lora_alpha":"x","target_modules":{},"peft_type":1}"#;
        assert_eq!(Adapter::parse(json).unwrap(), Adapter::default());
        for json in [
            &b""[..],
            b"[]",
            b"null",
            b"{\"a\":",
            &[b'['; 100_000],
            br#"{"r":8,"r":null}"#,
            br#"{"\u0072":8,"r":8}"#,
            b"{\"revision\":\"a\\u0000\"}",
        ] {
            assert!(Adapter::parse(json).is_err());
        }
        assert!(Adapter::parse(&vec![b' '; MAX_ADAPTER_CONFIG_BYTES as usize + 1]).is_err());
    }

    #[test]
    fn parents_are_pinned_by_commits_only_and_paths_are_private() {
        let with =
            |base: &str, revision: &str| codes(&serde_json::json!({"base_model_name_or_path": base, "revision": revision}).to_string());
        assert_eq!(with("org/base", &"a1".repeat(20)), [""; 0]);
        assert_eq!(with("org/base", "main"), ["parent.unpinned"]);
        assert_eq!(codes(r#"{"base_model_name_or_path":"gpt2"}"#), ["parent.unpinned"]);
        for path in ["/home/ann/models/base", "./base", "~/base", "C:\\Users\\ann\\base", "../base", "org/../../base", "file:///base"] {
            assert_eq!(with(path, "main"), ["privacy.path"], "{path}");
        }
        assert_eq!(codes("{}"), [""; 0]);
    }
}
