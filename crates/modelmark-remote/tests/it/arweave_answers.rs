//! Gateways and bundlers that answer anything: each is an error or nothing, soon and in little memory.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use futures_util::{TryStreamExt as _, stream};
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::arweave::{Arweave, ItemId, Signed};
use modelmark_remote::{Credentials, Item, PinState, Receipt, Remote, RemoteError, Secret, Want};
use modelmark_storage::{MemoryStore, Store};
use modelmark_testkit::tools::workspace;
use serde_json::{Value, json};

/// A gateway, and a bundler below `/bundler`, that answers as it is told.
struct Liar {
    address: std::net::SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Liar {
    async fn start(answer: impl Fn(&Method, &str) -> Response + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        let handler = move |request: Request| {
            let answer = answer.clone();
            async move {
                let (parts, body) = request.into_parts();
                drop(axum::body::to_bytes(body, 1 << 20).await);
                answer(&parts.method, parts.uri.path())
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(handler);
        Self { address, task: tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }) }
    }

    fn place(&self, credentials: &Credentials) -> Arweave {
        let address = format!("ar://{0}?bundler=http://{0}/bundler", self.address);
        Arweave::open(&address.parse().unwrap(), credentials).unwrap()
    }

    fn reader(&self) -> Arweave {
        self.place(&Credentials::default())
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn body(bytes: impl Into<Body>) -> Response {
    Response::new(bytes.into())
}

fn status(code: u16) -> Response {
    let mut response = body("\u{1b}[31mno\u{7}");
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}

fn endless(chunk: &'static [u8]) -> Response {
    body(Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(Bytes::from_static(chunk)))))
}

fn found(ids: &[&str]) -> Response {
    let edges: Vec<Value> = ids.iter().map(|id| json!({ "node": { "id": id, "tags": [], "data": { "size": "3" } } })).collect();
    body(json!({ "data": { "transactions": { "edges": edges } } }).to_string())
}

const ID: &str = "HN8c8F_7SmDZVTHMZqfGhQVnmmmWZ4uKX6PdmBmJkqI";

fn receipt(root: ContentId) -> Receipt {
    Receipt { locator: Some(ID.to_owned()), ..Receipt::now(root, "ar://test", 1) }
}

fn wallet() -> Credentials {
    let jwk = std::fs::read_to_string(workspace().join("vectors/arweave/keys/arweave.json")).unwrap();
    Credentials { arweave_key: Some(Secret::new(jwk)), ..Credentials::default() }
}

fn tame(error: &RemoteError) {
    let text = error.to_string();
    assert!(!text.contains(char::is_control) && text.len() < 600, "{text:?}");
}

#[tokio::test]
async fn other_bytes_do_not_verify_and_endless_ones_end() {
    let root = ContentId::raw(b"a record");
    let liar = Liar::start(|_, _| body("something else")).await;
    let sent = liar.reader().block(&root, Some(&receipt(root))).await.unwrap().unwrap();
    assert!(sent.verify(&root).is_none());
    let liar = Liar::start(|_, _| endless(&[0x61; 65_536])).await;
    let error = liar.reader().block(&root, Some(&receipt(root))).await.unwrap_err();
    assert!(matches!(error, RemoteError::TooLarge { .. }), "{error}");
    for (place, id) in [(liar.reader(), ContentId::dag_pb(b"a root")), (liar.reader(), root)] {
        let error = place.has(&id, None).await.unwrap_err();
        assert!(matches!(error, RemoteError::TooLarge { .. }), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_car_is_refused() {
    let root = ContentId::dag_pb(b"a root");
    let long: &[u8] = &[0xff, 0xff, 0xa2, 0xff, 0xff];
    let list = |parts: Value| json!({ "format": "modelmark-car-parts/1", "root": root, "parts": parts }).to_string().into_bytes();
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"x".to_vec(),
        b"plain text".to_vec(),
        b"{".to_vec(),
        b"{}".to_vec(),
        list(json!([])),
        list(json!([{ "id": "short", "bytes": 1 }])),
        list(json!([{ "id": ID, "bytes": 1, "more": 1 }])),
        json!({ "format": "modelmark-car-parts/2", "root": root, "parts": [{ "id": ID, "bytes": 1 }] }).to_string().into_bytes(),
        json!({ "format": "modelmark-car-parts/1", "root": ContentId::dag_pb(b""), "parts": [{ "id": ID, "bytes": 1 }] })
            .to_string()
            .into_bytes(),
        // A list whose only part is the list: it is longer than it says.
        list(json!([{ "id": ID, "bytes": 1 }])),
        long.to_vec(),
        vec![5, 0xa2, 1],
    ];
    for case in cases {
        let sent = case.clone();
        let liar = Liar::start(move |_, path| if path == "/graphql" { found(&[ID]) } else { body(sent.clone()) }).await;
        let place = liar.reader();
        let error = place.block(&root, Some(&receipt(root))).await.err();
        let block_is_missing = error.is_none();
        if let Some(error) = error {
            tame(&error);
        }
        let car = place.car(&Want { root, range: None }, Some(&receipt(root))).await;
        let broken = match car {
            Err(_) | Ok(None) => true,
            Ok(Some(stream)) => !matches!(stream.try_collect::<Vec<_>>().await, Ok(chunks) if chunks.concat().len() > 5),
        };
        assert!(broken && !(block_is_missing && case.len() > 5), "{}", String::from_utf8_lossy(&case));
        // By its CID alone it is simply not found.
        assert!(place.car(&Want { root, range: None }, None).await.unwrap().is_none());
        assert!(place.block(&root, None).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_list_of_itself_ends() {
    let root = ContentId::dag_pb(b"a root");
    let list = json!({ "format": "modelmark-car-parts/1", "root": root, "parts": vec![json!({ "id": ID, "bytes": 1_u64 << 40 }); 1000] })
        .to_string();
    let liar = Liar::start(move |_, _| body(list.clone())).await;
    let stream = liar.reader().car(&Want { root, range: None }, Some(&receipt(root))).await.unwrap().unwrap();
    // Each part is given as it is, and its reader finds no CAR in it.
    let mut taken = 0;
    let mut stream = stream;
    while let Ok(Some(chunk)) = stream.try_next().await {
        taken += chunk.len();
        if taken > 1 << 20 {
            break;
        }
    }
    assert!(taken > 0);
}

#[tokio::test]
async fn nonsense_of_an_index_is_an_error_or_nothing() {
    let root = ContentId::raw(b"a record");
    for (answer, absent) in [
        ("", false),
        ("[]", false),
        ("{}", false),
        ("\u{1b}]0;title\u{7}", false),
        (r#"{"errors":[{"message":"\u001b[31mred\u0007"}]}"#, false),
        (r#"{"data":{"transactions":{"edges":7}}}"#, false),
        (r#"{"data":{"transactions":{"edges":[7,null,{},{"node":null},{"node":{"id":7}}]}}}"#, true),
        (r#"{"data":{"transactions":{"edges":[{"node":{"id":"../../etc/passwd"}},{"node":{"id":"\u001b[2J"}}]}}}"#, true),
        (r#"{"data":{"transactions":{"edges":[]}}}"#, true),
    ] {
        let liar = Liar::start(move |_, _| body(answer)).await;
        match liar.reader().block(&root, None).await {
            Ok(block) => assert!(absent && block.is_none(), "{answer}"),
            Err(error) => {
                assert!(!absent && matches!(error, RemoteError::Answer { .. }), "{answer}: {error}");
                tame(&error);
            }
        }
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let liar = Liar::start(move |_, _| body(deep.clone())).await;
    assert!(matches!(liar.reader().has(&root, None).await, Err(RemoteError::Answer { .. })));
}

#[tokio::test]
async fn of_many_that_claim_a_cid_the_right_one_is_found() {
    let root = ContentId::raw(b"a record");
    let ids: Vec<String> = (0..20_u8).map(|n| ItemId::new([n; 32]).to_string()).collect();
    let (right, late) = (ids[9].clone(), ids[10].clone());
    for (holder, is_there) in [(right, true), (late, false)] {
        let ids = ids.clone();
        let liar = Liar::start(move |_, path| match path {
            "/graphql" => found(&ids.iter().map(String::as_str).collect::<Vec<_>>()),
            path if path.ends_with(&holder) => body("a record"),
            path if path.ends_with(ids[0].as_str()) => endless(&[0x78; 65_536]),
            path if path.ends_with(ids[1].as_str()) => status(500),
            _ => body("another"),
        })
        .await;
        // No more than ten are looked at.
        let sent = liar.reader().block(&root, None).await.unwrap();
        assert_eq!(sent.map(|sent| sent.verify(&root).is_some()), is_there.then_some(true));
    }
}

#[tokio::test]
async fn statuses_are_told_apart() {
    let root = ContentId::raw(b"a record");
    let receipt = receipt(root);
    for code in [400, 404, 410, 302, 202] {
        let liar = Liar::start(move |_, _| status(code)).await;
        assert!(liar.reader().block(&root, Some(&receipt)).await.unwrap().is_none(), "{code}");
    }
    for code in [500, 451, 418] {
        let liar = Liar::start(move |_, _| status(code)).await;
        let error = liar.reader().block(&root, Some(&receipt)).await.unwrap_err();
        assert!(matches!(error, RemoteError::Refused { .. }), "{error}");
        tame(&error);
    }
    let liar = Liar::start(|_, _| status(429)).await;
    assert!(matches!(liar.reader().has(&root, Some(&receipt)).await, Err(RemoteError::Busy { .. })));
    let wrong = Receipt { locator: Some("../secret".to_owned()), ..receipt.clone() };
    assert!(matches!(liar.reader().has(&root, Some(&wrong)).await, Err(RemoteError::Answer { .. })));
    for text in ["", "-1", "1e9", "\u{1b}[31m", "9999999999999999999999999999999999999999999999"] {
        let liar = Liar::start(move |_, _| body(text)).await;
        assert!(liar.reader().estimate(10).await.is_err(), "{text:?}");
    }
}

#[tokio::test]
async fn an_item_with_another_signature_has_failed() {
    let item = |signature: &[u8], owner: &[u8]| {
        json!({ "data": { "transaction": {
            "id": ID, "anchor": "", "signature": BASE64URL_NOPAD.encode(signature), "recipient": "",
            "owner": { "key": BASE64URL_NOPAD.encode(owner) }, "tags": [], "data": { "size": "8" }, "block": { "height": 7 },
        } } })
        .to_string()
    };
    let root = ContentId::raw(b"a record");
    for (answer, failed) in [
        (item(&[1; 65], &[4; 65]), true),
        (item(&[1; 512], &[4; 512]), true),
        // Nothing that could be held against the id.
        (item(&[], &[]), false),
        (json!({ "data": { "transaction": { "id": ID, "block": { "height": 7 } } } }).to_string(), false),
    ] {
        let sent = answer.clone();
        let liar = Liar::start(move |_, path| match path {
            "/graphql" => body(sent.clone()),
            path if path.ends_with("/status") || path.starts_with("/tx/") => status(404),
            _ => body("a record"),
        })
        .await;
        let (state, signed) =
            (liar.reader().state(&receipt(root)).await.unwrap(), liar.reader().signed(&ID.parse().unwrap(), 100).await.unwrap());
        assert_eq!(matches!(state, PinState::Failed(_)), failed, "{answer}");
        assert_eq!(matches!(signed, Signed::No(_)), failed, "{answer}");
        assert!(liar.reader().item(&ID.parse().unwrap(), 100).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn receipts_that_mean_nothing_are_refused() {
    let store = Arc::new(MemoryStore::new());
    let root = store.put(Codec::Raw, b"a record").unwrap();
    let item = Item { root, bytes: 8, media_type: "application/json".to_owned(), name: Some("\u{1b}[31ma name".to_owned()), alone: false };
    let answers: [fn() -> Response; 9] = [
        || body(""),
        || body("[]"),
        || body(json!({ "id": 7 }).to_string()),
        || body(json!({ "id": ID }).to_string()),
        || body(json!({ "id": "\u{1b}[2J" }).to_string()),
        || endless(&[0x20; 8192]),
        || status(402),
        || status(403),
        || status(500),
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let liar = Liar::start(move |method, path| match path {
            "/graphql" => found(&[]),
            "/bundler/tx" if method == Method::POST => answer(),
            _ => status(404),
        })
        .await;
        let error = liar.place(&wallet()).put(&item, store.clone(), &()).await.err();
        assert!(error.is_some(), "answer {index}");
        error.iter().for_each(tame);
    }
    // A bundler that has it already says so without a receipt.
    let liar = Liar::start(|_, path| match path {
        "/graphql" => found(&[]),
        "/bundler/tx" => status(202),
        _ => status(404),
    })
    .await;
    let receipt = liar.place(&wallet()).put(&item, store, &()).await.unwrap();
    assert_eq!(receipt.locator.unwrap().len(), 43);
}

#[tokio::test]
async fn a_gateway_that_trickles_is_left() {
    let slow = || {
        let chunks = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"a")), ()))
        });
        body(Body::from_stream(chunks))
    };
    let root = ContentId::raw(b"a record");
    let liar = Liar::start(move |_, _| slow()).await;
    let place = liar.reader().with_patience(Duration::from_millis(200));
    let error = place.block(&root, Some(&receipt(root))).await.unwrap_err();
    assert!(matches!(error, RemoteError::Timeout { .. }), "{error}");
    assert!(matches!(place.has(&root, None).await, Err(RemoteError::Timeout { .. })));
}
