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
    let bad = verify("1MiB..").expect_code(1);
    assert_eq!(bad.json()["parts"][0]["bad"], json!([span(4 * LEAF, 5 * LEAF)]));
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

    // What is merely not there yet is not wrong, and nothing at all is no find.
    world.environment.write("tiny/adapter/weights.bin.incomplete", &world.weights[..5 * LEAF]);
    let clean = world.verify(&["--partial"]).expect_code(0).expect_words(&["unfinished", "bytes are missing", "go on from byte"]);
    assert_eq!((clean.json()["verdict"].as_str(), clean.status("model.part").as_str()), (Some("part-verified"), "pass"));
    world.environment.write("tiny/stranger.bin", "not of the model");
    world.verify(&["--partial"]).expect_code(1);
    fs::create_dir(world.environment.path("nothing")).unwrap();
    world.environment.run(&["verify", "nothing", "--partial", "--token", &world.token]).expect_code(3).expect_words(&["not one leaf"]);
}

#[test]
fn a_part_says_nothing_about_code() {
    let world = World::new();
    for part in [&["--partial"][..], &["--sample", "1"], &["--range", "README.md:0..1"], &["--proof", "proof.json"]] {
        let args = [&["verify", "tiny", "--token", &world.token, "--deny-code"], part].concat();
        world.environment.run(&args).expect_error(2, &["--deny-code", "cannot be used with"]);
    }
}

#[test]
fn a_model_of_one_file_has_one_name() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    fs::copy(environment.path("tiny/model.safetensors"), environment.path("one.safetensors")).unwrap();
    let published = environment.ok(&["publish", "one.safetensors", "--license", "mit", "--json"]).json();
    let token = published["token"].as_str().unwrap().to_owned();
    for range in ["0..5", "one.safetensors:0..5"] {
        environment.ok(&["digest", "one.safetensors", "--range", range]);
        environment.ok(&["verify", "one.safetensors", "--token", &token, "--range", range]);
    }
    environment.run(&["digest", "one.safetensors", "--range", "zzz:0..5"]).expect_error(2, &["no file zzz", "leave the path out"]);
    let args = ["verify", "one.safetensors", "--token", &token, "--range", "zzz:0..5"];
    environment.run(&args).expect_error(2, &["no file zzz", "leave the path out"]);
    let args = ["verify", "one.safetensors", "--token", &token, "--range", "0..1TiB"];
    environment.run(&args).expect_error(2, &["neither the record nor the files"]);
    environment.run(&["verify", "tiny", "--token", &token, "--range", "0..5"]).expect_error(2, &["name the file"]);
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

#[test]
fn a_range_is_digested_and_proven_without_the_rest_of_the_file() {
    let world = World::new();
    let (start, end) = (LEAF + 10, 2 * LEAF + 5);
    let range = format!("adapter/weights.bin:{start}..{end}");
    let digest = |more: &[&str]| {
        let args: Vec<_> = ["digest", "tiny", "--json", "--range", &range].into_iter().chain(more.iter().copied()).collect();
        world.environment.ok(&args).json()
    };
    let whole = digest(&["--hash", "sha256,keccak256,blake3", "--proof", "range.json"]);
    assert_eq!(whole["digests"]["sha256"], modelmark_digest::Sha256Digest::of(&world.weights[start..end]).to_string());
    assert_eq!(whole["digests"]["keccak256"], modelmark_digest::Keccak256Digest::of(&world.weights[start..end]).to_string());
    assert_eq!(whole["digests"]["blake3"], modelmark_digest::Blake3Digest::of(&world.weights[start..end]).to_string());
    let leaves: Vec<_> = whole["leaves"].as_array().unwrap().iter().map(|leaf| (leaf["index"].clone(), leaf["offset"].clone())).collect();
    assert_eq!(leaves, [(json!(1), json!(LEAF)), (json!(2), json!(2 * LEAF))]);
    let written: Value = serde_json::from_slice(&fs::read(world.environment.path("range.json")).unwrap()).unwrap();
    assert_eq!(written, whole["proof"]);

    // Only these leaves, alone in a file, are enough to verify them.
    world.environment.write("piece.bin", &world.weights[LEAF..3 * LEAF]);
    let verify = |path: &str, code: i32| {
        world.environment.run(&["verify", path, "--proof", "range.json", "--token", &world.token, "--json"]).expect_code(code)
    };
    let good = verify("piece.bin", 0);
    assert_eq!((good.json()["verdict"].as_str(), good.status("model.range").as_str()), (Some("part-verified"), "pass"));
    assert_eq!(good.json()["parts"][0]["good"], json!([span(LEAF, 3 * LEAF)]));
    for path in ["tiny", "tiny/adapter/weights.bin"] {
        assert_eq!(
            verify(path, 0).json()["parts"],
            json!([{
                "path": "adapter/weights.bin", "found": "adapter/weights.bin", "size": 6 * LEAF + 5, "present": 6 * LEAF + 5,
                "good": [span(LEAF, 3 * LEAF)], "bad": [], "absent": [],
            }])
        );
    }
    let mut changed = world.weights[LEAF..3 * LEAF].to_vec();
    changed[LEAF] ^= 1;
    world.environment.write("piece.bin", &changed);
    assert_eq!(verify("piece.bin", 1).json()["parts"][0]["bad"], json!([span(2 * LEAF, 3 * LEAF)]));
    world.environment.write("piece.bin", &changed[1..]);
    verify("piece.bin", 1);

    // With the outboard only the leaves of the range are read: a change elsewhere goes unseen, one in them does not.
    world.change(4 * LEAF);
    assert_eq!(digest(&["--from-outboard", "tiny.leaves"])["proof"], whole["proof"]);
    let other = digest(&["--proof", "range.json"]);
    assert_ne!(other["cid"], whole["cid"]);
    verify("tiny", 1);
    world.change(LEAF);
    world
        .environment
        .run(&["digest", "tiny", "--range", &range, "--from-outboard", "tiny.leaves"])
        .expect_error(1, &["not the file of the outboard"]);
}

