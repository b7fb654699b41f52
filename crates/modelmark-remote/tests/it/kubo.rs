//! The RPC client: over js-ipfs, which is real, and over what Kubo's own documentation and sources say that Kubo answers where the two differ.

use std::sync::Arc;
use std::time::Duration;

use modelmark_digest::{Manifest, Request, digest};
use modelmark_remote::{Address, Credentials, Item, Kubo, Patience, PinState, Remote as _, Secret, Watch, open, redundancy};
use modelmark_storage::{Leaves, LocalStore, MemoryStore, Store as _, car};

use crate::foreign::Foreign;
use crate::rpc_server::{Reply, Server};
use crate::suite;

/// js-ipfs looks for a block in the network even when there is none, for as long as it may.
pub(crate) fn patience() -> Patience {
    Patience { search: Duration::from_millis(500), ..Patience::default() }
}

pub(crate) fn address(url: &str) -> Address {
    format!("ipfs+{url}").parse().unwrap()
}

fn kubo(url: &str) -> Kubo {
    Kubo::open(&address(url), &Credentials::default()).unwrap().with_patience(patience())
}

#[tokio::test]
async fn js_ipfs_keeps_and_gives() {
    let Some(node) = Foreign::ipfs() else { return };
    let place = kubo(node.url("api"));
    suite::keeps_pieces(Arc::new(place.clone())).await;
    suite::keeps_and_gives(&place).await;
    let fixture = suite::fixture();
    let receipt = place.put(&fixture.model, fixture.store.clone(), &()).await.unwrap();
    assert_eq!(place.state(&receipt).await.unwrap(), PinState::Pinned);
    let elsewhere = modelmark_remote::Receipt::now(modelmark_digest::ContentId::raw(b"nobody ever put this"), place.name(), 0);
    assert_eq!(place.state(&elsewhere).await.unwrap(), PinState::Absent);
    let addresses = place.addresses().await.unwrap();
    assert!(addresses.iter().all(|address| address.contains("/p2p/12D3Koo")), "{addresses:?}");
}

/// A model of 12 MB, imported where it lies.
struct Large {
    bytes: Vec<u8>,
    manifest: Manifest,
    store: Arc<LocalStore>,
    _dir: tempfile::TempDir,
}

impl Large {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        std::fs::create_dir(&model).unwrap();
        let bytes: Vec<u8> = (0..12_345_678_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8).collect();
        std::fs::write(model.join("model.safetensors"), &bytes).unwrap();
        std::fs::write(model.join("config.json"), b"{}").unwrap();
        let store = LocalStore::open(dir.path().join("store")).unwrap();
        let import = store.import(&model, Leaves::Referenced).unwrap();
        let manifest = digest(&model, &Request::cids(), &import).unwrap();
        import.finish(&manifest).unwrap();
        Self { bytes, manifest, store: Arc::new(store), _dir: dir }
    }

    fn item(&self) -> Item {
        Item {
            root: self.manifest.cid,
            bytes: self.bytes.len() as u64 + 2,
            media_type: "application/vnd.ipld.car".to_owned(),
            name: None,
            alone: false,
        }
    }
}

/// Counts what is said to have gone out.
#[derive(Default)]
struct Sent(std::sync::atomic::AtomicU64);

