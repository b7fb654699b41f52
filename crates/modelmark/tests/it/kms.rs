//! `--aws` against a double of the JSON interface of AWS KMS, which cannot be reached from a test. The double's keys and signatures are real ones.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use alloy::signers::k256::ecdsa::signature::hazmat::PrehashSigner as _;
use alloy::signers::k256::ecdsa::{Signature, SigningKey};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use crate::double;
use crate::environment::{OTHER, Outcome, TestEnvironment};
use crate::verify_source::read;

/// The published key of development account 1, so that it has money to mint with.
const OTHER_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/// What stands before an uncompressed point of secp256k1 in a SubjectPublicKeyInfo (RFC 5480).
const SECP256K1: &str = "3056301006072a8648ce3d020106052b8104000a034200";
/// The same for P-256, and the generator of that curve, which is the public key of the private key 1.
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004\
                    6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                    4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/// A status and a body.
type Answer = (u16, String);
/// The same answer to everything.
type Constant = fn() -> Answer;

/// The double: what it was asked, and under which address.
struct Kms {
    url: String,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Kms {
    /// Answers each request with what `answer` makes of the operation, its body and the number of signatures asked for before.
    fn start(answer: impl Fn(&str, &Value, usize) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&mut stream);
                let (head, body) = request.split_once("\r\n\r\n").unwrap();
                assert!(head.to_ascii_lowercase().contains("authorization: aws4-hmac-sha256 credential=akidexample/"), "{head}");
                let operation = head.lines().find_map(|line| line.strip_prefix("x-amz-target: TrentService.")).unwrap().to_owned();
                let body: Value = serde_json::from_str(body).unwrap();
                let before = kept.lock().unwrap().iter().filter(|(operation, _)| operation == "Sign").count();
                let (status, said) = answer(&operation, &body, before);
                kept.lock().unwrap().push((operation, body));
                let head = format!("content-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close", said.len());
                write!(stream, "HTTP/1.1 {status} X\r\n{head}\r\n\r\n{said}").unwrap();
            }
        });
        Self { url, asked }
    }

    /// As KMS does it; every other signature has the higher s, as KMS's have by chance.
    fn honest() -> Self {
        Self::start(|operation, body, before| match operation {
            "GetPublicKey" => public_key(&spki(&key(OTHER_KEY))),
            _ => signature(&sign(&key(OTHER_KEY), body, before.is_multiple_of(2))),
        })
    }

    /// Has the right public key and `answer` for every signature.
    fn signing(answer: impl Fn(&Value) -> Answer + Send + 'static) -> Self {
        Self::start(move |operation, body, _| match operation {
            "GetPublicKey" => public_key(&spki(&key(OTHER_KEY))),
            _ => answer(body),
        })
    }

    fn run(&self, environment: &TestEnvironment, args: &[&str]) -> Outcome {
        let mut command = environment.command(&[args, &["--aws"]].concat());
        let variables = [
            ("AWS_KMS_KEY_ID", "alias/creator"),
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_MAX_ATTEMPTS", "1"),
        ];
        command.envs(variables);
        environment.finish(command)
    }

    fn asked(&self, operation: &str) -> Vec<Value> {
        self.asked.lock().unwrap().iter().filter(|(asked, _)| asked == operation).map(|(_, body)| body.clone()).collect()
    }
}

fn key(hex: &str) -> SigningKey {
    SigningKey::from_slice(&HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap()
}

fn spki(key: &SigningKey) -> Vec<u8> {
    let point = key.verifying_key().to_encoded_point(false);
    [&HEXLOWER.decode(SECP256K1.as_bytes()).unwrap(), point.as_bytes()].concat()
}

fn sign(key: &SigningKey, body: &Value, high: bool) -> Vec<u8> {
    let digest = BASE64.decode(body["Message"].as_str().unwrap().as_bytes()).unwrap();
    let low: Signature = key.sign_prehash(&digest).unwrap();
    let (r, s) = low.split_scalars();
    let made = if high { Signature::from_scalars(r, -s).unwrap() } else { low };
    assert_eq!(made.normalize_s().is_some(), high);
    made.to_der().as_bytes().to_vec()
}

fn public_key(spki: &[u8]) -> Answer {
    (200, json!({"KeyId": "arn:aws:kms:eu-central-1:1:key/1", "PublicKey": BASE64.encode(spki), "KeyUsage": "SIGN_VERIFY"}).to_string())
}

fn signature(der: &[u8]) -> Answer {
    (200, json!({"KeyId": "arn:aws:kms:eu-central-1:1:key/1", "Signature": BASE64.encode(der)}).to_string())
}

/// A record by the double's account.
fn recorded() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny", "--dev-account", "1"]).stdout);
    environment
}

