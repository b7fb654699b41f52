//! `modelmark admission`: reviews from files, and the webhook over TLS as an API server asks it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use modelmark_testkit::tools;
use rustix::process::Signal;
use serde_json::Value;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::chains::pid;
use crate::environment::{CREATOR, OTHER, TestEnvironment};

/// The token in the recorded reviews.
const RECORDED: &str = "eip155:31337/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/7";
/// What the init containers in the recorded reviews have.
const IMAGE: &str = "registry.example.org/modelmark@sha256:5555555555555555555555555555555555555555555555555555555555555555";
const PINNED: [&str; 5] = ["--", "--policy", "/etc/modelmark/policy.toml", "--chain", "eip155:31337"];

/// Writes a recorded review in which this token stands.
fn review(environment: &TestEnvironment, name: &str, token: &str) -> String {
    let text = fs::read_to_string(tools::workspace().join(format!("attacks/kubernetes/{name}.json"))).unwrap();
    let file = format!("{name}.json");
    environment.write(&file, text.replace(RECORDED, token));
    file
}

fn arguments<'a>(first: &[&'a str], creator: &'a str) -> Vec<&'a str> {
    [&["admission"], first, &["--image", IMAGE, "--creator", creator], &PINNED].concat()
}

#[test]
fn a_pod_is_admitted_while_its_token_verifies() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let good = review(&environment, "passes-fetched", &token);
    let answer = environment.ok(&[&["--json"], arguments(&["review", &good], CREATOR).as_slice()].concat()).json();
    assert_eq!((&answer["response"]["allowed"], &answer["response"]["auditAnnotations"]["models"]), (&true.into(), &token.as_str().into()));
    // By an author whom the policy does not name.
    let outcome = environment.run(&arguments(&["review", &good], OTHER)).expect_code(1);
    assert!(outcome.stdout.contains("model.refused") && outcome.stdout.contains("policy.creator"), "{}", outcome.stdout);
    // A token that nobody made.
    let nobody = review(&environment, "passes-two-models", &format!("{}/1", token.rsplit_once('/').unwrap().0));
    let outcome = environment.run(&arguments(&["review", &nobody], CREATOR)).expect_code(1);
    assert!(outcome.stdout.contains("token.exists"), "{}", outcome.stdout);
    // The right token in a pod that is wrong.
    let bad = review(&environment, "mount-writable", &token);
    let outcome = environment.run(&arguments(&["review", &bad], CREATOR)).expect_code(1);
    assert!(outcome.stdout.contains("refused  CREATE Pod serving/server  mount.writable"), "{}", outcome.stdout);
    // A chain that cannot be asked.
    let unreachable = arguments(&["review", &good, "--rpc-url", "http://127.0.0.1:1"], CREATOR);
    assert!(environment.run(&unreachable).expect_code(3).stdout.contains("model.unknown"));
    environment.ok(&["status", "set", &token, "recalled"]);
    let outcome = environment.run(&arguments(&["review", &good], CREATOR)).expect_code(1);
    assert!(outcome.stdout.contains("status.token"), "{}", outcome.stdout);
}

#[test]
fn the_init_container_does_what_the_webhook_demands() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    environment.write("policy.toml", format!("version = 1\n[signers]\ncreators = [\"{CREATOR}\"]\n"));
    for (name, from, to) in [("passes-fetched", "/models/weights/model", "fetched"), ("passes-claim", "/models/weights", "fetched")] {
        let file = review(&environment, name, &token);
        let review: Value = serde_json::from_str(&fs::read_to_string(environment.path(file)).unwrap()).unwrap();
        let init = &review["request"]["object"]["spec"]["initContainers"][0]["args"];
        let place = |text: &str| text.replace("/etc/modelmark/policy.toml", "policy.toml").replace(from, to);
        let arguments: Vec<String> = init.as_array().unwrap().iter().map(|text| place(text.as_str().unwrap())).collect();
        environment.ok(&arguments);
    }
    // A pod whose node was restarted runs its init containers again.
    environment.ok(&["fetch", &token, "fetched", "--creator", CREATOR]);
    environment.write("fetched/config.json", "{}");
    environment.run(&["fetch", &token, "fetched", "--creator", CREATOR]).expect_code(2);
}

