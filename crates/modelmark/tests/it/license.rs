//! `modelmark license`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn a_licence_is_offered_bought_and_counts() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.write("terms.md", "use it for a year");
    let offer = ["license", "offer", &token, "--terms", "terms.md", "--price", "0.05", "--days", "365", "--scopes", "use,commercial"];
    environment.ok(&[&offer[..], &["--dry-run"]].concat()).expect_words(&["Licensing at", "50000000000000000"]);
    environment.run(&[&offer[..], &["--dev-account", "1"]].concat()).expect_error(1, &["LicensingNotOwner"]);
    environment.write("offer.json", environment.ok(&offer).stdout);
    let shown = environment.ok(&["license", "show", &token, "--account", OTHER, "--json"]).json();
    assert_eq!((&shown["offers"][0]["open"], &shown["allowed"]), (&true.into(), &false.into()));

    let buy = ["license", "buy", "offer.json", "--dev-account", "1"];
    environment.ok(&[&buy[..], &["--dry-run"]].concat()).expect_words(&["pays the contract 0.05 ETH", "buy("]);
    environment.ok(&buy).expect_words(&["may use, commercial"]);
    let show = |scopes: &str| environment.ok(&["license", "show", &token, "--account", OTHER, "--scopes", scopes]);
    show("use,commercial").expect_words(&["open", "0.05 ETH", "for 365 days", "until", "ALLOWED"]);
    show("derive").expect_words(&["NOT ALLOWED"]);
    // What was paid is revenue of the token.
    environment.ok(&["royalty", "show", &token]).expect_words(&["to split  0.05 ETH"]);

    environment.write("offer.json", "{}");
    environment.run(&["license", "buy", "offer.json"]).expect_error(2, &["offer.json", "no offer"]);
}

#[test]
fn an_offer_is_taken_back_by_its_maker() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let terms = format!("0x{}", "07".repeat(32));
    let offer = ["license", "offer", &token, "--terms", &terms, "--price", "0.05", "--beneficiary", OTHER];
    environment.write("offer.json", environment.ok(&offer).stdout);
    let close = ["license", "close", "offer.json"];
    environment.run(&[&close[..], &["--dev-account", "1"]].concat()).expect_error(2, &["the offer is", CREATOR]);
    environment.ok(&[&close[..], &["--dry-run"]].concat()).expect_words(&["Licensing at", "close(", "would cost"]);
    assert_eq!(environment.ok(&[&close[..], &["--json"]].concat()).json()["open"], false);
    environment.run(&close).expect_error(1, &["no such open offer", "LicensingNoOffer"]);
    environment.run(&["license", "buy", "offer.json", "--dev-account", "1"]).expect_error(1, &["LicensingNoOffer"]);
    environment.ok(&["license", "show", &token]).expect_words(&["closed"]);
    environment.run(&offer).expect_error(1, &["cannot be made again", "LicensingAlreadyOffered"]);
}

#[test]
fn seats_are_assigned_and_released() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let terms = format!("0x{}", "07".repeat(32));
    let third = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    let assign = ["license", "seat", "assign", &token, third, "--dev-account", "1"];
    environment.run(&assign).expect_error(1, &["no such grant", "license show"]);
    environment.ok(&["license", "grant", &token, OTHER, "--terms", &terms, "--seats", "1"]);
    environment.ok(&[&assign[..], &["--dry-run"]].concat()).expect_words(&["setSeat(", third, "would cost"]);
    let seated = environment.ok(&[&assign[..], &["--json"]].concat()).json();
    assert_eq!((&seated["seated"], &seated["changed"], &seated["place"]), (&true.into(), &true.into(), &0.into()));
    assert_eq!(environment.ok(&[&assign[..], &["--json"]].concat()).json()["changed"], false);
    let show = ["license", "seat", "show", &token, third, "--licensee", OTHER];
    environment.ok(&show).expect_words(&["has a seat in grant 0", "use"]);
    environment.ok(&["license", "show", &token, "--account", OTHER]).expect_words(&["1 of 1 seats"]);
    let other = ["license", "seat", "assign", &token, CREATOR, "--dev-account", "1"];
    environment.run(&other).expect_error(1, &["all 1 seats are taken", "seat release"]);
    environment.ok(&["license", "seat", "release", &token, third, "--dev-account", "1"]);
    environment.ok(&show).expect_words(&["has no seat"]);
    environment.ok(&other);
    environment.run(&["license", "seat", "assign", &token, third, "--place", "8"]).expect_error(2, &["--place"]);
}

