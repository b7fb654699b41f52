//! `modelmark derive` and `modelmark version`.

use crate::environment::TestEnvironment;

#[test]
fn a_derived_model_names_its_parents_and_their_shares() {
    let environment = TestEnvironment::new();
    for model in ["base", "other", "tune", "merged"] {
        environment.model(model);
    }
    let (base, other) = (environment.publish("base"), environment.publish("other"));
    let tune = environment.ok(&["derive", "tune", "--from", &format!("{base},10%"), "--dev-account", "1", "--json"]);
    let tune = tune.expect_words(&["parent", "Apache-2.0"]).json()["token"].as_str().unwrap().to_owned();
    let parents = environment.ok(&["show", &tune, "--json"]).json()["chain"]["lineage"].clone();
    assert_eq!((&parents[0]["relation"], &parents[0]["share"]), (&"finetune".into(), &1_000.into()));
    assert!(base.ends_with(parents[0]["tokenId"].as_str().unwrap()));
    environment.ok(&["status", "set", &other, "deprecated"]);
    let merged = environment.ok(&["derive", "merged", "--relation", "merge", "--from", &tune, "--from", &other, "--json"]);
    merged.expect_words(&["is deprecated"]);
    environment.ok(&["verify", "merged"]);
}

#[test]
fn a_version_continues_a_series_of_its_author_only() {
    let environment = TestEnvironment::new();
    for model in ["first", "second", "third"] {
        environment.model(model);
    }
    let first = environment.publish("first");
    let second = environment.ok(&["version", "second", "--of", &first, "--json"]).json()["token"].as_str().unwrap().to_owned();
    environment.ok(&["show", &second]).expect_words(&["version", "2 of series"]);
    environment.run(&["version", "third", "--of", &second, "--dev-account", "4"]).expect_error(1, &["neither creator nor owner"]);
}

#[test]
fn wrong_parents_are_told_before_anything_is_read() {
    let environment = TestEnvironment::new();
    environment.model("base");
    environment.model("tune");
    let base = environment.publish("base");
    environment.run(&["derive", "tune", "--from", "7"]).expect_error(2, &["--from", "not a token reference"]);
    environment.run(&["derive", "tune", "--from", &format!("{base},110%")]).expect_error(2, &["--parent", "110%"]);
    environment.run(&["derive", "tune", "--relation", "version", "--from", &base]).expect_error(2, &["modelmark version"]);
    environment.run(&["derive", "tune", "--relation", "cousin", "--from", &base]).expect_error(2, &["cousin", "finetune"]);
    let unknown = format!("{}7", base.trim_end_matches(|c: char| c.is_ascii_digit()));
    environment.run(&["version", "tune", "--of", &unknown]).expect_error(1, &["there is no token"]);
}
