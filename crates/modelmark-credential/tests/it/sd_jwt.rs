//! Tokens with disclosures: ours verify however much is shown, and nothing can be shown that was not signed.

use data_encoding::BASE64URL_NOPAD;
use modelmark_credential::{
    Against, Algorithm, Challenge, Check, Code, Instant, IssueError, Issuer, PresentError, Presentation, Report, SecretKey, Status,
    Verdict, present, sign_sd_jwt, verify,
};
use modelmark_digest::Sha256Digest;
use modelmark_record::CanonicalRecord;
use serde_json::{Value, json};

use crate::sample::{at, bind, creator, expect_fault, key, noon, other, record, validity};

const ASKED: Challenge<'_> = Challenge { audience: "https://verifier.example", nonce: "n-0S6_WzA2Mj" };

fn holder() -> SecretKey {
    key(Algorithm::P256, 9)
}

fn issued(algorithm: Algorithm, holder: Option<&SecretKey>) -> String {
    let key = key(algorithm, 7);
    let binding = bind(&key, &creator(), validity());
    let holder = holder.map(SecretKey::public);
    sign_sd_jwt(&record(1), &Issuer::of_key(&key.public()), validity(), &binding, holder.as_ref(), &key).unwrap()
}

fn shown(token: &str, paths: &[&str]) -> Presentation {
    present(token, paths, None, noon()).unwrap()
}

fn check(token: &str) -> Report {
    verify(token.as_bytes(), &Against::time(noon()))
}

/// Holds a presentation against the sample's challenge.
fn answer(token: &str, time: Instant) -> Report {
    verify(token.as_bytes(), &Against { audience: Some(ASKED.audience), nonce: Some(ASKED.nonce), ..Against::time(time) })
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn digest(text: &str) -> String {
    BASE64URL_NOPAD.encode(Sha256Digest::of(text.as_bytes()).as_bytes())
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').nth(index).unwrap().as_bytes()).unwrap()).unwrap()
}

fn signed(header: &Value, claims: &Value, key: &SecretKey) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    format!("{message}.{}", BASE64URL_NOPAD.encode(&key.sign(message.as_bytes())))
}

/// Returns a token of another type over `claims`, with these disclosures; it is signed by the sample's key.
fn forged(claims: Value, disclosures: &[String]) -> String {
    let key = key(Algorithm::Ed25519, 7);
    let header = json!({"alg": "EdDSA", "typ": "dc+sd-jwt", "kid": key.public().verification_method()});
    let mut whole = json!({"iss": key.public().did(), "vct": "urn:example:other"});
    whole.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    let mut token = signed(&header, &whole, &key) + "~";
    for disclosure in disclosures {
        token.push_str(disclosure);
        token.push('~');
    }
    token
}

/// Changes the claims of a token of ours and signs it anew, as a dishonest issuer could.
fn altered(change: impl FnOnce(&mut Value)) -> Report {
    let token = issued(Algorithm::Ed25519, None);
    let (jwt, disclosures) = token.split_once('~').unwrap();
    let mut claims = part(jwt, 1);
    change(&mut claims);
    check(&format!("{}~{disclosures}", signed(&part(jwt, 0), &claims, &key(Algorithm::Ed25519, 7))))
}

fn status(report: &Report, check: Check) -> Status {
    report.checks.iter().find(|finding| finding.check == check).unwrap().status
}

fn claimed<'r>(report: &'r Report, path: &str) -> Option<&'r Value> {
    report.credential.as_ref().unwrap().pointer(path)
}

#[test]
fn all_of_it_is_the_record() {
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        let (token, record) = (issued(algorithm, None), record(1));
        let report = verify(token.as_bytes(), &Against { record: Some(&record), ..Against::time(noon()) });
        assert_eq!((report.verdict, report.suite.as_deref()), (Verdict::Verified, Some(algorithm.jose())), "{report:#?}");
        assert_eq!(status(&report, Check::RecordDigest), Status::Passed);
        let whole: Value = serde_json::from_slice(record.bytes()).unwrap();
        assert_eq!(claimed(&report, "/record"), Some(&whole));
        expect_fault(&verify(token.as_bytes(), &Against::time(at("2027-01-01T00:00:00Z"))), Code::Expired);
        // Any of the disclosures can be left out, in any order; what holds them cannot.
        assert_eq!(shown(&token, &["/record"]).token.len(), token.len());
    }
}

