//! `modelmark publish --store weights --recipient`, killed at random moments: while it digests, encrypts, sends and mints.

use std::fs;
use std::time::Duration;

use crate::environment::TestEnvironment;
use crate::storage::{Moments, kill_after, timed};

const ROUNDS: u32 = 12;

/// A model of some megabytes, an empty folder as a place, and who may read what lies there.
fn with_a_model() -> (TestEnvironment, String, String) {
    let environment = TestEnvironment::new();
    for name in ["a.bin", "deep/b.bin"] {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        environment.write(&format!("big/{name}"), [name.as_bytes(), &bytes].concat());
    }
    fs::create_dir(environment.path("disk")).unwrap();
    let place = format!("file://{}", environment.path("disk").display());
    let recipient = environment.ok(&["encrypt", "--new-identity", "key.txt"]).stdout.trim().to_owned();
    (environment, place, recipient)
}

fn publish<'a>(place: &'a str, recipient: &'a str) -> Vec<&'a str> {
    let model = ["publish", "big", "--license", "mit", "--name", "Big", "--json"];
    [&model[..], &["--store", "weights", "--place", place, "--recipient", recipient]].concat()
}

#[test]
fn encrypting_and_sending_that_is_killed_again_and_again_ends_well() {
    let (first, place, recipient) = with_a_model();
    let whole = timed(&first, &publish(&place, &recipient));
    let (here, place, recipient) = with_a_model();
    let publish = publish(&place, &recipient);
    let mut moments = Moments::new();
    // The first moment comes before any end.
    kill_after(&here, &publish, Duration::from_millis(1));
    for _ in 0..ROUNDS {
        kill_after(&here, &publish, moments.within(whole));
    }
    let published = here.ok(&publish).json();
    let again = here.ok(&publish).json();
    assert_eq!((&again["stored"]["sent"], &again["stored"]["root"]), (&0.into(), &published["stored"]["root"]));
    assert_eq!(again["token"], published["token"]);
    here.ok(&["storage", "fsck"]);
    here.ok(&["storage", "status", "--full"]);
    // One encrypted model, and nothing that a killed run began.
    let entries: Vec<_> = fs::read_dir(here.data_dir().join("encrypted")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!entries.iter().any(|name| name.to_string_lossy().contains(".part")), "{entries:?}");

    let there = TestEnvironment::new();
    there.write("key.txt", fs::read(here.path("key.txt")).unwrap());
    let (record, root) = (published["uri"].as_str().unwrap(), published["stored"]["root"].as_str().unwrap());
    let fetch = ["fetch", record, "model", "--place", &place, "--encrypted", root, "--identity", "key.txt"];
    for _ in 0..4 {
        kill_after(&there, &fetch, moments.within(whole / 4));
    }
    // A fetch that was done before it was killed is done.
    if !there.path("model").exists() {
        there.ok(&fetch);
    }
    assert_eq!(there.ok(&["digest", "model", "--json"]).json()["cid"], published["model"]);
    assert!(!there.path("model.part").exists());
}
