//! Strangers' words in every place where one is shown. The surroundings run the binary as on a terminal and refuse whatever steers one, in every test; here
//! each word of each document that the binary reads becomes hostile in turn.

use std::fs;

use modelmark_devnet::{Config, Devnet};
use modelmark_testkit::model::safetensors_of;
use modelmark_testkit::tools::workspace;
use serde_json::{Value, json};

use super::lying::Endpoint;
use crate::environment::{OTHER, Outcome, TestEnvironment};

/// Colour, clearing, a link, a bell, C1, carriage return, backspace, delete, direction of reading, what nobody sees, and a line of its own. A colour of ours
/// between two marks is not told from the others by the surroundings.
pub(super) const HOSTILE: &str =
    "XYZZY\u{1b}[32mXYZZY\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{9b}31m\r\u{8}\u{7f}\u{202e}\u{200b}\u{61c}\u{2028}\u{e0041}\u{ad}\nXYZZY";
const MARK: &str = "XYZZY";

/// So many words of a document are replaced, from all over it.
const MOST: usize = 24;

/// Tells whether the stranger's words were shown, and makes sure that they were shown as what they are.
pub(super) fn shown(outcome: &Outcome) -> bool {
    assert!(matches!(outcome.code, Some(0..=4)), "{outcome:#?}");
    let texts = [&outcome.stdout, &outcome.stderr];
    for text in texts {
        assert!(!text.lines().any(|line| line.starts_with(MARK)), "a line was forged: {outcome:#?}");
        assert!(!text.contains("XYZZYXYZZY"), "a colour was let through: {outcome:#?}");
        assert!(!text.contains(['\u{200b}', '\u{61c}', '\u{2028}', '\u{e0041}', '\u{ad}']), "something hides: {outcome:#?}");
    }
    texts.iter().any(|text| text.contains(MARK))
}

/// The document with one of its words hostile, for words from all over it, and with a hostile key.
fn mutants(document: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    collect(document, String::new(), &mut places);
    let step = places.len().div_ceil(MOST).max(1);
    let mut mutants: Vec<Value> = places
        .iter()
        .step_by(step)
        .map(|place| {
            let mut mutant = document.clone();
            *mutant.pointer_mut(place).unwrap() = HOSTILE.into();
            mutant
        })
        .collect();
    let mut with_key = document.clone();
    with_key[HOSTILE] = HOSTILE.into();
    mutants.push(with_key);
    mutants
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| collect(value, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), places));
        }
        Value::Array(values) => values.iter().enumerate().for_each(|(n, value)| collect(value, format!("{place}/{n}"), places)),
        _ => places.push(place),
    }
}

/// The document in ASCII, because not every character may stand in every document as it is.
fn escaped(document: &Value, yaml: bool) -> String {
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    let character = |c: char| match c {
        ' '..='~' => c.to_string(),
        // YAML knows no surrogates.
        '\u{10000}'.. if yaml => format!("\\U{:08x}", u32::from(c)),
        _ => c.encode_utf16(&mut [0; 2]).iter().map(unit).collect(),
    };
    document.to_string().chars().map(character).collect()
}

/// Has the binary read each mutant of a document by each of the commands, and returns how often a stranger's words were shown.
fn told_by(environment: &TestEnvironment, document: &Value, name: &str, commands: &[&[&str]]) -> usize {
    let told = mutants(document).into_iter().map(|mutant| {
        environment.write(name, escaped(&mutant, name.ends_with(".yaml")));
        commands.iter().filter(|command| shown(&environment.run(command))).count()
    });
    told.sum()
}

