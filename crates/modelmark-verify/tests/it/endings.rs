//! A verification ends, whatever chain and places do and whatever breaks: what was not seen could not be looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{RequestPacket, ResponsePacket};
use alloy::transports::{TransportError, TransportFut};
use modelmark_chain::{AddressBook, Chain, Deployment, Registry, Wallet};
use modelmark_devnet::{Config, Devnet};
use modelmark_digest::Observer;
use modelmark_record::Account;
use modelmark_storage::MemoryStore;
use modelmark_verify::{Code, Look, Policy, Sources, Status, Verdict, verify};
use tower::Service;

use crate::fixture::{Published, publish};

/// A chain that answers until it does not any more.
#[derive(Clone)]
struct Endpoint {
    devnet: Devnet,
    hangs: Arc<AtomicBool>,
}

impl Service<RequestPacket> for Endpoint {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> TransportFut<'static> {
        if self.hangs.load(Ordering::SeqCst) { Box::pin(std::future::pending()) } else { self.devnet.call(packet) }
    }
}

struct World {
    registry: Registry,
    hangs: Arc<AtomicBool>,
    published: Published,
    token: modelmark_chain::TokenRef,
    model: tempfile::TempDir,
    book: AddressBook,
    store: MemoryStore,
}

impl World {
    async fn new(seed: &str) -> Self {
        let hangs = Arc::new(AtomicBool::new(false));
        let endpoint = Endpoint { devnet: Devnet::in_memory(Config::default()).unwrap(), hangs: Arc::clone(&hangs) };
        let chain = Chain::over(RpcClient::new(endpoint, true), "devnet", None).await.unwrap();
        let deployer = Wallet::development(chain.id(), 9).unwrap();
        modelmark_chain::deploy(&chain, &deployer, &Deployment::Canonical).await.unwrap();
        let (registry, published) = (Registry::canonical(&chain), publish(seed, 0));
        let plan = registry.plan_mint(&published.wallet, published.wallet.address(), &published.input()).await.unwrap();
        let token = plan.execute(&published.wallet).await.unwrap().token;
        let model = modelmark_testkit::model::small(seed).unwrap();
        Self { registry, hangs, published, token, model, book: AddressBook::default(), store: MemoryStore::new() }
    }

    fn sources(&self) -> Sources<'_> {
        let bytes = self.published.record.bytes().to_vec();
        Sources {
            path: Some(self.model.path()),
            record: Some(modelmark_verify::RecordBytes { bytes, source: "memory".to_owned() }),
            token: Some(self.token),
            ..Sources::new(Ok(&self.registry), &self.book, &self.store)
        }
    }
}

#[tokio::test]
async fn a_chain_that_hangs_costs_the_deadline_and_the_files_are_judged_all_the_same() {
    let world = World::new("hangs").await;
    world.hangs.store(true, Ordering::SeqCst);
    for token in [None, Some(world.token)] {
        let sources = Sources { token, deadline: Duration::from_millis(200), ..world.sources() };
        let report = verify(sources, &Policy::default()).await.unwrap();
        let exists = report.check(Code::TokenExists).unwrap();
        assert_eq!((report.verdict, exists.status), (Verdict::CouldNotLook, Status::Unknown), "{report:#?}");
        assert!(exists.message.contains("0.2 seconds"), "{report:#?}");
        assert_eq!(report.check(Code::ModelFiles).map(|check| check.status), Some(Status::Pass));
    }
    std::fs::write(world.model.path().join("config.json"), "other").unwrap();
    let sources = Sources { deadline: Duration::from_millis(200), ..world.sources() };
    assert_eq!(verify(sources, &Policy::default()).await.unwrap().verdict, Verdict::DoesNotVerify);
}

/// Lets the chain hang once the files are read.
struct Cut(Arc<AtomicBool>);

