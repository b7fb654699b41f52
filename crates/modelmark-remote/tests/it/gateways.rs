//! Gateways over real sockets: an honest one, and all that others do. Each is read alone, which fails with the right error, and beside an honest one, which
//! succeeds.
#![expect(clippy::indexing_slicing, clippy::panic, reason = "a panic is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use modelmark_digest::ContentId;
use modelmark_remote::{Gateway, Limits, Reader, Receipt, Remote, RemoteError, Stats, Want};
use modelmark_storage::MemoryStore;

use crate::reads::{Collect, LIMITS, file, leaves};
use crate::server::{CAR, RAW, Request, Server, Step, answer, honest, honest_bytes};
use crate::suite;

fn gateway(server: &Server) -> Arc<dyn Remote> {
    Arc::new(Gateway::open(&server.url().parse().unwrap()).unwrap())
}

async fn read(servers: &[&Server], root: ContentId) -> Result<(Vec<u8>, Stats), RemoteError> {
    let mut sink = Collect::default();
    let reader = Reader::new(servers.iter().map(|server| gateway(server)).collect(), LIMITS);
    let stats = reader.blocks(&Want { root, range: None }, &mut sink).await?;
    Ok((sink.bytes(), stats))
}

struct Outcome {
    /// Reading the file from the faulty gateway alone.
    alone: RemoteError,
    /// Reading one leaf from it alone.
    leaf: RemoteError,
    /// What came of reading the file from both, the faulty one first.
    stats: Stats,
}

/// Reads a file from a gateway with a fault. `fault` gets the request and what an honest gateway would send.
async fn faulty(fault: impl Fn(&Request, Vec<u8>) -> Vec<Step> + Send + Sync + 'static) -> Outcome {
    let leaves = leaves(250);
    let (store, root) = file(&leaves);
    let (kept, honest_store) = (store.clone(), store.clone());
    let bad = Server::start(move |request| match honest_bytes(kept.as_ref(), request) {
        Some((_, bytes)) => fault(request, bytes),
        None => answer("404 Not Found", &[], b""),
    })
    .await;
    let good = Server::start(move |request| honest(honest_store.as_ref(), request)).await;
    let (bytes, stats) = read(&[&bad, &good], root).await.unwrap();
    assert_eq!(bytes, leaves.concat());
    let alone = read(&[&bad], root).await.map(|_| ()).unwrap_err();
    let leaf = Reader::new(vec![gateway(&bad)], LIMITS).block(&ContentId::raw(&leaves[7])).await.unwrap_err();
    Outcome { alone, leaf, stats }
}

fn typed(request: &Request) -> &'static str {
    if request.is_car() { CAR } else { RAW }
}

#[tokio::test]
async fn an_honest_gateway_gives_blocks_cars_and_what_is_missing() {
    let (fixture, copy) = (suite::fixture(), Arc::new(MemoryStore::new()));
    for item in [&fixture.record, &fixture.model] {
        let mut car = Vec::new();
        modelmark_storage::car::export(fixture.store.as_ref(), &[item.root], &mut car).unwrap();
        modelmark_storage::car::import(copy.as_ref(), car.as_slice(), modelmark_storage::car::Limits::MODEL).unwrap();
    }
    let server = Server::start(move |request| honest(copy.as_ref(), request)).await;
    let place = gateway(&server);
    suite::absent(place.as_ref()).await;
    assert!(place.has(&fixture.model.root, None).await.unwrap());
    let receipt = Receipt::now(fixture.model.root, place.name(), 0);
    assert_eq!(place.state(&receipt).await.unwrap(), modelmark_remote::PinState::Unknown);
    assert!(matches!(place.put(&fixture.record, fixture.store.clone(), &()).await, Err(RemoteError::Unable { .. })));
    let (_, stats) = read(&[&server], fixture.model.root).await.unwrap();
    assert!(stats.bytes > 1_500_000);
    assert!(server.requests() < 10, "by CAR, not block by block");
}

