//! The policies in Rego and CEL that `docs/reference/policy.md` shows, on reports of the binary, by engines that know nothing of modelmark.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use modelmark_devnet::{Config, Devnet};
use modelmark_testkit::tools;
use serde_json::{Value, json};

use crate::attacks_verify::lying::Endpoint;
use crate::environment::TestEnvironment;

/// Returns what stands on the page between these.
fn shown(page: &str, from: &str, to: &str) -> String {
    page.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
}

/// Judges reports by both policies of the page; `None` where the engines are not installed.
fn judged(reports: &BTreeMap<&str, Value>) -> Option<Value> {
    let python = tools::policy_python()?;
    let page = fs::read_to_string(tools::workspace().join("docs/reference/policy.md")).unwrap();
    let asked = json!({"rego": shown(&page, "```rego\n", "```"), "cel": shown(&page, "in CEL: `", "`"), "reports": reports});
    let mut command = Command::new(python);
    command.arg(tools::workspace().join("tests/clients/policy/judge.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_policies_in_other_languages_that_the_guide_shows_decide_as_it_says() {
    let environment = TestEnvironment::new();
    environment.model("plain");
    environment.publish("plain");
    environment.model("carrier");
    environment.write("carrier/modeling_own.py", "print()");
    environment.write("carrier/config.json", r#"{"auto_map": {"AutoModel": "modeling_own.Model"}}"#);
    environment.publish("carrier");
    environment.model("altered");
    environment.publish("altered");
    environment.write("altered/config.json", "{}");
    let devnet = Devnet::open(&environment.data_dir().join("devnet"), Config::default()).unwrap();
    let (one, another) = (Endpoint::honest(&devnet), Endpoint::honest(&devnet));
    let verify = |model: &str, endpoints: &[&str], code: i32| {
        let urls = endpoints.iter().flat_map(|url| ["--rpc-url", url]);
        let args: Vec<&str> = ["verify", model, "--deny-code", "--json"].into_iter().chain(urls).collect();
        environment.run(&args).expect_code(code).json()
    };
    let both = [one.url.as_str(), another.url.as_str()];
    let plain = verify("plain", &both, 0);
    let without = |field: &str| {
        let mut report = plain.clone();
        report.as_object_mut().unwrap().remove(field);
        report
    };
    let mut later = plain.clone();
    later["version"] = 2.into();
    let reports = BTreeMap::from([
        ("one endpoint", verify("plain", &both[..1], 0)),
        ("carrier", verify("carrier", &both, 4)),
        ("altered", verify("altered", &both, 1)),
        ("unreachable", verify("plain", &["http://127.0.0.1:1"], 3)),
        ("of a later version", later),
        ("without a verdict", without("verdict")),
        ("plain", plain),
    ]);
    let Some(judged) = judged(&reports) else { return };
    for (name, verdict) in judged.as_object().unwrap() {
        let expected = match name.as_str() {
            "plain" => json!({"rego": true, "cel": true}),
            "without a verdict" => json!({"rego": false, "cel": null}),
            // The expression says nothing about how well the chain is known.
            "one endpoint" => json!({"rego": false, "cel": true}),
            _ => json!({"rego": false, "cel": false}),
        };
        assert_eq!(*verdict, expected, "{name}");
    }
    assert_eq!(judged.as_object().unwrap().len(), 7);
}
