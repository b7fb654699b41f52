//! Azure Blob Storage, in a process of its own.

use crate::foreign::Foreign;

/// A running store with the container `models`, ended when it is dropped.
#[derive(Debug)]
pub struct Azurite(Foreign);

impl Azurite {
    /// Starts a store; none when it is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        Foreign::azurite().map(Self)
    }

    /// Returns the URL of the account, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.0.url("url")
    }

    /// Returns a signature that is let in to everything, as the query of a URL.
    #[must_use]
    pub fn sas(&self) -> &str {
        self.0.url("sas")
    }

    /// Returns the environment variables with which a client finds it, and is let in by the account's key.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 3] {
        let word = |which| self.0.url(which).to_owned();
        [
            ("AZURE_STORAGE_ENDPOINT", word("url")),
            ("AZURE_STORAGE_ACCOUNT_NAME", word("account")),
            ("AZURE_STORAGE_ACCOUNT_KEY", word("key")),
        ]
    }
}
