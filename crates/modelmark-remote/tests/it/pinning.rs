//! The client of pinning services, over the reference mock of their API and, for the bytes, js-ipfs.

use modelmark_remote::{Address, Credentials, Item, PinState, PinningService, Receipt, Remote as _, RemoteError, Secret};

use crate::foreign::Foreign;
use crate::kubo::patience;
use crate::rpc_server::{Reply, Server};
use crate::suite;

const TOKEN: &str = "sesame";

fn credentials(token: &str) -> Credentials {
    Credentials { pinning_token: Some(Secret::new(token)), ..Credentials::default() }
}

fn open(address: &str) -> PinningService {
    let address: Address = address.parse().unwrap();
    PinningService::open(&address, &credentials(TOKEN)).unwrap().with_patience(patience())
}

/// The mock gives a pin the status that its name begins with.
fn named(item: &Item, name: &str) -> Item {
    Item { name: Some(name.to_owned()), ..item.clone() }
}

#[tokio::test]
async fn pins_are_added_found_again_and_removed() {
    let Some(service) = Foreign::pinning(TOKEN) else { return };
    let (place, fixture) = (open(&format!("pinning+{}", service.url("api"))), suite::fixture());
    assert!(!place.has(&fixture.record.root, None).await.unwrap());

    let queued = place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
    assert_eq!((queued.root, queued.place.as_str()), (fixture.record.root, place.name()));
    assert_eq!(place.state(&queued).await.unwrap(), PinState::Pending("queued".to_owned()));
    assert!(!place.has(&fixture.record.root, None).await.unwrap(), "queued is not pinned");
    let again = place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
    assert_eq!(again.locator, queued.locator, "the pin that is there is found");

    let pinned = place.put(&named(&fixture.model, "pinned-model"), fixture.store.clone(), &()).await.unwrap();
    assert_ne!(pinned.locator, queued.locator);
    assert_eq!(place.state(&pinned).await.unwrap(), PinState::Pinned);
    assert!(place.has(&fixture.model.root, None).await.unwrap());
    let without = Receipt { locator: None, ..pinned.clone() };
    assert_eq!(place.state(&without).await.unwrap(), PinState::Pinned);
    let swapped = Receipt { root: fixture.record.root, ..pinned.clone() };
    assert!(matches!(place.state(&swapped).await, Err(RemoteError::Answer { .. })), "the pin is of something else");

    place.unpin(&pinned).await.unwrap();
    assert_eq!(place.state(&pinned).await.unwrap(), PinState::Absent);
    assert!(!place.has(&fixture.model.root, None).await.unwrap());
    place.unpin(&pinned).await.unwrap();
    assert!(matches!(place.block(&fixture.record.root, None).await, Err(RemoteError::Unable { .. })));
}

#[tokio::test]
async fn a_pin_that_fails_at_once_and_a_wrong_token_are_errors() {
    let Some(service) = Foreign::pinning(TOKEN) else { return };
    let (address, fixture) = (format!("pinning+{}", service.url("api")), suite::fixture());
    let failed = open(&address).put(&named(&fixture.record, "failed-record"), fixture.store.clone(), &()).await;
    assert!(matches!(failed, Err(RemoteError::Refused { .. })), "{failed:?}");
    let stranger = PinningService::open(&address.parse().unwrap(), &credentials("wrong")).unwrap();
    let error = stranger.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Credential { .. }), "{error}");
    assert!(error.to_string().contains("MODELMARK_PINNING_TOKEN") && !error.to_string().contains("wrong"));
}

#[tokio::test]
async fn the_paired_node_has_the_bytes_and_is_the_origin() {
    let (Some(service), Some(node)) = (Foreign::pinning(TOKEN), Foreign::ipfs()) else { return };
    let fixture = suite::fixture();
    let address = format!("pinning+{}?node={}", service.url("api"), node.url("api"));
    let place = open(&address);
    assert!(place.abilities().put);
    assert_eq!(place.name(), address, "a receipt leads back to the node");
    let receipt = place.put(&named(&fixture.model, "pinned-model"), fixture.store.clone(), &()).await.unwrap();
    let kubo =
        modelmark_remote::Kubo::open(&crate::kubo::address(node.url("api")), &Credentials::default()).unwrap().with_patience(patience());
    assert!(kubo.has(&fixture.model.root, None).await.unwrap());

    // The service was told where the node is.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/pins/{}", service.url("api"), receipt.locator.unwrap());
    let told = client.get(url).bearer_auth(TOKEN).send().await.unwrap().bytes().await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["pin"]["origins"], serde_json::json!(kubo.addresses().await.unwrap()));
    assert_eq!(told["pin"]["meta"]["mediaType"], "application/vnd.ipld.car");
}

#[tokio::test]
async fn failures_of_the_api_are_shown_without_control_characters() {
    let server =
        Server::start(|_| Reply::json(409, r#"{"error":{"reason":"INSUFFICIENT_FUNDS","details":"top\u001b[2J up\nfirst"}}"#)).await;
    let (place, fixture) = (open(&format!("pinning+{}/psa", server.url)), suite::fixture());
    let error = place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap_err().to_string();
    assert!(error.ends_with("refused: 409 INSUFFICIENT_FUNDS: top [2J up first"), "{error}");
    let asked = &server.requests()[0];
    assert_eq!((asked.method.as_str(), asked.header("authorization")), ("GET", Some("Bearer sesame")));
    assert!(
        asked.target.starts_with("/psa/pins?cid=baf") && asked.target.ends_with("&status=queued%2Cpinning%2Cpinned"),
        "{}",
        asked.target
    );
}

#[test]
fn a_service_needs_a_token_and_keeps_it_to_itself() {
    let address: Address = "pinning+https://example.org/psa".parse().unwrap();
    assert!(matches!(PinningService::open(&address, &Credentials::default()), Err(RemoteError::Credential { .. })));
    let plain: Address = "pinning+http://192.0.2.1/psa".parse().unwrap();
    assert!(matches!(PinningService::open(&plain, &credentials(TOKEN)), Err(RemoteError::Forbidden { .. })));
    let paired: Address = "pinning+https://example.org/psa?node=ipfs+http://127.0.0.1:5001".parse().unwrap();
    assert!(PinningService::open(&paired, &credentials(TOKEN)).unwrap().abilities().put);
    let nonsense: Address = "pinning+https://example.org/psa?node=nonsense".parse().unwrap();
    assert!(PinningService::open(&nonsense, &credentials(TOKEN)).is_err());
}