#[tokio::test]
async fn the_request_is_that_of_the_specification() {
    let (store, root) = file(&leaves(3));
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = seen.clone();
    let server = Server::start(move |request| {
        log.lock().unwrap().push(request.head.to_lowercase());
        honest(store.as_ref(), request)
    })
    .await;
    let place = Gateway::open(&format!("{}/under/a/path/", server.url()).parse().unwrap()).unwrap();
    let range = Want { root, range: Some(100..200) };
    assert!(place.car(&range, None).await.unwrap().is_none(), "the server has nothing under that path");
    let open = Want { root, range: Some(5..u64::MAX) };
    let _ = gateway(&server).car(&open, None).await.unwrap().unwrap();
    let _ = gateway(&server).car(&Want { root, range: None }, None).await.unwrap().unwrap();
    gateway(&server).block(&root, None).await.unwrap().unwrap();
    let seen = seen.lock().unwrap().clone();
    assert!(seen[0].starts_with(&format!("get /under/a/path/ipfs/{root}?format=car&dag-scope=entity&entity-bytes=100%3a199 ")), "{seen:?}");
    assert!(seen[0].contains("accept: application/vnd.ipld.car; version=1; order=dfs; dups=n"));
    assert!(seen[1].starts_with(&format!("get /ipfs/{root}?format=car&dag-scope=entity&entity-bytes=5%3a* ")), "{seen:?}");
    assert!(seen[2].starts_with(&format!("get /ipfs/{root}?format=car&dag-scope=all ")));
    assert!(seen[3].starts_with(&format!("get /ipfs/{root}?format=raw ")) && seen[3].contains("accept: application/vnd.ipld.raw"));
}

#[test]
fn a_gateway_is_named_by_a_host_alone() {
    for wrong in ["ftp://example.org", "https://example.org/?token=x", "https://example.org/#x"] {
        assert!(Gateway::open(&wrong.parse().unwrap()).is_err(), "{wrong}");
    }
    for public in modelmark_remote::PUBLIC_GATEWAYS {
        assert_eq!(Gateway::open(&public.parse().unwrap()).unwrap().name(), public);
    }
}

#[tokio::test]
async fn one_that_hangs_is_not_waited_for() {
    let outcome = faulty(|_, _| vec![Step::Wait(Duration::from_secs(60))]).await;
    assert!(matches!(outcome.alone, RemoteError::Timeout { .. }), "{}", outcome.alone);
    assert!(matches!(outcome.leaf, RemoteError::Timeout { .. }), "{}", outcome.leaf);
    assert_eq!(outcome.stats.places[0].blocks, 0);
}

#[tokio::test]
async fn one_that_trickles_is_dropped() {
    let trickle = |request: &Request, bytes: Vec<u8>| {
        let mut steps = answer("200 OK", &[typed(request), "content-length: 1000000"], &[]);
        steps.extend(bytes.into_iter().flat_map(|byte| [Step::Send(vec![byte]), Step::Wait(Duration::from_millis(20))]));
        steps
    };
    let outcome = faulty(trickle).await;
    assert!(matches!(outcome.alone, RemoteError::Timeout { .. }), "{}", outcome.alone);
    assert!(matches!(outcome.leaf, RemoteError::Timeout { .. }), "{}", outcome.leaf);
}

#[tokio::test]
async fn one_that_sends_other_bytes_is_dismissed() {
    let other = |request: &Request, mut bytes: Vec<u8>| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        answer("200 OK", &[typed(request)], &bytes)
    };
    let outcome = faulty(other).await;
    assert!(matches!(outcome.alone, RemoteError::Lie { .. }), "{}", outcome.alone);
    assert!(matches!(outcome.leaf, RemoteError::Lie { .. }), "{}", outcome.leaf);
    let named = outcome.stats.places[0].dismissed.as_ref().unwrap();
    assert!(named.contains("sent other bytes for"), "{named}");
    assert_eq!(outcome.stats.places[1].dismissed, None);
}

#[tokio::test]
async fn one_that_sends_without_end_is_dismissed() {
    let endless = |request: &Request, bytes: Vec<u8>| {
        let bytes = if request.is_car() { bytes[..200].to_vec() } else { bytes };
        let mut steps = answer("200 OK", &[typed(request), "content-length: 1000000000000"], &bytes);
        steps.push(Step::Endless(vec![b'A'; 64 << 10], Duration::ZERO));
        steps
    };
    let outcome = faulty(endless).await;
    assert!(matches!(outcome.leaf, RemoteError::TooLarge { .. }), "{}", outcome.leaf);
    assert!(matches!(outcome.alone, RemoteError::Answer { .. } | RemoteError::Lie { .. }), "{}", outcome.alone);
    assert!(outcome.stats.places[0].dismissed.is_some());
}

