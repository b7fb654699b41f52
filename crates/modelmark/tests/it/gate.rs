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
