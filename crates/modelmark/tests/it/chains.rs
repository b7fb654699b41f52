//! Chains for tests: the binary's own server, a devnet in this process under any chain id, and a real anvil.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use modelmark_devnet::{Config, Devnet, Server, serve};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::environment::TestEnvironment;

/// `modelmark devnet` on a free port, killed when dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) announced: Value,
    pub(crate) process: Child,
}

impl Served {
    pub(crate) fn start(environment: &TestEnvironment) -> Self {
        let mut command = environment.command(&["devnet", "--port", "0", "--json"]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // The announcement is one JSON object over several lines; its last one is the only unindented brace.
        while !text.ends_with("\n}\n") {
            text.push_str(&lines.next().expect("the server says where it listens").unwrap());
            text.push('\n');
        }
        let announced: Value = serde_json::from_str(&text).unwrap();
        Self { url: announced["url"].as_str().unwrap().to_owned(), announced, process }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(pid(&self.process), signal).unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn pid(process: &Child) -> rustix::process::Pid {
    rustix::process::Pid::from_child(process)
}

/// A devnet in this process, behind HTTP, with the chain id of a chain where money is real.
pub(crate) struct Elsewhere {
    pub(crate) url: String,
    pub(crate) devnet: Devnet,
    _server: Server,
    _runtime: Runtime,
}

impl Elsewhere {
    pub(crate) fn start(chain_id: u64) -> Self {
        let devnet = Devnet::in_memory(Config { chain_id, ..Config::default() }).unwrap();
        let runtime = Runtime::new().unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = runtime.block_on(serve(devnet.clone(), address, std::future::pending())).unwrap();
        Self { url: format!("http://{}", server.addr()), devnet, _server: server, _runtime: runtime }
    }

    pub(crate) fn ask(&self, method: &str, params: Value) -> Value {
        self.devnet.request(method, params).unwrap()
    }

    /// Sends 10 coins to `account` from a development account.
    pub(crate) fn fund(&self, account: &str) {
        let coins = "0x8ac7230489e80000";
        self.ask("eth_sendTransaction", json!([{"from": crate::environment::CREATOR, "to": account, "value": coins}]));
    }

    /// Returns how many transactions `account` has sent.
    pub(crate) fn sent_by(&self, account: &str) -> Value {
        self.ask("eth_getTransactionCount", json!([account, "latest"]))
    }
}

/// A fresh anvil, killed when dropped.
pub(crate) struct Anvil {
    pub(crate) url: String,
    process: Child,
}

impl Anvil {
    /// Starts an anvil; `None` when there is none to start.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new(modelmark_testkit::tools::anvil()?);
        command.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "anvil says where it listens");
            if let Some(address) = line.trim().strip_prefix("Listening on ") {
                break address.to_owned();
            }
        };
        // Whoever stops reading a pipe stops its writer.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Some(Self { url: format!("http://{address}"), process })
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
