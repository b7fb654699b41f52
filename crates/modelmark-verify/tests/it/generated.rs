//! Pages and schemas that are generated from the types: they are what the code says, or the test fails.

use std::path::PathBuf;

use modelmark_verify::{Code, Evidence, Policy, Report, Rules, Trial, exit_codes, judge};

use crate::fixture::publish;

#[track_caller]
fn is_fresh(path: &str, wanted: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path);
    if std::env::var_os("MODELMARK_BLESS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is stale: run `MODELMARK_BLESS=1 cargo test -p modelmark-verify` and commit it", path.display());
}

#[test]
fn the_report_s_schema_is_fresh_and_real_reports_follow_it() {
    let schema = Report::schema();
    is_fresh("schemas/report-v1.schema.json", &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
    let report = serde_json::to_value(judge(&publish("schema", 0).evidence(), &Policy::default())).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&report));
    let mut unknown = report;
    unknown["more"] = true.into();
    assert!(!validator.is_valid(&unknown));
}

#[test]
fn the_schemas_of_evidence_and_trials_are_fresh() {
    for (name, schema) in [("evidence", Evidence::schema()), ("trial", Trial::schema())] {
        is_fresh(&format!("schemas/{name}-v1.schema.json"), &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
    }
}

#[test]
fn the_schema_of_policies_is_fresh() {
    let schema = Rules::schema();
    is_fresh("schemas/policy-v1.schema.json", &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::json!({"version": 1, "metrics": [{"metric": "accuracy", "min": 0.9, "max": "1e0"}]})));
    for wrong in [
        serde_json::json!({}),
        serde_json::json!({"version": 2}),
        serde_json::json!({"version": 1, "include": "other.toml"}),
        serde_json::json!({"version": 1, "licenses": {"allow": []}}),
        serde_json::json!({"version": 1, "status": {"recalled": "ignore"}}),
        serde_json::json!({"version": 1, "code": {"deny-findings": ["code.unheard-of"]}}),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn the_page_of_checks_is_fresh() {
    let mut page = "<!-- Generated from modelmark-verify; do not edit. `MODELMARK_BLESS=1 cargo test -p modelmark-verify` rewrites it. -->\n\n\
        # Checks\n\nWhat a report's codes mean. A check passes, fails, is unknown (something needed was out of reach) or is skipped (it does not \
        apply or was not asked for).\nCodes are public interface: they are never renamed or given another meaning.\n\n| code | severity | what it looks at |\n|---|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        let severity = if code.is_policy() { "policy" } else { "error" };
        page.push_str(&format!("| <a id=\"{code}\"></a>`{code}` | {severity} | {} |\n", code.explanation()));
    }
    page.push_str(
        "\nA failed check makes the verdict *does not verify*; else an unknown one makes it *could not look*; else a failed `policy.` or `status.` check, \
        or `code.none`, makes it *refused by policy*.\n\n## Exit codes\n\n| code | meaning |\n|---|---|\n",
    );
    for (code, meaning) in exit_codes::ALL {
        page.push_str(&format!("| {code} | {meaning} |\n"));
    }
    is_fresh("docs/reference/checks.md", &page);
}
