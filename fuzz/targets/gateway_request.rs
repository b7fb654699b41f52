//! Requests to our gateway, of any path, query and headers: an answer, never a server's fault, and what is called a block is one.
#![no_main]

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, Request, StatusCode};
use libfuzzer_sys::fuzz_target;
use modelmark_digest::{Codec, ContentId};
use modelmark_gateway::{Settings, router};
use modelmark_storage::{MemoryStore, Store};
use tower::ServiceExt as _;

const BLOCK: &[u8] = b"{\"name\":\"a model\"}";
/// What decides how a request is answered.
const HEADERS: [&str; 5] = ["accept", "range", "if-none-match", "cache-control", "if-range"];

static GATEWAY: LazyLock<(Router, ContentId)> = LazyLock::new(|| {
    let store = MemoryStore::new();
    let id = store.put(Codec::Raw, BLOCK).expect("memory takes it");
    (router(Arc::new(store), Settings::default()), id)
});

fuzz_target!(|request: (bool, &str, [&[u8]; 5])| {
    let (known, target, headers) = request;
    let (gateway, id) = &*GATEWAY;
    let target = if known { format!("/ipfs/{id}{target}") } else { format!("/{target}") };
    let mut builder = Request::get(target);
    for (name, value) in HEADERS.into_iter().zip(headers).filter(|(_, value)| !value.is_empty()) {
        builder = builder.header(HeaderName::from_static(name), value);
    }
    // What is no URI and no header does not reach a gateway either.
    let Ok(request) = builder.body(Body::empty()) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let answer = gateway.clone().oneshot(request).await.expect("a router does not fail");
        let status = answer.status();
        assert!(!status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED, "{status}");
        let is_block = answer.headers().get("content-type").is_some_and(|kind| kind == "application/vnd.ipld.raw");
        if let Ok(body) = to_bytes(answer.into_body(), 1 << 20).await
            && is_block
            && status == StatusCode::OK
        {
            assert_eq!(body, BLOCK);
        }
    });
});
