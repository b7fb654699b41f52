//! The tokens of `attacks/credential`: each is refused, with the code that stands beside it.

use modelmark_credential::{Against, Instant, Verdict, verify};
use serde_json::Value;

const TOKENS: &str = include_str!("../../../../attacks/credential/tokens.json");

#[test]
fn tokens_that_must_not_verify_do_not() {
    let tokens: Value = serde_json::from_str(TOKENS).unwrap();
    let at = Instant::from_unix(tokens["at"].as_i64().unwrap()).unwrap();
    let (mut held, mut wrong) = (0, Vec::new());
    for form in ["vc+jwt", "dc+sd-jwt", "kb+jwt"] {
        for attack in tokens[form].as_array().unwrap() {
            let nonce = tokens["nonce"].as_str().filter(|_| form == "kb+jwt");
            let against = Against { audience: tokens["audience"].as_str(), nonce, ..Against::time(at) };
            let report = verify(attack["token"].as_str().unwrap().as_bytes(), &against);
            let codes: Vec<Value> = report.codes().iter().map(|code| serde_json::to_value(code).unwrap()).collect();
            let code = &attack["code"];
            let as_told = if code.is_null() { codes.is_empty() } else { codes.contains(code) };
            if !as_told || (report.verdict == Verdict::Verified) != code.is_null() {
                wrong.push(format!("{form} {}: {:?} with {codes:?} instead of {code}", attack["label"], report.verdict));
            }
            held += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(held, 95);
}