/// The same, where something has to be shown.
fn read_by(environment: &TestEnvironment, document: &Value, name: &str, commands: &[&[&str]]) {
    assert!(told_by(environment, document, name, commands) > 0, "nothing of {name} was shown by {commands:?}");
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn policies() {
    let environment = TestEnvironment::with_a_token();
    let policy = json!({
        "version": 1,
        "title": "gate",
        "signers": {"creators": [OTHER], "required": ["creator"], "thresholds": [{"minimum": 1, "of": [OTHER]}]},
        "licenses": {"allow": ["MIT"], "deny": ["GPL-3.0-only"]},
        "contract": {"collections": [OTHER], "assurance": "listed"},
        "chain": {"allow": ["eip155:1"], "finality": "latest"},
        "parents": {"require": [{"weights": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "relation": "finetune"}]},
        "metrics": [{"metric": "accuracy", "dataset": "glue", "min": 0.9}],
        "formats": {"allow": ["safetensors"]},
        "code": {"deny-findings": ["code.beside"]},
        "storage": {"keep": "1 of {s3}"},
        "identities": [{"identity": "a@example.org", "issuer": "https://example.org"}],
        "status": {"recalled": "warn"}
    });
    let name = "hostile.yaml";
    read_by(
        &environment,
        &policy,
        name,
        &[&["policy", "check", name], &["policy", "explain", name], &["verify", "kept", "--policy", name]],
    );
}

#[test]
fn records_and_signatures() {
    let environment = TestEnvironment::with_a_token();
    let record = environment.ok(&["record", "kept", "--description", "plain"]).stdout;
    environment.write("record.json", &record);
    let signature = environment.ok(&["sign", "record.json"]).stdout;
    environment.write("record.sig.json", &signature);
    let name = "hostile.json";
    let of_record: [&[&str]; 4] = [
        &["verify", "kept", "--record", name],
        &["verify", "record:hostile.json"],
        &["verify-signature", name, "record.sig.json"],
        &["export", name, "--format", "card"],
    ];
    read_by(&environment, &document(&record), name, &of_record);
    let of_signature: [&[&str]; 2] = [&["verify-signature", "record.json", name], &["verify", "kept", "--signature", name]];
    read_by(&environment, &document(&signature), name, &of_signature);
}

#[test]
fn manifests_proofs_bundles_and_summaries() {
    let environment = TestEnvironment::with_a_token();
    let key = |name: &str| workspace().join("vectors/oms/keys").join(name).display().to_string();
    let manifest = environment.ok(&["digest", "kept", "--json"]).stdout;
    read_by(&environment, &document(&manifest), "manifest.json", &[&["record", "kept", "--manifest", "manifest.json"]]);
    environment.ok(&["digest", "kept", "--range", "model.safetensors:0..9", "--proof", "range.json"]);
    let range = fs::read_to_string(environment.path("range.json")).unwrap();
    read_by(&environment, &document(&range), "range.json", &[&["verify", "kept/model.safetensors", "--proof", "range.json"]]);
    environment.ok(&["bundle", "kept", "-o", "bundle.json"]);
    let bundle = fs::read_to_string(environment.path("bundle.json")).unwrap();
    let of_bundle: [&[&str]; 2] = [&["bundle", "show", "bundle.json"], &["verify", "kept", "--bundle", "bundle.json", "--offline"]];
    read_by(&environment, &document(&bundle), "bundle.json", &of_bundle);
    let gate = ["--verifier", "https://example.org/gate"];
    let attest = ["verify", "kept", "--full", "--attest", "vsa.json", "--attest-key", &key("p384.pem")];
    environment.ok(&[&attest[..], &gate].concat());
    let summary = document(&fs::read_to_string(environment.path("vsa.json")).unwrap());
    let accept = ["verify", "kept", "--accept-vsa", "vsa.json", "--vsa-key", &key("p384.pub.pem")];
    // Its signature does not hold any more, which is all that is said.
    told_by(&environment, &summary, "vsa.json", &[&[&accept[..], &gate].concat()]);
    environment.write("kept.sig", fs::read_to_string(environment.path("vsa.json")).unwrap());
    let public = key("p256.pub.pem");
    let of_model: [&[&str]; 2] = [
        &["oms", "verify", "key", "kept", "--public-key", &public, "--signature", "model.sig"],
        &["verify", "kept", "--oms-key", &public, "--oms-signature", "model.sig"],
    ];
    environment.ok(&["oms", "sign", "key", "kept", "--private-key", &key("p256.pem"), "--signature", "model.sig"]);
    let signature = fs::read_to_string(environment.path("model.sig")).unwrap();
    read_by(&environment, &document(&signature), "model.sig", &of_model);
}

#[test]
fn orders_offers_and_consents() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let order = environment.ok(&["market", "list", &token, "--price", "1"]).stdout;
    let of_order: [&[&str]; 2] =
        [&["market", "buy", "order.json", "--dev-account", "1", "--dry-run"], &["market", "cancel", "order.json", "--dry-run"]];
    read_by(&environment, &document(&order), "order.json", &of_order);
    environment.write("terms.md", "use it");
    let offer = environment.ok(&["license", "offer", &token, "--terms", "terms.md", "--price", "0.05"]).stdout;
    read_by(&environment, &document(&offer), "offer.json", &[&["license", "buy", "offer.json", "--dev-account", "1", "--dry-run"]]);
    environment.model("next");
    environment.write("record.json", environment.ok(&["record", "next"]).stdout);
    let consent = environment.ok(&["consent", "sign", "record.json", "--to", OTHER, "--days", "1"]).stdout;
    let submit = ["consent", "submit", "consent.json", "record.json", "--dev-account", "2", "--dry-run"];
    read_by(&environment, &document(&consent), "consent.json", &[&submit]);
    let word = environment.ok(&["delegate", "allow", OTHER, "--sign"]).stdout;
    read_by(&environment, &document(&word), "word.json", &[&["delegate", "submit", "word.json", "--dry-run"]]);
}