#[test]
fn what_could_hold_nothing_is_refused_at_the_start() {
    let environment = TestEnvironment::new();
    let file = review(&environment, "passes-fetched", RECORDED);
    let review = |image, rest: &[&'static str]| environment.run(&[&["admission", "review", &file, "--image", image], rest].concat());
    review("modelmark:latest", &["--creator", CREATOR]).expect_error(2, &["modelmark:latest", "digest"]);
    review(IMAGE, &["--creator", CREATOR, "--", "--no-such-option"]).expect_error(2, &["--no-such-option", "init containers"]);
    review(IMAGE, &["--creator", CREATOR, "--", "--rpc-url", "$(URL)"]).expect_error(2, &["$("]);
    let serve = |rest: &[&'static str]| environment.run(&[&["admission", "serve", "--image", IMAGE, "--creator", CREATOR], rest].concat());
    serve(&["--insecure-http", "--listen", "0.0.0.0:0"]).expect_error(2, &["--tls-cert"]);
    serve(&["--tls-cert", "none.pem", "--tls-key", "none.pem"]).expect_error(2, &["none.pem"]);
    serve(&[]).expect_code(2);
    environment.write("no.json", "{}");
    environment.run(&["admission", "review", "no.json", "--image", IMAGE, "--creator", CREATOR]).expect_code(2);
}

/// Puts a recorded review into a request.
fn post(environment: &TestEnvironment, name: &str, token: &str) -> (String, String) {
    let body = fs::read_to_string(environment.path(review(environment, name, token))).unwrap();
    let head = "POST /admit?timeout=10s HTTP/1.1\r\nHost: webhook\r\nConnection: close\r\nContent-Type: application/json\r\n";
    (format!("{head}Content-Length: {}\r\n", body.len()), body)
}

/// The webhook, killed when dropped.
struct Webhook {
    address: String,
    process: Child,
}

impl Webhook {
    fn start(environment: &TestEnvironment, options: &[&str]) -> Self {
        let mut command = environment.command(&arguments(&[&["serve", "--json", "--listen", "127.0.0.1:0"], options].concat(), CREATOR));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut text = String::new();
        while !text.ends_with("}\n") {
            assert!(output.read_line(&mut text).unwrap() > 0, "{text}");
        }
        let told: Value = serde_json::from_str(&text).unwrap();
        let address = told["url"].as_str().unwrap().strip_prefix("https://").unwrap().strip_suffix("/admit").unwrap().to_owned();
        Self { address, process }
    }

    /// Connects, trusting only this authority.
    fn connect(&self, authority: &str) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = "modelmark-admission.modelmark-system.svc".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        Ok(StreamOwned::new(connection, TcpStream::connect(&self.address)?))
    }

    fn ask(&self, authority: &str, request: &str) -> std::io::Result<String> {
        let mut stream = self.connect(authority)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Asks until the answer has this text.
    fn wait_for(&self, authority: &str, request: &str, text: &str) {
        while !self.ask(authority, request).unwrap().contains(text) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn terminate(&self) {
        rustix::process::kill_process(pid(&self.process), Signal::TERM).unwrap();
    }

    /// Returns its exit code, and what it wrote on stderr.
    fn ended(&mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.process.wait().unwrap().code(), log)
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: webhook\r\nConnection: close\r\n\r\n")
}

#[test]
fn the_webhook_answers_over_tls_with_the_certificate_of_the_day() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let mut webhook = Webhook::start(&environment, &["--self-signed", "tls"]);
    let read = |name: &str| fs::read_to_string(environment.path(name)).unwrap();
    let authority = read("tls/ca.crt");
    assert!(webhook.ask(&authority, &get("/healthz")).unwrap().starts_with("HTTP/1.1 200"));
    webhook.wait_for(&authority, &get("/readyz"), "HTTP/1.1 200");
    let post = |name: &str| {
        let (head, body) = post(&environment, name, &token);
        format!("{head}\r\n{body}")
    };
    assert!(webhook.ask(&authority, &post("passes-fetched")).unwrap().contains("\"allowed\":true"));
    assert!(webhook.ask(&authority, &post("init-command")).unwrap().contains("\"codes\":\"init.command\""));
    // Another authority takes over while it runs.
    drop(Webhook::start(&TestEnvironment::new(), &["--self-signed", environment.path("next").to_str().unwrap()]));
    for name in ["tls.key", "tls.crt"] {
        fs::rename(environment.path(format!("next/{name}")), environment.path(format!("tls/{name}"))).unwrap();
    }
    let next = read("next/ca.crt");
    while webhook.ask(&next, &get("/healthz")).is_err() {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(webhook.ask(&authority, &get("/healthz")).is_err());
    webhook.terminate();
    let (code, log) = webhook.ended();
    assert_eq!(code, Some(0), "{log}");
    let decisions: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(decisions.len(), 2, "{log}");
    assert_eq!((&decisions[0]["allowed"], &decisions[0]["models"][0]), (&true.into(), &token.as_str().into()));
    assert_eq!((&decisions[1]["codes"][0], &decisions[1]["name"]), (&"init.command".into(), &"server".into()));
}

#[test]
fn the_policy_of_the_day_decides_and_a_broken_one_changes_nothing() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let policy = |creator: &str| environment.write("policy.toml", format!("version = 1\n[signers]\ncreators = [\"{creator}\"]\n"));
    policy(OTHER);
    let mut webhook = Webhook::start(&environment, &["--self-signed", "tls", "--policy", "policy.toml"]);
    let authority = fs::read_to_string(environment.path("tls/ca.crt")).unwrap();
    let (head, body) = post(&environment, "passes-fetched", &token);
    let question = format!("{head}\r\n{body}");
    webhook.wait_for(&authority, &get("/readyz"), "\r\n\r\nready\n");
    assert!(webhook.ask(&authority, &question).unwrap().contains("model.refused"));
    policy(CREATOR);
    webhook.wait_for(&authority, &question, "\"allowed\":true");
    environment.write("policy.toml", "version = 1\n[signer]\n");
    webhook.wait_for(&authority, &get("/readyz"), "ready, by an earlier policy");
    assert!(webhook.ask(&authority, &get("/readyz")).unwrap().starts_with("HTTP/1.1 200"));
    assert!(webhook.ask(&authority, &question).unwrap().contains("\"allowed\":true"));
    webhook.terminate();
    let (code, log) = webhook.ended();
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(log.matches("the policy stays as it was").count(), 1, "{log}");
    assert!(log.contains("signer"), "{log}");
}

#[test]
fn what_was_asked_before_the_end_is_answered() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let token = environment.publish("tiny");
    let mut webhook = Webhook::start(&environment, &["--self-signed", "tls"]);
    let authority = fs::read_to_string(environment.path("tls/ca.crt")).unwrap();
    webhook.wait_for(&authority, &get("/readyz"), "HTTP/1.1 200");
    let (head, body) = post(&environment, "passes-fetched", &token);
    let mut stream = webhook.connect(&authority).unwrap();
    stream.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    let mut told = Vec::new();
    while !told.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        told.push(byte[0]);
    }
    assert!(told.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&told));
    webhook.terminate();
    // It takes no new connections any more.
    while TcpStream::connect(&webhook.address).is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"allowed\":true"), "{answer}");
    assert_eq!(webhook.ended().0, Some(0));
}
