//! `modelmark export`: which record, where to, and what is refused. What the documents hold is tested in modelmark-record.

use std::fs;

use crate::environment::TestEnvironment;

const JSON_FORMATS: [&str; 3] = ["cyclonedx", "slsa", "prov"];
const FORMS: [&str; 2] = ["ai-act-summary", "ai-act-form"];

fn with_record() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let record = environment.ok(&["record", "tiny", "--metric", "accuracy=0.9731"]).stdout;
    environment.write("record.json", record);
    environment
}

#[test]
fn every_format_is_the_same_each_time() {
    let environment = with_record();
    let id = environment.ok(&["record", "tiny", "--metric", "accuracy=0.9731", "--json"]).json()["id"].as_str().unwrap().to_owned();
    for format in JSON_FORMATS {
        let written = environment.ok(&["export", "record.json", "--format", format]);
        assert_eq!(written.json(), environment.ok(&["export", "record.json", "--format", format, "--json"]).json(), "{format}");
        assert_eq!(written.stdout, environment.ok(&["export", "record.json", "--format", format]).stdout, "{format}");
        assert!(written.stdout.contains("ipfs://"), "{format} names the record");
        let file = format!("out.{format}");
        environment.ok(&["export", "record.json", "--format", format, "--output", &file]).expect_words(&["wrote"]);
        assert_eq!(fs::read_to_string(environment.path(&file)).unwrap(), written.stdout);
    }
    let said = environment.ok(&["export", "record.json", "--format", "prov", "--output", "p.json", "--json"]).json();
    assert_eq!(said["record"], id);
}

#[test]
fn forms_come_as_text_and_as_json() {
    let environment = with_record();
    for format in FORMS {
        let text =
            environment.ok(&["export", "record.json", "--format", format]).expect_words(&["## What is missing", "Not stated"]).stdout;
        let form = environment.ok(&["export", "record.json", "--format", format, "--json"]).json();
        for missing in form["missing"].as_array().unwrap() {
            let line = format!("- {} {}", missing["number"].as_str().unwrap(), missing["asked"].as_str().unwrap());
            assert!(text.contains(&line), "{line}: {text}");
        }
    }
}

#[test]
fn what_a_record_leaves_open_is_asked_for() {
    let environment = with_record();
    environment.run(&["export", "record.json", "--format", "spdx"]).expect_error(1, &["time of creation", "--created"]);
    let spdx = environment.ok(&["export", "record.json", "--format", "spdx", "--created", "2026-11-23T10:00:00Z"]).json();
    assert_eq!(spdx["@context"], "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
    environment.run(&["export", "record.json", "--format", "croissant"]).expect_error(1, &["names no dataset"]);
    environment.write("data/rows.csv", "a,b\n1,2\n");
    let record = environment.ok(&["record", "tiny", "--dataset", "data"]).stdout;
    environment.write("with-data.json", record);
    let croissant = environment.ok(&["export", "with-data.json", "--format", "croissant"]).json();
    assert_eq!(croissant["name"], "data");
    environment.run(&["export", "with-data.json", "--format", "croissant", "--dataset", "x"]).expect_error(1, &["--dataset NAME", "data"]);
}

#[test]
fn a_token_stands_for_its_record() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let bom = environment.ok(&["export", &token, "--format", "cyclonedx"]).json();
    assert_eq!(bom["metadata"]["component"]["name"], "tiny");
    environment.ok(&["export", &token, "--format", "card"]).expect_words(&[&token, "license: \"apache-2.0\"", "modelmark verify"]);
    let other = if token.ends_with('1') { '2' } else { '1' };
    let nobody = format!("{}{other}", &token[..token.len() - 1]);
    environment.run(&["export", &nobody, "--format", "prov"]).expect_error(1, &["there is no token"]);
    fs::remove_dir_all(environment.data_dir().join("store")).unwrap();
    environment.run(&["export", &token, "--format", "prov"]).expect_error(3, &["not in the block store", "car import"]);
}

#[test]
fn a_card_is_updated_in_place() {
    let environment = with_record();
    let before = fs::read_to_string(environment.path("tiny/README.md")).unwrap();
    environment.write("CARD.md", &before);
    let update = ["export", "record.json", "--format", "card", "--card", "CARD.md", "--output", "CARD.md"];
    environment.ok(&update);
    let once = fs::read_to_string(environment.path("CARD.md")).unwrap();
    assert!(once.starts_with(before.trim_end()) && once.contains("## Provenance"), "{once}");
    environment.ok(&update);
    assert_eq!(fs::read_to_string(environment.path("CARD.md")).unwrap(), once);
    let json = environment.ok(&["export", "record.json", "--format", "card", "--card", "CARD.md", "--json"]).json();
    assert_eq!(json["markdown"], once);
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let environment = with_record();
    environment.write("note.txt", "hello");
    environment.write("marks.md", "<!-- modelmark:provenance:start -->");
    let cases: [(&[&str], i32, &[&str]); 11] = [
        (&["export", "record.json"], 2, &["--format"]),
        (&["export", "record.json", "--format", "pdf"], 2, &["pdf", "cyclonedx"]),
        (&["export", "nothing.json", "--format", "prov"], 2, &["nothing.json"]),
        (&["export", "note.txt", "--format", "prov"], 1, &["is not a record", "modelmark record"]),
        (&["export", "eip155:31337/erc721:0x1/1", "--format", "prov"], 2, &["not an address"]),
        (&["export", "record.json", "--format", "prov", "--card", "note.txt"], 2, &["--card"]),
        (&["export", "record.json", "--format", "prov", "--dataset", "x"], 2, &["--format croissant"]),
        (&["export", "record.json", "--format", "card", "--created", "2026-11-23T10:00:00Z"], 2, &["--format spdx"]),
        (&["export", "record.json", "--format", "spdx", "--created", "yesterday"], 2, &["RFC 3339"]),
        (&["export", "record.json", "--format", "card", "--card", "marks.md"], 1, &["1 start and 0 end marks"]),
        (&["export", "record.json", "--format", "prov", "--output", "record.json"], 2, &["part of the record"]),
    ];
    for (args, code, words) in cases {
        environment.run(args).expect_error(code, words);
    }
}
