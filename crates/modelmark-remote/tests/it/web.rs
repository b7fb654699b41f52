//! What strangers' URLs name, over real sockets: nothing on this machine is reached unless the user has named it, redirects included.

use std::net::Ipv6Addr;
use std::time::Duration;

use modelmark_remote::RemoteError;
use modelmark_remote::http::{Rules, Web};
use tokio::net::TcpListener;

use crate::server::{Server, Step, answer};

/// Rules under which the test's own server may be asked, and nothing else on this machine.
fn rules(named: &[&Server]) -> Rules {
    Rules {
        named: named.iter().map(|server| server.address.to_string()).collect(),
        time: Duration::from_secs(4),
        idle: Duration::from_millis(300),
        ..Rules::default()
    }
}

async fn refused(web: &Web, url: &str) -> String {
    match web.fetch(url, 1000).await {
        Err(error @ RemoteError::Forbidden { .. }) => error.to_string(),
        other => unreachable!("{url}: {other:?}"),
    }
}

async fn greeting() -> Server {
    Server::start(|_| answer("200 OK", &[], b"hello")).await
}

#[tokio::test]
async fn a_server_on_this_machine_is_not_reached() {
    let server = greeting().await;
    let port = server.address.port();
    // All that could keep it from the server but its address is allowed.
    let web = Web::new(Rules { plain_http: true, ports: vec![port], ..rules(&[]) });
    for host in
        ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "LocalHost"]
    {
        let error = refused(&web, &format!("http://{host}:{port}/secret?token=hunter2")).await;
        assert!(!error.contains("hunter2"), "{error}");
    }
    assert_eq!(server.requests(), 0);
    assert_eq!(Web::new(rules(&[&server])).fetch(&format!("{}/x", server.url()), 1000).await.unwrap().bytes, b"hello".as_slice());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn not_even_a_connection_is_made() {
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let web = Web::new(Rules { plain_http: true, ports: vec![port], ..rules(&[]) });
    refused(&web, &format!("https://[::1]:{port}/")).await;
    refused(&web, &format!("https://localhost:{port}/")).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), listener.accept()).await.is_err());
}

#[tokio::test]
async fn a_redirect_is_held_against_the_same_rules() {
    let inside = greeting().await;
    let targets = [
        format!("{}/secret", inside.url()),
        format!("//{}/secret", inside.address),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "https://localhost/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://example.org/".to_owned(),
        "https://ada:secret@example.org/".to_owned(),
        "https://example.org:22/".to_owned(),
    ];
    for target in targets {
        let location = format!("location: {target}");
        let server = Server::start(move |_| answer("302 Found", &[&location], &[])).await;
        let rules = Rules { plain_http: true, ports: vec![443, inside.address.port()], ..rules(&[&server]) };
        refused(&Web::new(rules), &server.url()).await;
        assert_eq!(server.requests(), 1);
    }
    assert_eq!(inside.requests(), 0);
}

#[tokio::test]
async fn few_redirects_are_followed() {
    let server = Server::start(|request| match request.target.strip_prefix('/').and_then(|count| count.parse::<u32>().ok()) {
        Some(count) if count > 0 => answer("302 Found", &[&format!("location: /{}", count - 1)], &[]),
        _ => answer("200 OK", &[], b"here"),
    })
    .await;
    let web = Web::new(rules(&[&server]));
    let fetched = web.fetch(&format!("{}/3", server.url()), 1000).await.unwrap();
    assert_eq!((fetched.bytes.as_ref(), fetched.from), (b"here".as_slice(), format!("{}/0", server.url())));
    assert!(refused(&web, &format!("{}/4", server.url())).await.contains("more than 3"));
}

#[tokio::test]
async fn only_the_web_is_fetched_from() {
    let web = Web::new(Rules::default());
    for url in [
        "http://example.org/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "data:,x",
        "https://user@example.org/",
        "https://:secret@example.org/",
        "https://example.org:8080/",
        "https://192.168.0.1/",
        "https://[fd00:ec2::254]/",
        "https://",
        "not a url",
        &format!("https://example.org/{}", "x".repeat(3000)),
    ] {
        refused(&web, url).await;
    }
}

#[tokio::test]
async fn bytes_are_bounded_for_each_answer_and_each_host() {
    let server = Server::start(|_| answer("200 OK", &[], &[b'x'; 600])).await;
    let web = Web::new(Rules { bytes_per_host: 1500, ..rules(&[&server]) });
    assert!(matches!(web.fetch(&server.url(), 500).await, Err(RemoteError::TooLarge { limit: 500, .. })));
    for _ in 0..2 {
        assert_eq!(web.fetch(&server.url(), 1000).await.unwrap().bytes.len(), 600);
    }
    assert!(matches!(web.fetch(&server.url(), 1000).await, Err(RemoteError::TooLarge { limit: 300, .. })));
}

#[tokio::test]
async fn endless_hanging_and_trickling_servers_are_dropped() {
    let chunked = "transfer-encoding: chunked";
    let endless = Server::start(move |_| {
        let mut steps = answer("200 OK", &[chunked], &[]);
        steps.push(Step::Endless(b"400\r\n".iter().chain(&[b'x'; 1024]).chain(b"\r\n").copied().collect(), Duration::ZERO));
        steps
    })
    .await;
    let hanging = Server::start(|_| vec![Step::Wait(Duration::from_secs(60))]).await;
    let trickling = Server::start(move |_| {
        let mut steps = answer("200 OK", &[chunked], &[]);
        steps.push(Step::Endless(b"1\r\nx\r\n".to_vec(), Duration::from_millis(20)));
        steps
    })
    .await;
    let web = Web::new(Rules { time: Duration::from_secs(1), ..rules(&[&endless, &hanging, &trickling]) });
    assert!(matches!(web.fetch(&endless.url(), 100_000).await, Err(RemoteError::TooLarge { .. })));
    assert!(matches!(web.fetch(&hanging.url(), 100_000).await, Err(RemoteError::Timeout { .. })));
    let slow = Web::new(rules(&[&trickling])).fetch(&trickling.url(), 100_000).await;
    assert!(matches!(slow, Err(RemoteError::Timeout { seconds: 0, .. })), "by its pace, before the time is over: {slow:?}");
}
