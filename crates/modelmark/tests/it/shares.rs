//! `modelmark shares`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_token_is_divided_and_taken_out_again() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let create = ["shares", "create", &token, "--name", "Tiny shares", "--symbol", "TINY", "--supply", "100"];
    environment.ok(&[&create[..], &["--dry-run"]].concat()).expect_words(&["approve(address,uint256)", "SharesFactory", "Tiny shares"]);
    let vault = environment.ok(&[&create[..], &["--json"]].concat()).json()["vault"].as_str().unwrap().to_owned();
    environment.ok(&["shares", "show", &vault, "--account", CREATOR]).expect_words(&[
        "100 Tiny shares",
        "holding",
        "not for sale",
        "holds     100 shares",
    ]);
    environment.ok(&["show", &token]).expect_words(&[&vault]);
    environment.run(&["shares", "redeem", &vault, "--dev-account", "1"]).expect_error(1, &["SharesNotAllowed"]);
    environment.run(&["shares", "bid", &vault, "1"]).expect_error(1, &["Shares"]);
    environment.ok(&["shares", "redeem", &vault]).expect_words(&["taken out"]);
    environment.ok(&["shares", "show", &vault]).expect_words(&["redeemed"]);
}

#[test]
fn a_token_that_is_for_sale_is_bid_for() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let create = ["shares", "create", &token, "--name", "Tiny shares", "--symbol", "TINY", "--reserve", "2", "--json"];
    let vault = environment.ok(&create).json()["vault"].as_str().unwrap().to_owned();
    environment.run(&["shares", "bid", &vault, "1", "--dev-account", "1"]).expect_error(1, &["SharesBidTooLow"]);
    environment.ok(&["shares", "bid", &vault, "2", "--dev-account", "1"]);
    environment.ok(&["shares", "show", &vault]).expect_words(&["from 2 ETH", "auction   2 ETH by", OTHER]);
    environment.run(&["shares", "settle", &vault]).expect_error(1, &["SharesNotNow"]);
    let stranger = "0x00000000000000000000000000000000000000AA";
    environment.run(&["shares", "bid", stranger, "2"]).expect_error(1, &["no vault of the canonical factory"]);
    environment.run(&["shares", "bid", &vault, "two"]).expect_error(2, &["coins"]);
    environment.run(&["shares", "show", stranger]).expect_error(1, &["no vault of the canonical factory on eip155:31337", "shares create"]);
}

#[test]
fn names_and_currencies_that_nobody_can_use_are_refused() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let create = |name: &str, symbol: &str, more: &[&str]| {
        environment.run(&[&["shares", "create", &token, "--name", name, "--symbol", symbol], more].concat())
    };
    create("Tiny\u{1b}[31m shares", "TINY", &[]).expect_error(2, &["--name", "U+001B"]);
    create("Tiny\nshares", "TINY", &[]).expect_error(2, &["--name", "U+000A"]);
    create("Tiny shares", "T\u{202e}YNI", &[]).expect_error(2, &["--symbol", "U+202E"]);
    create("", "TINY", &[]).expect_error(2, &["--name", "1 to 64 bytes"]);
    create("Tiny shares", "TINY", &["--currency", OTHER]).expect_error(1, &["--currency", "no ERC-20 token answers"]);
    environment.ok(&["show", &token]).expect_words(&[CREATOR]);
}

