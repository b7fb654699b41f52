//! Places in an object store that speaks the protocol of Amazon S3.

use modelmark_remote::{Address, Credentials, ObjectPlace, Secret};
use modelmark_testkit::moto;

/// A running store, ended when it is dropped.
pub(crate) struct Moto(moto::Moto);

impl Moto {
    /// Starts a store with the bucket `models`; none when the tool is not there.
    pub(crate) async fn start() -> Option<Self> {
        let started = tokio::task::spawn_blocking(moto::Moto::start).await;
        started.unwrap().map(Self)
    }

    /// Sends a request, signed by nobody in particular, to the bucket, and expects success.
    pub(crate) async fn send(&self, method: reqwest::Method, key: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let url = format!("{}/models{key}", self.0.url).parse().unwrap();
        let answer = modelmark_remote::http::client(&url)
            .unwrap()
            .request(method, url)
            .header("authorization", "AWS somebody:anything")
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{key}: {}", answer.status());
        answer
    }

    /// From now on wants a signature by a key that it knows, of which there are none.
    pub(crate) async fn refuse_everybody(&self) {
        let url = format!("{}/moto-api/reset-auth", self.0.url).parse().unwrap();
        let answer = modelmark_remote::http::client(&url).unwrap().post(url).body("0").send().await.unwrap();
        assert!(answer.status().is_success());
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let variables = self.0.variables().into_iter().chain([("AWS_PROFILE", "other programs read this".to_owned())]);
        let object_stores = variables.map(|(name, value)| (name.to_owned(), Secret::new(value))).collect();
        Credentials { object_stores, ..Credentials::default() }
    }

    pub(crate) fn place(&self) -> ObjectPlace {
        let address: Address = "s3://models/some/folder".parse().unwrap();
        ObjectPlace::open(&address, &self.credentials()).unwrap()
    }
}
