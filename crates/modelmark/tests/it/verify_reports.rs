//! `modelmark verify --report`: the same verdict in the forms that other programs read.

use std::fs;

use serde_json::Value;

use crate::environment::TestEnvironment;

#[test]
fn every_form_tells_of_the_file_that_was_altered() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    fs::write(environment.path("tiny/config.json"), b"{\"altered\":true}").unwrap();
    let forms = ["report.html", "report.md", "report.sarif", "report.xml", "report.json"];
    let mut arguments = vec!["verify", "tiny", "--token", token.as_str(), "--report", "badge.svg"];
    forms.iter().for_each(|form| arguments.extend(["--report", form]));
    environment.run(&arguments).expect_code(1);
    let read = |name: &str| fs::read_to_string(environment.path(name)).unwrap();
    for form in forms {
        assert!(read(form).contains("model.files") && read(form).contains("config.json"), "{form} does not tell");
    }
    assert!(read("badge.svg").contains("does not verify"));
    let log: Value = serde_json::from_str(&read("report.sarif")).unwrap();
    assert_eq!(log["runs"][0]["tool"]["driver"]["name"], "modelmark");
    let reports: Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(reports[0]["verdict"], "does-not-verify");
}

#[test]
fn a_form_that_is_not_known_is_refused_before_anything_is_read() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.run(&["verify", "tiny", "--report", "report.pdf"]).expect_error(2, &["report.pdf", ".sarif"]);
    environment.run(&["verify", "tiny", "--report", "tiny/report.html"]).expect_error(2, &["tiny/report.html"]);
}
