//! An object store that speaks the protocol of Amazon S3, in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::tools;

/// A running store with the bucket `models`, ended when it is dropped.
#[derive(Debug)]
pub struct Moto {
    process: Child,
    /// Its URL, without a slash at the end.
    pub url: String,
}

impl Moto {
    /// Starts a store; none when the tool is not there.
    ///
    /// # Panics
    /// When the store does not start.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    pub fn start() -> Option<Self> {
        let python = tools::moto()?;
        let mut command = Command::new(python);
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = lines.find_map(|line| Some(line.unwrap().split_once("Running on ")?.1.trim().trim_end_matches('/').to_owned())).unwrap();
        // What it says later has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let moto = Self { process, url };
        moto.make_bucket();
        Some(moto)
    }

    #[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    fn make_bucket(&self) {
        let host = self.url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(host).unwrap();
        let head = "Authorization: AWS somebody:anything\r\nContent-Length: 0\r\nConnection: close";
        write!(connection, "PUT /models HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Returns the environment variables with which a client finds it, and is let in.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE01".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "hunter2hunter2hunter2".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
