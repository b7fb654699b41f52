//! The HTTP server, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use modelmark_devnet::{Config, Devnet, ServeOptions, serve};
use tokio::task::spawn_blocking;

/// Starts a server that runs until the test ends.
pub(crate) async fn start(hosts: Vec<String>) -> SocketAddr {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let options = ServeOptions { addr: ([127, 0, 0, 1], 0).into(), remote: false, hosts };
    serve(devnet, options, std::future::pending()).await.unwrap().addr()
}

/// Sends bytes and returns the status and the body of the answer.
pub(crate) async fn exchange(addr: SocketAddr, request: Vec<u8>) -> (u16, String) {
    spawn_blocking(move || {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The server may refuse before it has read everything.
        stream.write_all(&request).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        (status, body)
    })
    .await
    .unwrap()
}

pub(crate) fn post(host: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

const QUESTION: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#;

#[tokio::test]
async fn who_asks_and_how_is_checked() {
    let addr = start(vec!["node.example.org".into()]).await;
    for (host, content_type, expected) in [
        ("127.0.0.1", "application/json", 200),
        ("localhost:1", "application/json; charset=utf-8", 200),
        ("node.example.org", "application/json", 200),
        ("evil.example.org", "application/json", 403),
        ("", "application/json", 403),
        ("127.0.0.1", "text/plain", 415),
        ("127.0.0.1", "application/x-www-form-urlencoded", 415),
    ] {
        let (status, body) = exchange(addr, post(host, content_type, QUESTION)).await;
        assert_eq!(status, expected, "{host} {content_type}: {body}");
        assert_eq!(body.contains("0x7a69"), expected == 200);
    }
    let (status, _) = exchange(addr, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_vec()).await;
    assert_eq!(status, 405);
    let notification = br#"{"jsonrpc":"2.0","method":"eth_chainId"}"#;
    assert_eq!(exchange(addr, post("localhost", "application/json", notification)).await.0, 204);
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    let addr = start(Vec::new()).await;
    let huge = vec![b' '; 6 * 1024 * 1024];
    assert_eq!(exchange(addr, post("localhost", "application/json", &huge)).await.0, 413);
    assert_eq!(exchange(addr, post("localhost", "application/json", QUESTION)).await.0, 200);
}

#[tokio::test]
async fn it_stops_when_told_and_lets_the_address_go() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = serve(devnet.clone(), addr, async move { drop(stopped.await) }).await.unwrap();
    let addr = server.addr();
    let taken = serve(devnet, addr, std::future::pending()).await.unwrap_err();
    assert!(taken.to_string().contains("cannot listen"), "{taken}");
    stop.send(()).unwrap();
    server.stopped().await.unwrap();
    assert!(TcpStream::connect(addr).is_err());
}

#[tokio::test]
async fn a_client_that_never_finishes_does_not_keep_the_server_alive() {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = serve(devnet, SocketAddr::from(([127, 0, 0, 1], 0)), async move { drop(stopped.await) }).await.unwrap();
    let addr = server.addr();
    let slow = spawn_blocking(move || {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{").unwrap();
        stream
    });
    let _open = slow.await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(15), server.stopped()).await.unwrap().unwrap();
}
