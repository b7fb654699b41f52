//! `modelmark credential`: issuing and verifying, and foreign libraries that verify what it issued.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use modelmark_credential::PublicKey;
use modelmark_testkit::tools;
use serde_json::Value;

use crate::environment::{Outcome, TestEnvironment};

/// Returns surroundings with a record, a key and its password.
fn prepared() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.write("password", "correct horse\n");
    environment.ok(&["credential", "key", "new", "issuer.key", "--password-file", "password"]);
    environment
}

fn issue(environment: &TestEnvironment, more: &[&str]) -> Outcome {
    let args = ["credential", "issue", "record.json", "--key", "issuer.key", "--key-password-file", "password"];
    environment.run(&[&args[..], more].concat())
}

/// Changes the last letter of the model's name in the record that the credential holds.
fn altered(credential: &str) -> String {
    assert!(credential.contains("\"name\":\"tiny\""));
    credential.replace("\"name\":\"tiny\"", "\"name\":\"tinx\"")
}

#[test]
fn a_credential_is_issued_and_verifies() {
    let environment = prepared();
    assert_eq!(fs::metadata(environment.path("issuer.key")).unwrap().permissions().mode() & 0o077, 0, "a key is its owner's alone");
    let issued = issue(&environment, &[]).expect_code(0).expect_words(&["development account"]).stdout;
    environment.write("credential.json", &issued);
    let verify = ["credential", "verify", "credential.json"];
    environment.ok(&[&verify[..], &["--record", "record.json"]].concat()).expect_words(&["VERIFIED", "did:key:z6Mk", "account.binding"]);
    let report = environment.ok(&[&verify[..], &["--json"]].concat()).json();
    assert_eq!((&report["verdict"], &report["suite"]), (&"verified".into(), &"eddsa-jcs-2022".into()));

    let late = environment.run(&[&verify[..], &["--at", "2099-01-01T00:00:00Z", "--json"]].concat()).expect_code(1).json();
    assert_eq!(late["verdict"], "does-not-verify");
    assert!(late["checks"].as_array().unwrap().iter().any(|check| check["code"] == "expired"));
    environment.pipe(altered(&issued), &["credential", "verify", "-"]).expect_code(1).expect_words(&["DOES NOT VERIFY", "bad-signature"]);
    let foreign = issued.replace("eddsa-jcs-2022", "ecdsa-rdfc-2019");
    environment.pipe(foreign, &["credential", "verify", "-"]).expect_code(3).expect_words(&["COULD NOT LOOK", "ecdsa-rdfc-2019"]);
    environment.model("other");
    environment.write("other.json", environment.ok(&["record", "other"]).stdout);
    environment.run(&[&verify[..], &["--record", "other.json"]].concat()).expect_code(1).expect_words(&["other-record"]);
}

#[test]
fn an_organisation_issues_under_its_document() {
    let environment = prepared();
    let key = environment.ok(&["credential", "key", "new", "p.key", "--password-file", "password", "--json"]).json();
    let multikey = key["did"].as_str().unwrap().strip_prefix("did:key:").unwrap().to_owned();
    let document = serde_json::json!({
        "id": "did:web:models.example",
        "assertionMethod": [{"id": "#k", "type": "Multikey", "controller": "did:web:models.example", "publicKeyMultibase": multikey}],
    });
    environment.write("did.json", document.to_string());
    let args = ["--key", "p.key", "--key-password-file", "password", "--did-document", "did.json"];
    let issued = environment.ok(&[&["credential", "issue", "record.json"], &args[..]].concat()).stdout;
    environment.write("credential.json", issued);
    let verify = ["credential", "verify", "credential.json"];
    environment.run(&verify).expect_code(3).expect_words(&["key-unknown", "did:web:models.example"]);
    environment.ok(&[&verify[..], &["--did-document", "did.json"]].concat()).expect_words(&["VERIFIED"]);
    environment.write("later.json", document.to_string() + "\n");
    environment.run(&[&verify[..], &["--did-document", "later.json"]].concat()).expect_code(1).expect_words(&["other-document"]);
    environment.write("issuer.txt", &multikey);
    environment.ok(&[&verify[..], &["--issuer-key", "issuer.txt"]].concat());
    issue(&environment, &["--did-document", "did.json"]).expect_error(2, &["assertion method"]);
}

