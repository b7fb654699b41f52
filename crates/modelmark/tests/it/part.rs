//! `modelmark verify --range`, `--sample` and `--partial`: what they find in a part of a model, and that they never say more than they know.

use std::fs;

use serde_json::{Value, json};

use crate::environment::{Outcome, TestEnvironment};

const LEAF: usize = 256 << 10;

/// A published model with weights of six leaves and a bit, and its outboard.
struct World {
    environment: TestEnvironment,
    token: String,
    weights: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let environment = TestEnvironment::new();
        environment.model("tiny");
        let weights: Vec<u8> = (0..6 * LEAF + 5).map(|i| (i % 251 + 1) as u8).collect();
        environment.write("tiny/adapter/weights.bin", &weights);
        let token = environment.publish("tiny");
        environment.ok(&["digest", "tiny", "--outboard", "tiny.leaves"]);
        Self { environment, token, weights }
    }

    fn change(&self, at: usize) {
        let mut bytes = self.weights.clone();
        bytes[at] ^= 1;
        self.environment.write("tiny/adapter/weights.bin", bytes);
    }

    /// Verifies a part with the store's trees and with the outboard; both must find the same.
    fn verify(&self, part: &[&str]) -> Outcome {
        let run = |with: &[&str]| {
            let args: Vec<_> = ["verify", "tiny", "--json"].into_iter().chain(part.iter().copied()).chain(with.iter().copied()).collect();
            self.environment.run(&args)
        };
        let by_token = run(&["--token", &self.token]);
        let by_outboard = run(&["--outboard", "tiny.leaves"]);
        assert_eq!(by_outboard.code, by_token.code, "{by_token:?} {by_outboard:?}");
        assert_eq!(by_outboard.json()["parts"], by_token.json()["parts"]);
        by_token
    }
}

fn span(start: usize, end: usize) -> Value {
    json!({"start": start, "end": end})
}

#[test]
fn a_range_is_held_against_its_leaves_and_nothing_else() {
    let world = World::new();
    let verify = |range: &str| world.verify(&["--range", &format!("adapter/weights.bin:{range}")]);
    let good = verify("300KiB..600KiB").expect_code(0);
    assert_eq!((good.json()["verdict"].as_str(), good.status("model.range").as_str()), (Some("part-verified"), "pass"));
    assert_eq!(good.json()["parts"][0]["good"], json!([span(LEAF, 3 * LEAF)]));
    assert_eq!(good.status("model.files"), "skipped");

    world.change(4 * LEAF + 1);
    verify("..1MiB").expect_code(0);
    verify("6MB..").expect_code(1);
    let bad = verify("1MiB..").expect_code(1);
    assert_eq!(bad.json()["parts"][0]["bad"], json!([span(4 * LEAF, 5 * LEAF)]));
    world.verify(&["--range", "no/such/file:0..1"]).expect_code(1);
    world.environment.run(&["verify", "tiny", "--range", "README.md:0..1"]).expect_code(2);
    world.environment.run(&["verify", "tiny", "--range", "README.md", "--token", &world.token]).expect_code(2);
}

#[test]
fn a_sample_is_never_called_verified() {
    let world = World::new();
    for size in ["3", "1%", "100%", "1000000"] {
        let report = world.verify(&["--sample", size]).expect_code(0);
        assert_eq!((report.json()["verdict"].as_str(), report.status("model.sample").as_str()), (Some("sampled"), "sampled"));
        let text = world.environment.ok(&["verify", "tiny", "--sample", size, "--token", &world.token]);
        text.expect_words(&["SAMPLED, NOT VERIFIED", "would miss a change of 1 leaf with a probability of"]);
    }
    world.environment.run(&["verify", "tiny", "--sample", "0", "--token", &world.token]).expect_code(2);

    world.change(LEAF);
    world.verify(&["--sample", "100%"]).expect_code(1);
    world.environment.write("tiny/adapter/weights.bin", &world.weights);
    world.environment.write("tiny/added.py", "import os");
    world.verify(&["--sample", "1"]).expect_code(1);
    fs::remove_file(world.environment.path("tiny/added.py")).unwrap();
    fs::remove_file(world.environment.path("tiny/README.md")).unwrap();
    world.verify(&["--sample", "1"]).expect_code(1);
}

#[test]
fn an_unfinished_download_says_where_to_go_on() {
    let world = World::new();
    let whole = world.verify(&["--partial"]).expect_code(0);
    assert_eq!((whole.json()["verdict"].as_str(), whole.status("model.part").as_str()), (Some("part-verified"), "pass"));

    fs::remove_file(world.environment.path("tiny/adapter/weights.bin")).unwrap();
    let mut begun = world.weights[..5 * LEAF + 100].to_vec();
    begun[2 * LEAF + 7] ^= 1;
    world.environment.write("tiny/adapter/weights.bin.incomplete", &begun);
    fs::remove_file(world.environment.path("tiny/config.json")).unwrap();
    let report = world.verify(&["--partial"]).expect_code(1);
    let parts = report.json()["parts"].clone();
    let part = |path: &str| parts.as_array().unwrap().iter().find(|part| part["path"] == path).unwrap().clone();
    let weights = part("adapter/weights.bin");
    assert_eq!(weights["found"], "adapter/weights.bin.incomplete");
    assert_eq!(weights["good"], json!([span(0, 2 * LEAF), span(3 * LEAF, 5 * LEAF)]));
    assert_eq!(weights["bad"], json!([span(2 * LEAF, 3 * LEAF)]));
    assert_eq!(weights["absent"], json!([span(5 * LEAF, 6 * LEAF + 5)]));
    assert_eq!(weights["resumeAt"], 2 * LEAF);
    assert_eq!((part("config.json")["resumeAt"].clone(), part("config.json").get("found")), (json!(0), None));
    assert_eq!(part("README.md").get("resumeAt"), None);
}

#[test]
fn an_outboard_of_another_model_or_none_at_all_proves_nothing() {
    let world = World::new();
    world.environment.model("other");
    world.environment.ok(&["digest", "other", "--outboard", "other.leaves"]);
    let args = ["verify", "tiny", "--sample", "1", "--token", &world.token, "--outboard", "other.leaves", "--json"];
    let report = world.environment.run(&args).expect_code(3);
    assert_eq!(report.status("model.sample"), "unknown");
    world.environment.run(&["verify", "tiny", "--sample", "1", "--outboard", "tiny/README.md"]).expect_code(1);
    // A store that does not have the model's trees.
    let args = ["verify", "tiny", "--sample", "1", "--outboard", "tiny.leaves", "--data-dir", "elsewhere"];
    world.environment.run(&args).expect_code(1);
}