impl Observer for Cut {
    fn file(&self, _: &modelmark_digest::FileEntry) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_the_chain_has_not_said_when_it_falls_silent_is_no_pass() {
    let world = World::new("silent").await;
    // The token is found by the files, so that the chain is asked after they are read.
    let sources =
        Sources { token: None, observer: Arc::new(Cut(Arc::clone(&world.hangs))), deadline: Duration::from_millis(200), ..world.sources() };
    assert_eq!(verify(sources, &Policy::default()).await.unwrap().verdict, Verdict::CouldNotLook);
}

struct Broken;

impl Observer for Broken {
    #[expect(clippy::panic, reason = "what it is for")]
    fn advanced(&self, _: u64) {
        panic!("the bar broke");
    }
}

#[tokio::test]
async fn a_panic_while_the_files_are_read_is_no_pass_and_no_crash() {
    let world = World::new("panic").await;
    for token in [None, Some(world.token)] {
        let sources = Sources { token, observer: Arc::new(Broken), ..world.sources() };
        let report = verify(sources, &Policy::default()).await.unwrap();
        let files = report.check(Code::ModelFiles).unwrap();
        assert_eq!((report.verdict, files.status), (Verdict::CouldNotLook, Status::Unknown), "{report:#?}");
        assert!(files.message.contains("a fault of this program"), "{report:#?}");
    }
}

#[tokio::test]
async fn two_looks_at_the_same_world_report_the_same() {
    let world = World::new("twice").await;
    for token in [None, Some(world.token)] {
        let look = || async { verify(Sources { token, ..world.sources() }, &Policy::default()).await.unwrap() };
        let (first, second) = tokio::join!(look(), look());
        assert_eq!(first, second);
        assert_eq!(first.verdict, Verdict::Verified, "{first:#?}");
    }
}

#[tokio::test]
async fn without_files_the_record_is_verified_and_no_model() {
    let world = World::new("no files").await;
    for token in [None, Some(world.token)] {
        let weights = Some(world.published.manifest.weights.cid);
        let report = verify(Sources { path: None, token, weights, ..world.sources() }, &Policy::default()).await.unwrap();
        assert_eq!(report.verdict, Verdict::RecordVerified, "{report:#?}");
        assert_eq!(report.token, Some(world.token.to_string()));
    }
    let weights = Some(world.published.manifest.weights.cid);
    let by_weights = Sources { path: None, token: None, record: None, weights, ..world.sources() };
    let report = verify(by_weights, &Policy::default()).await.unwrap();
    assert_eq!((report.verdict, report.token), (Verdict::CouldNotLook, Some(world.token.to_string())), "nobody has the record");
    let nothing = Sources { path: None, token: None, record: None, ..world.sources() };
    let report = verify(nothing, &Policy::default()).await.unwrap();
    assert_eq!(report.verdict, Verdict::CouldNotLook);
    let strangers = publish("another", 0).record.bytes().to_vec();
    let swapped = Look::Found(modelmark_verify::RecordBytes { bytes: strangers, source: "memory".to_owned() });
    let report = verify(Sources { path: None, record: swapped.found().cloned(), ..world.sources() }, &Policy::default()).await.unwrap();
    assert_eq!(report.verdict, Verdict::DoesNotVerify, "{report:#?}");
}

#[tokio::test]
async fn what_fails_first_ends_it_before_a_byte_is_read() {
    let world = World::new("first").await;
    let early = || Sources { fail_fast: true, observer: Arc::new(Broken), ..world.sources() };
    let stranger = Policy { creators: vec![Account::from(modelmark_chain::Address::repeat_byte(7))], ..Policy::default() };
    let report = verify(early(), &stranger).await.unwrap();
    let files = report.check(Code::ModelFiles).unwrap();
    assert_eq!((report.verdict, files.status), (Verdict::PolicyRefused, Status::Skipped), "{report:#?}");
    assert!(files.message.contains("failed first"), "{report:#?}");
    // The bar that breaks tells that bytes are read when nothing fails before.
    assert_eq!(verify(early(), &Policy::default()).await.unwrap().verdict, Verdict::CouldNotLook);

    let config = world.model.path().join("config.json");
    let bytes = std::fs::read(&config).unwrap();
    std::fs::write(&config, [bytes.as_slice(), b" "].concat()).unwrap();
    let report = verify(early(), &Policy::default()).await.unwrap();
    let files = report.check(Code::ModelFiles).unwrap();
    assert_eq!((report.verdict, files.status), (Verdict::DoesNotVerify, Status::Fail), "{report:#?}");
    assert!(files.message.contains("config.json has"), "{report:#?}");
    std::fs::write(&config, vec![b' '; bytes.len()]).unwrap();
    let read = Sources { observer: Arc::new(()), ..early() };
    let report = verify(read.clone(), &Policy::default()).await.unwrap();
    assert_eq!((report.verdict, report.cid.is_some()), (Verdict::DoesNotVerify, true), "{report:#?}");
    std::fs::write(&config, bytes).unwrap();
    assert_eq!(verify(read, &Policy::default()).await.unwrap().verdict, Verdict::Verified);
}
