//! `modelmark car` and `modelmark cat`: records and models carried from one store to another.

use std::fs;

use crate::chains::Served;
use crate::environment::TestEnvironment;

#[test]
fn a_record_carried_elsewhere_verifies_there() {
    let here = TestEnvironment::new();
    here.model("tiny");
    let published = here.ok(&["publish", "tiny", "--json"]).json();
    let served = Served::start(&here);
    here.ok(&["car", "export", published["uri"].as_str().unwrap(), "record.car"]);

    let there = TestEnvironment::new();
    there.model("tiny");
    there.write("record.car", fs::read(here.path("record.car")).unwrap());
    there.run(&["verify", "tiny", "--rpc-url", &served.url]).expect_code(3).expect_checks(&["unknown record.found"]);
    there.ok(&["car", "import", "record.car"]);
    there.ok(&["verify", "tiny", "--rpc-url", &served.url, "--full"]);
    there.ok(&["show", published["token"].as_str().unwrap(), "--rpc-url", &served.url]).expect_words(&["record yes, signatures 1"]);
}

#[test]
fn a_model_travels_with_its_record() {
    let here = TestEnvironment::new();
    here.model("tiny");
    let published = here.ok(&["publish", "tiny", "--json"]).json();
    here.ok(&["car", "export", published["uri"].as_str().unwrap(), "all.car", "--model"]);

    let there = TestEnvironment::new();
    there.write("all.car", fs::read(here.path("all.car")).unwrap());
    there.ok(&["car", "import", "all.car"]);
    let manifest = here.ok(&["digest", "tiny", "--json"]).json();
    for file in manifest["files"].as_array().unwrap() {
        let mut command = there.command(&["cat", file["cid"].as_str().unwrap()]);
        let bytes = command.output().unwrap().stdout;
        assert_eq!(bytes, fs::read(here.path("tiny").join(file["path"].as_str().unwrap())).unwrap());
    }
}

#[test]
fn an_archive_that_is_damaged_or_none_is_refused() {
    let environment = TestEnvironment::with_a_token();
    let published = environment.ok(&["publish", "kept", "--json"]).json();
    environment.ok(&["car", "export", published["uri"].as_str().unwrap(), "record.car"]);
    let good = fs::read(environment.path("record.car")).unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let endless = [&[0xff; 9][..], &[0x01]].concat();
    for (name, bytes) in
        [("flipped", &flipped[..]), ("cut", &good[..good.len() - 7]), ("text", b"not an archive"), ("endless", &endless), ("empty", b"")]
    {
        let elsewhere = TestEnvironment::new();
        elsewhere.write(name, bytes);
        let refused = elsewhere.run(&["car", "import", name]);
        assert!(matches!(refused.code, Some(1 | 3)), "{name}: {refused:#?}");
        assert!(refused.stdout.is_empty() && refused.stderr.starts_with("error:"), "{name}: {refused:#?}");
        environment.write(name, bytes);
        environment.run(&["car", "import", name]);
    }
    environment.run(&["car", "import", "nowhere.car"]).expect_error(2, &["nowhere.car"]);
    environment.assert_kept();
}

#[test]
fn what_is_not_there_or_no_name_is_said() {
    let environment = TestEnvironment::new();
    let absent = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    environment.run(&["cat", absent]).expect_error(3, &[absent]);
    environment.run(&["car", "export", absent, "x.car"]).expect_error(3, &[absent]);
    assert!(!environment.path("x.car").exists(), "a file appears only when it is whole");
    for bad in ["", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "bafy", "../../etc/passwd"] {
        environment.run(&["cat", bad]).expect_error(2, &[bad]);
    }
}
