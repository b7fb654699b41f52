//! `POST /verify`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use modelmark_digest::{Manifest, Request as Digests};
use modelmark_record::{Account, CanonicalRecord, Claims, Facts, Record};
use modelmark_service::{ProblemCode, Roots, Settings, router};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::fixture::{Answer, Desk, post};

fn app(roots: Roots) -> Router {
    router(Arc::new(Desk::default()), roots, Settings::default())
}

async fn ask(app: Router, question: &Value) -> Answer {
    Answer::read(app.oneshot(post("/verify", question.to_string())).await.unwrap()).await
}

/// A model on disk, what it is, and an unsigned record of it.
fn model() -> (tempfile::TempDir, Manifest, CanonicalRecord) {
    let dir = modelmark_testkit::model::small("service").unwrap();
    let manifest = modelmark_digest::digest(dir.path(), &Digests::default(), &()).unwrap();
    let claims = Claims {
        name: Some("Tiny".parse().unwrap()),
        license: Some(modelmark_record::License { spdx: "Apache-2.0".parse().unwrap(), uri: None }),
        creator: Some(Account::from(modelmark_chain::parse_address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266").unwrap())),
        ..Claims::default()
    };
    let record = Record::compose(&manifest, Facts { claims, sources: Vec::new() }).unwrap().canonical().unwrap();
    (dir, manifest, record)
}

fn status<'a>(report: &'a Value, code: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["code"] == code).unwrap()["status"].as_str().unwrap()
}

#[tokio::test]
async fn what_is_not_as_recorded_is_an_answer() {
    let (_dir, manifest, record) = model();
    let mut altered = manifest.clone();
    altered.files[0].cid = altered.files[1].cid;
    let text = String::from_utf8(record.bytes().to_vec()).unwrap();
    let answer = ask(app(Roots::default()), &json!({"record": text, "files": altered})).await;
    assert_eq!((answer.status.as_u16(), answer.header("modelmark-verdict")), (200, "does-not-verify"));
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    assert_eq!(status(&answer.json(), "model.files"), "fail");
    // The same digests as they are on the record leave only what nobody could look at: whose record it is.
    let answer = ask(app(Roots::default()), &json!({"record": text, "files": manifest})).await;
    let problem = answer.expect_problem(503, "could-not-look");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!((status(&problem["report"], "model.files"), status(&problem["report"], "creator.signature")), ("pass", "unknown"));
}

#[tokio::test]
async fn models_of_the_server_are_called_by_their_names() {
    let (dir, _, record) = model();
    let parent = tempfile::tempdir().unwrap();
    std::fs::rename(dir.path(), parent.path().join("tiny")).unwrap();
    std::fs::write(parent.path().join("tiny/config.json"), "{}").unwrap();
    let mut roots = Roots::default();
    roots.add("models", parent.path()).unwrap();
    let text = String::from_utf8(record.bytes().to_vec()).unwrap();
    let answer = ask(app(roots.clone()), &json!({"record": text, "model": "models/tiny"})).await;
    let report = answer.json();
    assert_eq!((answer.status.as_u16(), report["path"].as_str()), (200, Some("models/tiny")));
    assert_eq!(status(&report, "model.files"), "fail");
    assert!(report["notes"].to_string().contains("models/tiny was read"), "{report}");
    let place = parent.path().canonicalize().unwrap().display().to_string();
    assert!(!report.to_string().contains(&place), "the caller is told where the model lies");
    for name in ["models/none", "models/../tiny", "/etc", "models"] {
        ask(app(roots.clone()), &json!({"record": text, "model": name})).await.expect_problem(404, "unknown-model");
    }
}

#[tokio::test]
async fn reports_come_in_the_form_that_is_accepted() {
    let (_dir, mut manifest, record) = model();
    manifest.files.remove(0);
    let question = json!({"record": String::from_utf8(record.bytes().to_vec()).unwrap(), "files": manifest}).to_string();
    for (accept, begins) in [("text/html", "<!doctype html>"), ("text/markdown", "#"), ("application/sarif+json", "{")] {
        let mut request = post("/verify", question.clone());
        request.headers_mut().insert("accept", accept.parse().unwrap());
        let answer = Answer::read(app(Roots::default()).oneshot(request).await.unwrap()).await;
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, accept));
        assert!(text.to_lowercase().trim_start().starts_with(begins), "{text:.100}");
        assert!(answer.header("content-security-policy").starts_with("sandbox"));
    }
    let mut request = post("/verify", question);
    request.headers_mut().insert("accept", "image/png".parse().unwrap());
    Answer::read(app(Roots::default()).oneshot(request).await.unwrap()).await.expect_problem(406, "not-acceptable");
}

