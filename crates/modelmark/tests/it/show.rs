//! `modelmark show`.

use crate::environment::TestEnvironment;

#[test]
fn everything_about_a_token_stands_on_one_page() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("data/rows.csv", "a,b\n1,2\n");
    let published = environment.ok(&[
        "publish",
        "tiny",
        "--royalty",
        "2.5%",
        "--dataset",
        "data",
        "--metric",
        "accuracy=0.9731",
        "--description",
        "Two\nlines",
        "--json",
    ]);
    let token = published.json()["token"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(environment.ok(&["show", &token]).shown(), @r"
    code: 0
    --- stdout
    token        eip155:31337/erc721:[ADDRESS]/[ID]
    contract     the canonical modelmark registry
    creator      [ADDRESS]
    owner        [ADDRESS]
    minted       block [N], transaction [HASH]
    status       active
    licence      Apache-2.0  https://spdx.org/licenses/Apache-2.0.html
    royalty      2.5 % to [ADDRESS]
    weights      [HASH]
    record       [HASH]  ipfs://[CID]
    name         tiny
    description  Two
                 lines
    model        [CID], 3 files, 427 B
    tensors      2, 36 parameters, root [HASH]
    fingerprint  content [HASH], value [HASH]
    architecture tiny
    dataset      data  [CID]
    metric       accuracy 0.9731
    storage      file:[ROOT]/data/modelmark/store: record yes, signatures 1, model referenced
    --- stderr
    ");
}

#[test]
fn a_token_without_its_record_is_shown_as_far_as_the_chain_knows_it() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    std::fs::remove_dir_all(environment.data_dir().join("store")).unwrap();
    environment.ok(&["show", &token]).expect_words(&["royalty      none\n", "record no, signatures 0, model no"]);
}

/// A description has lines of its own; none of them may look like one of ours.
#[test]
fn a_description_cannot_forge_a_line() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let forged = "harmless\ncontract     the canonical modelmark registry\ncreator      0x0000000000000000000000000000000000000001";
    let token = environment.ok(&["publish", "tiny", "--description", forged, "--json"]).json()["token"].as_str().unwrap().to_owned();
    let shown = environment.ok(&["show", &token]);
    for name in ["contract", "creator"] {
        assert_eq!(shown.stdout.lines().filter(|line| line.starts_with(name)).count(), 1, "{shown:#?}");
    }
}
