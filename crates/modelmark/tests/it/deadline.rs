//! `--deadline`: whatever chain and places do, a verification ends, and what was not seen by then is no pass.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use crate::double::{self, Answer};
use crate::environment::TestEnvironment;

/// A gateway that announces a short answer and gives a byte of it every now and then.
fn trickling() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = socket.read(&mut [0; 4096])?;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.ipld.raw\r\ncontent-length: 100000\r\n\r\n";
                socket.write_all(head.as_bytes())?;
                loop {
                    socket.write_all(b"x")?;
                    std::thread::sleep(Duration::from_millis(100));
                }
                #[expect(unreachable_code, reason = "it names the type of the errors")]
                std::io::Result::Ok(())
            });
        }
    });
    url
}

#[test]
fn a_chain_that_hangs() {
    let environment = TestEnvironment::with_a_token();
    let url = double::start(Answer::Hang);
    let words = ["the chain did not answer within 1 seconds", "COULD NOT LOOK"];
    environment.run(&["verify", "kept", "--rpc-url", &url, "--deadline", "1"]).expect_code(3).expect_words(&words);
}

#[test]
fn a_gateway_that_trickles() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.ok(&["publish", "tiny"]);
    std::fs::remove_dir_all(environment.data_dir().join("store")).unwrap();
    let words = ["the network had 1 seconds", "COULD NOT LOOK"];
    let outcome = environment.run(&["verify", "tiny", "--place", &trickling(), "--deadline", "1"]).expect_code(3);
    outcome.expect_checks(&["unknown record.found"]).expect_words(&words);
}
