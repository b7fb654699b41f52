//! The chain as an HTTP server.

mod envelope;
mod host;

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use crate::{Devnet, DevnetError};

/// How many bytes a request has at most; geth takes as much.
const MAX_BODY: usize = 5 * 1024 * 1024;

/// How long requests under way may take to finish at shutdown.
const GRACE: Duration = Duration::from_secs(5);

/// How to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// The address; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Whether an address that other machines can reach is meant. Everyone who reaches the server can spend the development accounts.
    pub remote: bool,
    /// Names by which clients may address the server besides IP addresses and `localhost`.
    pub hosts: Vec<String>,
}

impl From<SocketAddr> for ServeOptions {
    fn from(addr: SocketAddr) -> Self {
        Self { addr, remote: false, hosts: Vec::new() }
    }
}

/// A server that is running.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Returns the address that clients connect to.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Waits until the server has shut down: requests under way are answered, unless they take more than five seconds.
    ///
    /// # Errors
    ///
    /// When the server stopped by itself.
    pub async fn stopped(self) -> Result<(), DevnetError> {
        self.task.await.map_err(std::io::Error::other).flatten().map_err(DevnetError::Serve)
    }
}

/// Serves the chain as JSON-RPC over HTTP until `shutdown` is done. It is listening when this returns.
///
/// # Errors
///
/// [`DevnetError::NotLoopback`] for an address that others can reach unless `remote` is set, [`DevnetError::Listen`] when the address cannot be had.
pub async fn serve<S>(devnet: Devnet, options: impl Into<ServeOptions>, shutdown: S) -> Result<Server, DevnetError>
where
    S: Future<Output = ()> + Send + 'static,
{
    let ServeOptions { addr, remote, hosts } = options.into();
    if !remote && !addr.ip().is_loopback() {
        return Err(DevnetError::NotLoopback(addr));
    }
    let listen = |source| DevnetError::Listen { addr, source };
    let listener = TcpListener::bind(addr).await.map_err(listen)?;
    let addr = listener.local_addr().map_err(listen)?;
    let router =
        Router::new().route("/", post(handle)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(Arc::new(Shared { devnet, hosts }));
    let task = tokio::spawn(run(listener, router, shutdown));
    Ok(Server { addr, task })
}

/// Serves until told to stop, and then a little longer for the requests under way: a client that never finishes its request must not keep it alive.
async fn run<S>(listener: TcpListener, router: Router, shutdown: S) -> std::io::Result<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let stop = async move {
        shutdown.await;
        // Nobody listens any more when the server stopped by itself.
        tell.send(()).ok();
    };
    let late = async {
        match told.await {
            Ok(()) => sleep(GRACE).await,
            Err(_) => pending().await,
        }
    };
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(stop).into_future() => served,
        () = late => Ok(()),
    }
}

struct Shared {
    devnet: Devnet,
    hosts: Vec<String>,
}

async fn handle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refuse(&headers, &shared.hosts) {
        return refusal.into_response();
    }
    match spawn_blocking(move || envelope::answer(&shared.devnet, &body)).await {
        Ok(Some(answer)) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Returns why a request is not even read. A page in a browser can send any text to a loopback address, but not as `application/json` without asking
/// first, and nothing here answers that question.
fn refuse(headers: &HeaderMap, hosts: &[String]) -> Option<(StatusCode, &'static str)> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !host::is_expected(text(header::HOST), hosts) {
        return Some((StatusCode::FORBIDDEN, "invalid host specified\n"));
    }
    let media_type = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid content type, only application/json is supported\n"));
    }
    None
}