#[test]
fn ranges_that_no_file_has_are_refused() {
    let world = World::new();
    let size = world.weights.len();
    let past = format!("adapter/weights.bin:0..{}", size + 1);
    let from = format!("adapter/weights.bin:{size}..");
    for range in ["0..1", "no/such/file:0..1", &past, &from, "README.md:5..5", "README.md:0..99999999999999999999", "README.md:9..1"] {
        world.environment.run(&["digest", "tiny", "--range", range]).expect_code(2);
    }
    world.environment.ok(&["digest", "tiny/README.md", "--range", "0..1"]);
    for range in ["no/such/file:0..1", &past, &from] {
        let args = ["verify", "tiny", "--token", &world.token, "--range", range];
        world.environment.run(&args).expect_error(2, &["neither the record nor the files"]);
    }
    // What is here and not on the record is no mistake of who asks.
    let mut longer = world.weights.clone();
    longer.push(1);
    world.environment.write("tiny/adapter/weights.bin", longer);
    world.environment.write("tiny/new.bin", "new");
    for range in ["new.bin:0..1", &past] {
        world.environment.run(&["verify", "tiny", "--token", &world.token, "--range", range]).expect_code(1);
    }
    world.environment.write("bad.json", "{}");
    world.environment.run(&["verify", "tiny", "--token", &world.token, "--proof", "bad.json"]).expect_error(1, &["not a range proof"]);
}

#[test]
fn with_the_outboard_a_whole_verification_tells_where_files_differ() {
    let world = World::new();
    let verify = |more: &[&str]| {
        let args: Vec<_> = ["verify", "tiny", "--json", "--token", &world.token].into_iter().chain(more.iter().copied()).collect();
        world.environment.run(&args)
    };
    let good = verify(&["--outboard", "tiny.leaves"]).expect_code(0);
    assert_eq!((good.json()["verdict"].as_str(), good.json().get("parts")), (Some("verified"), None));

    let mut bytes = world.weights[..5 * LEAF + 100].to_vec();
    bytes[LEAF + 3] ^= 1;
    bytes[2 * LEAF] ^= 1;
    bytes[4 * LEAF] ^= 1;
    world.environment.write("tiny/adapter/weights.bin", &bytes);
    let bad = verify(&["--outboard", "tiny.leaves"]).expect_code(1);
    assert_eq!(
        bad.json()["parts"],
        json!([{
            "path": "adapter/weights.bin", "found": "adapter/weights.bin", "size": 6 * LEAF + 5, "present": 5 * LEAF + 100,
            "good": [span(0, LEAF), span(3 * LEAF, 4 * LEAF)],
            "bad": [span(LEAF, 3 * LEAF), span(4 * LEAF, 5 * LEAF + 100)],
            "absent": [span(5 * LEAF + 100, 6 * LEAF + 5)],
        }])
    );
    let told = format!("other bytes at {}..{}, {}..{}", LEAF, 3 * LEAF, 4 * LEAF, 5 * LEAF + 100);
    world.environment.run(&["verify", "tiny", "--outboard", "tiny.leaves", "--token", &world.token]).expect_words(&[&told]).expect_code(1);
    assert_eq!(verify(&[]).expect_code(1).json().get("parts"), None);

    // An outboard of another model changes no verdict.
    world.environment.write("tiny/adapter/weights.bin", &world.weights);
    world.environment.model("other");
    world.environment.ok(&["digest", "other", "--outboard", "other.leaves"]);
    let other = verify(&["--outboard", "other.leaves"]).expect_code(0);
    assert!(other.json()["notes"][0].as_str().unwrap().contains("the outboard is of the model"), "{other:?}");
}

