//! What the gateway refuses and survives: limits, denied blocks, clients that stall, requests that make no sense.

use std::time::Duration;

use axum::http::Method;
use modelmark_digest::{Codec, ContentId};
use modelmark_gateway::Settings;
use modelmark_storage::Store as _;
use proptest::prelude::*;

use crate::fixture::{ASCII, Gateway, multiblock};

fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

#[test]
fn each_kind_of_refusal_has_its_status() {
    let gateway = Gateway::new();
    let mixed = gateway.mixed();
    let (root, ascii) = (mixed.root, mixed.ascii);
    let absent = ContentId::raw(b"absent");
    let foreign = gateway.store.put(Codec::DagPb, b"\x0a\x02\x08\x04").unwrap();
    for (uri, status) in [
        ("/ipfs/not-a-cid".to_owned(), 400),
        ("/ipfs/bafyreiaqi3kqiqmjs2c2a6x7hzrfcgvpbgxvqlahknnjgyhvl5b2jq7xja".to_owned(), 400),
        (format!("/ipfs/{absent}"), 404),
        (format!("/ipfs/{absent}?format=raw"), 404),
        (format!("/ipfs/{absent}?format=car"), 404),
        (format!("/ipfs/{absent}?format=car&dag-scope=block"), 404),
        (format!("/ipfs/{absent}/a"), 404),
        (format!("/ipfs/{root}/nowhere"), 404),
        (format!("/ipfs/{ascii}/below-a-file"), 404),
        ("/ipfs/bafkqaaa/below".to_owned(), 404),
        (format!("/ipfs/{root}/?format=dag-json"), 501),
        (format!("/ipfs/{root}/"), 501),
        (format!("/ipfs/{root}?format=ipns-record"), 400),
        (format!("/ipfs/{root}?format=car&dag-scope=much"), 400),
        (format!("/ipfs/{ascii}?format=car&entity-bytes=31:*"), 400),
        (format!("/ipfs/{ascii}?format=car&entity-bytes=1"), 400),
        (format!("/ipfs/{foreign}?format=raw"), 200),
        (format!("/ipfs/{foreign}?format=car&dag-scope=block"), 200),
        (format!("/ipfs/{foreign}?format=car"), 501),
        (format!("/ipfs/{foreign}"), 501),
        ("/ipns/example.org".to_owned(), 501),
        ("/elsewhere".to_owned(), 404),
    ] {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(gateway.ask(method.clone(), &uri, &[]).status, status, "{method} {uri}");
        }
    }
    let refused = gateway.get(format!("/ipfs/{ascii}"), &[("Range", "bytes=31-")]);
    assert_eq!((refused.status, refused.header("content-range")), (416, "bytes */31"));
    let refused = gateway.ask(Method::POST, &format!("/ipfs/{ascii}"), &[]);
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD, OPTIONS"));
    let worker = gateway.get(format!("/ipfs/{ascii}"), &[("Service-Worker", "script")]);
    assert_eq!(worker.status, 400);
    assert_eq!(gateway.get(format!("/ipfs/{ascii}"), &[("Accept", "application/x-tar")]).status, 406);
}

#[test]
fn heads_are_those_of_the_answers_without_them() {
    let gateway = Gateway::new();
    let mixed = gateway.mixed();
    for path in [
        format!("/ipfs/{}?format=raw", mixed.ascii),
        format!("/ipfs/{}?format=car", mixed.root),
        format!("/ipfs/{}", mixed.multiblock),
        format!("/ipfs/{}", mixed.root),
    ] {
        let (head, whole) = (gateway.ask(Method::HEAD, &path, &[]), gateway.get(&path, &[]));
        assert_eq!((head.status, &head.headers), (whole.status, &whole.headers), "{path}");
        assert!(head.body().is_empty());
    }
    let head = gateway.ask(Method::HEAD, &format!("/ipfs/{}", mixed.multiblock), &[]);
    assert_eq!(head.header("content-length"), "1026");
}

#[test]
fn a_part_is_joined_only_with_what_it_belongs_to() {
    let gateway = Gateway::new();
    let ascii = gateway.mixed().ascii;
    let ask = |tag: &str| gateway.get(format!("/ipfs/{ascii}"), &[("Range", "bytes=0-4"), ("If-Range", tag)]).status;
    assert_eq!((ask(&format!("\"{ascii}\"")), ask("\"other\""), ask(&format!("W/\"{ascii}\""))), (206, 200, 200));
}

#[test]
fn denied_blocks_are_gone_and_in_no_stream() {
    let model = Gateway::new().mixed();
    let gateway = Gateway::with(settings(|settings| settings.denied.extend([model.multiblock.digest(), model.leaves[0].digest()])));
    let model = gateway.mixed();
    for path in [format!("{}", model.multiblock), format!("{}/subdir/multiblock.txt", model.root), format!("{}", model.leaves[0])] {
        for query in ["", "?format=raw", "?format=car"] {
            assert_eq!(gateway.get(format!("/ipfs/{path}{query}"), &[]).status, 410, "{path}{query}");
        }
        assert_eq!(gateway.get(format!("/ipfs/{path}"), &[("Cache-Control", "only-if-cached")]).status, 410);
    }
    assert_eq!(gateway.get(format!("/ipfs/{}/subdir/ascii.txt", model.root), &[]).body(), ASCII);
    let stream = gateway.get(format!("/ipfs/{}?format=car", model.root), &[]);
    assert!(stream.status == 200 && stream.whole.is_none(), "broken off where the denied block would come");
}

