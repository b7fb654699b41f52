//! `modelmark verify-source` against a double of Sourcify's and Etherscan's APIs, which cannot be reached from a test.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::double::{self, Answer};
use crate::environment::{Outcome, TestEnvironment};

/// A verifier that gives these answers, one after the other and then the last for ever, and keeps what it was sent.
struct Verifier {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Verifier {
    fn start(answers: Vec<(u16, Value)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            for (place, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                kept.lock().unwrap().push(read(&mut stream));
                let (status, body) = &answers[place.min(answers.len() - 1)];
                let body = body.to_string();
                write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).unwrap();
            }
        });
        Self { url, requests }
    }

    fn request(&self, place: usize) -> String {
        self.requests.lock().unwrap()[place].clone()
    }
}

/// Reads one request whole.
pub(crate) fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        let count = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..count]);
    }
}

/// Runs the verb on a small compiler input.
fn run(more: &[&str]) -> Outcome {
    let environment = TestEnvironment::new();
    let input = json!({"language": "Solidity", "sources": {"src/Priority.sol": {"content": "contract Priority {}"}}, "settings": {}});
    environment.write("input.json", input.to_string());
    let args = ["verify-source", "Priority", "--chain", "base-sepolia", "--input", "input.json", "--patience", "2"];
    let mut command = environment.command(&[&args[..], more].concat());
    command.env("ETHERSCAN_API_KEY", "sEcReT");
    environment.finish(command)
}

const JOB: &str = "72d12273-0723-448e-a9f6-f7957128efa5";

#[test]
fn sourcify_takes_the_sources_and_says_later_that_they_match() {
    let done = json!({"isJobCompleted": true, "verificationId": JOB, "contract": {"match": "match", "chainId": "84532"}});
    let waiting = json!({"isJobCompleted": false, "verificationId": JOB});
    let verifier = Verifier::start(vec![(202, json!({"verificationId": JOB})), (200, waiting), (200, done)]);
    let verdict = run(&["--verifier-url", &verifier.url, "--json"]).expect_code(0).json();
    assert_eq!((&verdict["verified"], &verdict["answer"], &verdict["id"]), (&json!(true), &json!("match"), &json!(JOB)));
    let (head, body) = verifier.request(0).split_once("\r\n\r\n").map(|(head, body)| (head.to_owned(), body.to_owned())).unwrap();
    let address = verdict["address"].as_str().unwrap();
    assert!(head.starts_with(&format!("POST /v2/verify/84532/{address} ")), "{head}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&body["contractIdentifier"], &body["compilerVersion"]),
        (&json!("src/Priority.sol:Priority"), &json!("0.8.37+commit.f401782d"))
    );
    assert_eq!(body["stdJsonInput"]["language"], "Solidity");
    assert!(verifier.request(2).starts_with(&format!("GET /v2/verify/{JOB} ")));
}

#[test]
fn sourcify_says_that_they_do_not_match() {
    let error = json!({"customCode": "no_match", "message": "The onchain and recompiled bytecodes don't match.\u{1b}[2J"});
    let done = json!({"isJobCompleted": true, "verificationId": JOB, "contract": {"match": null}, "error": error});
    let verifier = Verifier::start(vec![(202, json!({"verificationId": JOB})), (200, done)]);
    let outcome = run(&["--verifier-url", &verifier.url]).expect_code(1).expect_words(&["NOT VERIFIED", "don't match"]);
    assert!(!outcome.stdout.contains('\u{1b}'));
    let known = json!({"customCode": "already_verified", "message": "Contract is already verified"});
    run(&["--verifier-url", &Verifier::start(vec![(409, known)]).url]).expect_code(0).expect_words(&["verified: Contract is already"]);
    let chain = json!({"customCode": "unsupported_chain", "message": "The chain with chainId 84532 is not supported", "errorId": JOB});
    run(&["--verifier-url", &Verifier::start(vec![(400, chain)]).url]).expect_error(3, &["does not take", "not supported"]);
    let busy = json!({"customCode": "duplicate_verification_request", "message": "The contract is already being verified"});
    run(&["--verifier-url", &Verifier::start(vec![(429, busy)]).url]).expect_error(3, &["already being verified"]);
}