#[tokio::test]
async fn without_a_length_endless_bytes_end_too() {
    let endless = |request: &Request, _: Vec<u8>| {
        let mut steps = answer("200 OK", &[typed(request), "transfer-encoding: chunked"], &[]);
        steps.push(Step::Endless([b"10000\r\n".as_slice(), &vec![b'A'; 65_536], b"\r\n"].concat(), Duration::ZERO));
        steps
    };
    let outcome = faulty(endless).await;
    assert!(matches!(outcome.leaf, RemoteError::TooLarge { .. }), "{}", outcome.leaf);
    assert!(matches!(outcome.alone, RemoteError::Answer { .. }), "{}", outcome.alone);
}

#[tokio::test]
async fn one_that_sends_elsewhere_is_not_followed() {
    let (store, _) = file(&leaves(2));
    let target = Server::start(move |request| honest(store.as_ref(), request)).await;
    let url = format!("location: {}/ipfs/x?secret=1", target.url());
    let outcome = faulty(move |_, _| answer("301 Moved Permanently", &[&url], &[])).await;
    let shown = outcome.alone.to_string();
    assert!(matches!(outcome.alone, RemoteError::Refused { status: 301, .. }), "{shown}");
    assert!(shown.contains("not followed") && !shown.contains("secret"), "{shown}");
    assert_eq!(target.requests(), 0);
}

#[tokio::test]
async fn one_that_asks_to_wait_is_left_alone_for_as_long() {
    let outcome = faulty(|_, _| answer("429 Too Many Requests", &["retry-after: 3600"], &[])).await;
    assert!(matches!(outcome.alone, RemoteError::Busy { seconds: Some(3500..=3600), .. }), "{}", outcome.alone);
    assert!(matches!(outcome.leaf, RemoteError::Busy { .. }), "{}", outcome.leaf);
}

#[tokio::test]
async fn whoever_waits_as_asked_is_served() {
    let (store, root) = file(&leaves(2));
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            return answer("429 Too Many Requests", &["retry-after: 1"], &[]);
        }
        honest(store.as_ref(), request)
    })
    .await;
    let start = std::time::Instant::now();
    assert_eq!(Reader::new(vec![gateway(&server)], LIMITS).block(&root).await.unwrap().id(), root);
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn one_that_breaks_off_is_gone_on_with_elsewhere() {
    let broken = |request: &Request, bytes: Vec<u8>| {
        let length = format!("content-length: {}", bytes.len());
        answer("200 OK", &[typed(request), &length], &bytes[..bytes.len() * 99 / 100])
    };
    let outcome = faulty(broken).await;
    assert!(matches!(outcome.alone, RemoteError::Unreachable { .. }), "{}", outcome.alone);
    assert!(matches!(outcome.leaf, RemoteError::Unreachable { .. }), "{}", outcome.leaf);
    let [first, second] = outcome.stats.places.as_slice() else { panic!("two places") };
    assert!(first.blocks > 200 && second.blocks < 10, "it goes on where it was: {first:?} {second:?}");
    assert_eq!(first.dismissed, None, "to break off is no lie");
}

#[tokio::test]
async fn one_that_lies_about_a_part_is_dismissed_at_that_part() {
    let partly = |request: &Request, mut bytes: Vec<u8>| {
        let half = bytes.len() / 2;
        bytes[half..].fill(b'x');
        answer("200 OK", &[typed(request)], &bytes)
    };
    let outcome = faulty(partly).await;
    assert!(matches!(outcome.alone, RemoteError::Lie { .. }), "{}", outcome.alone);
    let [first, second] = outcome.stats.places.as_slice() else { panic!("two places") };
    assert!(first.blocks > 100 && second.blocks > 100 && first.dismissed.is_some(), "{first:?} {second:?}");
}

