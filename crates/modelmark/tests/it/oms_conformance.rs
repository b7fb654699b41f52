//! The public conformance suite for clients of OpenSSF model signing: each of its cases by its name, built here and run through the adapter.
//!
//! The suite lives in another repository; its models are a few small files, its keys its own. Cases that verify bundles which others made take those of
//! `vectors/oms` and `attacks/oms`, which are of the same form. What it expects of each case is what stands here.

use std::fs;
use std::process::Command;

use modelmark_testkit::tools;
use serde_json::Value;

use crate::environment::TestEnvironment;
use crate::oms::{certificate, key, vector};

type Files = &'static [(&'static str, &'static str)];
type Between = &'static dyn Fn(&TestEnvironment);

const SIMPLE: Files = &[("signme-1", "signme-1\n"), ("signme-2", "signme-2"), ("ignore-me", "")];
const MULTI: Files = &[("weights.bin", "w"), ("config.json", "{}"), ("subdir/adapter.bin", "a")];
const ONE: Files = &[("model.bin", "m")];

/// How a model is signed and verified.
#[derive(Clone)]
enum Method {
    Key([&'static str; 2]),
    Certificate {
        leaf: &'static str,
        chain: &'static [&'static str],
        roots: &'static [&'static str],
    },
    /// Signed with a key, verified by certificate, or the other way round.
    KeyAsCertificate,
    CertificateAsKey,
}

/// The suite's own signer has a certificate that says that it is an authority.
const CHAIN: Method = Method::Certificate { leaf: "leaf-authority", chain: &["intermediate", "root"], roots: &["root"] };
const KEY: Method = Method::Key(["p256", "p256"]);

fn flags(method: &str, list: &[(&str, String)]) -> Vec<String> {
    let rest = list.iter().flat_map(|(flag, value)| [(*flag).to_owned(), value.clone()]);
    ["--method".to_owned(), method.to_owned()].into_iter().chain(rest).collect()
}

impl Method {
    /// The flags for signing, and for verifying.
    fn flags(&self) -> [Vec<String>; 2] {
        match self {
            Self::Key([sign, verify]) => {
                [flags("key", &[("--private-key", key(sign))]), flags("key", &[("--public-key", key(&format!("{verify}.pub")))])]
            }
            Self::Certificate { leaf, chain, roots } => {
                let mut sign = vec![("--private-key", key("p256")), ("--signing-cert", certificate(leaf))];
                sign.extend(chain.iter().map(|name| ("--cert-chain", certificate(name))));
                let verify: Vec<_> = roots.iter().map(|name| ("--cert-chain", certificate(name))).collect();
                [flags("certificate", &sign), flags("certificate", &verify)]
            }
            Self::KeyAsCertificate => [KEY.flags()[0].clone(), CHAIN.flags()[1].clone()],
            Self::CertificateAsKey => [CHAIN.flags()[0].clone(), KEY.flags()[1].clone()],
        }
    }
}

/// One case of the suite.
struct Case {
    name: &'static str,
    files: Files,
    method: Method,
    ignored: &'static [&'static str],
    between: Between,
    more: &'static [&'static str],
    signature: &'static str,
    /// What signing and verifying have to end with.
    ends: [Option<i32>; 2],
}

fn adapter(environment: &TestEnvironment, command: &str, bundle: [&str; 2], args: &[String], ignored: &[&str]) -> Option<i32> {
    let mut adapter = Command::new(tools::workspace().join("tests/clients/oms_adapter.sh"));
    adapter.env("MODELMARK", env!("CARGO_BIN_EXE_modelmark")).current_dir(environment.root());
    adapter.args([command, "--model-path"]).arg(environment.path("model")).arg(bundle[0]).arg(environment.path(bundle[1]));
    ignored.iter().for_each(|path| {
        adapter.arg("--ignore-paths").arg(environment.path("model").join(path));
    });
    adapter.args(args).output().unwrap().status.code()
}

impl Case {
    fn of(name: &'static str, files: Files, method: Method) -> Self {
        Self { name, files, method, ignored: &[], between: &|_| {}, more: &[], signature: "model.sig", ends: [Some(0), Some(0)] }
    }

    /// The suite's simplest model, with one file that is left out.
    fn simple(name: &'static str, method: Method) -> Self {
        Self { ignored: &["ignore-me"], ..Self::of(name, SIMPLE, method) }
    }

    /// The same, which must not verify after something was done.
    fn fails(name: &'static str, method: Method, between: Between) -> Self {
        Self { between, ends: [Some(0), Some(1)], ..Self::simple(name, method) }
    }

