//! An endpoint over a real socket that answers as a chain does, except where it lies.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use modelmark_devnet::Devnet;
use serde_json::{Value, json};

/// An endpoint, and how many questions it was asked.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
}

type Lie = dyn Fn(&str, &mut Value, &mut dyn FnMut(&Value) -> Value) -> Value + Send + Sync;

impl Endpoint {
    /// Starts one that tells the truth. It ends with the test's process.
    pub(crate) fn honest(devnet: &Devnet) -> Self {
        Self::start(devnet, |_, params, ask| ask(params))
    }

    /// Starts one that answers a question with what `lie` makes of method, parameters and the true answer to whatever parameters it asks with.
    pub(crate) fn start(
        devnet: &Devnet,
        lie: impl Fn(&str, &mut Value, &mut dyn FnMut(&Value) -> Value) -> Value + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, lie): (Arc<AtomicUsize>, Arc<Lie>) = (Arc::default(), Arc::new(lie));
        let (devnet, count) = (devnet.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (devnet, lie, count) = (devnet.clone(), lie.clone(), count.clone());
                // The connection ends when the client has no more questions.
                std::thread::spawn(move || converse(stream.unwrap(), &devnet, &*lie, &count).ok());
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn converse(stream: TcpStream, devnet: &Devnet, lie: &Lie, count: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let answer = match serde_json::from_slice(&body)? {
            Value::Array(requests) => requests.into_iter().map(|request| answer(request, devnet, lie, count)).collect(),
            request => answer(request, devnet, lie, count),
        };
        let answer = answer.to_string();
        write!(stream, "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}", answer.len())?;
    }
}

fn answer(mut request: Value, devnet: &Devnet, lie: &Lie, count: &AtomicUsize) -> Value {
    count.fetch_add(1, Ordering::SeqCst);
    let method = request["method"].as_str().unwrap().to_owned();
    let (id, mut params, mut failure) = (request["id"].clone(), request["params"].take(), None);
    let result = lie(&method, &mut params, &mut |params| match devnet.request(&method, params.clone()) {
        Ok(value) => value,
        Err(error) => {
            failure = Some(json!({"code": error.code, "message": error.message, "data": error.data}));
            Value::Null
        }
    });
    match failure {
        Some(error) => json!({"jsonrpc": "2.0", "id": id, "error": error}),
        None => json!({"jsonrpc": "2.0", "id": id, "result": result}),
    }
}