impl Watch for Sent {
    fn sent(&self, bytes: u64) {
        self.0.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_model_of_many_megabytes_is_the_same_in_js_ipfs() {
    let Some(node) = Foreign::ipfs() else { return };
    let (place, large, sent) = (kubo(node.url("api")), Large::new(), Sent::default());
    place.put(&large.item(), large.store.clone(), &sent).await.unwrap();
    let mut exported = Vec::new();
    car::export(large.store.as_ref(), &[large.manifest.cid], &mut exported).unwrap();
    assert_eq!(sent.0.load(std::sync::atomic::Ordering::Relaxed), exported.len() as u64);

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let api = node.url("api");
    let file = format!("{}/model.safetensors", large.manifest.cid);
    let cat = client.post(format!("{api}/api/v0/cat?arg={file}")).send().await.unwrap();
    assert!(cat.status().is_success());
    assert!(cat.bytes().await.unwrap() == large.bytes, "`cat` gives other bytes");
    let gateway = client.get(format!("{}/ipfs/{file}", node.url("gateway"))).send().await.unwrap();
    assert!(gateway.status().is_success());
    assert!(gateway.bytes().await.unwrap() == large.bytes, "the gateway gives other bytes");

    // What js-ipfs makes of the same bytes by itself.
    let part = reqwest::multipart::Part::bytes(large.bytes.clone()).file_name("model.safetensors").mime_str("application/octet-stream");
    let form = reqwest::multipart::Form::new().part("file", part.unwrap());
    let added = client.post(format!("{api}/api/v0/add?cid-version=1&raw-leaves=true&pin=false")).multipart(form).send().await.unwrap();
    let added: serde_json::Value = serde_json::from_slice(&added.bytes().await.unwrap()).unwrap();
    let ours = large.manifest.files.iter().find(|file| file.path.as_str() == "model.safetensors").unwrap();
    assert_eq!(modelmark_digest::ContentId::from_any_version(added["Hash"].as_str().unwrap()), Ok(ours.cid));
}

/// A node that answers as Kubo 0.39 does. Successes: <https://docs.ipfs.tech/reference/kubo/rpc/>. Failures: `core/commands/pin/pin.go` (`is not
/// pinned`), boxo's `exchange/offline/offline.go` (`block was not found locally (offline)`) and go-ipfs-cmds' `http/responseemitter.go` (status 500).
async fn recorded() -> Server {
    Server::start(|request| {
        let failure = |message: &str| Reply::json(500, serde_json::json!({ "Message": message, "Code": 0, "Type": "error" }));
        let argument = request.target.split("arg=").nth(1).unwrap_or_default().split('&').next().unwrap_or_default().to_owned();
        match request.target.split(['?']).next().unwrap() {
            "/api/v0/pin/ls" => failure(&format!("path '{argument}' is not pinned")),
            "/api/v0/block/stat" => failure(&format!("block was not found locally (offline): ipld: could not find {argument}")),
            "/api/v0/block/get" => failure("context deadline exceeded"),
            "/api/v0/block/put" => {
                let key = modelmark_digest::ContentId::raw(&request.fields()[0].2);
                Reply::json(200, serde_json::json!({ "Key": key.to_string(), "Size": request.fields()[0].2.len() }))
            }
            "/api/v0/dag/import" => {
                let imported = car::import(&MemoryStore::new(), request.fields()[0].2.as_slice(), car::Limits::MODEL).unwrap();
                let root = serde_json::json!({ "Root": { "Cid": { "/": imported.roots[0].to_string() }, "PinErrorMsg": "" } });
                let stats = serde_json::json!({ "Stats": { "BlockCount": imported.blocks, "BlockBytesCount": imported.bytes } });
                Reply::json(200, format!("{root}\n{stats}\n"))
            }
            "/api/v0/id" => Reply::json(
                200,
                r#"{"ID":"12D3KooWFRGzSzB7bheZL1K3QgxJCzbz67nzfcpGvjj8YsRAh2vS","PublicKey":"CAES","Addresses":["/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWFRGzSzB7bheZL1K3QgxJCzbz67nzfcpGvjj8YsRAh2vS","/ip4/203.0.113.42/udp/4001/quic-v1/p2p/12D3KooWFRGzSzB7bheZL1K3QgxJCzbz67nzfcpGvjj8YsRAh2vS"],"AgentVersion":"kubo/0.39.0/","Protocols":[]}"#,
            ),
            _ => Reply::Answer(404, b"404 page not found\n".to_vec()),
        }
    })
    .await
}

#[tokio::test]
async fn requests_are_what_kubo_documents() {
    let server = recorded().await;
    let credentials = Credentials { ipfs_auth: Some(Secret::new("Bearer sesame")), ..Credentials::default() };
    let (place, fixture) = (open(&address(&server.url), &credentials).unwrap(), suite::fixture());
    assert_eq!(place.name(), format!("ipfs+{}", server.url));
    for item in [&fixture.record, &fixture.model] {
        place.put(item, fixture.store.clone(), &()).await.unwrap();
    }
    assert!(server.requests().iter().all(|request| request.method == "POST" && request.header("authorization") == Some("Bearer sesame")));

    let put = server.request("/block/put?");
    for option in ["cid-codec=raw", "mhtype=sha2-256", "pin=true"] {
        assert!(put.target.contains(option), "{}", put.target);
    }
    assert_eq!(put.fields()[0].0, "file");
    assert_eq!(put.fields()[0].2, fixture.store.get(&fixture.record.root, 1 << 20).unwrap().unwrap());

    let import = server.request("/dag/import?");
    assert!(import.target.contains("pin-roots=true"), "{}", import.target);
    let mut expected = Vec::new();
    car::export(fixture.store.as_ref(), &[fixture.model.root], &mut expected).unwrap();
    assert!(import.fields()[0].1.contains("filename="), "Kubo takes a field without a name of a file for an option");
    assert!(import.fields()[0].2 == expected);
}

/// A pin stays when a block below it is lost, so that a put which asks for the pin alone would send nothing.
#[tokio::test]
async fn what_a_node_lost_below_a_pin_is_sent_again() {
    let fixture = suite::fixture();
    let copy = MemoryStore::new();
    let mut file = Vec::new();
    car::export(fixture.store.as_ref(), &[fixture.model.root], &mut file).unwrap();
    car::import(&copy, file.as_slice(), car::Limits::MODEL).unwrap();
    let node = copy.get(&fixture.model.root, 1 << 20).unwrap().unwrap();
    let below = modelmark_digest::unixfs::decode(&node).unwrap().children().nth(1).unwrap();
    let lost = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let healed = Arc::clone(&lost);
    let server = Server::start(move |request| {
        use std::sync::atomic::Ordering::SeqCst;
        let argument = request.target.split("arg=").nth(1).unwrap_or_default().split('&').next().unwrap_or_default().to_owned();
        match request.target.split('?').next().unwrap() {
            "/api/v0/pin/ls" => Reply::json(200, format!(r#"{{"Keys":{{"{argument}":{{"Type":"recursive"}}}}}}"#)),
            "/api/v0/block/stat" => Reply::json(200, serde_json::json!({ "Key": argument, "Size": 1 })),
            "/api/v0/block/get" if lost.load(SeqCst) && argument == below.to_string() => {
                Reply::json(500, serde_json::json!({ "Message": format!("ipld: could not find {argument}"), "Code": 0, "Type": "error" }))
            }
            "/api/v0/block/get" => Reply::Answer(200, copy.get(&argument.parse().unwrap(), 2 << 20).unwrap().unwrap()),
            "/api/v0/dag/import" => {
                lost.store(false, SeqCst);
                let root = serde_json::json!({ "Root": { "Cid": { "/": fixture.model.root.to_string() }, "PinErrorMsg": "" } });
                Reply::json(200, format!("{root}\n"))
            }
            _ => Reply::Answer(404, b"404 page not found\n".to_vec()),
        }
    })
    .await;
    let (fixture, place) = (suite::fixture(), kubo(&server.url));
    let keep = || redundancy::keep(&place, &fixture.model, fixture.store.clone(), &(), Duration::ZERO, |_| Ok(()));
    let (_, condition) = keep().await.unwrap();
    assert!(condition.is_lost(), "{condition}");
    let (_, condition) = keep().await.unwrap();
    assert!(matches!(condition, redundancy::Condition::Whole { .. }), "{condition}");
    assert!(!healed.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn what_kubo_does_not_have_is_not_there() {
    let server = recorded().await;
    let place = kubo(&server.url);
    suite::absent(&place).await;
    let offline = |command: &str| {
        server.requests().iter().filter(|request| request.target.contains(command)).all(|r| r.target.contains("offline=true"))
    };
    assert!(!offline("/block/get?"), "a read may ask other nodes");
    let receipt = modelmark_remote::Receipt::now(modelmark_digest::ContentId::raw(b"record"), place.name(), 6);
    assert_eq!(place.state(&receipt).await.unwrap(), PinState::Absent);
    assert!(offline("/pin/ls?"));
    assert_eq!(
        place.addresses().await.unwrap().first().map(String::as_str),
        Some("/ip4/203.0.113.42/udp/4001/quic-v1/p2p/12D3KooWFRGzSzB7bheZL1K3QgxJCzbz67nzfcpGvjj8YsRAh2vS"),
        "the address that others can reach comes first"
    );
}

/// Filebase offers this part of the API: <https://filebase.com/docs/ipfs/rpc-api>.
#[tokio::test]
async fn a_part_of_the_api_is_enough() {
    let kept = MemoryStore::new();
    let server = Server::start(move |request| {
        let argument = request.target.split("arg=").nth(1).unwrap_or_default().split('&').next().unwrap_or_default().to_owned();
        let failure = |message: &str| Reply::json(500, serde_json::json!({ "Message": message, "Code": 0, "Type": "error" }));
        match request.target.split('?').next().unwrap() {
            "/api/v0/pin/ls" => match kept.has(&argument.parse().unwrap()).unwrap() {
                true => Reply::json(200, format!(r#"{{"Keys":{{"{argument}":{{"Type":"recursive"}}}}}}"#)),
                false => failure(&format!("path '{argument}' is not pinned")),
            },
            "/api/v0/block/get" => match kept.get(&argument.parse().unwrap(), 2 << 20).unwrap() {
                Some(bytes) => Reply::Answer(200, bytes),
                None => failure(&format!("ipld: could not find {argument}")),
            },
            "/api/v0/dag/import" => {
                let imported = car::import(&kept, request.fields()[0].2.as_slice(), car::Limits::MODEL).unwrap();
                Reply::json(200, format!(r#"{{"Root":{{"Cid":{{"/":"{}"}},"PinErrorMsg":""}}}}"#, imported.roots[0]))
            }
            _ => Reply::Answer(404, b"404 page not found\n".to_vec()),
        }
    })
    .await;
    suite::keeps_and_gives(&kubo(&server.url)).await;
}

#[tokio::test]
async fn a_credential_does_not_travel_unencrypted() {
    let credentials = Credentials { ipfs_auth: Some(Secret::new("Bearer sesame")), ..Credentials::default() };
    let place = Kubo::open(&"ipfs+http://192.0.2.1:5001".parse().unwrap(), &credentials).unwrap();
    assert!(!format!("{place:?}").contains("(secret)"));
    let place = Kubo::open(&"ipfs+https://192.0.2.1:5001".parse().unwrap(), &credentials).unwrap();
    assert!(format!("{place:?}").contains("(secret)"));
}
