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
}
