//! Places in object stores of every kind, over servers in processes of their own.
//!
//! Amazon S3 and Azure Blob Storage have servers that were made for tests. No server that can be had speaks the multipart uploads of Google Cloud Storage; its
//! XML interface was made to be that of S3, and so a server of S3 takes the requests.

use modelmark_remote::{Address, Credentials, ObjectPlace, Secret};
use modelmark_testkit::azurite::Azurite;
use modelmark_testkit::moto::Moto;
use reqwest::Method;

/// Which store a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    S3,
    Gs,
    Az,
}

/// A running store, ended when it is dropped.
pub(crate) struct Cloud {
    kind: Kind,
    server: Server,
}

enum Server {
    Moto(Moto),
    Azurite(Azurite),
}

impl Kind {
    /// The scheme of places.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gs => "gs",
            Self::Az => "az",
        }
    }

    /// The variable that a refusal has to name.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::S3 => "AWS_SECRET_ACCESS_KEY",
            Self::Gs => "GOOGLE_APPLICATION_CREDENTIALS",
            Self::Az => "AZURE_STORAGE_ACCOUNT_KEY",
        }
    }
}

impl Cloud {
    /// Starts a store with the bucket `models`; none when the tool is not there.
    pub(crate) async fn start(kind: Kind) -> Option<Self> {
        let start = move || match kind {
            Kind::S3 | Kind::Gs => Moto::start().map(Server::Moto),
            Kind::Az => Azurite::start().map(Server::Azurite),
        };
        Some(Self { kind, server: tokio::task::spawn_blocking(start).await.unwrap()? })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Sends a request to the bucket past the place, and expects success.
    pub(crate) async fn send(&self, method: Method, key: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let url = match &self.server {
            Server::Moto(moto) => format!("{}/models{key}", moto.url),
            Server::Azurite(azurite) => format!("{}/models{key}?{}", azurite.url(), azurite.sas()),
        };
        let url = url.parse().unwrap();
        let request = modelmark_remote::http::client(&url).unwrap().request(method, url).body(body);
        let request = match self.kind {
            Kind::Az => request.header("x-ms-blob-type", "BlockBlob"),
            Kind::S3 | Kind::Gs => request.header("authorization", "AWS somebody:anything"),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{key}: {}", answer.status());
        answer
    }

    /// Returns whether parts are left of uploads that failed. Azure throws them away a week later, and cannot be told to do so earlier.
    pub(crate) async fn has_parts(&self) -> bool {
        self.kind != Kind::Az && self.send(Method::GET, "?uploads", "").await.text().await.unwrap().contains("<UploadId>")
    }

    /// Returns the credentials of somebody who is not let in.
    pub(crate) async fn refused(&self) -> Credentials {
        let Server::Moto(moto) = &self.server else { return self.with("AZURE_STORAGE_ACCOUNT_KEY", "aHVudGVyMmh1bnRlcjI=") };
        // From now on it wants a signature by a key that it knows, of which there are none.
        let url = format!("{}/moto-api/reset-auth", moto.url).parse().unwrap();
        let answer = modelmark_remote::http::client(&url).unwrap().post(url).body("0").send().await.unwrap();
        assert!(answer.status().is_success());
        self.credentials()
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let own = match &self.server {
            Server::Moto(moto) if self.kind == Kind::Gs => {
                vec![("GOOGLE_BASE_URL", moto.url.clone()), ("GOOGLE_BEARER_TOKEN", "hunter2hunter2hunter2".to_owned())]
            }
            Server::Moto(moto) => moto.variables().to_vec(),
            Server::Azurite(azurite) => azurite.variables().to_vec(),
        };
        let others = ["AWS_PROFILE", "GOOGLE_CLOUD_PROJECT", "AZURE_CONFIG_DIR"].map(|name| (name, "other programs read this".to_owned()));
        let object_stores = own.into_iter().chain(others).map(|(name, value)| (name.to_owned(), Secret::new(value))).collect();
        Credentials { object_stores, ..Credentials::default() }
    }

    /// Returns the credentials with another value of one of them.
    fn with(&self, name: &str, value: &str) -> Credentials {
        let mut credentials = self.credentials();
        credentials.object_stores.insert(name.to_owned(), Secret::new(value));
        credentials
    }

    /// Returns the credentials with which a store of Azure lets in who has no key, but a signature.
    pub(crate) fn shared_signature(&self) -> Option<Credentials> {
        let Server::Azurite(azurite) = &self.server else { return None };
        let mut credentials = self.with("AZURE_STORAGE_SAS_KEY", azurite.sas());
        credentials.object_stores.remove("AZURE_STORAGE_ACCOUNT_KEY");
        Some(credentials)
    }

    pub(crate) fn place(&self) -> ObjectPlace {
        self.place_with(&self.credentials())
    }

    pub(crate) fn place_with(&self, credentials: &Credentials) -> ObjectPlace {
        let address: Address = format!("{}://models/some/folder", self.kind.scheme()).parse().unwrap();
        ObjectPlace::open(&address, credentials).unwrap()
    }
}
