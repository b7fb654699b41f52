//! A gateway and a bundler of Arweave on this machine: `vectors/arweave/daemon.mjs`.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::tools;

/// Both, running until this is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    gateway: u16,
    bundler: u16,
    _folder: tempfile::TempDir,
}

impl Daemon {
    /// Starts both; `None` where the packages are not installed.
    ///
    /// # Panics
    /// When they do not start.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    pub fn start() -> Option<Self> {
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

    /// Returns the URL of the gateway.
    #[must_use]
    pub fn gateway(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway)
    }

    /// Returns the place that hands items to the bundler.
    #[must_use]
    pub fn bundled(&self) -> String {
        format!("ar://127.0.0.1:{}?bundler=http://127.0.0.1:{}", self.gateway, self.bundler)
    }

    /// Returns the place that posts transactions.
    #[must_use]
    pub fn direct(&self) -> String {
        format!("ar://127.0.0.1:{}?bundler=none", self.gateway)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn free_ports() -> [u16; 2] {
    // Both are held until both are known, so that they differ.
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
