//! A JSON-RPC endpoint that does as it is told: answers, lies, hangs, floods.

use std::sync::{Arc, Mutex};

use modelmark_devnet::Devnet;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the double does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A JSON-RPC result.
    Result(Value),
    /// A JSON-RPC error.
    Error(Value),
    /// Any body, with status 200.
    Body(Vec<u8>),
    /// A status with an empty body.
    Status(u16),
    /// A body without end.
    Flood,
    /// A body that is announced longer than it is.
    Truncated,
    /// One byte a second.
    Drip,
    /// Nothing, ever.
    Hang,
    /// The connection is closed.
    Close,
}

pub(crate) struct Double {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Double {
    pub(crate) async fn start(answer: impl Fn(&str, &Value) -> Answer + Send + Sync + 'static) -> Self {
        Self::with_batches(answer, |_| Answer::Status(400)).await
    }

    /// A double that has an answer for bodies with batches too.
    pub(crate) async fn with_batches(
        answer: impl Fn(&str, &Value) -> Answer + Send + Sync + 'static,
        batch: impl Fn(&[u8]) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, batch, log) = (Arc::new(answer), Arc::new(batch), asked.clone());
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, answer.clone(), batch.clone(), log.clone()));
            }
        });
        Self { url, asked, server }
    }

    /// A double that answers as `devnet` does, except where `tweak` has another answer.
    pub(crate) async fn before(devnet: Devnet, tweak: impl Fn(&str, &Value) -> Option<Answer> + Send + Sync + 'static) -> Self {
        Self::start(move |method, params| tweak(method, params).unwrap_or_else(|| honest(&devnet, method, params))).await
    }

    /// How often `method` was asked.
    pub(crate) fn count(&self, method: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == method).count()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn honest(devnet: &Devnet, method: &str, params: &Value) -> Answer {
    match devnet.request(method, params.clone()) {
        Ok(value) => Answer::Result(value),
        Err(error) => Answer::Error(json!({"code": error.code, "message": error.message, "data": error.data})),
    }
}

async fn converse(
    mut stream: TcpStream,
    answer: Arc<impl Fn(&str, &Value) -> Answer>,
    batch: Arc<impl Fn(&[u8]) -> Answer>,
    log: Arc<Mutex<Vec<String>>>,
) {
    let mut buffer = Vec::new();
    while let Some(body) = read_request(&mut stream, &mut buffer).await {
        if body.starts_with(b"[") {
            if send(&mut stream, batch(&body), &Value::Null).await.is_none() {
                return;
            }
            continue;
        }
        let request: Value = serde_json::from_slice(&body).unwrap();
        let method = request["method"].as_str().unwrap().to_owned();
        log.lock().unwrap().push(method.clone());
        if send(&mut stream, answer(&method, &request["params"]), &request["id"]).await.is_none() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap().trim().parse().unwrap();
            if buffer.len() >= end + 4 + length {
                let rest = buffer.split_off(end + 4 + length);
                return Some(std::mem::replace(buffer, rest).split_off(end + 4));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// Sends an answer; `None` when the connection is of no more use.
async fn send(stream: &mut TcpStream, answer: Answer, id: &Value) -> Option<()> {
    let head = |status: u16, length: usize| {
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nlocation: /elsewhere\r\ncontent-length: {length}\r\n\r\n")
    };
    let whole = |body: Vec<u8>| [head(200, body.len()).into_bytes(), body].concat();
    match answer {
        Answer::Result(value) => {
            stream.write_all(&whole(json!({"jsonrpc": "2.0", "id": id, "result": value}).to_string().into())).await.ok()
        }
        Answer::Error(error) => stream.write_all(&whole(json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string().into())).await.ok(),
        Answer::Body(body) => stream.write_all(&whole(body)).await.ok(),
        Answer::Status(status) => stream.write_all(head(status, 0).as_bytes()).await.ok(),
        Answer::Truncated => {
            stream.write_all(head(200, 1000).as_bytes()).await.ok()?;
            stream.write_all(br#"{"jsonrpc":"2.0","#).await.ok()?;
            None
        }
        Answer::Flood => {
            stream.write_all(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n").await.ok()?;
            let chunk = [b"10000\r\n".as_slice(), &[b'['; 0x10000], b"\r\n"].concat();
            while stream.write_all(&chunk).await.is_ok() {}
            None
        }
        Answer::Drip => {
            stream.write_all(head(200, 1000).as_bytes()).await.ok()?;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            None
        }
        Answer::Hang => std::future::pending().await,
        Answer::Close => None,
    }
}
