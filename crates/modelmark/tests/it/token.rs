//! `modelmark token`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

const THIRD: &str = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

#[test]
fn a_token_is_lent_and_reclaimed() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.ok(&["token", "show", &token]).expect_words(&[CREATOR, "user      nobody else", "ipfs://bafkrei"]);
    let lend = ["token", "lend", &token, OTHER, "--days", "30"];
    environment.ok(&[&lend[..], &["--dry-run"]].concat()).expect_words(&["ModelRegistry at", "setUser(", OTHER, "would cost at most"]);
    environment.run(&[&lend[..], &["--dev-account", "2"]].concat()).expect_error(1, &["neither owner nor approved"]);
    environment.run(&["token", "reclaim", &token]).expect_error(1, &["not lent", "nothing was sent"]);
    let lent = environment.ok(&[&lend[..], &["--json"]].concat()).json();
    let until = lent["loan"]["until"].as_u64().unwrap();
    assert!(lent["transactions"].as_array().unwrap().len() == 1 && until > 30 * 86_400, "{lent}");
    environment.ok(&["token", "show", &token]).expect_words(&[OTHER, &until.to_string()]);
    // The user may do what the owner may.
    environment.ok(&["license", "show", &token, "--account", OTHER, "--scopes", "use,derive"]).expect_words(&["ALLOWED  use,derive"]);

    environment.run(&["token", "lend", &token, THIRD, "--days", "1"]).expect_error(1, &[OTHER, "token reclaim", "nothing was sent"]);
    // The same user's time can be changed.
    environment.ok(&["token", "lend", &token, OTHER, "--days", "60"]);
    environment.ok(&["token", "reclaim", &token, "--dry-run"]).expect_words(&["end the loan", "setUser("]);
    environment.ok(&["token", "reclaim", &token]).expect_words(&[OTHER, "may not use"]);
    assert!(environment.ok(&["token", "show", &token, "--json"]).json()["loan"].is_null());
    environment.ok(&["license", "show", &token, "--account", OTHER]).expect_words(&["NOT ALLOWED"]);

    environment.run(&["token", "lend", &token, CREATOR, "--days", "1"]).expect_error(2, &["somebody else"]);
    environment.run(&["token", "lend", &token, OTHER, "--days", "0"]).expect_error(2, &["--days"]);
    let missing = format!("{}/7", token.rsplit_once('/').unwrap().0);
    environment.run(&["token", "lend", &missing, OTHER, "--days", "1"]).expect_error(1, &["there is no token"]);
    environment.run(&["token", "show", &missing]).expect_error(1, &["there is no token"]);
}

#[test]
fn metadata_is_read_where_the_owner_says() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let metadata = |place: &str| environment.run(&["token", "metadata", &token, place, "--json"]);
    environment.ok(&["token", "metadata", &token, "chain", "--dry-run"]).expect_words(&["setTokenURI(", "would cost at most"]);
    environment.run(&["token", "metadata", &token, "chain", "--dev-account", "1"]).expect_error(1, &["neither owner nor approved"]);
    assert_eq!(metadata("ipfs").expect_code(0).json()["changed"], false);
    assert_eq!(metadata("chain").expect_code(0).json()["changed"], true);
    let shown = environment.ok(&["token", "show", &token, "--json"]).json();
    assert!(shown["metadata"] == "chain" && shown["tokenUri"].as_str().unwrap().starts_with("data:application/json"), "{shown}");
    environment.ok(&["token", "show", &token]).expect_words(&["metadata  made on chain"]);

    let arweave = "ar://HN8c8F_7SmDZVTHMZqfGhQVnmmmWZ4uKX6PdmBmJkqI";
    assert_eq!(metadata(arweave).expect_code(0).json()["place"], arweave);
    assert_eq!(environment.ok(&["token", "show", &token, "--json"]).json()["tokenUri"], arweave);
    assert_eq!(metadata(arweave).expect_code(0).json()["changed"], false);
    // The record is the one of the mint, wherever it is read.
    environment.ok(&["verify", "tiny"]);
    metadata("https://models.example/1").expect_error(2, &["no place for metadata", "ar://"]);
    metadata("ar://short").expect_error(2, &["no place for metadata"]);
}

#[test]
fn a_token_is_sent_and_then_bound_for_good() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.ok(&["token", "send", &token, OTHER, "--dry-run"]).expect_words(&["safeTransferFrom(", "would cost at most"]);
    environment.run(&["token", "send", &token, OTHER, "--dev-account", "2"]).expect_error(1, &["neither owner nor approved"]);
    environment.run(&["token", "send", &token, CREATOR]).expect_error(2, &["somebody else"]);
    environment.ok(&["token", "lend", &token, THIRD, "--days", "1"]);
    environment.ok(&["token", "send", &token, OTHER]).expect_words(&[OTHER]);
    environment.ok(&["token", "show", &token]).expect_words(&["user      nobody else"]);

    let lock = ["token", "lock", &token, "--for-good"];
    environment.run(&["token", "lock", &token, "--dev-account", "1"]).expect_error(2, &["--for-good"]);
    // The creator owns it no longer.
    environment.run(&lock).expect_error(1, &["ERC721IncorrectOwner"]);
    environment.ok(&[&lock[..], &["--dev-account", "1", "--dry-run"]].concat()).expect_words(&["lock(uint256)", "would cost at most"]);
    assert_eq!(environment.ok(&[&lock[..], &["--dev-account", "1", "--json"]].concat()).json()["changed"], true);
    assert_eq!(environment.ok(&[&lock[..], &["--dev-account", "1", "--json"]].concat()).json()["changed"], false);
    environment.ok(&["token", "show", &token]).expect_words(&[OTHER, "for good"]);
    environment.run(&["token", "send", &token, CREATOR, "--dev-account", "1"]).expect_error(1, &["bound to its owner"]);
    environment.ok(&["token", "lend", &token, THIRD, "--days", "1", "--dev-account", "1"]);
}