#[tokio::test]
async fn what_is_no_question_is_refused_with_its_code() {
    let many = json!({"token": "eip155:1/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/1", "signatures": vec![""; 17]});
    let long = json!({"record": "x".repeat(modelmark_record::MAX_RECORD_BYTES + 1)});
    for body in [
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        "[".repeat(100_000),
        r#"{"token": "eip155:1/erc721:0x1/1"}"#.to_owned(),
        r#"{"path": "/etc/passwd"}"#.to_owned(),
        r#"{"token": "a", "token": "b"}"#.to_owned(),
        r#"{"record": {"name": "not its bytes"}}"#.to_owned(),
        many.to_string(),
        long.to_string(),
    ] {
        let answer = Answer::read(app(Roots::default()).oneshot(post("/verify", body)).await.unwrap()).await;
        answer.expect_problem(400, "malformed");
    }
    let plain = Request::post("/verify").header("content-type", "text/plain").body(Body::from("{}")).unwrap();
    Answer::read(app(Roots::default()).oneshot(plain).await.unwrap()).await.expect_problem(415, "media-type");
    let get = Request::get("/verify").body(Body::empty()).unwrap();
    let answer = Answer::read(app(Roots::default()).oneshot(get).await.unwrap()).await;
    answer.expect_problem(405, "method");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn no_more_is_read_than_is_taken() {
    let mut settings = Settings::default();
    settings.body = 100;
    let app = router(Arc::new(Desk::default()), Roots::default(), settings);
    let stated = post("/verify", "x".repeat(101));
    Answer::read(app.clone().oneshot(stated).await.unwrap()).await.expect_problem(413, "too-large");
    let mut lying = post("/verify", "x".repeat(1000));
    lying.headers_mut().insert("content-length", "5".parse().unwrap());
    Answer::read(app.oneshot(lying).await.unwrap()).await.expect_problem(413, "too-large");
}

#[tokio::test]
async fn who_comes_on_top_is_sent_away_and_served_later() {
    let (held, asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut settings = Settings::default();
    settings.at_once = 1;
    let desk = Desk { held: Some(Arc::clone(&held)), asked: Arc::clone(&asked) };
    let app = router(Arc::new(desk), Roots::default(), settings);
    let question = json!({"token": "eip155:1/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/1"});
    let first = tokio::spawn(ask_owned(app.clone(), question.clone()));
    asked.notified().await;
    let second = ask(app.clone(), &question).await;
    second.expect_problem(429, "busy");
    assert_eq!(second.header("retry-after"), "1");
    held.notify_one();
    first.await.unwrap().expect_problem(503, "could-not-look");
    held.notify_one();
    ask(app, &question).await.expect_problem(503, "could-not-look");
}

async fn ask_owned(app: Router, question: Value) -> Answer {
    ask(app, &question).await
}

#[tokio::test]
async fn nothing_takes_longer_than_the_deadline() {
    let desk = Desk { held: Some(Arc::default()), asked: Arc::default() };
    let mut settings = Settings::default();
    settings.deadline = Duration::from_millis(50);
    let app = router(Arc::new(desk), Roots::default(), settings);
    let question = json!({"token": "eip155:1/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/1"});
    ask(app.clone(), &question).await.expect_problem(503, "deadline");
    let (_sender, body) = never();
    Answer::read(app.oneshot(post("/verify", body)).await.unwrap()).await.expect_problem(408, "slow");
}

/// A body that does not end while the sender lives.
fn never() -> (tokio::io::DuplexStream, Body) {
    let (sender, receiver) = tokio::io::duplex(64);
    let pieces = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let mut buffer = [0; 64];
        let read = tokio::io::AsyncReadExt::read(&mut receiver, &mut buffer).await;
        Some((read.map(|count| buffer[..count].to_vec()), receiver))
    });
    (sender, Body::from_stream(pieces))
}

#[test]
fn every_code_is_explained() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/http.md")).unwrap();
    for code in ProblemCode::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.status().as_u16());
        assert!(page.contains(&row), "docs/http.md does not have {row}");
    }
}
