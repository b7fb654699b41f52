//! `modelmark devnet`.

use rustix::process::Signal;

use crate::chains::Served;
use crate::environment::TestEnvironment;

#[test]
fn it_ends_politely_and_what_it_held_stays() {
    for signal in [Signal::INT, Signal::TERM] {
        let environment = TestEnvironment::new();
        environment.model("tiny");
        let mut served = Served::start(&environment);
        environment.publish("tiny");
        let endpoint = environment.data_dir().join("devnet/endpoint");
        assert_eq!(std::fs::read_to_string(&endpoint).unwrap(), served.url);
        served.signal(signal);
        assert!(served.process.wait().unwrap().success());
        assert!(!endpoint.exists(), "a server that is gone has no address");
        environment.ok(&["verify", "tiny", "--full"]);
    }
}

#[test]
fn a_killed_server_leaves_no_trap() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    let mut served = Served::start(&environment);
    environment.publish("tiny");
    served.signal(Signal::KILL);
    served.process.wait().unwrap();
    environment.ok(&["verify", "tiny"]);
    environment.assert_kept();
    let again = Served::start(&environment);
    environment.ok(&["verify", "tiny", "--rpc-url", &again.url]);
}

#[test]
fn one_chain_has_one_server() {
    let environment = TestEnvironment::new();
    let served = Served::start(&environment);
    environment.run(&["devnet", "--port", "0"]).expect_error(3, &["devnet", "another", &served.url]);
    let port = served.url.rsplit(':').next().unwrap();
    let elsewhere = TestEnvironment::new();
    elsewhere.run(&["devnet", "--port", port]).expect_error(3, &[port, "--port"]);
}

#[test]
fn other_machines_are_let_in_only_when_asked() {
    let environment = TestEnvironment::new();
    environment.run(&["devnet", "--port", "0", "--host", "0.0.0.0"]).expect_error(2, &["0.0.0.0", "--allow-remote"]);
}