#[test]
fn a_key_in_kms_records_signs_mints_and_verifies() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let kms = Kms::honest();
    kms.run(&environment, &["wallet", "address"]).expect_code(0).expect_words(&[OTHER]);
    environment.write("record.json", kms.run(&environment, &["record", "tiny"]).expect_code(0).stdout);
    let high = kms.run(&environment, &["sign", "record.json"]).expect_code(0).stdout;
    let low = kms.run(&environment, &["sign", "record.json"]).expect_code(0).stdout;
    let here = environment.ok(&["sign", "record.json", "--dev-account", "1"]).stdout;
    assert_eq!((&high, &low), (&here, &here), "RFC 6979 nonces on both sides, and the higher s made the lower");
    environment.write("record.sig.json", high);
    environment.ok(&["verify-signature", "record.json", "record.sig.json"]);
    environment.ok(&["store", "record.json", "--signature", "record.sig.json", "--model", "tiny"]);
    kms.run(&environment, &["mint", "record.json", "--signature", "record.sig.json"]).expect_code(0);
    environment.ok(&["verify", "tiny", "--creator", OTHER]);
    let signed = kms.asked("Sign");
    assert!(signed.len() >= 3, "the transaction too is signed there: {signed:?}");
    for body in signed {
        let asked = (&body["KeyId"], &body["MessageType"], &body["SigningAlgorithm"]);
        assert_eq!(asked, (&json!("alias/creator"), &json!("DIGEST"), &json!("ECDSA_SHA_256")));
    }
}

#[test]
fn a_key_of_kms_that_is_no_account_s_is_refused() {
    let environment = TestEnvironment::new();
    let not_found = || (400, json!({"__type": "NotFoundException", "message": "no\u{1b}[31m such key"}).to_string());
    let p256 = || public_key(&HEXLOWER.decode(P256.as_bytes()).unwrap());
    let cases: [(Constant, &[&str]); 4] = [
        (p256, &["secp256k1", "ECC_SECG_P256K1"]),
        (|| public_key(b"no key"), &["secp256k1"]),
        (not_found, &["alias/creator", "HTTP status 400 NotFoundException: no [31m such key"]),
        (|| (400, json!({"__type": "AccessDeniedException"}).to_string()), &["AccessDeniedException"]),
    ];
    for (answer, words) in cases {
        let kms = Kms::start(move |_, _, _| answer());
        kms.run(&environment, &["wallet", "address"]).expect_error(2, words);
    }
}

#[test]
fn kms_that_gives_no_account_is_out_of_reach() {
    let environment = TestEnvironment::new();
    let cases: [(Constant, &str); 5] = [
        (|| (500, "{}".to_owned()), "HTTP status 500"),
        (|| (400, json!({"__type": "ThrottlingException"}).to_string()), "ThrottlingException"),
        (|| (200, "<html>".to_owned()), "its answer cannot be read"),
        (|| (200, "{}".to_owned()), "public key not found"),
        (|| (200, format!("{{\"PublicKey\":\"{}\"}}", "A".repeat(2 << 20))), "more than 1048576 bytes"),
    ];
    for (answer, word) in cases {
        let kms = Kms::start(move |_, _, _| answer());
        kms.run(&environment, &["wallet", "address"]).expect_error(3, &["alias/creator", word]);
    }
    let nobody = Kms { url: double::nobody(), asked: Arc::default() };
    nobody.run(&environment, &["wallet", "address"]).expect_error(3, &["alias/creator", "refused"]);
}

#[test]
fn no_wrong_signature_of_kms_is_taken() {
    let environment = recorded();
    let stranger = "01".repeat(32);
    let cases: [(Kms, i32, &str); 5] = [
        (Kms::signing(move |body| signature(&sign(&key(&stranger), body, false))), 1, "not of the key that it named before"),
        (Kms::signing(|_| signature(b"not DER")), 1, "secp256k1"),
        (Kms::signing(|_| (200, "{}".to_owned())), 3, "signature not found"),
        (Kms::signing(|_| (503, "{}".to_owned())), 3, "HTTP status 503"),
        (Kms::signing(|_| (400, json!({"__type": "DisabledException"}).to_string())), 1, "DisabledException"),
    ];
    for (kms, code, word) in cases {
        kms.run(&environment, &["sign", "record.json", "--output", "made.json"]).expect_error(code, &["alias/creator", word]);
        assert!(!environment.path("made.json").exists());
    }
}

#[test]
fn kms_without_region_or_credentials_is_not_asked() {
    let environment = TestEnvironment::new();
    let kms = Kms::honest();
    let run = |variables: &[(&str, &str)]| {
        let mut command = environment.command(&["wallet", "address", "--aws", "--aws-key-id", "alias/creator"]);
        command.env("AWS_ENDPOINT_URL", &kms.url).env("AWS_EC2_METADATA_DISABLED", "true").envs(variables.iter().copied());
        environment.finish(command)
    };
    run(&[]).expect_error(2, &["no AWS region", "AWS_REGION"]);
    run(&[("AWS_REGION", "eu-central-1")]).expect_error(2, &["credentials"]);
    assert!(kms.asked("GetPublicKey").is_empty());
}
