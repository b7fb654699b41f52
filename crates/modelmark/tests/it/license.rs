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