#[test]
fn etherscan_takes_a_form_and_is_asked_with_its_receipt() {
    let say = |status: &str, result: &str| (200, json!({"status": status, "message": "x", "result": result}));
    let verifier = Verifier::start(vec![say("1", "gu1d"), say("0", "Pending in queue"), say("1", "Pass - Verified")]);
    let verdict = run(&["--verifier", "etherscan", "--verifier-url", &verifier.url, "--json"]).expect_code(0).json();
    assert_eq!((&verdict["verified"], &verdict["answer"]), (&json!(true), &json!("Pass - Verified")));
    let first = verifier.request(0);
    assert!(first.starts_with("POST /?chainid=84532&module=contract&action=verifysourcecode "), "{first}");
    let anchors = verdict["constructorArguments"].as_str().unwrap().trim_start_matches("0x");
    for field in ["apikey=sEcReT", "codeformat=solidity-standard-json-input", "contractname=src%2FPriority.sol%3APriority", anchors] {
        assert!(first.contains(field), "{field} is not in {first}");
    }
    assert!(first.contains("compilerversion=v0.8.37%2Bcommit.f401782d") && anchors.len() == 64);
    assert!(verifier.request(2).starts_with("GET /?chainid=84532&module=contract&action=checkverifystatus&guid=gu1d&apikey=sEcReT "));
}

#[test]
fn etherscan_refuses() {
    let say = |status: &str, result: &str| (200, json!({"status": status, "message": "x", "result": result}));
    let etherscan = |answers| run(&["--verifier", "etherscan", "--verifier-url", &Verifier::start(answers).url]);
    etherscan(vec![say("1", "gu1d"), say("0", "Fail - Unable to verify")]).expect_code(1).expect_words(&["Fail - Unable to verify"]);
    etherscan(vec![say("0", "Missing/Invalid API Key")]).expect_error(3, &["Invalid API Key"]);
    let limit = say("0", "Max calls per sec rate limit reached (5/sec)");
    etherscan(vec![limit.clone()]).expect_error(3, &["rate limit"]);
    etherscan(vec![say("1", "gu1d"), limit, say("1", "Pass - Verified")]).expect_code(0).expect_words(&["verified: Pass"]);
    etherscan(vec![say("1", "gu1d"), say("0", "Invalid GUID")]).expect_error(3, &["Invalid GUID"]);
    etherscan(vec![say("0", "Contract source code already verified")]).expect_code(0).expect_words(&["already verified"]);
    let environment = TestEnvironment::new();
    environment.write("input.json", r#"{"language":"Solidity","sources":{"src/Priority.sol":{}},"settings":{}}"#);
    let args = ["verify-source", "Priority", "--chain", "base", "--input", "input.json", "--verifier", "etherscan"];
    environment.run(&args).expect_error(2, &["ETHERSCAN_API_KEY"]);
}

#[test]
fn a_verifier_that_does_not_answer_as_it_should_is_no_verdict() {
    for (answer, word) in [
        (Answer::Body(200, "<html>"), "something else"),
        (Answer::Body(500, "{}"), "HTTP status 500"),
        (Answer::Flood, "more than 4194304 bytes"),
        (Answer::Close, "cannot be asked"),
    ] {
        for verifier in ["sourcify", "etherscan"] {
            let outcome = run(&["--verifier", verifier, "--verifier-url", &double::start(answer)]).expect_error(3, &[word]);
            assert!(!outcome.stderr.contains("sEcReT"));
        }
    }
    run(&["--verifier-url", &double::nobody()]).expect_error(3, &["cannot be asked"]);
    run(&["--verifier-url", "ftp://x"]).expect_error(2, &["http"]);
    let never = Verifier::start(vec![(202, json!({"verificationId": JOB}))]);
    run(&["--verifier-url", &never.url]).expect_error(3, &["no verdict", JOB, "ask again later"]);
}

#[test]
fn a_dry_run_asks_nobody() {
    let shown = run(&["--verifier-url", &double::nobody(), "--dry-run", "--json"]).expect_code(0).json();
    assert_eq!(
        (&shown["chain"], &shown["contract"], &shown["sources"]),
        (&json!("eip155:84532"), &json!("src/Priority.sol:Priority"), &json!(1))
    );
    let environment = TestEnvironment::new();
    environment.write("input.json", "{}");
    let args = ["verify-source", "Priority", "--chain", "base", "--input", "input.json"];
    environment.run(&args).expect_error(2, &["standard JSON input"]);
    environment.write("input.json", r#"{"language":"Solidity","sources":{},"settings":{}}"#);
    environment.run(&args).expect_error(2, &["no file Priority.sol"]);
    environment.run(&["verify-source", "Mine", "--chain", "base", "--input", "input.json"]).expect_error(2, &["--address"]);
    let own = environment.run(&["verify-source", "ModelRegistry", "--chain", "base", "--dry-run", "--json"]).expect_code(0).json();
    assert_eq!(own["contract"], "src/ModelRegistry.sol:ModelRegistry");
    assert!(own["sources"].as_u64().unwrap() > 50);
}
