//! A web server that does what a test tells it, over a real socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use modelmark_digest::ContentId;
use modelmark_storage::{MAX_BLOCK_BYTES, Store, car};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the server does next on a connection. It closes it in the end.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Sends these bytes again and again, with a pause in between, until the other side has gone.
    Endless(Vec<u8>, Duration),
}

/// A request, as far as tests look at it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) target: String,
}

impl Request {
    pub(crate) fn is_car(&self) -> bool {
        self.target.contains("format=car")
    }

    pub(crate) fn cid(&self) -> Option<ContentId> {
        self.target.strip_prefix("/ipfs/")?.split('?').next()?.parse().ok()
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, requests, answer) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let count = requests.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (answer, count) = (answer.clone(), count.clone());
                tokio::spawn(async move {
                    let Some(request) = read(&mut socket).await else { return };
                    count.fetch_add(1, Ordering::SeqCst);
                    // The reader has gone: that is for it to say.
                    let _ = play(&mut socket, answer(&request)).await;
                });
            }
        });
        Self { address, requests, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(socket: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let target = head.split(' ').nth(1)?.to_owned();
    Some(Request { head, target })
}

async fn play(socket: &mut TcpStream, steps: Vec<Step>) -> std::io::Result<()> {
    for step in steps {
        match step {
            Step::Send(bytes) => socket.write_all(&bytes).await?,
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Endless(bytes, pause) => loop {
                socket.write_all(&bytes).await?;
                tokio::time::sleep(pause).await;
            },
        }
    }
    socket.shutdown().await
}

/// An answer with these header lines, and the length of the body unless they say another.
pub(crate) fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<Step> {
    let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
    headers.iter().for_each(|line| head += &format!("{line}\r\n"));
    if !headers.iter().any(|line| line.starts_with("content-length") || line.starts_with("transfer-encoding")) {
        head += &format!("content-length: {}\r\n", body.len());
    }
    vec![Step::Send([head.as_bytes(), b"\r\n", body].concat())]
}

pub(crate) const CAR: &str = "content-type: application/vnd.ipld.car; version=1; order=dfs; dups=n";
pub(crate) const RAW: &str = "content-type: application/vnd.ipld.raw";

/// What an honest gateway sends, and its media type; `None`: it does not have it.
pub(crate) fn honest_bytes(store: &dyn Store, request: &Request) -> Option<(&'static str, Vec<u8>)> {
    let id = request.cid()?;
    let block = store.get(&id, MAX_BLOCK_BYTES).unwrap()?;
    if !request.is_car() {
        return Some((RAW, block));
    }
    let mut car = Vec::new();
    car::export(store, &[id], &mut car).unwrap();
    Some((CAR, car))
}

pub(crate) fn honest(store: &dyn Store, request: &Request) -> Vec<Step> {
    match honest_bytes(store, request) {
        Some((media_type, bytes)) => answer("200 OK", &[media_type], if request.head.starts_with("HEAD") { b"" } else { &bytes }),
        None => answer("404 Not Found", &[], b"not here"),
    }
}
