//! `modelmark label`.

use crate::environment::TestEnvironment;

#[test]
fn a_token_is_named_once() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.ok(&["label", "show", &token]).expect_words(&["name        not said", "depth       not proven"]);
    let set = ["label", "set", &token, "Tiny 1", "--family", "Tiny", "--parameters", "42"];
    environment.ok(&[&set[..], &["--dry-run"]].concat()).expect_words(&["ModelRenderer at", "setLabel(", "Tiny 1", "would cost"]);
    environment.run(&[&set[..], &["--dev-account", "1"]].concat()).expect_error(1, &["only the token's creator", "ModelLabelsNotCreator"]);
    assert_eq!(environment.ok(&[&set[..], &["--json"]].concat()).json()["label"]["family"], "Tiny");
    environment.ok(&["label", "show", &token]).expect_words(&["Tiny 1", "parameters  42"]);
    environment.run(&set).expect_error(1, &["for good", "ModelLabelsAlreadyLabelled"]);
    environment.run(&["label", "set", &token, ""]).expect_error(2, &["1 to 64 bytes"]);
}

#[test]
fn depths_are_proven_from_the_root_down() {
    let environment = TestEnvironment::new();
    for name in ["base", "middle", "tip"] {
        environment.model(name);
    }
    let derive =
        |name: &str, from: &str| environment.ok(&["derive", name, "--from", from, "--json"]).json()["token"].as_str().unwrap().to_owned();
    let base = environment.publish("base");
    let middle = derive("middle", &base);
    let tip = derive("tip", &middle);
    let prove = ["label", "depth", &tip];
    environment.ok(&[&prove[..], &["--dry-run"]].concat()).expect_words(&["proveDepth(", "parents: none", "would cost"]);
    let proven = environment.ok(&[&prove[..], &["--json", "--dev-account", "3"]].concat()).json();
    assert_eq!((&proven["depth"], &proven["proven"]), (&2.into(), &3.into()));
    environment.ok(&prove).expect_words(&["depth 2 (0 proven now)"]);
    environment.ok(&["label", "show", &middle]).expect_words(&["depth       1"]);
    let (start, _) = tip.rsplit_once('/').unwrap();
    environment.run(&["label", "depth", &format!("{start}/7")]).expect_error(1, &["there is no token"]);
}
