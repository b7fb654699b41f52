//! Reading from gateways: `cat`, `show` and `verify` with `--place`, over real sockets; honest ones, liars, and addresses that strangers name.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use modelmark_digest::ContentId;
use modelmark_storage::{LocalStore, MAX_BLOCK_BYTES, MemoryStore, Store, car};

use crate::environment::TestEnvironment;

/// A gateway of what a test puts into its store.
struct Gateway {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Gateway {
    /// Serves the blocks of `store`; a liar changes the last byte of each answer.
    fn start(store: Arc<dyn Store>, lies: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, requests) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = requests.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (store, count) = (store.clone(), count.clone());
                std::thread::spawn(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                    // A reader that has gone is not the gateway's trouble.
                    let _ = serve(socket, store.as_ref(), lies);
                });
            }
        });
        Self { address, requests }
    }

    /// Everything that is in the block store of `environment`, below these CIDs.
    fn of(environment: &TestEnvironment, roots: &[ContentId], lies: bool) -> Self {
        let store = LocalStore::open(environment.data_dir().join("store")).unwrap();
        let copy = MemoryStore::new();
        let mut file = Vec::new();
        car::export(&store, roots, &mut file).unwrap();
        car::import(&copy, file.as_slice(), car::Limits::MODEL).unwrap();
        Self::start(Arc::new(copy), lies)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(mut socket: TcpStream, store: &dyn Store, lies: bool) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap();
    let id: Option<ContentId> = target.strip_prefix("/ipfs/").and_then(|rest| rest.split('?').next()?.parse().ok());
    let Some(block) = id.and_then(|id| store.get(&id, MAX_BLOCK_BYTES).unwrap()) else {
        return socket.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    };
    let (kind, mut body) = if target.contains("format=car") {
        let mut file = Vec::new();
        car::export(store, &[id.unwrap()], &mut file).unwrap();
        ("car; version=1; order=dfs; dups=n", file)
    } else {
        ("raw", block)
    };
    if lies {
        *body.last_mut().unwrap() ^= 1;
    }
    let length = body.len();
    write!(
        socket,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/vnd.ipld.{kind}\r\ncontent-length: {length}\r\n\r\n"
    )?;
    socket.write_all(&body)
}

/// An environment with a published model of some leaves, its token, and the CIDs of record and model.
fn published() -> (TestEnvironment, String, ContentId, ContentId) {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/extra.bin", (0..700_000_u32).map(|i| (i * 31 + (i >> 8)) as u8).collect::<Vec<_>>());
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    let text = |field: &str| published[field].as_str().unwrap().to_owned();
    let record = text("uri").strip_prefix("ipfs://").unwrap().parse().unwrap();
    let (token, model) = (text("token"), text("model").parse().unwrap());
    (environment, token, record, model)
}

/// Loses the block store.
fn lose(environment: &TestEnvironment) {
    std::fs::remove_dir_all(environment.data_dir().join("store")).unwrap();
}