#[tokio::test]
async fn a_wrong_length_is_noticed() {
    let shorter = |request: &Request, bytes: Vec<u8>| {
        let length = format!("content-length: {}", bytes.len() - 1);
        answer("200 OK", &[typed(request), &length], &bytes)
    };
    let outcome = faulty(shorter).await;
    assert!(matches!(outcome.leaf, RemoteError::Lie { .. }), "{}", outcome.leaf);
    assert!(matches!(outcome.alone, RemoteError::Lie { .. }), "{}", outcome.alone);
    let (store, root) = file(&leaves(3));
    let longer = Server::start(move |request| {
        let (media_type, bytes) = honest_bytes(store.as_ref(), request).unwrap();
        let length = format!("content-length: {}", bytes.len() + 1);
        answer("200 OK", &[media_type, &length], &bytes)
    })
    .await;
    assert!(matches!(Reader::new(vec![gateway(&longer)], LIMITS).block(&root).await, Err(RemoteError::Unreachable { .. })));
    assert_eq!(read(&[&longer], root).await.unwrap().0, leaves(3).concat(), "nothing is missing, whatever comes after it");
}

#[tokio::test]
async fn what_is_no_car_is_not_read_as_one() {
    for car in [vec![1, 0xa0], vec![0xff; 100], vec![0xff, 0xff, 0xff, 0x01], b"<html>".repeat(20), vec![0]] {
        let outcome = faulty(move |request, bytes| {
            // Its blocks are wrong too, or it would be read block by block in the end.
            let body = if request.is_car() { car.clone() } else { bytes[1..].to_vec() };
            answer("200 OK", &[typed(request)], &body)
        })
        .await;
        assert!(matches!(outcome.alone, RemoteError::Answer { .. }), "{}", outcome.alone);
        assert!(outcome.stats.places[0].dismissed.as_ref().unwrap().contains("no usable answer"));
    }
}

#[tokio::test]
async fn a_gateway_without_cars_is_read_block_by_block() {
    let leaves = leaves(250);
    let (store, root) = file(&leaves);
    for refusal in ["400 Bad Request", "406 Not Acceptable", "501 Not Implemented"] {
        let store = store.clone();
        let server = Server::start(
            move |request| {
                if request.is_car() { answer(refusal, &[], b"no CAR here") } else { honest(store.as_ref(), request) }
            },
        )
        .await;
        let (bytes, stats) = read(&[&server], root).await.unwrap();
        assert_eq!(bytes, leaves.concat());
        assert_eq!(stats.places[0].blocks, 250 + 3);
    }
}

#[tokio::test]
async fn a_web_page_is_no_block() {
    let outcome = faulty(|_, _| answer("200 OK", &["content-type: text/html; charset=utf-8"], b"<p>Buy a domain")).await;
    assert!(matches!(outcome.leaf, RemoteError::Answer { .. }), "{}", outcome.leaf);
    assert!(outcome.leaf.to_string().contains("no trustless gateway"));
}

#[tokio::test]
async fn whoever_lied_is_not_asked_again() {
    let leaves = leaves(3);
    let (store, root) = file(&leaves);
    let good = Server::start(move |request| honest(store.as_ref(), request)).await;
    let bad = Server::start(|request| answer("200 OK", &[typed(request)], b"lies")).await;
    let reader = Reader::new(vec![gateway(&bad), gateway(&good)], LIMITS);
    for leaf in &leaves {
        reader.block(&ContentId::raw(leaf)).await.unwrap();
    }
    reader.blocks(&Want { root, range: None }, &mut Collect::default()).await.unwrap();
    assert_eq!(bad.requests(), 1);
}

#[tokio::test]
async fn a_read_ends_when_its_time_is_over() {
    let (store, root) = file(&leaves(2));
    let server = Server::start(move |request| {
        let mut steps = vec![Step::Wait(Duration::from_millis(200))];
        steps.extend(honest(store.as_ref(), request));
        steps
    })
    .await;
    let limits = Limits { time: Duration::from_millis(100), ..LIMITS };
    let outcome = Reader::new(vec![gateway(&server)], limits).block(&root).await;
    assert!(matches!(outcome, Err(RemoteError::Limit { what: "seconds", .. })));
}
