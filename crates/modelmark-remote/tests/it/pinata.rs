//! The client of Pinata, over a server that answers as Pinata's documentation says and checks what it is sent.

use modelmark_digest::ContentId;
use modelmark_remote::{Credentials, Item, PinState, Pinata, Receipt, Remote as _, RemoteError, Secret};
use modelmark_storage::{MemoryStore, Store as _, car};
use serde_json::json;

use crate::rpc_server::{Reply, Request, Server};
use crate::suite;

fn credentials() -> Credentials {
    Credentials { pinata_jwt: Some(Secret::new("sesame")), ..Credentials::default() }
}

fn open(server: &Server) -> Pinata {
    let url = |path: &str| format!("{}/{path}/v3", server.url).parse().unwrap();
    Pinata::at("pinata:".to_owned(), url("api"), url("uploads"), &credentials()).unwrap()
}

/// The documented description of a file, of this CID: <https://docs.pinata.cloud/api-reference/endpoint/upload-a-file>.
fn described(cid: &str) -> serde_json::Value {
    json!({ "id": "e5323ea7-8a02-4486-9b6f-63c788810aeb", "name": "example.txt", "cid": cid, "size": 36, "number_of_files": 1,
        "mime_type": "text/plain", "group_id": null, "keyvalues": {}, "created_at": "2024-08-27T14:57:51.485934Z", "is_duplicate": false })
}

/// What Pinata computes of an upload.
fn cid_of(request: &Request) -> ContentId {
    let fields = request.fields();
    let (_, _, file) = fields.last().unwrap();
    if fields.iter().any(|(name, _, value)| name == "car" && value == b"true") {
        car::import(&MemoryStore::new(), file.as_slice(), car::Limits::MODEL).unwrap().roots[0]
    } else {
        ContentId::raw(file)
    }
}

/// A Pinata with one account, whose uploads get the CID that `cid` says.
async fn pinata(cid: impl Fn(&Request) -> String + Send + Sync + 'static) -> Server {
    let kept = std::sync::Mutex::new(None::<String>);
    Server::start(move |request| {
        let mut kept = kept.lock().unwrap();
        match (request.method.as_str(), request.target.split('?').next().unwrap()) {
            ("POST", "/uploads/v3/files") => {
                *kept = Some(cid(request));
                Reply::json(200, json!({ "data": described(kept.as_deref().unwrap()) }))
            }
            ("GET", "/api/v3/files/public") => {
                let asked = request.target.split("cid=").nth(1).unwrap();
                let files: Vec<_> = kept.iter().filter(|cid| *cid == asked).map(|cid| described(cid)).collect();
                Reply::json(200, json!({ "data": { "files": files, "next_page_token": "" } }))
            }
            ("GET", "/api/v3/files/public/e5323ea7-8a02-4486-9b6f-63c788810aeb") if kept.is_some() => {
                Reply::json(200, json!({ "data": described(kept.as_deref().unwrap()) }))
            }
            _ => Reply::json(404, json!({ "error": { "code": 404, "message": "not found" } })),
        }
    })
    .await
}

#[tokio::test]
async fn records_go_as_files_and_models_as_cars() {
    let fixture = suite::fixture();
    for item in [&fixture.record, &fixture.model] {
        let server = pinata(|request| cid_of(request).to_string()).await;
        let place = open(&server);
        assert!(!place.has(&item.root, None).await.unwrap());
        let receipt = place.put(item, fixture.store.clone(), &()).await.unwrap();
        assert_eq!((receipt.root, receipt.place.as_str()), (item.root, "pinata:"));
        assert_eq!(receipt.locator.as_deref(), Some("e5323ea7-8a02-4486-9b6f-63c788810aeb"));
        assert_eq!(place.state(&receipt).await.unwrap(), PinState::Pinned);
        assert!(place.has(&item.root, None).await.unwrap());
        // Once more uploads nothing.
        place.put(item, fixture.store.clone(), &()).await.unwrap();

        let upload = server.request("/uploads/v3/files");
        assert_eq!(upload.header("authorization"), Some("Bearer sesame"));
        assert!(upload.header("content-length").is_some(), "the length is known beforehand");
        let fields: Vec<_> = upload.fields().into_iter().map(|(name, _, _)| name).collect();
        let is_model = item.root == fixture.model.root;
        assert_eq!(fields, if is_model { vec!["network", "name", "car", "file"] } else { vec!["network", "name", "file"] });
        assert_eq!(upload.fields()[0].2, b"public");
        assert_eq!(upload.fields()[1].2, item.name.clone().unwrap_or_else(|| item.root.to_string()).into_bytes());
        assert!(upload.fields().last().unwrap().1.contains("filename="));
    }
}

#[tokio::test]
async fn a_record_that_pinata_would_cut_goes_as_a_car() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let bytes = vec![b' '; (256 << 10) + 1];
    let root = store.put(modelmark_digest::Codec::Raw, &bytes).unwrap();
    let item = Item { root, bytes: bytes.len() as u64, media_type: "application/json".to_owned(), name: None, alone: false };
    let server = pinata(|request| cid_of(request).to_string()).await;
    open(&server).put(&item, store, &()).await.unwrap();
    assert!(server.request("/uploads/v3/files").fields().iter().any(|(name, _, _)| name == "car"));
}

#[tokio::test]
async fn another_cid_is_refused_and_a_pending_one_is_pending() {
    let fixture = suite::fixture();
    let liar = pinata(|_| ContentId::raw(b"something else").to_string()).await;
    let error = open(&liar).put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Answer { .. }), "{error}");

    let slow = pinata(|_| "pending".to_owned()).await;
    let receipt = open(&slow).put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
    assert!(matches!(open(&slow).state(&receipt).await.unwrap(), PinState::Pending(_)));

    let honest = pinata(|request| cid_of(request).to_string()).await;
    let receipt = open(&honest).put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
    let swapped = Receipt { root: fixture.model.root, ..receipt.clone() };
    assert!(matches!(open(&honest).state(&swapped).await.unwrap(), PinState::Failed(_)));
    let forgotten = Receipt { locator: Some("another".to_owned()), ..receipt };
    assert_eq!(open(&honest).state(&forgotten).await.unwrap(), PinState::Absent);
}

#[tokio::test]
async fn refusals_are_told() {
    let server = Server::start(|_| Reply::json(402, json!({ "error": "The account has reached its limit\u{7}" }))).await;
    let fixture = suite::fixture();
    let error = open(&server).put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(&error, RemoteError::Refused { status: 402, reason, .. } if reason == "The account has reached its limit"), "{error}");
}

#[test]
fn pinata_needs_a_key() {
    let open = |address: &str, credentials: &Credentials| Pinata::open(&address.parse().unwrap(), credentials);
    assert!(matches!(open("pinata:", &Credentials::default()), Err(RemoteError::Credential { .. })));
    assert_eq!(open("pinata:", &credentials()).unwrap().name(), "pinata:");
    assert!(open("pinata:elsewhere", &credentials()).is_err());
}
