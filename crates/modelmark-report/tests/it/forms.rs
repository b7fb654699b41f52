//! What each form says.

use std::path::Path;

use modelmark_report::{Form, FormError};
use modelmark_verify::{Report, Status, Verdict};
use serde_json::Value;

use crate::fixture::report;

fn written(form: Form, reports: &[Report]) -> String {
    form.write(reports, "modelmark 0.1.0").unwrap()
}

#[test]
fn the_name_says_the_form() {
    for (name, form) in
        [("a.html", Form::Html), ("a.MD", Form::Markdown), ("a.sarif", Form::Sarif), ("a.xml", Form::Junit), ("a.svg", Form::Badge)]
    {
        assert_eq!(Form::of(Path::new(name)).unwrap(), form);
    }
    assert!(matches!(Form::of(Path::new("a.pdf")), Err(FormError::Unknown(_))));
    assert!(matches!(Form::of(Path::new("html")), Err(FormError::Unknown(_))));
}

#[test]
fn sarif_has_a_result_for_each_finding_that_did_not_pass() {
    let log: Value = serde_json::from_str(&written(Form::Sarif, &[report("my model/a", "text")])).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let told: Vec<_> =
        results.iter().map(|r| (r["ruleId"].as_str().unwrap(), r["kind"].as_str().unwrap(), r["level"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("record.found", "open", "none"),
            ("model.files", "fail", "error"),
            ("model.sample", "review", "none"),
            ("policy.license", "fail", "warning")
        ]
    );
    for result in results {
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "my%20model/a");
    }
}

#[test]
fn junit_counts_what_it_holds() {
    let text = written(Form::Junit, &[report("a", "text"), report("b", "text")]);
    let xml = roxmltree::Document::parse(&text).unwrap();
    let suites: Vec<_> = xml.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    assert_eq!(suites.len(), 2);
    let count = |name: &str| suites[0].descendants().filter(|node| node.has_tag_name(name)).count().to_string();
    for (attribute, element) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
        assert_eq!(suites[0].attribute(attribute).unwrap(), count(element), "{attribute}");
    }
    assert_eq!((count("failure"), count("error"), count("skipped")), ("2".to_owned(), "1".to_owned(), "2".to_owned()));
}

#[test]
fn the_badge_shows_the_worst_verdict() {
    let good = Report { verdict: Verdict::Verified, ..report("a", "text") };
    let refused = Report { verdict: Verdict::PolicyRefused, ..report("a", "text") };
    assert!(written(Form::Badge, std::slice::from_ref(&good)).contains("model: verified"));
    assert!(written(Form::Badge, &[good.clone(), refused.clone()]).contains("refused by policy"));
    assert!(written(Form::Badge, &[report("a", "text"), refused, good]).contains("does not verify"));
    assert!(written(Form::Badge, &[]).contains("nothing verified"));
    roxmltree::Document::parse(&written(Form::Badge, &[])).unwrap();
}

#[test]
fn pages_and_summaries_name_every_check() {
    let report = report("a", "text");
    for form in [Form::Html, Form::Markdown] {
        let text = written(form, std::slice::from_ref(&report));
        for check in &report.checks {
            assert!(text.contains(check.code.as_str()), "{} is not in {form:?}", check.code);
        }
        assert!(text.contains("DOES NOT VERIFY"));
    }
}

#[test]
fn json_is_the_reports() {
    let reports = [report("a", "text")];
    let back: Vec<Report> = serde_json::from_str(&written(Form::Json, &reports)).unwrap();
    assert_eq!(back, reports);
    assert_eq!(back[0].checks.iter().filter(|check| check.status == Status::Fail).count(), 2);
}
