//! Verifying what is named in other ways than by a path, and what somebody gains who puts one thing in the place of another.

use crate::environment::TestEnvironment;

/// An environment with two models of one creator; the tokens, and the URIs of the records.
fn two() -> (TestEnvironment, [(String, String); 2]) {
    let environment = TestEnvironment::new();
    let published = ["one", "two"].map(|name| {
        environment.model(name);
        std::fs::write(environment.path(name).join("notes.txt"), name).unwrap();
        let published = environment.ok(&["publish", name, "--json"]).json();
        let text = |field: &str| published[field].as_str().unwrap().to_owned();
        (text("token"), text("uri"))
    });
    (environment, published)
}

/// Writes a record to a file.
fn save(environment: &TestEnvironment, uri: &str, file: &str) {
    let record = environment.ok(&["cat", uri.trim_start_matches("ipfs://")]).stdout;
    environment.write(file, record);
}

#[test]
fn a_token_a_cid_and_a_record_are_verified_and_no_model_is() {
    let (environment, [(token, uri), _]) = two();
    let cid = uri.strip_prefix("ipfs://").unwrap();
    save(&environment, cid, "record.json");
    for named in [&["verify", token.as_str()][..], &["verify", &uri], &["verify", cid], &["verify", "--record", "record.json"]] {
        let outcome = environment.run(&[named, &["--json"]].concat()).expect_code(0);
        assert_eq!(outcome.json()["verdict"], "record-verified", "{named:?}");
    }
    environment.run(&["verify", &token]).expect_code(0).expect_words(&["NO FILES LOOKED AT"]);
    environment.run(&["verify", &token, "--deny-code"]).expect_code(4);
    environment.run(&["verify", &token, "--range", "notes.txt:0..1"]).expect_error(2, &["one model"]);
    environment.run(&["verify"]).expect_code(2);
}

#[test]
fn a_list_has_a_report_each_and_the_worst_exit_code() {
    let (environment, [(token, _), _]) = two();
    environment.write("list", format!("# models\n\ntwo\n{token}\n"));
    let verified = environment.run(&["verify", "one", "--list", "list", "--json"]).expect_code(0);
    let verdicts = |text: &str| {
        let reports = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        reports.map(|report| report["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&verified.stdout), ["verified", "verified", "record-verified"]);
    std::fs::write(environment.path("one").join("notes.txt"), "changed").unwrap();
    let refused = environment.run(&["verify", "one", "--list", "list", "--json"]).expect_code(1);
    assert_eq!(verdicts(&refused.stdout), ["does-not-verify", "verified", "record-verified"]);
    environment.run(&["verify", "one", "two", "--token", &token]).expect_error(2, &["one model"]);
    environment.run(&["verify", "one", "nowhere"]).expect_error(2, &["nowhere"]);
}

#[test]
fn a_record_in_the_place_of_the_model_is_a_model_that_does_not_verify() {
    let (environment, [(_, uri), _]) = two();
    save(&environment, &uri, "model.safetensors");
    environment.run(&["verify", "model.safetensors"]).expect_code(1);
}

#[test]
fn another_valid_record_of_the_same_creator_is_refused() {
    let (environment, [(token, _), (_, other)]) = two();
    save(&environment, &other, "other.json");
    environment.run(&["verify", "one", "--token", &token, "--record", "other.json"]).expect_code(1).expect_checks(&["FAIL record.digest"]);
    // Without the token, the files are not those that the other record lists.
    environment.run(&["verify", "one", "--record", "other.json"]).expect_code(1).expect_checks(&["FAIL model.files"]);
}

#[test]
fn a_pickle_beside_safetensors_is_an_added_file_and_code() {
    let (environment, [(token, _), _]) = two();
    // `os.system("id")`, as protocol 0 spells it.
    environment.write("one/pytorch_model.bin", "cos\nsystem\n(S'id'\ntR.");
    let outcome = environment.run(&["verify", "one", "--token", &token, "--deny-code"]).expect_code(1);
    outcome.expect_checks(&["FAIL model.extra"]).expect_words(&["pytorch_model.bin"]);
    // Its creator may have published it: then it is the policy that refuses it.
    environment.ok(&["publish", "one"]);
    environment.run(&["verify", "one"]).expect_code(0);
    environment.run(&["verify", "one", "--deny-code"]).expect_code(4).expect_checks(&["FAIL code.none"]);
}
