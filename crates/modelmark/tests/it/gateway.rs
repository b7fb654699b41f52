//! `modelmark gateway`, read over a socket by us and by the IPFS project's own readers.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use modelmark_testkit::tools;
use rustix::process::Signal;
use serde_json::Value;

use crate::chains::pid;
use crate::environment::TestEnvironment;

/// `modelmark gateway` on a free port, killed when dropped.
struct Gateway {
    address: String,
    process: Child,
}

impl Gateway {
    fn start(environment: &TestEnvironment, options: &[&str]) -> Self {
        let mut command = environment.command(&[&["gateway"], options].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening  http://").unwrap().strip_suffix("/ipfs/").unwrap().to_owned();
        Self { address, process }
    }

    /// Sends a request and returns the head of the answer and its body.
    fn ask(&self, request: &str) -> (String, Vec<u8>) {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        write!(connection, "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A published model with a file of several leaves; its JSON and that of its digest.
fn published(environment: &TestEnvironment) -> (Value, Value) {
    environment.model("tiny");
    environment.write("tiny/vocabulary.txt", (0..120_000).map(|n| format!("word {n}\n")).collect::<String>());
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    (published, environment.ok(&["digest", "tiny", "--json"]).json())
}

/// Runs the foreign reader and returns what it says; none where it is not installed.
fn foreign(arguments: &[&str]) -> Option<Value> {
    tools::gateway_modules()?;
    let script = tools::workspace().join("tests/clients/gateway/read.mjs");
    let output = Command::new("node").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn foreign_clients_read_models_and_records() {
    let environment = TestEnvironment::new();
    let (published, digest) = published(&environment);
    let gateway = Gateway::start(&environment, &[]);
    let url = format!("http://{}", gateway.address);
    let model = digest["cid"].as_str().unwrap();
    for file in digest["files"].as_array().unwrap() {
        let path = format!("{model}/{}", file["path"].as_str().unwrap());
        let Some(read) = foreign(&["file", &url, &path]) else { return };
        for way in ["fromStream", "fromBlocks"] {
            assert_eq!(
                (&read[way]["sha256"], &read[way]["cid"], &read[way]["size"]),
                (&file["sha256"], &file["cid"], &file["size"]),
                "{path}"
            );
        }
    }
    let record = published["uri"].as_str().unwrap().strip_prefix("ipfs://").unwrap().to_owned();
    let read = foreign(&["file", &url, &record]).unwrap();
    assert_eq!(read["fromBlocks"]["cid"], record);
}

#[test]
fn plain_clients_get_files_heads_and_parts() {
    let environment = TestEnvironment::new();
    let (published, digest) = published(&environment);
    let gateway = Gateway::start(&environment, &["--listen", "127.0.0.1:0"]);
    let model = digest["cid"].as_str().unwrap();
    let bytes = fs::read(environment.path("tiny/vocabulary.txt")).unwrap();
    let (head, body) = gateway.ask(&format!("GET /ipfs/{model}/vocabulary.txt"));
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain") && body == bytes, "{head}");
    let (head, body) = gateway.ask(&format!("HEAD /ipfs/{model}/vocabulary.txt"));
    assert!(head.starts_with("HTTP/1.1 200") && head.contains(&format!("content-length: {}", bytes.len())) && body.is_empty(), "{head}");
    let (head, body) = gateway.ask(&format!("HEAD /ipfs/{model}?format=car"));
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("content-length") && body.is_empty(), "{head}");
    let record = published["uri"].as_str().unwrap().strip_prefix("ipfs://").unwrap().to_owned();
    let (head, body) = gateway.ask(&format!("GET /ipfs/{record}"));
    assert!(head.contains("application/json") && serde_json::from_slice::<Value>(&body).unwrap()["name"].is_string(), "{head}");
    let (head, _) = gateway.ask("POST /ipfs/bafkqaaa");
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
}

#[test]
fn what_breaks_while_it_is_sent_is_not_taken_for_whole() {
    let environment = TestEnvironment::new();
    let (_, digest) = published(&environment);
    let gateway = Gateway::start(&environment, &[]);
    let file = digest["files"].as_array().unwrap().iter().find(|file| file["path"] == "vocabulary.txt").unwrap();
    // The file is referenced where it lies: its last leaves are gone now.
    let path = environment.path("tiny/vocabulary.txt");
    fs::File::options().write(true).open(&path).unwrap().set_len(900_000).unwrap();
    let (head, body) = gateway.ask(&format!("GET /ipfs/{}", file["cid"].as_str().unwrap()));
    assert!(head.contains(&format!("content-length: {}", file["size"])) && body.len() < file["size"].as_u64().unwrap() as usize);
    let (head, body) = gateway.ask(&format!("GET /ipfs/{}?format=car", file["cid"].as_str().unwrap()));
    assert!(head.contains("transfer-encoding: chunked") && !body.ends_with(b"0\r\n\r\n"), "{head}");
    let (head, body) = gateway.ask("GET /ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyka");
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    let told = String::from_utf8(body).unwrap();
    assert!(!told.contains(environment.root().to_str().unwrap()), "nothing of this machine is told: {told}");
}

#[test]
fn it_ends_politely_with_a_connection_open() {
    for signal in [Signal::INT, Signal::TERM] {
        let environment = TestEnvironment::new();
        let mut gateway = Gateway::start(&environment, &[]);
        let _idle = TcpStream::connect(&gateway.address).unwrap();
        gateway.ask("GET /ipfs/bafkqaaa?format=raw");
        rustix::process::kill_process(pid(&gateway.process), signal).unwrap();
        assert!(gateway.process.wait().unwrap().success());
    }
}

#[test]
fn denied_blocks_and_addresses_of_strangers() {
    let environment = TestEnvironment::new();
    let (published, _) = published(&environment);
    let record = published["uri"].as_str().unwrap().strip_prefix("ipfs://").unwrap().to_owned();
    environment.write("deny", format!("# asked for by its author\n\n{record}\n"));
    let gateway = Gateway::start(&environment, &["--deny", "deny"]);
    let (head, _) = gateway.ask(&format!("GET /ipfs/{record}?format=raw"));
    assert!(head.starts_with("HTTP/1.1 410"), "{head}");
    environment.write("deny", "not a cid\n");
    environment.run(&["gateway", "--deny", "deny"]).expect_error(2, &["not a cid"]);
    environment.run(&["gateway", "--listen", "0.0.0.0:0"]).expect_error(2, &["0.0.0.0", "--allow-remote"]);
    environment.run(&["gateway", "--listen", &gateway.address]).expect_error(3, &["--listen"]);
}

#[test]
fn archives_of_lineages_are_read_by_the_reference_implementation() {
    let environment = TestEnvironment::new();
    for model in ["base", "tune", "merged"] {
        environment.model(model);
    }
    let base = environment.ok(&["publish", "base", "--json"]).json();
    let from_base = base["token"].as_str().unwrap();
    let tune = environment.ok(&["derive", "tune", "--from", from_base, "--json"]).json();
    let from_tune = tune["token"].as_str().unwrap();
    let merged = environment.ok(&["derive", "merged", "--relation", "merge", "--from", from_tune, "--from", from_base, "--json"]).json();
    let token = merged["token"].as_str().unwrap();
    environment.ok(&["car", "export", token, "all.car", "--lineage", "--model"]);
    // By the record and again: the same content, the same bytes.
    environment.ok(&["car", "export", merged["uri"].as_str().unwrap(), "again.car", "--lineage", "--model"]);
    let bytes = fs::read(environment.path("all.car")).unwrap();
    assert!(bytes == fs::read(environment.path("again.car")).unwrap());

    let there = TestEnvironment::new();
    there.write("all.car", &bytes);
    let taken = there.ok(&["car", "import", "all.car", "--json"]).json();
    let roots: Vec<&str> = taken["roots"].as_array().unwrap().iter().map(|root| root["cid"].as_str().unwrap()).collect();
    let place = |published: &Value| {
        let record = published["uri"].as_str().unwrap().strip_prefix("ipfs://").unwrap();
        roots.iter().position(|root| *root == record).unwrap_or_else(|| panic!("{record} is not among {roots:?}"))
    };
    assert!(place(&merged) == 0 && place(&merged) < place(&tune) && place(&tune) < place(&base), "nearest first: {roots:?}");
    there.ok(&["storage", "fsck"]);
    // Without the chain the records lead on by themselves only as far as they name no token.
    if let Some(read) = foreign(&["car", environment.path("all.car").to_str().unwrap()]) {
        assert_eq!(read["roots"].as_array().unwrap().len(), roots.len());
        assert_eq!(read["blocks"].as_array().unwrap().len() as u64, taken["blocks"].as_u64().unwrap());
    }

    // A parent whose record is not here is said to be so, and what the chain knows of it leads on.
    environment.ok(&["storage", "unpin", tune["uri"].as_str().unwrap()]);
    environment.ok(&["storage", "gc"]);
    let noted = environment.ok(&["car", "export", token, "part.car", "--lineage"]);
    noted.expect_words(&[tune["uri"].as_str().unwrap().strip_prefix("ipfs://").unwrap(), "not in the store"]);
    let elsewhere = TestEnvironment::new();
    elsewhere.write("part.car", fs::read(environment.path("part.car")).unwrap());
    elsewhere.ok(&["car", "import", "part.car"]).expect_words(&[base["uri"].as_str().unwrap().strip_prefix("ipfs://").unwrap()]);
}
