//! An object store that speaks the protocol of Amazon S3, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use modelmark_remote::{Address, Credentials, ObjectPlace, Secret};

/// A running store, ended when it is dropped.
pub(crate) struct Moto {
    process: Child,
    pub(crate) url: String,
}

impl Moto {
    /// Starts a store with the bucket `models`; none when the tool is not there.
    pub(crate) async fn start() -> Option<Self> {
        let python = modelmark_testkit::tools::moto()?;
        let mut command = Command::new(python);
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = lines.find_map(|line| Some(line.unwrap().split_once("Running on ")?.1.trim().to_owned())).unwrap();
        // What it says later has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let moto = Self { process, url };
        moto.send(reqwest::Method::PUT, "", "").await;
        Some(moto)
    }

    /// Sends a request, signed by nobody in particular, to the bucket, and expects success.
    pub(crate) async fn send(&self, method: reqwest::Method, key: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let url = format!("{}/models{key}", self.url).parse().unwrap();
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
        let url = format!("{}/moto-api/reset-auth", self.url).parse().unwrap();
        let answer = modelmark_remote::http::client(&url).unwrap().post(url).body("0").send().await.unwrap();
        assert!(answer.status().is_success());
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let variables = [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE01"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2hunter2hunter2"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_PROFILE", "other programs read this"),
        ];
        let object_stores = variables.into_iter().map(|(name, value)| (name.to_owned(), Secret::new(value))).collect();
        Credentials { object_stores, ..Credentials::default() }
    }

    pub(crate) fn place(&self) -> ObjectPlace {
        let address: Address = "s3://models/some/folder".parse().unwrap();
        ObjectPlace::open(&address, &self.credentials()).unwrap()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
