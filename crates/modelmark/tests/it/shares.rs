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