#[test]
fn credentials_and_proofs_of_datasets() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.write("password", "correct horse\n");
    let with_key = ["issuer.key", "--password-file", "password"];
    environment.ok(&[&["credential", "key", "new"][..], &with_key].concat());
    let issue = ["credential", "issue", "record.json", "--key", "issuer.key", "--key-password-file", "password"];
    let credential = environment.ok(&issue).stdout;
    read_by(&environment, &document(&credential), "credential.json", &[&["credential", "verify", "credential.json"]]);
    environment.write("data/notes.txt", "some notes");
    let root = environment.ok(&["dataset", "root", "data", "--json"]).json()["root"].as_str().unwrap().to_owned();
    let proof = environment.ok(&["dataset", "prove", "data", "notes.txt"]).stdout;
    read_by(&environment, &document(&proof), "proof.json", &[&["dataset", "check", "proof.json", "--root", &root]]);
}

#[test]
fn what_models_say_of_themselves() {
    let environment = TestEnvironment::new();
    let config =
        json!({"architectures": ["Tiny"], "model_type": "tiny", "auto_map": {"AutoModel": "modeling.Tiny"}, "_name_or_path": "x/y"});
    environment.model("m");
    environment.model("plain");
    environment.write("m/README.md", "---\nlicense: mit\n---\n");
    let looks: [&[&str]; 4] = [&["inspect", "m"], &["diff", "plain", "m"], &["digest", "m"], &["verify", "m"]];
    read_by(&environment, &config, "m/config.json", &looks);
    read_by(
        &environment,
        &json!({"peft_type": "LORA", "base_model_name_or_path": "org/base", "r": 8, "target_modules": ["q"]}),
        "m/adapter_config.json",
        &looks,
    );
    let card = json!({"license": "mit", "license_name": "own", "model_name": "tiny", "base_model": "org/base", "tags": ["a"], "datasets": ["d"], "language": "en"});
    let mut told = 0;
    for mutant in mutants(&card) {
        environment.write("m/README.md", format!("---\n{mutant}\n---\nText {HOSTILE}\n"));
        told += looks.iter().filter(|look| shown(&environment.run(look))).count();
        told += usize::from(shown(&environment.run(&["record", "m", "--dry-run"])));
    }
    assert!(told > 0);
    for header in [json!({"__metadata__": {"title": HOSTILE}}), json!({HOSTILE: {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}})] {
        environment.write("m/model.safetensors", safetensors_of(serde_json::to_vec(&header).unwrap(), &[]));
        assert!(shown(&environment.run(&["inspect", "m"])), "{header}");
        shown(&environment.run(&["diff", "plain", "m"]));
        shown(&environment.run(&["digest", "m"]));
    }
}

#[test]
fn what_stands_on_the_command_line() {
    let environment = TestEnvironment::new();
    let mut told = 0;
    let verbs = [
        "anchor",
        "bundle",
        "car",
        "cat",
        "collection",
        "consent",
        "credential",
        "dataset",
        "decrypt",
        "delegate",
        "derive",
        "diff",
        "digest",
        "encrypt",
        "export",
        "fetch",
        "inspect",
        "license",
        "log",
        "market",
        "mint",
        "oms",
        "picture",
        "policy",
        "publish",
        "record",
        "royalty",
        "run",
        "shares",
        "show",
        "sign",
        "status",
        "storage",
        "store",
        "token",
        "verify",
        "verify-signature",
        "watch",
        HOSTILE,
    ];
    for verb in verbs {
        told += usize::from(shown(&environment.run(&[verb, HOSTILE])));
        told += usize::from(shown(&environment.run(&[verb, &format!("--{HOSTILE}"), HOSTILE])));
    }
    assert!(told > verbs.len(), "{told}");
    for option in [
        "--token",
        "--rpc-url",
        "--record",
        "--policy",
        "--signature",
        "--creator",
        "--place",
        "--oms-key",
        "--bundle",
        "--range",
        "--report",
    ] {
        shown(&environment.run(&["verify", ".", option, HOSTILE]));
    }
    for command in [
        ["storage", "status", HOSTILE],
        ["market", "buy", HOSTILE],
        ["token", "show", HOSTILE],
        ["policy", "explain", HOSTILE],
        ["bundle", "show", HOSTILE],
    ] {
        shown(&environment.run(&command));
    }
}

#[test]
fn what_endpoints_say() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    let devnet = Devnet::open(&environment.data_dir().join("devnet"), Config::default()).unwrap();
    // Honest about which chain it is, so that it is asked for more.
    let texts = Endpoint::start(&devnet, |method, params, ask| if method == "eth_chainId" { ask(params) } else { HOSTILE.into() });
    let reasons = Endpoint::start(&devnet, |method, params, ask| match method {
        "eth_chainId" => ask(params),
        _ => ask(&json!([HOSTILE, HOSTILE, HOSTILE])),
    });
    for endpoint in [&texts.url, &reasons.url] {
        for command in [
            &["verify", "kept"][..],
            &["show", &token],
            &["status", "show", &token],
            &["token", "show", &token],
            &["royalty", "show", &token],
        ] {
            shown(&environment.run(&[command, &["--rpc-url", endpoint]].concat()));
        }
    }
}