#[test]
fn shares_are_sent_and_outbid_money_is_taken_out() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let create = ["shares", "create", &token, "--name", "Tiny shares", "--symbol", "TINY", "--supply", "100", "--reserve", "2", "--json"];
    let vault = environment.ok(&create).json()["vault"].as_str().unwrap().to_owned();
    environment.ok(&["shares", "send", &vault, OTHER, "30", "--dry-run"]).expect_words(&["transfer(address,uint256)", "would cost"]);
    environment.ok(&["shares", "send", &vault, OTHER, "30"]).expect_words(&["30 shares to", OTHER]);
    environment.ok(&["shares", "show", &vault, "--account", OTHER]).expect_words(&["holds     30 shares"]);
    environment
        .run(&["shares", "send", &vault, CREATOR, "31", "--dev-account", "1"])
        .expect_error(1, &["holds 30 shares", "nothing was sent"]);
    environment.run(&["shares", "send", &vault, CREATOR, "0", "--dev-account", "1"]).expect_error(2, &["no shares"]);
    environment.ok(&["shares", "delegate", &vault, OTHER, "--dev-account", "1"]).expect_words(&[OTHER, "votes"]);
    let ballot = environment.ok(&["shares", "propose", &vault, "--manager", OTHER, "--json"]).json();
    assert_eq!((&ballot["manager"], &ballot["reserve"]), (&OTHER.into(), &serde_json::Value::Null));
    environment.run(&["shares", "propose", &vault]).expect_error(2, &["--reserve"]);

    environment.run(&["shares", "withdraw", &vault, "--dev-account", "1"]).expect_error(1, &["was not outbid"]);
    environment.ok(&["shares", "bid", &vault, "2", "--dev-account", "1"]);
    environment.ok(&["shares", "bid", &vault, "3", "--dev-account", "2"]);
    environment.ok(&["shares", "withdraw", &vault, "--dev-account", "1", "--dry-run"]).expect_words(&["withdrawBid(", "would cost"]);
    environment.ok(&["shares", "withdraw", &vault, "--dev-account", "1"]).expect_words(&["2 ETH to", OTHER]);
    environment.run(&["shares", "withdraw", &vault, "--dev-account", "1"]).expect_error(1, &["was not outbid"]);
    environment.run(&["shares", "give-up", &vault]).expect_error(1, &["SharesNotNow"]);
    environment.run(&["shares", "sweep", &vault]).expect_error(1, &["SharesNotAllowed"]);
    environment.run(&["shares", "claim", &vault, "--of", OTHER]).expect_error(1, &["SharesNothing"]);
}

#[test]
fn the_manager_sells_licences_for_the_holders() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    // An offer of the owner's, made before the token was divided: the form of the manager's.
    let terms = format!("0x{}", "07".repeat(32));
    let offer = environment.ok(&["license", "offer", &token, "--terms", &terms, "--price", "1"]).stdout;
    environment.write("offer.json", &offer);
    let create = ["shares", "create", &token, "--name", "Tiny shares", "--symbol", "TINY", "--json"];
    let vault = environment.ok(&create).json()["vault"].as_str().unwrap().to_owned();
    let license = |what: &str, more: &[&str]| environment.run(&[&["shares", "license", what, &vault, "offer.json"], more].concat());
    license("offer", &[]).expect_error(1, &["has to come to the holders", &vault]);
    let mut document: serde_json::Value = serde_json::from_str(&offer).unwrap();
    document["offer"]["beneficiary"] = vault.as_str().into();
    environment.write("offer.json", document.to_string());
    license("offer", &["--dev-account", "1"]).expect_error(1, &["the manager of", "nothing was sent"]);
    license("offer", &["--dry-run"]).expect_code(0).expect_words(&["offerLicense(", "would cost"]);
    environment.write("made.json", license("offer", &[]).expect_code(0).stdout);
    environment.ok(&["license", "buy", "made.json", "--dev-account", "2"]);
    license("close", &[]).expect_code(0).expect_words(&["taken back"]);
    environment.run(&["license", "buy", "made.json", "--dev-account", "3"]).expect_code(1);

    environment.run(&["shares", "metadata", &vault, "chain", "--dev-account", "1"]).expect_error(1, &["the manager of"]);
    environment.ok(&["shares", "metadata", &vault, "chain"]).expect_words(&["is read there from now on"]);
    environment.ok(&["token", "show", &token]).expect_words(&["metadata  made on chain"]);
}
