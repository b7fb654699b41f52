//! `--place ar:`: what the creator's account signs, and what is found again, by a receipt and without one.

use modelmark_testkit::arweave::Daemon;

use crate::chains::Served;
use crate::environment::TestEnvironment;

/// A key of nobody's.
const KEY: &str = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

#[test]
fn the_account_that_signs_the_record_signs_for_arweave() {
    let Some(daemon) = Daemon::start() else { return };
    let here = TestEnvironment::new();
    here.model("tiny");
    let place = daemon.bundled();
    let publish = ["publish", "tiny", "--license", "mit", "--store", "weights", "--place", &place, "--yes", "--json"];
    let published = here.ok(&publish).json();
    let receipts = published["stored"]["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 4, "{published}");
    assert!(receipts.iter().all(|receipt| receipt["locator"].as_str().unwrap().len() == 43), "{published}");
    assert_eq!(here.ok(&publish).json()["stored"]["sent"], 0, "the same account finds what it gave");
    let token = published["token"].as_str().unwrap();
    here.ok(&["storage", "status", token]).expect_words(&["there, all"]);

    let (there, served) = (TestEnvironment::new(), Served::start(&here));
    for verb in [&["show", token][..], &["fetch", token, "model"]] {
        there.ok(&[verb, &["--place", &place, "--rpc-url", &served.url]].concat());
    }
    there.ok(&["verify", "model", "--token", token, "--place", &place, "--rpc-url", &served.url]).expect_words(&["VERIFIED"]);
    there.ok(&["cat", published["uri"].as_str().unwrap().trim_start_matches("ipfs://"), "--place", &place]);
}

#[test]
fn a_record_is_stored_with_the_key_that_is_named() {
    let Some(daemon) = Daemon::start() else { return };
    let here = TestEnvironment::new();
    here.model("tiny");
    here.write("record.json", here.ok(&["record", "tiny", "--license", "mit"]).stdout);
    let place = daemon.bundled();
    let mut command = here.command(&["store", "record.json", "--place", &place, "--yes", "--json"]);
    command.env("MODELMARK_PRIVATE_KEY", KEY);
    let stored = here.finish(command).expect_code(0).json();
    let by_development = here.ok(&["store", "record.json", "--place", &place, "--yes", "--json"]).json();
    assert_ne!(stored["places"][0]["locator"], by_development["places"][0]["locator"], "two accounts, two items");
}

/// A key that everybody knows signs nothing that leaves this machine.
#[test]
fn a_development_account_does_not_sign_for_others() {
    let here = TestEnvironment::new();
    here.model("tiny");
    here.write("record.json", here.ok(&["record", "tiny", "--license", "mit"]).stdout);
    let told = here.run(&["store", "record.json", "--place", "ar://arweave.invalid?bundler=https://bundler.invalid", "--yes"]);
    told.expect_error(3, &["MODELMARK_ARWEAVE_KEY"]);
}