#[test]
fn what_cannot_be_issued_is_said() {
    let environment = prepared();
    issue(&environment, &["--dev-account", "1"]).expect_error(2, &["creator"]);
    issue(&environment, &["--valid-from", "2026-01-02T00:00:00Z", "--valid-until", "2026-01-01T00:00:00Z"]).expect_error(2, &["end"]);
    issue(&environment, &["--valid-from", "yesterday"]).expect_error(2, &["RFC 3339"]);
    environment.write("password", "wrong");
    issue(&environment, &[]).expect_error(2, &["password"]);
    environment.write("issuer.key", "{}");
    issue(&environment, &[]).expect_error(2, &["credential key new"]);
    let again = ["credential", "key", "new", "issuer.key", "--password-file", "password"];
    environment.run(&again).expect_error(2, &["issuer.key", "overwritten"]);
    environment.run(&["credential", "verify", "nowhere.json"]).expect_error(2, &["nowhere.json"]);
}

#[test]
fn a_token_is_issued_and_foreign_libraries_verify_it() {
    let environment = prepared();
    environment.ok(&["credential", "key", "new", "p.key", "--algorithm", "p-256", "--password-file", "password"]);
    for (key, jose) in [("issuer.key", "EdDSA"), ("p.key", "ES256")] {
        let args = ["credential", "issue", "record.json", "--format", "jwt", "--key", key, "--key-password-file", "password"];
        let token = environment.ok(&args).stdout;
        environment.write("credential.jwt", &token);
        let verify = ["credential", "verify", "credential.jwt", "--record", "record.json", "--json"];
        let report = environment.ok(&verify).json();
        assert_eq!((&report["form"], &report["suite"]), (&"vc+jwt".into(), &jose.into()));
        environment.write("altered.jwt", token.replacen(".e", ".f", 1));
        environment.run(&["credential", "verify", "altered.jwt"]).expect_code(1);
        let did = report["issuer"].as_str().unwrap().parse::<PublicKey>().unwrap();
        environment.write("issuer.jwk", did.to_jwk().to_string());
        assert_foreign(&environment, "credential.jwt", Some(0), &[]);
        assert_foreign(&environment, "altered.jwt", Some(1), &[]);
    }
    let p256 = ["credential", "issue", "record.json", "--key", "p.key", "--key-password-file", "password"];
    environment.run(&p256).expect_error(2, &["ed25519", "p-256"]);
}

/// Has jose and PyJWT, or the SD-JWT packages, verify a token with the key in `issuer.jwk`, and returns the claims that they found.
fn assert_foreign(environment: &TestEnvironment, token: &str, code: Option<i32>, asked: &[&str]) -> Vec<Value> {
    let node = tools::credential_modules().map(|modules| ("node".into(), modules.parent().unwrap().join("verify.mjs"), asked.get(1..)));
    let python = tools::credential_python().map(|python| (python, tools::workspace().join("vectors/credential/verify.py"), Some(asked)));
    let mut claims = Vec::new();
    for (program, script, asked) in [node, python].into_iter().flatten() {
        let mut command = Command::new(program);
        command.arg(script).arg(environment.path(token)).arg(environment.path("issuer.jwk")).args(asked.unwrap_or_default());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), code, "{output:?}");
        claims.extend(output.status.success().then(|| serde_json::from_slice::<Value>(&output.stdout).unwrap()));
    }
    claims
}

