//! `modelmark collection gate`.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

#[test]
fn derivatives_get_in_when_their_parents_allow_them() {
    let environment = TestEnvironment::new();
    for name in ["base", "tune"] {
        environment.model(name);
    }
    let curated = ["deploy", "--curated", "Lab models", "--symbol", "LAB", "--admin", CREATOR, "--json"];
    let registry = environment.ok(&curated).json()["registry"].as_str().unwrap().to_owned();
    let create = ["collection", "gate", "create"];
    environment.ok(&[&create[..], &["--dry-run"]].concat()).expect_words(&["constructor(address,address,address)", CREATOR, "would cost"]);
    let gate = environment.ok(&[&create[..], &["--json"]].concat()).json()["gate"].as_str().unwrap().to_owned();
    environment.ok(&create).expect_words(&[&gate, "was there already"]);
    environment.run(&["collection", "gate", "admit", OTHER]).expect_error(1, &["no gate of ours", "gate create"]);
    environment.run(&["collection", "gate", "admit", &gate]).expect_error(1, &["is open", "--curated"]);
    let admit = ["collection", "gate", "admit", &gate, "--registry", &registry];
    environment
        .run(&[&admit[..], &["--dev-account", "1"]].concat())
        .expect_error(1, &["administrator", "AccessManagerUnauthorizedAccount"]);
    environment.ok(&[&admit[..], &["--dry-run"]].concat()).expect_words(&["setTargetFunctionRole(", "grantRole("]);
    environment.ok(&admit);

    // A base model without parents gets in; the derivative of another creator needs a grant, as nobody has read the licence.
    environment.write("base.json", environment.ok(&["record", "base", "--license", "mit"]).stdout);
    let mint = |record: &str, account: &str| {
        environment.run(&["collection", "gate", "mint", &gate, record, "--registry", &registry, "--dev-account", account])
    };
    let base = mint("base.json", "0").expect_code(0).stdout.trim().to_owned();
    assert!(base.contains(&registry), "{base}");
    mint("base.json", "0").expect_code(0);
    let record = ["record", "tune", "--license", "mit", "--parent", &format!("finetune={base}"), "--dev-account", "1"];
    environment.write("tune.json", environment.ok(&record).stdout);
    let check = ["collection", "gate", "check", &gate, "tune.json", "--registry", &registry];
    environment.ok(&check).expect_words(&["NOT ALLOWED  parent 0", "has not read the parent's licence"]);
    mint("tune.json", "1").expect_error(1, &["parent 0 does not allow", "license grant"]);
    let terms = format!("0x{}", "07".repeat(32));
    environment.ok(&["license", "grant", &base, OTHER, "--terms", &terms, "--scopes", "derive"]);
    environment.ok(&check).expect_words(&["ALLOWED"]);
    mint("tune.json", "1").expect_code(0);
}

/// The store keeps what a token points at. A mint that will be refused makes no token, so nothing may be left of it.
#[test]
fn a_refused_mint_leaves_nothing_in_the_store() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny", "--license", "mit"]).stdout);
    let curated = ["deploy", "--curated", "Lab models", "--symbol", "LAB", "--admin", CREATOR, "--json"];
    let registry = environment.ok(&curated).json()["registry"].as_str().unwrap().to_owned();
    let gate = environment.ok(&["collection", "gate", "create", "--json"]).json()["gate"].as_str().unwrap().to_owned();
    let through = ["collection", "gate", "mint", &gate, "record.json", "--registry", &registry];
    // The gate was not admitted; the key is not the creator's; nothing is to be sent.
    environment.run(&through).expect_error(1, &["the collection"]);
    environment.run(&[&through[..], &["--dev-account", "1"]].concat()).expect_code(2);
    // The collection lets nobody but its administrator's accounts mint, and another key is not the creator's.
    environment.run(&["mint", "record.json", "--dev-account", "1"]).expect_code(2);
    environment.run(&["mint", "record.json", "--dev-account", "1", "--registry", &registry]).expect_code(2);
    environment.run(&["mint", "record.json", "--registry", OTHER]).expect_code(3);
    assert!(environment.stored().is_empty(), "what was refused is in the store");
    environment.ok(&["collection", "gate", "admit", &gate, "--registry", &registry]);
    environment.ok(&[&through[..], &["--dry-run"]].concat());
    assert!(environment.stored().is_empty(), "a dry run wrote to the store");
    environment.ok(&through);
    assert!(!environment.stored().is_empty(), "a token points at what is kept");
}

#[test]
fn only_the_authority_sets_what_is_asked_about_transfers() {
    let environment = TestEnvironment::new();
    let curated = ["deploy", "--curated", "Lab models", "--symbol", "LAB", "--admin", CREATOR, "--json"];
    let registry = environment.ok(&curated).json()["registry"].as_str().unwrap().to_owned();
    let gate = environment.ok(&["collection", "gate", "create", "--json"]).json()["gate"].as_str().unwrap().to_owned();
    let set = |validator: &str, more: &[&str]| {
        environment.run(&[&["collection", "validator", validator, "--registry", &registry], more].concat())
    };
    set(&gate, &["--dev-account", "1"]).expect_code(1);
    set(OTHER, &[]).expect_error(1, &["InvalidTransferValidator"]);
    set(&gate, &["--dry-run"]).expect_code(0).expect_words(&["setTransferValidator(", "would cost"]);
    set(&gate, &[]).expect_code(0).expect_words(&[&gate, "is asked"]);
    assert_eq!(set(&gate, &["--json"]).expect_code(0).json()["changed"], false);
    set("none", &[]).expect_code(0).expect_words(&["nobody is asked"]);
    set("nobody", &[]).expect_error(2, &["the validator"]);
    // In an open collection nobody can.
    environment.run(&["collection", "validator", &gate]).expect_code(1);
}