#[test]
fn what_is_not_shown_is_not_there() {
    let token = issued(Algorithm::Ed25519, None);
    for (paths, there, hidden) in [
        (
            &[][..],
            &["/record/name", "/record/provenance/weightsHash", "/record/provenance/creator/account"][..],
            &["/record/description"][..],
        ),
        (&["/record/provenance/training/hardware"], &["/record/provenance/training/hardware"], &["/record/provenance/training/energyKwh"]),
        (&["/record/provenance/training"], &["/record/provenance/training/code/commit"], &["/record/provenance/trainingConfig"]),
        (&["/record/provenance/architecture/family"], &["/record/provenance/architecture/name"], &["/record/provenance/tokenizer"]),
        (
            &["/record/provenance/trainingConfig/learningRate"],
            &["/record/provenance/trainingConfig/learningRate"],
            &["/record/provenance/trainingConfig/seed"],
        ),
        (
            &["/record/provenance/datasets/1", "/record/description"],
            &["/record/provenance/datasets/0/license"],
            &["/record/provenance/datasets/1"],
        ),
    ] {
        let presentation = shown(&token, paths);
        let report = check(&presentation.token);
        assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
        assert_eq!(status(&report, Check::RecordDigest), Status::Skipped);
        for path in there {
            assert!(claimed(&report, path).is_some(), "{path} of {paths:?}");
        }
        for path in hidden {
            assert_eq!(claimed(&report, path), None, "{path} of {paths:?}");
        }
        let (own, another) = (record(1), record(0));
        let held =
            |record: &CanonicalRecord| verify(presentation.token.as_bytes(), &Against { record: Some(record), ..Against::time(noon()) });
        assert_eq!(held(&own).verdict, Verdict::Verified, "{:#?}", held(&own));
        expect_fault(&held(&another), Code::OtherRecord);
    }
    let nothing = shown(&token, &[]);
    assert_eq!((nothing.disclosed, nothing.token.matches('~').count()), (0, 1));
    // Not even by length or order: salts are new each time, digests sorted.
    let again = part(&issued(Algorithm::Ed25519, None), 1);
    let digests = |claims: &Value| claims["record"]["provenance"]["_sd"].as_array().unwrap().clone();
    let (first, second) = (digests(&part(&token, 1)), digests(&again));
    assert!(first.iter().all(|digest| !second.contains(digest)));
    assert!(first.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()));
    let clear = BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    for secret in ["A100", "org/train", "Ada", "learningRate", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", "model-00001"] {
        assert!(!String::from_utf8_lossy(&clear).contains(secret), "{secret}");
    }
}

#[test]
fn paths_that_lead_nowhere_are_named() {
    let token = issued(Algorithm::Ed25519, None);
    for path in
        ["/record/provenance/nothing", "/record/provenance/datasets/9", "record", "/record/name/x", "/record/provenance/datasets/00"]
    {
        let dataset = "/record/provenance/datasets/0".to_owned();
        let error = present(&token, &[path], None, noon()).unwrap_err();
        assert!(matches!(&error, PresentError::NothingAt { path: told, held } if told == path && held.contains(&dataset)), "{error:?}");
    }
    // The clear parts are there already.
    assert_eq!(shown(&token, &["/record/name", "/creator"]).disclosed, 0);
    for bad in ["", "~", "e30.e30.e30", "e30.e30.e30~", &token[..token.len() - 1], &format!("{token}~"), &token.replacen('.', "~", 1)] {
        assert!(matches!(present(bad, &[], None, noon()), Err(PresentError::Token(_) | PresentError::Bound)), "{bad}");
    }
}

