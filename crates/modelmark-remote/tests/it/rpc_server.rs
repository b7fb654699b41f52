//! A small HTTP server that answers as it is told, in ways that a well-made server never would.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The fields of a multipart form: name, further parameters and headers as they stand, content.
    pub(crate) fn fields(&self) -> Vec<(String, String, Vec<u8>)> {
        let boundary = self.header("content-type").unwrap().split_once("boundary=").unwrap().1;
        let delimiter = [b"--", boundary.as_bytes()].concat();
        let mut starts = find_all(&self.body, &delimiter);
        let end = starts.pop().unwrap();
        assert_eq!(&self.body[end + delimiter.len()..], b"--\r\n", "the form is whole");
        starts.push(end);
        starts
            .windows(2)
            .map(|pair| {
                let part = &self.body[pair[0] + delimiter.len() + 2..pair[1] - 2];
                let split = find_all(part, b"\r\n\r\n")[0];
                let head = String::from_utf8(part[..split].to_vec()).unwrap();
                let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
                (name, head, part[split + 4..].to_vec())
            })
            .collect()
    }
}

fn find_all(haystack: &[u8], needle: &[u8]) -> Vec<usize> {
    haystack.windows(needle.len()).enumerate().filter(|(_, window)| *window == needle).map(|(at, _)| at).collect()
}

/// What is done with a request.
pub(crate) enum Reply {
    /// Answer with status and body.
    Answer(u16, Vec<u8>),
    /// Answer with these further header lines.
    With(u16, &'static str, Vec<u8>),
    /// Never stop sending.
    Endless,
    /// Send a byte from time to time.
    Trickle,
    /// Say nothing.
    Silence,
    /// Promise more than is sent.
    Torn,
}

impl Reply {
    pub(crate) fn json(status: u16, json: impl ToString) -> Self {
        Self::Answer(status, json.to_string().into_bytes())
    }
}

/// What is done with a request before its body is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Early {
    /// Read it.
    Read,
    /// Read so much of it and hang up.
    Break(usize),
    /// Read nothing of it, and stay.
    Stall,
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) async fn start(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_early(|_| Early::Read, reply).await
    }

    pub(crate) async fn start_early(
        early: impl Fn(&str) -> Early + Send + Sync + 'static,
        reply: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (early, reply, seen) = (Arc::new(early), Arc::new(reply), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (early, reply, seen) = (Arc::clone(&early), Arc::clone(&reply), Arc::clone(&seen));
                // A client that hangs up ends its connection's task, and that is all.
                tokio::spawn(async move { drop(serve(stream, early.as_ref(), reply.as_ref(), &seen).await) });
            }
        });
        Self { url, requests }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The one request whose path and query contain `text`.
    pub(crate) fn request(&self, text: &str) -> Request {
        let mut found: Vec<Request> = self.requests().into_iter().filter(|request| request.target.contains(text)).collect();
        assert_eq!(found.len(), 1, "requests for {text}: {:?}", self.requests().iter().map(|r| &r.target).collect::<Vec<_>>());
        found.remove(0)
    }
}

/// Serves one request; every connection is for one.
async fn serve(
    mut stream: TcpStream,
    early: &(dyn Fn(&str) -> Early + Send + Sync),
    reply: &(dyn Fn(&Request) -> Reply + Send + Sync),
    seen: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = find_all(&bytes, b"\r\n\r\n").first() {
            break *at;
        }
        more(&mut stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    match early(&target) {
        Early::Read => {}
        Early::Break(count) => {
            while bytes.len() < count {
                more(&mut stream, &mut bytes).await?;
            }
            return Ok(());
        }
        Early::Stall => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return Ok(());
        }
    }
    let mut request = Request { method, target, head, body: bytes.split_off(end + 4) };
    read_body(&mut stream, &mut request).await?;
    let answer = reply(&request);
    seen.lock().unwrap().push(request);
    respond(&mut stream, answer).await
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    if stream.read_buf(bytes).await? == 0 { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

async fn read_body(stream: &mut TcpStream, request: &mut Request) -> std::io::Result<()> {
    if request.header("transfer-encoding").is_none() {
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        while request.body.len() < length {
            more(stream, &mut request.body).await?;
        }
        return Ok(());
    }
    let mut body = Vec::new();
    loop {
        while !request.body.windows(2).any(|pair| pair == b"\r\n") {
            more(stream, &mut request.body).await?;
        }
        let at = request.body.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&request.body[..at]).unwrap(), 16).unwrap();
        while request.body.len() < at + 2 + size + 2 {
            more(stream, &mut request.body).await?;
        }
        body.extend_from_slice(&request.body[at + 2..at + 2 + size]);
        request.body.drain(..at + 2 + size + 2);
        if size == 0 {
            request.body = body;
            return Ok(());
        }
    }
}

async fn respond(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, length: usize, headers: &str| {
        format!("HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n").into_bytes()
    };
    match reply {
        Reply::Answer(status, body) => stream.write_all(&[head(status, body.len(), ""), body].concat()).await,
        Reply::With(status, headers, body) => stream.write_all(&[head(status, body.len(), headers), body].concat()).await,
        Reply::Torn => stream.write_all(&[head(200, 1000, ""), b"{\"Key\":".to_vec()].concat()).await,
        Reply::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        }
        Reply::Trickle => {
            stream.write_all(&head(200, 1000, "")).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            loop {
                stream.write_all(&[b' '; 64 << 10]).await?;
            }
        }
    }
}