/// Issues to a holder with a P-256 key, shows a part, and has everybody look at it.
#[test]
fn a_part_is_shown_and_foreign_libraries_verify_it() {
    const ASKED: [&str; 2] = ["https://verifier.example", "n-0S6_WzA2Mj"];
    let environment = prepared();
    let holder = environment.ok(&["credential", "key", "new", "holder.key", "--algorithm", "p-256", "--password-file", "password"]).stdout;
    environment.write("holder.txt", &holder);
    let issued = issue(&environment, &["--format", "sd-jwt", "--holder", "holder.txt"]).expect_code(0).stdout;
    environment.write("record.sd-jwt", &issued);
    let whole = environment.ok(&["credential", "verify", "record.sd-jwt", "--record", "record.json", "--json"]).json();
    assert_eq!((&whole["form"], &whole["suite"]), (&"dc+sd-jwt".into(), &"EdDSA".into()));
    let public = whole["issuer"].as_str().unwrap().parse::<PublicKey>().unwrap();
    environment.write("issuer.jwk", public.to_jwk().to_string());

    let present = ["credential", "present", "record.sd-jwt", "--disclose", "/record/description"];
    let sign = ["--key", "holder.key", "--key-password-file", "password", "--audience", ASKED[0], "--nonce", ASKED[1]];
    let shown = environment.run(&[&present[..], &sign[..]].concat()).expect_code(0).expect_words(&["1 disclosed", "withheld"]).stdout;
    environment.write("shown.sd-jwt", &shown);
    let asked = ["--audience", ASKED[0], "--nonce", ASKED[1], "--json"];
    let report = environment.ok(&[&["credential", "verify", "shown.sd-jwt", "--record", "record.json"][..], &asked[..]].concat()).json();
    let claims = &report["credential"];
    assert!(claims["record"]["description"].is_string() && claims["record"].get("image").is_none());
    for found in assert_foreign(&environment, "shown.sd-jwt", Some(0), &ASKED) {
        assert_eq!(found, *claims);
    }
    environment
        .run(&["credential", "verify", "shown.sd-jwt", "--audience", ASKED[0], "--nonce", "other"])
        .expect_code(1)
        .expect_words(&["wrong-nonce"]);
    assert_foreign(&environment, "shown.sd-jwt", Some(1), &[ASKED[0], "other"]);

    // What nobody signed as its holder, what is no part of it, and what others altered.
    environment.write("unsigned.sd-jwt", environment.run(&present).expect_code(0).expect_words(&["not signed by the holder"]).stdout);
    environment
        .run(&[&["credential", "verify", "unsigned.sd-jwt"][..], &asked[..]].concat())
        .expect_code(1)
        .expect_words(&["holder-missing"]);
    let nowhere = ["credential", "present", "record.sd-jwt", "--disclose", "/record/weight"];
    environment.run(&nowhere).expect_error(2, &["/record/weight", "/record/description"]);
    environment.run(&["credential", "present", "record.json"]).expect_error(2, &["not a token"]);
    let stolen = ["--key", "issuer.key", "--key-password-file", "password", "--audience", "a", "--nonce", "n"];
    environment.run(&[&present[..], &stolen[..]].concat()).expect_error(2, &["issued to did:key:zDn"]);
    issue(&environment, &["--holder", "holder.txt"]).expect_error(2, &["--format sd-jwt"]);
}

#[test]
fn digital_bazaar_verifies_what_we_issue() {
    let Some(modules) = tools::credential_modules() else { return };
    let environment = prepared();
    let script = modules.parent().unwrap().join("verify.mjs");
    let verified = |credential: &str| {
        environment.write("credential.json", credential);
        let output = Command::new("node").arg(&script).arg(environment.path("credential.json")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let issued = issue(&environment, &[]).expect_code(0).stdout;
    assert_eq!(verified(&issued), (Some(0), String::new()));
    assert_eq!(verified(&altered(&issued)).0, Some(1));

    // As RDF: their JSON-LD processor has to find the statements that we wrote down without one.
    let issued = issue(&environment, &["--format", "data-integrity-rdf"]).expect_code(0).stdout;
    assert_eq!(verified(&issued), (Some(0), String::new()));
    let altered = issued.replace(r#"\"name\":\"tiny\""#, r#"\"name\":\"tinx\""#);
    assert_ne!(issued, altered);
    assert_eq!(verified(&altered).0, Some(1));
    environment.pipe(&issued, &["credential", "verify", "-", "--record", "record.json"]).expect_code(0).expect_words(&["eddsa-rdfc-2022"]);
    environment.pipe(&altered, &["credential", "verify", "-"]).expect_code(1).expect_words(&["bad-signature"]);
}