#[test]
fn only_the_holder_can_answer() {
    let (holder, thief) = (holder(), key(Algorithm::P256, 10));
    let token = issued(Algorithm::Ed25519, Some(&holder));
    let signed = present(&token, &["/record/description"], Some((&holder, &ASKED)), noon()).unwrap();
    assert_eq!(signed.holder, Some(holder.public()));
    let report = answer(&signed.token, noon());
    assert_eq!((report.verdict, status(&report, Check::Holder)), (Verdict::Verified, Status::Passed), "{report:#?}");
    assert_eq!(check(&signed.token).verdict, Verdict::Verified, "nobody asked");
    // Without a signature, with another's, or over another token.
    expect_fault(&answer(&shown(&token, &[]).token, noon()), Code::HolderMissing);
    expect_fault(&answer(&issued(Algorithm::Ed25519, None), noon()), Code::HolderMissing);
    assert!(matches!(present(&token, &[], Some((&thief, &ASKED)), noon()), Err(PresentError::OtherHolder { .. })));
    assert!(matches!(present(&signed.token, &[], None, noon()), Err(PresentError::Bound)));
    let bearer = issued(Algorithm::Ed25519, None);
    assert!(matches!(present(&bearer, &[], Some((&holder, &ASKED)), noon()), Err(PresentError::OtherHolder { .. })));
    let (_, binding) = signed.token.rsplit_once('~').unwrap();
    expect_fault(&answer(&format!("{bearer}{binding}"), noon()), Code::WrongHolder);
    expect_fault(&answer(&format!("{}{binding}", shown(&token, &[]).token), noon()), Code::WrongHolder);
    expect_fault(&answer(&format!("{}{binding}", shown(&token, &["/record"]).token), noon()), Code::WrongHolder);
}

#[test]
fn an_answer_is_for_one_reader_once() {
    let holder = holder();
    let token = issued(Algorithm::Ed25519, Some(&holder));
    let signed = present(&token, &[], Some((&holder, &ASKED)), noon()).unwrap().token;
    let held = |audience, nonce| verify(signed.as_bytes(), &Against { audience, nonce: Some(nonce), ..Against::time(noon()) });
    expect_fault(&held(Some(ASKED.audience), "another"), Code::WrongNonce);
    expect_fault(&held(Some("https://other.example"), ASKED.nonce), Code::WrongAudience);
    expect_fault(&held(None, ASKED.nonce), Code::WrongAudience);
    for (time, code) in [("2026-06-01T12:05:01Z", Code::Expired), ("2026-06-01T11:54:59Z", Code::NotYetValid)] {
        expect_fault(&answer(&signed, at(time)), code);
    }
    for time in ["2026-06-01T12:05:00Z", "2026-06-01T11:55:00Z"] {
        assert_eq!(answer(&signed, at(time)).verdict, Verdict::Verified);
    }
}

#[test]
fn an_answer_of_another_kind_is_none() {
    let holder = holder();
    let token = issued(Algorithm::Ed25519, Some(&holder));
    let told = json!({"iat": noon().unix(), "aud": ASKED.audience, "nonce": ASKED.nonce, "sd_hash": digest(&token)});
    let with = |header: Value, claims: &Value, key: &SecretKey| answer(&format!("{token}{}", signed(&header, claims, key)), noon());
    let good = json!({"alg": "ES256", "typ": "kb+jwt"});
    assert_eq!(with(good.clone(), &told, &holder).verdict, Verdict::Verified);
    expect_fault(&with(good.clone(), &told, &key(Algorithm::P256, 10)), Code::WrongHolder);
    expect_fault(&with(json!({"alg": "ES256", "typ": "JWT"}), &told, &holder), Code::Malformed);
    expect_fault(&with(json!({"alg": "none", "typ": "kb+jwt"}), &told, &holder), Code::ForbiddenAlgorithm);
    expect_fault(&with(json!({"alg": "EdDSA", "typ": "kb+jwt"}), &told, &key(Algorithm::Ed25519, 7)), Code::WrongAlgorithm);
    expect_fault(&with(json!({"alg": "ES256", "typ": "kb+jwt", "jwk": {}}), &told, &holder), Code::ForbiddenHeader);
    for name in ["iat", "aud", "nonce", "sd_hash"] {
        let mut less = told.clone();
        less.as_object_mut().unwrap().remove(name);
        expect_fault(&with(good.clone(), &less, &holder), Code::Malformed);
    }
    let mut over = told.clone();
    over["exp"] = (noon().unix() - 1).into();
    expect_fault(&with(good, &over, &holder), Code::Expired);
    // The token itself as its own key binding.
    let (jwt, _) = token.split_once('~').unwrap();
    expect_fault(&answer(&format!("{token}{jwt}"), noon()), Code::Malformed);
}

