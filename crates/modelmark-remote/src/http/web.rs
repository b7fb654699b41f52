//! Fetching what a stranger's URL names: the URI of a token, a link in metadata, a redirect.
//!
//! Whoever writes such a URL could have it name this machine or its neighbours, so it is held against rules that a place named by the user is not.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use reqwest::header::LOCATION;
use reqwest::{Client, Response};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::guard::{FORBIDDEN, PublicOnly, forbidden};
use super::{broken, builder, innermost, label, refusal};
use crate::RemoteError;

/// Most redirects that are followed, each held against the rules.
const MAX_REDIRECTS: usize = 3;
/// Longest URL that is read, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// What may be fetched for a stranger, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Also `http:`, which anybody on the way can alter.
    pub plain_http: bool,
    /// Ports that are asked.
    pub ports: Vec<u16>,
    /// Hosts with their ports, such as `127.0.0.1:8080`, that the user has named: they may lie anywhere, and be asked by `http:`.
    pub named: Vec<String>,
    /// Most requests that are under way to one host.
    pub at_once: usize,
    /// Most bytes of one host, over the life of the [`Web`].
    pub bytes_per_host: u64,
    /// Longest time for one fetch, redirects included.
    pub time: Duration,
    /// How long a host may send nothing.
    pub idle: Duration,
    /// Bytes per second that a host has to send at least, counted over [`Rules::idle`].
    pub rate: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            plain_http: false,
            ports: vec![443, 80],
            named: Vec::new(),
            at_once: 4,
            bytes_per_host: 64 << 20,
            time: Duration::from_secs(60),
            idle: Duration::from_secs(20),
            rate: 1 << 10,
        }
    }
}

/// What a web server sent. Nothing binds it: it may send something else tomorrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The bytes.
    pub bytes: Bytes,
    /// Where they came from in the end, without user and query.
    pub from: String,
}

/// Fetches what strangers' URLs name, under [`Rules`].
#[derive(Debug)]
pub struct Web {
    rules: Rules,
    hosts: Mutex<HashMap<String, Budget>>,
}

#[derive(Clone, Debug)]
struct Budget {
    turns: Arc<Semaphore>,
    bytes: u64,
}

