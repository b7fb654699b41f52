//! The digest cache: what a second run reads, and who does not use it.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::environment::TestEnvironment;

/// Longer than files have to be left alone for their digests to be kept.
fn settle() {
    sleep(Duration::from_millis(2_100));
}

/// Publishes `tiny` and returns what was read and what was not.
fn publish(environment: &TestEnvironment, options: &[&str]) -> Value {
    let args: Vec<_> = ["publish", "tiny", "--json"].into_iter().chain(options.iter().copied()).collect();
    environment.ok(&args).json()["statistics"].clone()
}

#[test]
fn publishing_again_after_an_edit_of_the_readme_reads_the_readme_only() {
    for options in [&[][..], &["--copy"]] {
        let environment = TestEnvironment::new();
        environment.model("tiny");
        settle();
        let size = |name: &str| fs::metadata(environment.path("tiny").join(name)).unwrap().len();
        let rest = size("config.json") + size("model.safetensors");
        assert_eq!(publish(&environment, options), json!({"bytesRead": rest + size("README.md"), "bytesReused": 0, "filesReused": 0}));

        environment.write("tiny/README.md", "---\nlicense: apache-2.0\n---\n# Another card\n");
        assert_eq!(publish(&environment, options), json!({"bytesRead": size("README.md"), "bytesReused": rest, "filesReused": 2}));
        environment.ok(&["verify", "tiny", "--full"]);
        environment.ok(&["digest", "tiny"]).expect_words(&["were not read: their digests are from the cache"]);
        // The store has all of it, the files that were not read included.
        let files = environment.ok(&["digest", "tiny", "--json", "--recheck"]).json()["files"].as_array().unwrap().clone();
        for file in files {
            let kept = environment.command(&["cat", file["cid"].as_str().unwrap()]).output().unwrap().stdout;
            assert_eq!(kept, fs::read(environment.path("tiny").join(file["path"].as_str().unwrap())).unwrap());
        }

        let all: Vec<_> = options.iter().copied().chain(["--recheck"]).collect();
        assert_eq!(publish(&environment, &all)["filesReused"], 0);
    }
}

#[test]
fn a_change_that_hides_its_time_is_seen_and_verify_looks_for_itself() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    settle();
    environment.publish("tiny");
    environment.ok(&["verify", "tiny"]);

    let noted = |options: &[&str]| {
        let args: Vec<_> = ["verify", "tiny", "--json"].into_iter().chain(options.iter().copied()).collect();
        environment.ok(&args).json()["notes"].to_string()
    };
    assert!(!noted(&[]).contains("cache"));
    assert!(noted(&["--cached"]).contains("3 of the files"));

    let weights = environment.path("tiny/model.safetensors");
    let modified = fs::metadata(&weights).unwrap().modified().unwrap();
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    fs::File::options().write(true).open(&weights).unwrap().set_modified(modified).unwrap();
    environment.run(&["verify", "tiny", "--cached"]).expect_code(1);
}

#[test]
fn a_damaged_cache_is_no_cache() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    settle();
    let good = environment.ok(&["digest", "tiny", "--json"]).stdout;
    let database = environment.data_dir().join("digests.sqlite3");
    for bytes in [b"".as_slice(), b"garbage", &[0xff; 8192]] {
        fs::write(&database, bytes).unwrap();
        for _ in 0..2 {
            let again = environment.ok(&["digest", "tiny", "--json"]);
            assert_eq!(again.stdout, good);
            // What is made anew is used again, and that is said; the damage is nobody's business.
            assert!(again.stderr.lines().all(|line| line.contains("were not read: their digests are from the cache")), "{again:#?}");
        }
    }
}