#[test]
fn nothing_can_be_added_to_what_was_signed() {
    let token = issued(Algorithm::Ed25519, None);
    let another = issued(Algorithm::Ed25519, None);
    let stray = another.split('~').nth(1).unwrap();
    expect_fault(&check(&format!("{token}{stray}~")), Code::BadDisclosure);
    let own = token.split('~').nth(1).unwrap();
    expect_fault(&check(&format!("{token}{own}~")), Code::BadDisclosure);
    expect_fault(&check(&format!("{token}{}~", encoded(&json!(["salt", "name", "other"])))), Code::BadDisclosure);
    // An inner disclosure without the one that holds its digest.
    let inner = shown(&token, &["/record/provenance/training/hardware"]).token;
    let texts: Vec<&str> = inner.split('~').collect();
    assert_eq!(texts.len(), 4);
    let codes = [1, 2].map(|left| check(&format!("{}~{}~", texts[0], texts[left])).codes());
    assert!(codes.contains(&vec![Code::BadDisclosure]) && codes.contains(&vec![]), "{codes:?}");
    for bad in [format!("{token}e30~"), format!("{token}WzFd~"), format!("{token}W10~")] {
        expect_fault(&check(&bad), Code::Malformed);
    }
    for empty in [format!("{token}~"), token.replacen('~', "~~", 1)] {
        expect_fault(&check(&empty), Code::NotJson);
    }
    expect_fault(&check(&token[..token.len() - 1]), Code::Malformed);
    expect_fault(&check(&format!("{token}=~")), Code::NotBase64);
    expect_fault(&check(&format!("{token}{}~", BASE64URL_NOPAD.encode(br#"["s",{"a":1,"a":2}]"#))), Code::DuplicateKey);
    expect_fault(&check(&token.replacen("eyJ", "eyK", 1)), Code::NotJson);
    expect_fault(&check(&format!("{token}{}", "~".repeat(5 << 20))), Code::TooLarge);
}

#[test]
fn digests_mean_one_thing() {
    let member = |name: &str, value: Value| encoded(&json!(["salt", name, value]));
    let element = |value: Value| encoded(&json!(["salt", value]));
    let (a, b, e) = (member("a", json!(1)), member("b", json!({"c": 2})), element(json!("x")));
    let told = |claims: Value, disclosures: &[&String]| {
        check(&forged(claims, &disclosures.iter().map(|text| (*text).clone()).collect::<Vec<_>>()))
    };
    let good = told(
        json!({"_sd": [digest(&a), digest("decoy")], "list": [{"...": digest(&e)}, {"...": digest("other")}, 3], "_sd_alg": "sha-256"}),
        &[&a, &e],
    );
    assert_eq!(good.verdict, Verdict::Verified, "{good:#?}");
    let claims = good.credential.as_ref().unwrap();
    assert_eq!((&claims["a"], &claims["list"], claims.get("_sd"), claims.get("_sd_alg")), (&json!(1), &json!(["x", 3]), None, None));

    let deep = member("deep", json!({"_sd": [digest(&a)]}));
    for (claims, disclosures) in [
        // A digest twice: in one list, in two, in a disclosure, in a list of elements, or of something that nobody disclosed.
        (json!({"_sd": [digest(&a), digest(&a)]}), vec![&a]),
        (json!({"_sd": [digest(&a)], "more": {"_sd": [digest(&a)]}}), vec![&a]),
        (json!({"_sd": [digest(&a), digest(&deep)]}), vec![&a, &deep]),
        (json!({"list": [{"...": digest(&e)}, {"...": digest(&e)}]}), vec![&e]),
        (json!({"_sd": [digest("decoy"), digest("decoy")]}), vec![]),
        // An element for a member, a member for an element.
        (json!({"_sd": [digest(&e)]}), vec![&e]),
        (json!({"list": [{"...": digest(&a)}]}), vec![&a]),
        // A name that is there already, in the open or disclosed.
        (json!({"_sd": [digest(&a)], "a": 2}), vec![&a]),
        // Not referenced.
        (json!({"_sd": [digest(&a)]}), vec![&a, &b]),
        (json!({}), vec![&a]),
        // Named where it means nothing.
        (json!({"...": digest(&a)}), vec![]),
        (json!({"more": {"_sd_alg": "sha-256"}}), vec![]),
    ] {
        expect_fault(&told(claims, &disclosures), Code::BadDisclosure);
    }
    let twice = encoded(&json!(["other salt", "a", 3]));
    expect_fault(&told(json!({"_sd": [digest(&a), digest(&twice)]}), &[&a, &twice]), Code::BadDisclosure);
    for name in ["_sd", "...", "_sd_alg", "exp", "nbf", "iss", "cnf", "vct", "status", "aud", "relatedResource"] {
        let hidden = member(name, json!(["x"]));
        expect_fault(&told(json!({"_sd": [digest(&hidden)]}), &[&hidden]), Code::BadDisclosure);
    }
    for claims in [json!({"_sd": "x"}), json!({"_sd": [1]}), json!({"list": [{"...": 1}]}), json!({"list": [{"...": "x", "y": 1}]})] {
        expect_fault(&told(claims, &[]), Code::Malformed);
    }
    for hash in ["md5", "sha-1", "sha-512", "SHA-256"] {
        assert_eq!(told(json!({"_sd_alg": hash}), &[]).codes(), [Code::UnsupportedSuite], "{hash}");
    }
    expect_fault(&told(json!({"_sd_alg": 256}), &[]), Code::Malformed);
}

/// VC-JOSE-COSE has the data model 2.0 in such tokens; that is another form, and no fault.
#[test]
fn another_form_of_such_tokens_is_named() {
    let context = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]});
    let report = check(&forged(context, &[]));
    assert_eq!((report.verdict, report.codes()), (Verdict::CouldNotLook, vec![Code::UnsupportedSuite]));
    let key = key(Algorithm::Ed25519, 7);
    let token = |kind: &str| signed(&json!({"alg": "EdDSA", "typ": kind}), &json!({"iss": key.public().did(), "vct": "x"}), &key) + "~";
    assert_eq!(check(&token("vc+sd-jwt")).verdict, Verdict::Verified);
    for other in ["example+sd-jwt", "sd-jwt", "vc+jwt", "kb+jwt"] {
        expect_fault(&check(&token(other)), Code::Malformed);
    }
}

/// Each text is within the bounds; what they make together is not.
#[test]
fn disclosures_nest_no_deeper_than_a_text() {
    let nested = |levels: usize| {
        let mut texts = vec![encoded(&json!(["salt", "a", 1]))];
        for _ in 1..levels {
            let digest = digest(texts.last().unwrap());
            texts.push(encoded(&json!(["salt", "a", {"_sd": [digest]}])));
        }
        forged(json!({"_sd": [digest(texts.last().unwrap())]}), &texts)
    };
    assert_eq!(check(&nested(48)).verdict, Verdict::Verified);
    expect_fault(&check(&nested(49)), Code::TooDeep);
    expect_fault(&check(&nested(2_000)), Code::TooDeep);
}

#[test]
fn an_issuer_may_not_alter_the_record() {
    assert_eq!(altered(|_| {}).verdict, Verdict::Verified);
    expect_fault(&altered(|claims| claims["record"]["name"] = "other".into()), Code::AlteredRecord);
    expect_fault(&altered(|claims| claims["recordDigest"] = record(0).id().to_string().into()), Code::AlteredRecord);
    expect_fault(&altered(|claims| claims["sub"] = "ipfs://other".into()), Code::AlteredRecord);
    expect_fault(&altered(|claims| claims["evidence"] = json!([])), Code::BindingMissing);
    expect_fault(&altered(|claims| drop(claims.as_object_mut().unwrap().remove("record"))), Code::BadDisclosure);
    expect_fault(&altered(|claims| claims["nbf"] = "x".into()), Code::Malformed);
    expect_fault(&altered(|claims| claims["iss"] = key(Algorithm::Ed25519, 8).public().did().into()), Code::WrongIssuer);
    let status = altered(|claims| claims["status"] = json!({"status_list": {"idx": 0, "uri": "https://x.example"}}));
    assert_eq!((status.verdict, status.codes()), (Verdict::CouldNotLook, vec![Code::StatusNotChecked]));

    // With a part withheld the digest cannot be computed; what is in the open has to agree with itself, and all of it with the record at hand.
    let withheld = |change: &dyn Fn(&mut Value)| {
        let token = issued(Algorithm::Ed25519, None);
        let mut claims = part(&token, 1);
        change(&mut claims);
        let token = signed(&part(&token, 0), &claims, &key(Algorithm::Ed25519, 7)) + "~";
        let record = record(1);
        (check(&token), verify(token.as_bytes(), &Against { record: Some(&record), ..Against::time(noon()) }))
    };
    let (alone, held) = withheld(&|claims| claims["record"]["name"] = "other".into());
    assert_eq!(alone.verdict, Verdict::Verified, "an issuer can say what nobody can check");
    expect_fault(&held, Code::AlteredRecord);
    let (alone, _) = withheld(&|claims| claims["record"]["provenance"]["model"]["cid"] = "bafy".into());
    expect_fault(&alone, Code::AlteredRecord);
    let stranger = format!("eip155:1:{}", other().address());
    let (alone, _) = withheld(&|claims| claims["record"]["provenance"]["creator"]["account"] = stranger.clone().into());
    expect_fault(&alone, Code::WrongAccount);
    let (alone, _) = withheld(&|claims| drop(claims["record"]["provenance"].as_object_mut().unwrap().remove("creator")));
    expect_fault(&alone, Code::Malformed);
    let (_, held) = withheld(&|claims| claims["record"]["provenance"]["datasets"] = json!([{"name": "org/train", "role": "test"}]));
    expect_fault(&held, Code::AlteredRecord);
}

#[test]
fn an_organisation_issues_a_token_under_its_pinned_document() {
    let key = key(Algorithm::P256, 7);
    let method = json!({"id": "#k", "type": "JsonWebKey", "controller": "did:web:models.example", "publicKeyJwk": key.public().to_jwk()});
    let document = json!({"id": "did:web:models.example", "assertionMethod": [method]}).to_string();
    let issuer = Issuer::of_document(document.as_bytes(), &key.public()).unwrap();
    let token = sign_sd_jwt(&record(1), &issuer, validity(), &bind(&key, &creator(), validity()), None, &key).unwrap();
    let held = |document: &str| {
        verify(shown(&token, &[]).token.as_bytes(), &Against { did_document: Some(document.as_bytes()), ..Against::time(noon()) })
    };
    assert_eq!(held(&document).verdict, Verdict::Verified, "{:#?}", held(&document));
    expect_fault(&held(&format!("{document}\n")), Code::OtherDocument);
}

/// The settings of a training run have the names that people gave them.
#[test]
fn a_record_with_the_names_of_digests_has_no_token() {
    let mut changed: Value = serde_json::from_slice(record(1).bytes()).unwrap();
    let key = key(Algorithm::Ed25519, 7);
    let binding = bind(&key, &creator(), validity());
    let sign = |record: &CanonicalRecord| sign_sd_jwt(record, &Issuer::of_key(&key.public()), validity(), &binding, None, &key);
    for name in ["_sd", "...", "_sd_alg"] {
        changed["provenance"]["trainingConfig"] = json!({name: "x"});
        let bytes = serde_json_canonicalizer::to_vec(&changed).unwrap();
        assert!(matches!(sign(&CanonicalRecord::parse(&bytes).unwrap()), Err(IssueError::Unwritable(_))), "{name}");
    }
    assert!(matches!(sign(&record(0)), Err(IssueError::NotTheCreators(_)) | Ok(_)));
    let stranger = bind(&key, &other(), validity());
    let refused = sign_sd_jwt(&record(1), &Issuer::of_key(&key.public()), validity(), &stranger, None, &key);
    assert!(matches!(refused, Err(IssueError::NotTheCreators(_))));
}
