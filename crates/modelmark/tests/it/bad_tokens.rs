//! Token references that name no token, one of another chain, or one in a contract that is not ours.

use crate::environment::{CREATOR, TestEnvironment};

/// Returns the parts of a published model's token: everything before the id, and the id.
fn parts(token: &str) -> (&str, &str) {
    token.rsplit_once('/').unwrap()
}

#[test]
fn text_that_names_no_token() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let (contract, id) = parts(&token);
    let mistyped = with_one_letter_mistyped(&token);
    for bad in [
        "",
        "42",
        "eip155:31337",
        "eip155:31337/erc721:0x1234/1",
        "eip155:31337/erc1155:0x0000000000000000000000000000000000000001/1",
        "bip122:000000000019d6689c085ae165831e93/erc721:0x0000000000000000000000000000000000000001/1",
        "eip155:99999999999999999999999999/erc721:0x0000000000000000000000000000000000000001/1",
        &format!("{contract}/"),
        &format!("{contract}/0x12"),
        &format!("{contract}/-1"),
        &format!("{contract}/0{id}"),
        &format!("{contract}/{}", "9".repeat(78)),
        &format!("{contract}/{}", "9".repeat(100_000)),
        &format!("{token}/1"),
        &format!("{token} "),
        &mistyped,
    ] {
        for args in [&["show", bad][..], &["verify", "kept", "--token", bad]] {
            let refused = environment.run(args).expect_error(2, &["error:"]);
            assert!(refused.stderr.len() < 600, "a long mistake is not repeated in full: {refused:#?}");
        }
    }
    environment.assert_kept();
}

#[test]
fn a_token_of_another_chain() {
    let environment = TestEnvironment::with_a_token();
    let elsewhere = environment.publish("kept").replace("eip155:31337", "eip155:8453");
    environment.run(&["show", &elsewhere]).expect_error(3, &["eip155:8453", "eip155:31337", "--rpc-url"]);
    environment.run(&["verify", "kept", "--token", &elsewhere]).expect_code(3).expect_words(&[
        "eip155:8453",
        "eip155:31337",
        "COULD NOT LOOK",
    ]);
    environment.assert_kept();
}

#[test]
fn a_token_that_was_never_minted() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let other = format!("{}/12345", parts(&token).0);
    environment.run(&["show", &other]).expect_error(1, &["there is no token"]);
    environment.run(&["verify", "kept", "--token", &other]).expect_code(1).expect_words(&["FAIL token.exists"]);
    environment.assert_kept();
}

#[test]
fn the_token_of_another_model() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.run(&["verify", "kept", "--token", &token]).expect_code(1).expect_words(&[
        "FAIL model.files",
        "model.safetensors",
        "FAIL model.cid",
    ]);
    environment.assert_kept();
}

#[test]
fn a_contract_that_is_no_registry() {
    let environment = TestEnvironment::with_a_token();
    let id = parts(&environment.publish("kept")).1.to_owned();
    let book = environment.ok(&["deploy", "--json"]).json()["licenseBook"].as_str().unwrap().to_owned();
    for address in [CREATOR, "0x0000000000000000000000000000000000000001", &book] {
        let token = format!("eip155:31337/erc721:{address}/{id}");
        environment.run(&["verify", "kept", "--token", &token]).expect_code(1).expect_words(&["DOES NOT VERIFY", "FAIL token.exists"]);
        let shown = environment.run(&["show", &token]);
        assert!(matches!(shown.code, Some(1 | 3)), "{shown:#?}");
        let published = environment.run(&["publish", "kept", "--registry", address]);
        assert!(matches!(published.code, Some(1 | 3)), "{published:#?}");
    }
    environment.assert_kept();
}

/// The deployment factory burns all the gas it is given, as any hostile contract may: no verdict but that there is none.
#[test]
fn a_contract_that_burns_gas() {
    let environment = TestEnvironment::with_a_token();
    let id = parts(&environment.publish("kept")).1.to_owned();
    let token = format!("eip155:31337/erc721:0x4e59b44847b379578588920cA78FbF26c0B4956C/{id}");
    let report = environment.run(&["verify", "kept", "--token", &token]).expect_words(&["out of gas"]);
    assert!(matches!(report.code, Some(1 | 3)), "{report:#?}");
    environment.assert_kept();
}

/// Turns the case of the address's first letter, which its checksum does not forgive.
fn with_one_letter_mistyped(token: &str) -> String {
    let start = token.find("0x").unwrap() + 2;
    let letter = start + token[start..].find(|character: char| character.is_ascii_alphabetic()).unwrap();
    let turned =
        |character: char| if character.is_ascii_uppercase() { character.to_ascii_lowercase() } else { character.to_ascii_uppercase() };
    token.char_indices().map(|(at, character)| if at == letter { turned(character) } else { character }).collect()
}

#[test]
fn nothing_is_minted_in_a_contract_that_is_not_ours() {
    let environment = TestEnvironment::with_a_token();
    let book = environment.ok(&["deploy", "--json"]).json()["licenseBook"].as_str().unwrap().to_owned();
    for (registry, code) in [(book.as_str(), 1), ("0x0000000000000000000000000000000000000007", 3)] {
        environment.run(&["publish", "kept", "--license", "mit", "--registry", registry]).expect_code(code).expect_words(&[registry]);
    }
    // A model's own modelmark.toml must not redirect its publisher silently.
    std::fs::write(environment.path("kept/modelmark.toml"), format!("[chain]\nregistry = \"{book}\"\n")).unwrap();
    environment.run(&["publish", "kept"]).expect_code(1).expect_words(&["modelmark.toml decides", &book, "not a modelmark registry"]);
}
