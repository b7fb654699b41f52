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
    let before = environment.stored();
    let version = ["version", "third", "--of", &second];
    environment.run(&[&version[..], &["--dev-account", "4"]].concat()).expect_error(1, &["neither the creator", "nothing was written"]);
    let several = format!("version={first}");
    environment.run(&[&version[..], &["--parent", &several]].concat()).expect_error(1, &["not of several", "nothing was written"]);
    assert_eq!(environment.stored(), before, "what was refused is in the store");
    // The same version again is the same token, whoever asks.
    environment.ok(&["version", "third", "--of", &second]);
}

#[test]
fn shares_that_the_registry_refuses_are_told_before_anything_is_written() {
    let environment = TestEnvironment::new();
    for model in ["base", "other", "tune"] {
        environment.model(model);
    }
    let (base, other) = (environment.publish("base"), environment.publish("other"));
    let before = environment.stored();
    let derive = |shares: [&str; 2]| {
        let from = [format!("{base},{}", shares[0]), format!("{other},{}", shares[1])];
        environment.run(&["derive", "tune", "--relation", "merge", "--from", &from[0], "--from", &from[1]])
    };
    derive(["60%", "60%"]).expect_error(1, &["12000 basis points", "more than the whole"]);
    let many: Vec<String> = (0..17).map(|number| format!("merge=eip155:1/erc721:{}/{number}", crate::environment::OTHER)).collect();
    let parents: Vec<&str> = many.iter().flat_map(|parent| ["--parent", parent]).collect();
    environment.run(&[&["publish", "tune"][..], &parents].concat()).expect_error(1, &["17 parents", "16"]);
    assert_eq!(environment.stored(), before, "what was refused is in the store");
    // More than half is for the registry to take, and for the creator to know.
    derive(["30%", "30%"]).expect_code(0).expect_words(&["60 % of what this model earns", "50 %"]);
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
