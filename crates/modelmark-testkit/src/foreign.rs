//! Foreign services on loopback, each started by the test that needs it and gone with it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::tools;

/// A service of `tests/clients`: it ends when its standard input does, so it does not outlive a test that is killed either.
#[derive(Debug)]
pub struct Foreign {
    child: Child,
    _input: Option<ChildStdin>,
    ready: Value,
    _dir: TempDir,
}

impl Foreign {
    /// Starts js-ipfs, with a repository of its own; `None` where it is not installed.
    #[must_use]
    pub fn ipfs() -> Option<Self> {
        Self::start(&tools::ipfs_clients()?, "node.mjs", |dir| dir.join("repository").display().to_string())
    }

    /// Starts the reference mock of the pinning service API, which wants this token; `None` where it is not installed.
    #[must_use]
    pub fn pinning(token: &str) -> Option<Self> {
        Self::start(&tools::ipfs_clients()?, "pinning.mjs", |_| token.to_owned())
    }

    /// Starts Azure Blob Storage; `None` where it is not installed.
    pub(crate) fn azurite() -> Option<Self> {
        Self::start(&tools::azurite()?, "server.mjs", |dir| dir.display().to_string())
    }

    #[expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
    fn start(clients: &Path, script: &str, argument: impl Fn(&Path) -> String) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("node");
        command.arg(clients.join(script)).arg(argument(dir.path())).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{script} did not start: {line:?}"));
        Some(Self { _input: child.stdin.take(), child, ready, _dir: dir })
    }

    /// Returns a URL, or another word, that the service printed: `api` and `gateway` of js-ipfs.
    ///
    /// # Panics
    /// When it printed none of this name.
    #[must_use]
    #[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
    pub fn url(&self, which: &str) -> &str {
        self.ready[which].as_str().unwrap()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