    fn run(&self) {
        let environment = TestEnvironment::new();
        self.files.iter().for_each(|(name, content)| environment.write(&format!("model/{name}"), content));
        if self.ends[0] == Some(1) {
            (self.between)(&environment);
        }
        let [sign, mut verify] = self.method.flags();
        let signed = adapter(&environment, "sign-model", ["--output-bundle", self.signature], &sign, self.ignored);
        assert_eq!(signed, self.ends[0], "{}", self.name);
        if signed != Some(0) {
            return;
        }
        let first = fs::read(environment.path(self.signature)).unwrap();
        assert_eq!(adapter(&environment, "sign-model", ["--output-bundle", self.signature], &sign, self.ignored), Some(0));
        // P-521 alone signs with a random number.
        assert!(fs::read(environment.path(self.signature)).unwrap() == first || self.name == "key-p521", "{}", self.name);
        (self.between)(&environment);
        verify.extend(self.more.iter().map(|flag| (*flag).to_owned()));
        let verified = adapter(&environment, "verify-model", ["--bundle", self.signature], &verify, self.ignored);
        assert_eq!(verified, self.ends[1], "{}", self.name);
    }
}

fn write(environment: &TestEnvironment, name: &str) {
    environment.write(&format!("model/{name}"), "tampered");
}

fn link(environment: &TestEnvironment, target: &str) {
    std::os::unix::fs::symlink(target, environment.path("model/link")).unwrap();
}

fn without(environment: &TestEnvironment, field: &str) {
    let mut bundle: Value = serde_json::from_slice(&fs::read(environment.path("model.sig")).unwrap()).unwrap();
    match field {
        "signatures" => bundle["dsseEnvelope"]["signatures"] = Value::Array(Vec::new()),
        "mediaType" => bundle["mediaType"] = Value::from("application/vnd.dev.sigstore.bundle+json;version=0.1"),
        other => {
            bundle.as_object_mut().unwrap().remove(other);
        }
    }
    environment.write("model.sig", bundle.to_string());
}

/// The cases that sign and then verify.
fn roundtrips() -> Vec<Case> {
    let git: Files =
        &[(".gitattributes", ""), (".gitignore", ""), ("model.bin", "m"), (".git/HEAD", "git object"), (".github/ci.yml", "workflow")];
    let refused = |name, files, between| Case { between, ends: [Some(1), None], ..Case::of(name, files, KEY) };
    vec![
        Case::simple("key-simple", KEY),
        Case::simple("certificate-simple", CHAIN),
        Case::of("key-multi-file", MULTI, KEY),
        Case::of("certificate-multi-file", MULTI, CHAIN),
        Case::simple(
            "certificate-self-signed",
            Method::Certificate { leaf: "self-signed", chain: &["self-signed"], roots: &["self-signed"] },
        ),
        Case::simple("certificate-chain-verification", CHAIN),
        Case::of("key-single-file", ONE, KEY),
        Case::simple("key-ignore-paths", KEY),
        Case {
            between: &|environment| write(environment, "injected.bin"),
            more: &["--ignore-unsigned-files"],
            ..Case::simple("key-ignore-unsigned", KEY)
        },
        Case::of("key-default-ignores", git, KEY),
        Case::of("key-dotfile-included", &[("model.bin", "m"), (".config", "c"), (".env.example", "e")], KEY),
        Case::of("key-files-in-hidden-dir", &[("model.bin", "m"), (".cache/weights.bin", "c"), (".local/share/data.bin", "l")], KEY),
        Case::of("key-empty-file", &[("signme-1", "1"), ("empty.bin", "")], KEY),
        Case::of("key-binary-content", &[("header.bin", "\u{89}PNG\r\n\0"), ("weights.bin", "\0\u{1}\u{7f}\u{ff}")], KEY),
        Case::of("key-nested", &[("a/very/deep/x.bin", "w"), ("sub/.gitignore", "n"), ("sub/.git/HEAD", "s")], KEY),
        Case::of("key-unicode-filename", &[("weights.bin", "w"), ("模型.bin", "u")], KEY),
        Case::of("key-special-chars-path", &[("file (copy).bin", "1"), ("path with spaces/model.bin", "2")], KEY),
        Case::simple("key-p384", Method::Key(["p384", "p384"])),
        Case::simple("key-p521", Method::Key(["p521", "p521"])),
        Case::simple("key-simple-deterministic", KEY),
        Case { signature: "model/bundle.sig", ..Case::simple("key-sig-inside-model", KEY) },
        refused("key-empty-model-rejected", &[(".gitignore", "")], &|_| {}),
        refused("key-symlink-default-rejected", ONE, &|environment| link(environment, "model.bin")),
        refused("key-symlink-outside-root", ONE, &|environment| link(environment, "/nonexistent-target")),
        refused("key-symlink-cycle", ONE, &|environment| link(environment, ".")),
    ]
}