impl Web {
    /// Returns a fetcher under these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { rules, hosts: Mutex::default() }
    }

    /// Fetches at most `limit` bytes from `url`, which somebody else wrote.
    ///
    /// # Errors
    /// [`RemoteError::Forbidden`] where the rules forbid it, before anything is sent; else as any place.
    pub async fn fetch(&self, url: &str, limit: u64) -> Result<Fetched, RemoteError> {
        let late = || RemoteError::Timeout { place: shown(url), seconds: self.rules.time.as_secs() };
        tokio::time::timeout(self.rules.time, self.follow(url, limit)).await.map_err(|_| late())?
    }

    async fn follow(&self, url: &str, limit: u64) -> Result<Fetched, RemoteError> {
        let mut url = self.admit(url, None)?;
        for _ in 0..=MAX_REDIRECTS {
            let budget = self.budget(&url);
            // The semaphore is never closed.
            let _turn = budget.turns.acquire().await;
            let response = self.client(&url)?.get(url.clone()).send().await.map_err(|error| self.failed(&url, &error))?;
            if response.status().is_redirection() {
                url = self.redirected(&url, &response)?;
                continue;
            }
            if !response.status().is_success() {
                return Err(refusal(&label(&url), response, "").await);
            }
            let bytes = self.read(&url, response, limit).await?;
            return Ok(Fetched { bytes, from: label(&url) });
        }
        Err(refused(&label(&url), &format!("it redirects more than {MAX_REDIRECTS} times")))
    }

    /// Reads a URL, absolute or as seen from `base`, and holds it against the rules.
    fn admit(&self, text: &str, base: Option<&Url>) -> Result<Url, RemoteError> {
        if text.len() > MAX_URL_BYTES {
            return Err(refused(&shown(text), "the URL is too long"));
        }
        let url = match base {
            Some(base) => base.join(text),
            None => Url::parse(text),
        };
        let url = url.map_err(|error| refused(&shown(text), &format!("it is no URL: {error}")))?;
        let refuse = |reason: &str| Err(refused(&label(&url), reason));
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the URL holds a user name");
        }
        match url.scheme() {
            "https" => {}
            "http" if self.rules.plain_http || self.is_named(&url) => {}
            "http" => return refuse("only https: is fetched"),
            _ => return refuse("only the web is fetched from"),
        }
        if self.is_named(&url) {
            return Ok(url);
        }
        if !url.port_or_known_default().is_some_and(|port| self.rules.ports.contains(&port)) {
            return refuse("it names a port that is not asked");
        }
        let address = match url.host() {
            None => return refuse("it names no host"),
            // The resolver looks at names.
            Some(Host::Domain(_)) => return Ok(url),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        match forbidden(address) {
            Some(why) => refuse(&format!("{address} is {why}")),
            None => Ok(url),
        }
    }

    fn redirected(&self, from: &Url, response: &Response) -> Result<Url, RemoteError> {
        let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let to = to.ok_or_else(|| RemoteError::Answer { place: label(from), reason: "a redirect to nowhere".to_owned() })?;
        self.admit(to, Some(from))
    }

    fn is_named(&self, url: &Url) -> bool {
        let host = url.host_str().zip(url.port_or_known_default()).map(|(host, port)| format!("{host}:{port}"));
        host.is_some_and(|host| self.rules.named.contains(&host))
    }

    /// Each host has a client of its own: no connection is used again that another rule has opened.
    fn client(&self, url: &Url) -> Result<Client, RemoteError> {
        // A proxy would look names up by itself, and reach what we must not.
        let mut client = builder(url).no_proxy();
        if !self.is_named(url) {
            client = client.dns_resolver(PublicOnly);
        }
        client.build().map_err(|error| RemoteError::Unreachable { place: label(url), reason: innermost(&error) })
    }

    fn failed(&self, url: &Url, error: &reqwest::Error) -> RemoteError {
        match innermost(error) {
            reason if reason.starts_with(FORBIDDEN) => refused(&label(url), &reason),
            _ => broken(&label(url), error),
        }
    }

    async fn read(&self, url: &Url, response: Response, limit: u64) -> Result<Bytes, RemoteError> {
        let place = label(url);
        let budget = limit.min(self.rules.bytes_per_host.saturating_sub(self.budget(url).bytes));
        let too_large = || RemoteError::TooLarge { place: place.clone(), limit: budget };
        let slow = || RemoteError::Timeout { place: place.clone(), seconds: self.rules.idle.as_secs() };
        if response.content_length().is_some_and(|length| length > budget) {
            return Err(too_large());
        }
        let (mut stream, mut bytes) = (response.bytes_stream(), BytesMut::new());
        let (mut since, mut came) = (Instant::now(), 0_u64);
        while let Some(chunk) = tokio::time::timeout(self.rules.idle, stream.next()).await.map_err(|_| slow())? {
            let chunk = chunk.map_err(|error| broken(&place, &error))?;
            self.spend(url, chunk.len() as u64);
            if (bytes.len() + chunk.len()) as u64 > budget {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
            came += chunk.len() as u64;
            if since.elapsed() >= self.rules.idle {
                if (came as f64) < self.rules.rate as f64 * since.elapsed().as_secs_f64() {
                    return Err(slow());
                }
                (since, came) = (Instant::now(), 0);
            }
        }
        Ok(bytes.freeze())
    }

    fn budget(&self, url: &Url) -> Budget {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Budget { turns: Arc::new(Semaphore::new(self.rules.at_once.max(1))), bytes: 0 };
        hosts.entry(url.host_str().unwrap_or_default().to_owned()).or_insert_with(new).clone()
    }

    fn spend(&self, url: &Url, bytes: u64) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = hosts.get_mut(url.host_str().unwrap_or_default()) {
            budget.bytes = budget.bytes.saturating_add(bytes);
        }
    }
}

fn refused(url: &str, reason: &str) -> RemoteError {
    RemoteError::Forbidden { url: url.to_owned(), reason: reason.to_owned() }
}

/// What may be shown of a text that should be a URL.
fn shown(text: &str) -> String {
    Url::parse(text).map_or_else(|_| super::tame(text), |url| super::tame(&label(&url)))
}
