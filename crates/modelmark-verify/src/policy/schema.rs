//! The JSON Schema of policy files, for editors and for programs that write them.

use super::rules::Rules;

impl Rules {
    /// Returns the JSON Schema of a policy file's content, whichever form it is written in.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}