/// The cases in which something is wrong with a bundle that was right.
fn negatives() -> Vec<Case> {
    let remove: Between = &|environment| fs::remove_file(environment.path("model/signme-2")).unwrap();
    let cut: Between = &|environment| {
        let bundle = fs::read_to_string(environment.path("model.sig")).unwrap();
        environment.write("model.sig", bundle.chars().take(100).collect::<String>());
    };
    let by = |leaf, chain, roots| Method::Certificate { leaf, chain, roots };
    vec![
        Case::fails("key-simple-tampered-content_fail", KEY, &|environment| write(environment, "signme-1")),
        Case::fails("key-simple-wrong-key_fail", Method::Key(["p256", "other"]), &|_| {}),
        Case::fails("key-simple-missing-file_fail", KEY, remove),
        Case::fails("key-simple-extra-file_fail", KEY, &|environment| write(environment, "injected.bin")),
        Case::fails("certificate-simple-wrong-ca_fail", by("leaf-p256", &["intermediate", "root"], &["root-other"]), &|_| {}),
        Case::fails("key-simple-corrupted-bundle_fail", KEY, &|environment| environment.write("model.sig", "{not JSON")),
        Case::fails("key-simple-truncated-bundle_fail", KEY, cut),
        Case::fails("key-simple-wrong-mediatype_fail", KEY, &|environment| without(environment, "mediaType")),
        Case::fails("key-simple-no-signature_fail", KEY, &|environment| without(environment, "signatures")),
        Case::fails("malformed-empty-bundle_fail", KEY, &|environment| environment.write("model.sig", "")),
        Case::fails("malformed-missing-envelope_fail", KEY, &|environment| without(environment, "dsseEnvelope")),
        Case::fails("certificate-expired_fail", by("leaf-expired", &["intermediate", "root"], &["root"]), &|_| {}),
        Case::fails("key-verify-as-certificate_fail", Method::KeyAsCertificate, &|_| {}),
        // Neighbours that the suite does not have.
        Case::fails("certificate-verify-as-key", Method::CertificateAsKey, &|_| {}),
        Case::fails("certificate-not-yet", by("leaf-not-yet", &["intermediate", "root"], &["root"]), &|_| {}),
        Case::fails("certificate-no-code-signing", by("leaf-no-code-signing", &["intermediate", "root"], &["root"]), &|_| {}),
        Case::fails(
            "certificate-expired-intermediate",
            by("leaf-by-expired-intermediate", &["intermediate-expired", "root"], &["root"]),
            &|_| {},
        ),
        Case::fails("certificate-expired-root", by("leaf-by-expired-root", &["root-expired"], &["root-expired"]), &|_| {}),
        Case { more: &["--ignore-unsigned-files"], ..Case::fails("key-missing-file-with-ignore-unsigned", KEY, remove) },
    ]
}

#[test]
fn what_is_signed_verifies_as_the_suite_demands() {
    roundtrips().iter().for_each(Case::run);
}

#[test]
fn what_is_wrong_is_refused_as_the_suite_demands() {
    negatives().iter().for_each(Case::run);
}

/// Cases whose bundle was made by others: the suite's name, where it stands and its name there, and whether it verifies.
const FOREIGN: &[(&str, &str, &str, bool)] = &[
    ("key-simple", "bundles.json", "tiny p256", true),
    ("certificate-simple", "bundles.json", "chain p256", true),
    ("key-multi-file", "bundles.json", "nested p384", true),
    ("key-ignore-paths", "bundles.json", "ignored", true),
    ("key-single-file", "bundles.json", "single file, specification", true),
    ("key-simple-go", "attacks", "no log entries", true),
    ("certificate-simple-go", "bundles.json", "root in the chain", true),
    ("historical-v0.2.0-certificate", "early.json", "certificate p256", true),
    ("historical-v0.3.1-elliptic-key", "attacks", "hint absent", true),
    ("historical-v1.0.1-elliptic-key", "attacks", "not absent: nothing ignored", true),
    ("historical-v1.0.0-elliptic-key", "attacks", "key id null", true),
    ("historical-v1.1.0-elliptic-key", "bundles.json", "tiny p256", true),
    ("historical-v0.3.1-certificate", "bundles.json", "an authority too", true),
    ("historical-v1.1.0-certificate", "bundles.json", "an authority too, by RSA", true),
    ("historical-v1.1.0-sigstore", "keyless", "an address", true),
    ("sigstore-wrong-identity_fail", "keyless", "identity: another", false),
    ("sigstore-wrong-issuer_fail", "keyless", "issuer: another", false),
    ("malformed-wrong-predicate_fail", "attacks", "predicate type", false),
    ("malformed-empty-resources_fail", "attacks", "no resources", false),
    ("malformed-no-predicate_fail", "attacks", "no predicate", false),
    ("malformed-no-subject_fail", "attacks", "no subject", false),
    ("malformed-wrong-payload-type_fail", "attacks", "payload type", false),
    ("malformed-wrong-statement-type_fail", "attacks", "type of statement", false),
];

