//! The codes of findings about files, as policies name them.

use std::borrow::Cow;

use modelmark_formats::FindingCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The code of a finding about a file; `docs/reference/findings.md` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Finding(FindingCode);

impl Finding {
    /// Returns the code.
    #[must_use]
    pub const fn code(self) -> FindingCode {
        self.0
    }
}

impl From<FindingCode> for Finding {
    fn from(code: FindingCode) -> Self {
        Self(code)
    }
}

impl TryFrom<String> for Finding {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let code = FindingCode::ALL.iter().find(|code| code.as_str() == text);
        code.copied().map(Self).ok_or_else(|| {
            format!("{:?} is no code of a finding; docs/reference/findings.md lists them", text.chars().take(60).collect::<String>())
        })
    }
}

impl From<Finding> for String {
    fn from(finding: Finding) -> Self {
        finding.0.as_str().to_owned()
    }
}

impl JsonSchema for Finding {
    fn schema_name() -> Cow<'static, str> {
        "Finding".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        schemars::json_schema!({"type": "string", "enum": codes})
    }
}
