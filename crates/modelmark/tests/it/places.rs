//! Places beyond this machine: `--place` and what is kept there.

use crate::environment::TestEnvironment;

/// An environment with the record of a small model, and the URL of an empty folder as a place.
fn with_a_folder() -> (TestEnvironment, String) {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.write("record.sig.json", environment.ok(&["sign", "record.json"]).stdout);
    std::fs::create_dir(environment.path("backup")).unwrap();
    let place = format!("file://{}", environment.path("backup").display());
    (environment, place)
}

#[test]
fn a_record_and_its_signatures_are_kept_in_a_folder() {
    let (environment, place) = with_a_folder();
    let stored = environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--place", &place, "--json"]).json();
    let there = modelmark_storage::LocalStore::open(environment.path("backup")).unwrap();
    for field in ["record", "signatures"] {
        let id = stored[field].as_str().unwrap().parse().unwrap();
        assert!(modelmark_storage::Store::get(&there, &id, 1 << 20).unwrap().is_some(), "{field}");
    }
}

#[test]
fn a_place_of_an_unknown_kind_is_told_before_anything_is_kept() {
    let (environment, _) = with_a_folder();
    let told = ["gopher://example.org", "known are", "file"];
    environment.run(&["store", "record.json", "--place", "gopher://example.org"]).expect_error(2, &told);
    let mut command = environment.command(&["store", "record.json"]);
    command.env("MODELMARK_PLACES", "gopher://example.org");
    environment.finish(command).expect_error(2, &told);
    environment.run(&["store", "record.json", "--place", "s3://key:secret@bucket"]).expect_error(2, &["no user name"]);
}