#[test]
fn unfinished_downloads_of_the_hub_client_are_found() {
    let world = World::new();
    let digest = modelmark_digest::Sha256Digest::of(&world.weights);
    let begun = &world.weights[..3 * LEAF + 9];
    fs::remove_file(world.environment.path("tiny/adapter/weights.bin")).unwrap();
    let verify = |path: &str| {
        let report = world.environment.run(&["verify", path, "--partial", "--json", "--token", &world.token]).expect_code(0);
        report.json()["parts"].as_array().unwrap().iter().find(|part| part["path"] == "adapter/weights.bin").unwrap().clone()
    };
    // By its SHA-256, as the client names large files, and by how it starts, when it is named by something else.
    for etag in [digest.to_string(), "0123abcd".repeat(8)] {
        let name = format!(".cache/huggingface/download/adapter/c2hvcnQ=.{etag}.incomplete");
        world.environment.write(&format!("tiny/{name}"), begun);
        world.environment.write("tiny/.cache/huggingface/download/other.0011.incomplete", "of another file");
        let part = verify("tiny");
        assert_eq!(
            (part["found"].as_str(), &part["good"], &part["resumeAt"]),
            (Some(name.as_str()), &json!([span(0, 3 * LEAF)]), &json!(3 * LEAF))
        );
        fs::remove_dir_all(world.environment.path("tiny/.cache")).unwrap();
    }

    let snapshot = format!("hub/models--org--tiny/snapshots/{}", "a".repeat(40));
    world.environment.write(&format!("hub/models--org--tiny/blobs/{digest}.incomplete"), begun);
    fs::create_dir_all(world.environment.path(&snapshot)).unwrap();
    let part = verify(&snapshot);
    assert_eq!((part["found"].as_str(), &part["good"]), (Some(format!("blobs/{digest}.incomplete").as_str()), &json!([span(0, 3 * LEAF)])));
}

#[test]
fn a_slice_of_a_tensor_is_proven_without_the_model() {
    let world = World::new();
    let tensors = world.environment.ok(&["digest", "tiny", "--tensors", "--json"]).json();
    let name = tensors["tensors"][0]["tensors"][0]["name"].as_str().unwrap().to_owned();
    let digest = |slice: &str, code: i32| {
        let args = ["digest", "tiny", "--slice", slice, "--proof", "slice.json", "--bytes", "slice.bin", "--json"];
        world.environment.run(&args).expect_code(code)
    };
    let proven = digest(&format!("{name}:0..4"), 0).json();
    assert_eq!(proven["root"], tensors["manifest"]["weights"]["tensors"]["root"]);
    let verify = |path: &str, code: i32| {
        world.environment.run(&["verify", path, "--proof", "slice.json", "--token", &world.token, "--json"]).expect_code(code)
    };
    let good = verify("slice.bin", 0);
    assert_eq!((good.json()["verdict"].as_str(), good.status("weights.slice").as_str()), (Some("part-verified"), "pass"));
    assert_eq!(good.json()["parts"][0]["path"], name.as_str());
    let directory = ["verify", "tiny", "--proof", "slice.json", "--token", &world.token];
    world.environment.run(&directory).expect_error(2, &["is a directory", "--bytes FILE"]);
    let mut bytes = fs::read(world.environment.path("slice.bin")).unwrap();
    bytes[0] ^= 1;
    world.environment.write("slice.bin", &bytes);
    assert_eq!(verify("slice.bin", 1).status("weights.slice"), "fail");
    let mut document: Value = serde_json::from_slice(&fs::read(world.environment.path("slice.json")).unwrap()).unwrap();
    document["tensor"]["name"] = json!("another");
    world.environment.write("slice.json", document.to_string());
    verify("slice.bin", 1);
    digest("no.such.tensor", 2);
    digest(&format!("{name}:0..999999999"), 2);
}
