//! Places that do not give everybody, or every part, the same bytes.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{LocalStore, MAX_BLOCK_BYTES, Store as _};

use crate::environment::TestEnvironment;

/// Starts a gateway of single blocks, which gives other bytes for some of them, and returns its URL.
fn two_faced(store: LocalStore, altered: HashSet<ContentId>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let shared = Arc::new((store, altered));
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            // A reader that has gone is not the gateway's trouble.
            std::thread::spawn(move || serve(socket, &shared.0, &shared.1).ok());
        }
    });
    url
}

fn serve(mut socket: TcpStream, store: &LocalStore, altered: &HashSet<ContentId>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    let id: Option<ContentId> = target.strip_prefix("/ipfs/").and_then(|rest| rest.split('?').next()?.parse().ok());
    let block = id.filter(|_| target.contains("format=raw")).and_then(|id| store.get(&id, MAX_BLOCK_BYTES).unwrap());
    let Some(mut block) = block else {
        return socket.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    };
    if id.is_some_and(|id| altered.contains(&id)) {
        *block.last_mut().unwrap() ^= 1;
    }
    let kind = "content-type: application/vnd.ipld.raw";
    write!(socket, "HTTP/1.1 200 OK\r\nconnection: close\r\n{kind}\r\ncontent-length: {}\r\n\r\n", block.len())?;
    socket.write_all(&block)
}

/// Whoever looks at one range of a file and finds it right must not believe the others.
#[test]
fn a_gateway_that_gives_other_bytes_for_other_ranges() {
    let here = TestEnvironment::new();
    here.model("tiny");
    let text: String = (0..700_000_u32).map(|i| char::from(b'a' + ((i * 31 + (i >> 8)) % 26) as u8)).collect();
    here.write("tiny/extra.txt", &text);
    let published = here.ok(&["publish", "tiny", "--license", "mit", "--json"]).json();
    let stored = || LocalStore::open(here.data_dir().join("store")).unwrap();
    let file: ContentId = here.ok(&["digest", "tiny/extra.txt", "--json"]).json()["cid"].as_str().unwrap().parse().unwrap();
    assert_eq!(file.codec(), Codec::DagPb);
    let Node::File(parts) = unixfs::decode(&stored().get(&file, MAX_BLOCK_BYTES).unwrap().unwrap()).unwrap() else {
        panic!("it is a file of several leaves")
    };
    let gateway = two_faced(stored(), HashSet::from([parts[1].cid]));

    let there = TestEnvironment::new();
    let (id, second) = (file.to_string(), parts[0].size.to_string());
    let range = |offset: &str| there.run(&["cat", &id, "--offset", offset, "--length", "1000", "--place", &gateway]);
    assert_eq!(range("0").expect_code(0).stdout, text[..1000]);
    let refused = range(&second).expect_code(3);
    assert_eq!(refused.stdout, "");

    let record = published["uri"].as_str().unwrap();
    let honest = format!("file://{}", here.data_dir().join("store").display());
    there.run(&["fetch", record, "model", "--place", &gateway]).expect_error(3, &["other bytes"]);
    assert!(!there.path("model").exists());
    // What was right of it is kept, and the rest comes from elsewhere.
    there.ok(&["fetch", record, "model", "--place", &gateway, "--place", &honest]);
    assert_eq!(there.ok(&["digest", "model", "--json"]).json()["cid"], published["model"]);
}
