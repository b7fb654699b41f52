//! Bundles that must not verify, and their neighbours that must.

use std::fs;

use modelmark_oms::{Code, Options};
use modelmark_testkit::tools::workspace;
use serde_json::Value;

use crate::world::{Model, codes};

#[test]
fn hostile_bundles_are_refused_whatever_is_accepted() {
    let file = workspace().join("attacks/oms/bundles.json");
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let model = Model::small();
    fs::write(model.beside("outside"), "").unwrap();
    let lenient = Options { ignore_unsigned_files: true, allow_symlinks: true, accept_uncovered: true, ..Options::default() };
    for case in &cases {
        let times = case["times"].as_u64().unwrap_or(1);
        let bundle = case["bundle"].as_str().unwrap().repeat(usize::try_from(times).unwrap());
        for options in [&Options::default(), &lenient] {
            let report = model.verify(bundle.as_bytes(), options);
            let expected: Vec<&str> = case["code"].as_str().into_iter().collect();
            let found = codes(&report);
            assert_eq!(found, expected, "{}: {:?}", case["name"], report.refused);
            assert!(found.iter().all(|code| Code::ALL.iter().any(|known| known.as_str() == *code)));
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
}

#[test]
fn a_bundle_beyond_the_bound_is_not_parsed() {
    let bundle = vec![b' '; modelmark_oms::MAX_BUNDLE_BYTES + 1];
    assert_eq!(Model::small().codes(&bundle, &Options::default()), ["too-large"]);
}
