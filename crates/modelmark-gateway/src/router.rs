//! The router: what is a request for content, who may have an answer now, and how it is sent.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ALLOW, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use modelmark_storage::{StorageError, Store};
use tokio::sync::{Semaphore, oneshot};

use crate::answer::{Answer, Ask, Content, answer};
use crate::headers;
use crate::negotiate::{Query, choose};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::source::Source;
use crate::stream;
use crate::target::Target;

/// Returns the routes `/ipfs/` and `/ipns/` over `store`, to be served or mounted.
pub fn router(store: Arc<dyn Store>, settings: Settings) -> Router {
    let slots = Arc::new(Semaphore::new(settings.answers));
    let gateway = Arc::new(Gateway { store, slots, settings });
    Router::new().route("/ipfs/{*path}", any(ipfs)).route("/ipns/{*path}", any(ipns)).with_state(gateway)
}

struct Gateway {
    store: Arc<dyn Store>,
    slots: Arc<Semaphore>,
    settings: Settings,
}

impl Gateway {
    fn source(&self) -> Source<'_> {
        Source { store: &*self.store, denied: &self.settings.denied }
    }
}

async fn ipfs(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response {
    let (head, _) = request.into_parts();
    let mut response = match head.method {
        Method::GET | Method::HEAD => serve(gateway, head).await.unwrap_or_else(IntoResponse::into_response),
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => {
            let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "content can be read here, and nothing else");
            let mut response = refusal.into_response();
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
            response
        }
    };
    headers::add_common(response.headers_mut());
    response
}

async fn ipns() -> Response {
    let mut response = Refusal::not_implemented("names are not resolved here; ask for a CID under /ipfs/").into_response();
    headers::add_common(response.headers_mut());
    response
}

async fn serve(gateway: Arc<Gateway>, request: Parts) -> Result<Response, Refusal> {
    let path = request.uri.path().strip_prefix("/ipfs/").unwrap_or_default();
    let target = Target::parse(path, gateway.settings.names)?;
    let query = Query::parse(request.uri.query());
    let chosen = choose(&query, &request.headers)?;
    let only_head = request.method == Method::HEAD;
    let ask = Ask { target, query, chosen, headers: request.headers, blocks: gateway.settings.blocks };
    let slot = gateway.slots.clone().try_acquire_owned().map_err(|_| Refusal::busy())?;
    let (told, head) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        // Held by who reads the store and not by who reads the answer: a client that stalls loses it with its answer.
        let _slot = slot;
        work(&gateway, &ask, only_head, told);
    });
    // The sender is dropped without a word only when the thread died.
    head.await.unwrap_or_else(|_| Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made")))
}

/// Makes an answer, sends its head, and then writes what follows.
fn work(gateway: &Gateway, ask: &Ask, only_head: bool, told: oneshot::Sender<Result<Response, Refusal>>) {
    let source = gateway.source();
    // When nobody listens any more there is nothing to do.
    let (content, headers, status) = match answer(&source, ask) {
        Err(refusal) => return drop(told.send(Err(refusal))),
        Ok(Answer { content, headers, status }) => (content, headers, status),
    };
    if only_head || status == StatusCode::NOT_MODIFIED {
        return drop(told.send(Ok(response(status, headers, stream::nothing()))));
    }
    if let Content::Bytes(bytes) = content {
        return drop(told.send(Ok(response(status, headers, bytes.into()))));
    }
    let (mut writer, body) = stream::body(gateway.settings.patience);
    if told.send(Ok(response(status, headers, body))).is_ok()
        && let Err(error) = content.write(&source, &mut writer)
    {
        writer.abort(match error {
            StorageError::Output(error) => error,
            // What it was stays here: the client sees that the answer is not whole.
            _ => io::Error::other("the answer cannot be completed"),
        });
    }
}

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = response(self.status, HeaderMap::new(), format!("{}\n", self.reason).into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.extend(self.size.and_then(|size| headers::value(&format!("bytes */{size}"))).map(|value| (CONTENT_RANGE, value)));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
