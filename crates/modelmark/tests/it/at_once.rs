//! Several at once, and runs that end in the middle: nothing is minted twice, and nothing is lost.

use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::chains::{Served, pid};
use crate::environment::{Outcome, TestEnvironment};

fn all_at_once(environment: &TestEnvironment, commands: &[Vec<&str>]) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let running: Vec<_> = commands.iter().map(|args| scope.spawn(move || environment.run(args))).collect();
        running.into_iter().map(|thread| thread.join().unwrap().expect_code(0)).collect()
    })
}

#[test]
fn the_same_model_at_once_is_minted_once() {
    for served in [false, true] {
        let environment = TestEnvironment::with_a_token();
        environment.model("tiny");
        let _server = served.then(|| Served::start(&environment));
        let outcomes = all_at_once(&environment, &vec![vec!["publish", "tiny", "--json"]; 4]);
        let minted = outcomes.iter().filter(|outcome| outcome.json()["minted"] == true).count();
        assert_eq!(minted, 1, "{outcomes:#?}");
        assert!(outcomes.iter().all(|outcome| outcome.json()["token"] == outcomes[0].json()["token"]));
        environment.ok(&["verify", "tiny", "--full"]);
        environment.assert_kept();
    }
}

#[test]
fn different_models_at_once_all_get_their_tokens() {
    for served in [false, true] {
        let environment = TestEnvironment::with_a_token();
        let names = ["a", "b", "c", "d"];
        for name in names {
            environment.model(name);
        }
        let _server = served.then(|| Served::start(&environment));
        all_at_once(&environment, &names.map(|name| vec!["publish", name, "--json"]));
        for name in names {
            environment.ok(&["verify", name, "--full"]);
        }
        environment.assert_kept();
    }
}

#[test]
fn the_first_use_may_happen_several_times_at_once() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let commands = [vec!["publish", "tiny"], vec!["deploy"], vec!["publish", "tiny"], vec!["deploy"]];
    all_at_once(&environment, &commands);
    environment.ok(&["verify", "tiny"]);
}

/// Stops a first publication at many moments, from before anything is written to after the token is minted, and repeats it.
#[test]
fn a_run_that_was_stopped_can_be_repeated() {
    for signal in [Signal::KILL, Signal::INT] {
        let environment = TestEnvironment::with_a_token();
        for (number, delay) in [1, 20, 50, 90, 140, 220].into_iter().enumerate() {
            let name = format!("model-{number}");
            environment.model(&name);
            stop_after(&environment, &["publish", &name], Duration::from_millis(delay), signal);
            environment.ok(&["publish", &name]);
            environment.ok(&["verify", &name]);
        }
        environment.assert_kept();
    }
}

#[test]
fn the_very_first_run_may_be_stopped_too() {
    for delay in [10, 40, 80, 120, 200] {
        let environment = TestEnvironment::new();
        environment.model("tiny");
        stop_after(&environment, &["publish", "tiny", "--copy"], Duration::from_millis(delay), Signal::KILL);
        environment.ok(&["publish", "tiny", "--copy"]);
        environment.ok(&["verify", "tiny", "--full"]);
    }
}

fn stop_after(environment: &TestEnvironment, args: &[&str], delay: Duration, signal: Signal) {
    let mut command = environment.command(args);
    let mut process: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    // It may have ended already; then there is nothing to stop.
    let _ = rustix::process::kill_process(pid(&process), signal);
    process.wait().unwrap();
}

#[test]
fn a_list_that_is_built_at_once_loses_no_entry() {
    let environment = TestEnvironment::new();
    let lists = ["one", "two", "three", "four"];
    for (number, list) in (1..).zip(lists) {
        environment.write(list, format!("{number:064x}\n"));
    }
    let build = |list| vec!["anchor", "build", "batch", "--key", "batch.pem", "--origin", "models.example/batch", "--list", list, "--json"];
    let mut sizes: Vec<_> =
        all_at_once(&environment, &lists.map(build)).iter().map(|outcome| outcome.json()["size"].as_u64().unwrap()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2, 3, 4], "each goes on from the one before");
    for number in 1..=4 {
        environment.ok(&["anchor", "prove", "batch", "--entry", &format!("record:{number:064x}")]);
    }
}