#[test]
fn a_file_is_printed_from_the_honest_one_of_two_gateways() {
    let (environment, _, record, _) = published();
    environment.write("big.bin", (0..900_000_u32).map(|i| b'a' + ((i * 7 + (i >> 9)) % 26) as u8).collect::<Vec<_>>());
    environment.write("record.json", environment.ok(&["cat", &record.to_string()]).stdout);
    let file = environment.ok(&["digest", "big.bin", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    let bytes = std::fs::read_to_string(environment.path("big.bin")).unwrap();
    // The file comes into the store with a model that is that file.
    environment.ok(&["publish", "big.bin", "--license", "MIT"]);
    let root: ContentId = file.parse().unwrap();
    let (liar, honest) = (Gateway::of(&environment, &[root, record], true), Gateway::of(&environment, &[root, record], false));
    lose(&environment);
    environment.run(&["cat", &file]).expect_code(3);
    let printed = environment.ok(&["cat", &file, "--place", &liar.url(), "--place", &honest.url()]);
    assert!(printed.stdout == bytes, "the bytes are those of the file");
    assert!(printed.stderr.contains("not asked again") && printed.stderr.contains(&liar.url()), "{}", printed.stderr);
    for (offset, length) in [(0, 1), (262_143, 2), (300_000, 400_000), (899_999, 10), (900_000, 5)] {
        let (from, count) = (offset.to_string(), length.to_string());
        let end = (offset + length).min(bytes.len());
        assert!(
            environment.ok(&["cat", &file, "--offset", &from, "--length", &count, "--place", &honest.url()]).stdout == bytes[offset..end],
            "{offset} {length}"
        );
    }
    let alone = environment.run(&["cat", &file, "--place", &liar.url()]);
    // What came before the lie was right, and has been printed.
    assert!(bytes.starts_with(&alone.stdout) && alone.stdout.len() < bytes.len());
    assert!(alone.code == Some(3) && alone.stderr.contains("than its CID says") && alone.stderr.contains(&liar.url()), "{}", alone.stderr);
}

#[test]
fn what_the_block_store_has_is_not_asked_for() {
    let (environment, _, record, _) = published();
    let gateway = Gateway::start(Arc::new(MemoryStore::new()), false);
    let here = environment.ok(&["cat", &record.to_string()]);
    assert_eq!(environment.ok(&["cat", &record.to_string(), "--place", &gateway.url()]).stdout, here.stdout);
    environment.ok(&["verify", "tiny", "--place", &gateway.url()]);
    assert_eq!(gateway.requests(), 0);
}

#[test]
fn what_was_read_is_kept_until_it_is_forgotten() {
    let (environment, token, record, _) = published();
    let gateway = Gateway::of(&environment, &[record], false);
    lose(&environment);
    let held = || environment.ok(&["storage", "cache", "--json"]).json()["blocks"].as_u64().unwrap();
    let show = || {
        environment.ok(&["show", &token, "--place", &gateway.url()]);
        gateway.requests()
    };
    assert_eq!(held(), 0);
    let first = show();
    assert!(first > 0 && held() > 0);
    assert_eq!(show(), first);
    assert!(environment.ok(&["storage", "cache", "--clear"]).stdout.contains("forgot"));
    assert_eq!(held(), 0);
    assert!(show() > first);
}

#[test]
fn a_record_that_was_lost_is_read_from_a_gateway_and_the_report_says_so() {
    let (environment, token, record, _) = published();
    let (liar, honest) = (Gateway::of(&environment, &[record], true), Gateway::of(&environment, &[record], false));
    lose(&environment);
    environment.run(&["verify", "tiny"]).expect_code(3);
    environment
        .run(&["verify", "tiny", "--place", &liar.url()])
        .expect_code(3)
        .expect_words(&["unknown record.found", "than its CID says"]);
    let both = environment.run(&["verify", "tiny", "--place", &liar.url(), "--place", &honest.url()]).expect_code(0);
    both.expect_words(&[&format!("record found: {}, held against its CID", honest.url()), &format!("not asked again: {}", liar.url())]);
    let shown = environment.ok(&["show", &token, "--place", &honest.url(), "--json"]).json();
    assert!(shown["record"].is_object(), "{shown:#}");
    // The second time it comes from the cache on this machine, and is held against its CID again.
    let asked = honest.requests();
    environment.ok(&["verify", "tiny", "--place", &honest.url()]).expect_words(&["blocks.sqlite3, held against its CID"]);
    assert_eq!(honest.requests(), asked);
}

#[test]
fn nothing_is_asked_of_the_network_unless_a_place_is_named() {
    let (environment, _, record, _) = published();
    let gateway = Gateway::of(&environment, &[record], false);
    lose(&environment);
    environment.run(&["verify", "tiny"]).expect_code(3);
    environment.run(&["cat", &record.to_string()]).expect_code(3);
    assert_eq!(gateway.requests(), 0);
    let mut command = environment.command(&["verify", "tiny"]);
    command.env("MODELMARK_PLACES", gateway.url());
    environment.finish(command).expect_code(0);
}