fn read(path: &str) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Lays a foreign bundle and its model out, and returns the flags with which it is verified.
fn lay(environment: &TestEnvironment, file: &str, name: &str) -> Vec<String> {
    let find = |list: &Value| list.as_array().unwrap().iter().find(|case| case["name"] == name).unwrap_or_else(|| panic!("{name}")).clone();
    let small = serde_json::json!({"weights.bin": "weights", "code/run.py": "print()"});
    let (case, files) = match file {
        "attacks" => (find(&read(tools::workspace().join("attacks/oms/bundles.json").to_str().unwrap())), small),
        "keyless" => (find(&read(&vector("keyless/bundles.json"))), small),
        _ => {
            let all = read(&vector(file));
            let case = find(&all["bundles"]);
            (case.clone(), all["models"][case["model"].as_str().unwrap()].clone())
        }
    };
    for (path, content) in files.as_object().unwrap() {
        environment.write(&format!("model/{path}"), content.as_str().unwrap());
    }
    environment.write("model.sig", case["bundle"].as_str().unwrap());
    if file == "keyless" {
        let who = |key: &str| case[key].as_str().unwrap().to_owned();
        return flags("sigstore", &[("--identity", who("identity")), ("--identity-provider", who("issuer"))]);
    }
    case["roots"].as_array().map_or_else(
        || flags("key", &[("--public-key", key(&format!("{}.pub", case["key"].as_str().unwrap_or("p256"))))]),
        |roots| flags("certificate", &roots.iter().map(|root| ("--cert-chain", certificate(root.as_str().unwrap()))).collect::<Vec<_>>()),
    )
}

/// Runs a case. The suite's bundles are of the public instance; those of ours are of a private one, which the adapter has no flag for.
fn verify_foreign(environment: &TestEnvironment, file: &str, name: &str) -> Option<i32> {
    let args = lay(environment, file, name);
    let ignored: &[&str] = if name == "ignored" { &["logs"] } else { &[] };
    if file != "keyless" {
        let model = if name.starts_with("single file") { environment.path("model/weights.bin") } else { environment.path("model") };
        let mut adapter = Command::new(tools::workspace().join("tests/clients/oms_adapter.sh"));
        adapter.env("MODELMARK", env!("CARGO_BIN_EXE_modelmark")).arg("verify-model").arg("--model-path").arg(model);
        adapter.arg("--bundle").arg(environment.path("model.sig")).args(&args);
        ignored.iter().for_each(|path| {
            adapter.arg("--ignore-paths").arg(environment.path("model").join(path));
        });
        return adapter.output().unwrap().status.code();
    }
    let (identity, issuer) = (&args[3], &args[5]);
    let root = vector("keyless/trusted_root.json");
    let verify = ["oms", "verify", "keyless", "model", "--identity", identity, "--issuer", issuer, "--trust-root", &root];
    environment.run(&verify).code
}

#[test]
fn bundles_of_others_come_out_as_the_suite_demands() {
    for (name, file, found, verifies) in FOREIGN {
        let code = verify_foreign(&TestEnvironment::new(), file, found);
        assert_eq!(code, Some(i32::from(!verifies)), "{name}");
    }
    let environment = TestEnvironment::new();
    assert_eq!(verify_foreign(&environment, "keyless", "an address"), Some(0));
    // sigstore-verify-as-key_fail, and through the adapter with the public instance, which did not see this bundle.
    let by_key = flags("key", &[("--public-key", key("p256.pub"))]);
    assert_eq!(adapter(&environment, "verify-model", ["--bundle", "model.sig"], &by_key, &[]), Some(1));
    let by_log = flags(
        "sigstore",
        &[("--identity", "signer@example.com".to_owned()), ("--identity-provider", "https://login.example.com".to_owned())],
    );
    assert_eq!(adapter(&environment, "verify-model", ["--bundle", "model.sig"], &by_log, &[]), Some(1));
    // sigstore-tampered-content_fail
    write(&environment, "weights.bin");
    let root = vector("keyless/trusted_root.json");
    let who = ["--identity", "signer@example.com", "--issuer", "https://login.example.com", "--trust-root", &root];
    assert_eq!(environment.run(&[&["oms", "verify", "keyless", "model"][..], &who].concat()).code, Some(1));
}