#[test]
fn a_stream_ends_at_the_limit_of_its_blocks() {
    let gateway = Gateway::with(settings(|settings| settings.blocks = 6));
    let model = gateway.mixed();
    assert_eq!(gateway.get(format!("/ipfs/{}?format=car", model.multiblock), &[]).blocks().len(), 6);
    assert!(gateway.get(format!("/ipfs/{}?format=car", model.root), &[]).whole.is_none());
}

#[test]
fn who_comes_on_top_is_told_to_come_back_and_who_stalls_loses_the_place() {
    let gateway = Gateway::with(settings(|settings| {
        settings.answers = 1;
        settings.patience = Duration::from_millis(300);
    }));
    // More than the pieces that may wait for a client.
    let large = gateway.file(&vec![7; 4 << 20], 256 << 10, &[]).cid;
    let small = gateway.raw(b"small").cid;
    let held = gateway.runtime.block_on(async {
        let request = axum::http::Request::get(format!("/ipfs/{large}")).body(axum::body::Body::empty()).unwrap();
        tower::ServiceExt::oneshot(gateway.router.clone(), request).await.unwrap()
    });
    assert_eq!(held.status().as_u16(), 200);
    let busy = gateway.get(format!("/ipfs/{small}"), &[]);
    assert_eq!((busy.status, busy.header("retry-after")), (503, "1"));
    // The place is given up by the one who writes, whether or not the client ever reads on.
    let mut tries = 0;
    while gateway.get(format!("/ipfs/{small}"), &[]).status == 503 {
        std::thread::sleep(Duration::from_millis(50));
        tries += 1;
        assert!(tries < 200, "it never became free");
    }
    let body = gateway.runtime.block_on(axum::body::to_bytes(held.into_body(), 64 << 20));
    assert!(body.map_or(true, |body| body.len() < 4 << 20), "what was broken off is not taken for whole");
}

#[test]
fn large_files_are_whole_and_any_part_of_them_is_right() {
    let gateway = Gateway::new();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let file = gateway.file(&bytes, 256 << 10, &[]).cid;
    let whole = gateway.get(format!("/ipfs/{file}"), &[]);
    assert!(whole.body() == bytes && whole.header("content-type") == "application/octet-stream");
    for (from, to) in [(0, 0), (262_143, 262_144), (1_000_000, 2_999_999), (2_999_999, 2_999_999)] {
        let part = gateway.get(format!("/ipfs/{file}"), &[("Range", &format!("bytes={from}-{to}"))]);
        assert!(part.status == 206 && part.body() == &bytes[from..=to], "{from} {to}");
    }
}

#[test]
fn pages_of_strangers_are_boxed_in() {
    let gateway = Gateway::new();
    let root = gateway.folder(&[("a.html", gateway.raw(b"<script>")), ("b.svg", gateway.raw(b"<svg/>")), ("c.txt", gateway.raw(b"c"))]);
    let policy = |name: &str| gateway.get(format!("/ipfs/{root}/{name}"), &[]).header("content-security-policy").to_owned();
    assert_eq!((policy("a.html").as_str(), policy("b.svg").as_str(), policy("c.txt").as_str()), ("sandbox", "sandbox", ""));
    let renamed = gateway.get(format!("/ipfs/{root}/c.txt?filename=x.html"), &[]);
    assert_eq!(renamed.header("content-security-policy"), "sandbox");
    let named = gateway.get(format!("/ipfs/{root}/c.txt?filename=%22%0d%0aX%3a%20y&download=true"), &[]);
    assert_eq!(named.header("content-disposition"), "attachment; filename=\"___X: y\"; filename*=UTF-8''%22%0D%0AX%3A%20y");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_request_breaks_it(
        path in "[a-zA-Z0-9/%._~-]{0,60}", query in "[a-z0-9=&:*%-]{0,60}", range in "[ -~]{0,20}", accept in "[ -~]{0,40}", below: bool,
    ) {
        let gateway = Gateway::new();
        let root = gateway.mixed().root;
        let uri = if below { format!("/ipfs/{root}/{path}?{query}") } else { format!("/ipfs/{path}?{query}") };
        let answer = gateway.get(&uri, &[("Range", &range), ("Accept", &accept), ("If-None-Match", &range), ("Cache-Control", &accept)]);
        prop_assert_ne!(answer.status, 500);
    }

    #[test]
    fn a_stream_of_a_range_holds_the_range(from in -1_200_i64..1_200, to in -1_200_i64..1_200) {
        let gateway = Gateway::new();
        let file = gateway.mixed().multiblock;
        let answer = gateway.get(format!("/ipfs/{file}?format=car&entity-bytes={from}:{to}"), &[]);
        let at = |position: i64| if position < 0 { 1026 + position } else { position };
        let (first, last) = (at(from).max(0), at(to).min(1025));
        if first > 1025 {
            prop_assert_eq!(answer.status, 400);
        } else {
            let light = Gateway::new();
            modelmark_storage::car::import(&*light.store, answer.body(), modelmark_storage::car::Limits::RECORD).unwrap();
            if first <= last {
                let part = light.get(format!("/ipfs/{file}"), &[("Range", &format!("bytes={first}-{last}"))]);
                prop_assert_eq!(part.body(), &multiblock()[first as usize..=last as usize]);
            } else {
                prop_assert_eq!(answer.blocks(), [file]);
            }
        }
    }
}