#[test]
fn copies_are_bought_handed_over_and_turned_into_grants() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.write("terms.md", "use it for a month");
    let offer = ["license", "offer", &token, "--terms", "terms.md", "--price", "0.1", "--days", "30", "--copies", "3", "--transferable"];
    environment.write("offer.json", environment.ok(&offer).stdout);
    let copies = |account: &str| environment.ok(&["license", "copies", "offer.json", "--account", account]);
    copies(OTHER).expect_words(&["open, 0 of 3 copies sold", "held    0"]);
    let redeem = ["license", "redeem", "offer.json", "--dev-account", "2"];
    environment.run(&redeem).expect_error(1, &["no copy of this offer", "license buy"]);
    environment.ok(&["license", "buy", "offer.json", "--dev-account", "1"]).expect_words(&["has a copy"]);
    copies(OTHER).expect_words(&["1 of 3 copies sold", "ipfs://", "held    1"]);

    let third = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    let transfer = ["license", "transfer", "offer.json", third, "--dev-account", "1"];
    environment.run(&[&transfer[..], &["--count", "2"]].concat()).expect_error(1, &["has 1 copies of this offer, not 2"]);
    environment.ok(&[&transfer[..], &["--dry-run"]].concat()).expect_words(&["LicenseEditions at", "safeTransferFrom("]);
    environment.ok(&transfer);
    copies(third).expect_words(&["held    1"]);

    // What is sold stays good when the offer is closed.
    environment.ok(&["license", "close", "offer.json"]);
    environment.ok(&[&redeem[..], &["--dry-run"]].concat()).expect_words(&["redeem(", "would cost"]);
    environment.ok(&redeem).expect_words(&["may use"]);
    copies(third).expect_words(&["closed", "held    0"]);
    environment.ok(&["license", "show", &token, "--account", third]).expect_words(&["until", "ALLOWED"]);

    let grants = ["license", "offer", &token, "--terms", "terms.md", "--price", "0.1"];
    environment.write("grants.json", environment.ok(&grants).stdout);
    environment.run(&["license", "redeem", "grants.json"]).expect_error(2, &["makes grants, not copies", "--transferable"]);
}

#[test]
fn an_owner_grants_for_nothing() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let terms = format!("0x{}", "07".repeat(32));
    environment
        .ok(&["license", "grant", &token, OTHER, "--terms", &terms, "--scopes", "derive", "--seats", "2"])
        .expect_words(&["may derive"]);
    let shown = environment.ok(&["license", "show", &token, "--account", OTHER, "--scopes", "derive", "--json"]).json();
    assert_eq!(
        (&shown["allowed"], &shown["grants"][0]["seats"], &shown["grants"][0]["end"]),
        (&true.into(), &2.into(), &serde_json::Value::Null)
    );
    environment.ok(&["license", "show", &token, "--account", CREATOR, "--scopes", "redistribute"]).expect_words(&["no offers", "ALLOWED"]);
    environment
        .run(&["license", "grant", &token, OTHER, "--terms", &terms, "--scopes", "steal"])
        .expect_error(2, &["steal", "redistribute"]);
    let price = ["license", "offer", &token, "--terms", &terms, "--price", "a lot"];
    environment.run(&price).expect_error(2, &["--price", "coins"]);
}

#[test]
fn what_nobody_could_use_is_not_sent() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let terms = format!("0x{}", "07".repeat(32));
    let nobody = "0x0000000000000000000000000000000000000000";
    environment.run(&["license", "grant", &token, nobody, "--terms", &terms]).expect_error(2, &["the licensee"]);
    environment
        .run(&["license", "offer", &token, "--terms", &terms, "--price", "1", "--closes-at", "5"])
        .expect_error(2, &["--closes-at 5", "on the chain"]);
    assert_eq!(environment.ok(&["license", "show", &token, "--json"]).json()["offers"], serde_json::json!([]));
}
