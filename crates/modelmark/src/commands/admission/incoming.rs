//! The connections that come in, with TLS before API servers, which ask nobody without.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;

use super::certificate::Certificate;
use super::connections::{Bounds, Connection, Slots, Stream};
use crate::error::{OrKind as _, Result};
use crate::output::Output;

/// Most connections that are ready and wait for the server.
const WAITING: usize = 64;
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How often it is told that connections are turned away.
const TOLD: Duration = Duration::from_secs(60);

/// Accepts connections. One that stalls holds up nobody else.
pub(super) struct Incoming {
    connections: mpsc::Receiver<Accepted>,
    address: SocketAddr,
}

impl Incoming {
    /// Begins to accept; to be called on a runtime. Without a certificate there is no TLS.
    pub(super) fn new(listener: TcpListener, certificate: Option<Arc<Certificate>>, bounds: Bounds, output: Output) -> Result<Self> {
        let address = listener.local_addr().or_unreachable()?;
        let (sender, connections) = mpsc::channel(WAITING);
        tokio::spawn(accept(listener, certificate.map(acceptor).transpose()?, Slots::new(bounds), sender, output));
        Ok(Self { connections, address })
    }
}

fn acceptor(certificate: Arc<Certificate>) -> Result<TlsAcceptor> {
    let versions = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions().or_usage()?;
    let mut config = versions.with_no_client_auth().with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A connection, and where it comes from.
type Accepted = (Connection, SocketAddr);

async fn accept(
    mut listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    slots: Arc<Slots>,
    sender: mpsc::Sender<Accepted>,
    output: Output,
) {
    let mut told: Option<Instant> = None;
    loop {
        let (stream, address) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = sender.closed() => return,
        };
        let Some(slot) = slots.take(address.ip()) else {
            if told.is_none_or(|told| told.elapsed() > TOLD) {
                output.note(format!("connections of {} are closed: there are too many", address.ip()));
                told = Some(Instant::now());
            }
            continue;
        };
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            // A port scan is no news; whoever has a broken trust store sees the error on their side.
            if let Some(stream) = handshake(stream, acceptor).await {
                // The server may have stopped meanwhile.
                let _ = sender.send((Connection::new(stream, slot), address)).await;
            }
        });
    }
}

async fn handshake(stream: TcpStream, acceptor: Option<TlsAcceptor>) -> Option<Box<dyn Stream>> {
    let Some(acceptor) = acceptor else { return Some(Box::new(stream)) };
    match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some(Box::new(stream)),
        _ => None,
    }
}

impl Listener for Incoming {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.connections.recv().await {
            Some(connection) => connection,
            // The task that accepts ends only after this value is gone.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::future::IntoFuture as _;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::super::connections::Patience;
    use super::super::health::{self, Health};
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    async fn server(bounds: Bounds) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let incoming = Incoming::new(listener, None, bounds, Output::new(false, true)).unwrap();
        let address = incoming.local_addr().unwrap();
        tokio::spawn(axum::serve(incoming, health::routes(Arc::<Health>::default())).into_future());
        address
    }

    /// Says something, and returns what comes until the server closes the connection.
    async fn until_closed(address: SocketAddr, said: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut heard = Vec::new();
        // A connection that is closed with something unread in it is reset.
        let _ = stream.write_all(said).await;
        let _ = stream.read_to_end(&mut heard).await;
        String::from_utf8(heard).unwrap()
    }

    /// Returns a connection over which one request was answered.
    async fn answered(address: SocketAddr) -> Option<TcpStream> {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.ok()?;
        let mut heard = Vec::new();
        while !heard.ends_with(b"alive\n") {
            heard.push(stream.read_u8().await.ok()?);
        }
        Some(stream)
    }

    #[tokio::test]
    async fn half_a_request_keeps_no_connection() {
        let patience = Patience { request: Duration::from_millis(50), answer: LONG, rest: LONG };
        let address = server(Bounds { patience, ..Bounds::default() }).await;
        for said in ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nX: ", "POST /admit HTTP/1.1\r\n"] {
            assert_eq!(until_closed(address, said.as_bytes()).await, "", "{said}");
        }
        let patience = Patience { request: LONG, answer: LONG, rest: Duration::from_millis(50) };
        let address = server(Bounds { patience, ..Bounds::default() }).await;
        let heard = until_closed(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(heard.ends_with("alive\n"), "{heard}");
    }

    #[tokio::test]
    async fn one_address_has_so_many_connections_and_no_more() {
        let patience = Patience { request: LONG, answer: LONG, rest: LONG };
        let address = server(Bounds { all: 8, each: 2, patience }).await;
        let first = answered(address).await.unwrap();
        let _second = answered(address).await.unwrap();
        assert_eq!(until_closed(address, b"").await, "");
        drop(first);
        // The server finds out in its own time.
        while answered(address).await.is_none() {
            tokio::task::yield_now().await;
        }
    }
}
