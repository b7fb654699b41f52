//! A gateway and a bundler of Arweave on this machine: `vectors/arweave/daemon.mjs`.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use modelmark_testkit::tools;

pub(crate) struct Daemon {
    child: Child,
    gateway: u16,
    bundler: u16,
    _folder: tempfile::TempDir,
}

impl Daemon {
    /// Starts both; `None` where the packages are not installed.
    pub(crate) fn start() -> Option<Self> {
        let modules = tools::arweave_modules()?;
        let folder = tempfile::tempdir().unwrap();
        let [gateway, bundler] = free_ports();
        let mut child = Command::new("node")
            .arg(modules.parent().unwrap().join("daemon.mjs"))
            .args([gateway.to_string(), bundler.to_string()])
            .arg(folder.path().join("db"))
            // arlocal writes a log to where it stands.
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Some(Self { child, gateway, bundler, _folder: folder })
    }

    /// The place that hands items to the bundler.
    pub(crate) fn bundled(&self) -> String {
        format!("ar://127.0.0.1:{}?bundler=http://127.0.0.1:{}", self.gateway, self.bundler)
    }

    /// The place that posts transactions.
    pub(crate) fn direct(&self) -> String {
        format!("ar://127.0.0.1:{}?bundler=none", self.gateway)
    }

    /// Mines so many blocks.
    pub(crate) async fn mine(&self, blocks: u32) {
        let url = format!("http://127.0.0.1:{}/mine/{blocks}", self.gateway).parse().unwrap();
        let client = modelmark_remote::http::client(&url).unwrap();
        assert!(client.get(url).send().await.unwrap().status().is_success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_ports() -> [u16; 2] {
    // Both are held until both are known, so that they differ.
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
