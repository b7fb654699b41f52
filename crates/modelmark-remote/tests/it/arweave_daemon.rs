//! A gateway and a bundler of Arweave on this machine, whose blocks are mined when a test says so.

use std::ops::Deref;

use modelmark_testkit::arweave;

pub(crate) struct Daemon(arweave::Daemon);

impl Daemon {
    /// Starts both; `None` where the packages are not installed.
    pub(crate) fn start() -> Option<Self> {
        arweave::Daemon::start().map(Self)
    }

    /// Mines so many blocks.
    pub(crate) async fn mine(&self, blocks: u32) {
        let url = format!("{}/mine/{blocks}", self.gateway()).parse().unwrap();
        let client = modelmark_remote::http::client(&url).unwrap();
        assert!(client.get(url).send().await.unwrap().status().is_success());
    }
}

impl Deref for Daemon {
    type Target = arweave::Daemon;

    fn deref(&self) -> &arweave::Daemon {
        &self.0
    }
}
