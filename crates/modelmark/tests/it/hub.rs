//! Models in the cache of the Hugging Face hub: by folder and by name, and what is said when something is wrong there.

use std::fs;
use std::os::unix::fs::symlink;

use modelmark_testkit::hub::{HubCache, Layout, REPOSITORY, write_copy};

use crate::environment::TestEnvironment;

/// Surroundings with a cache where the hub's client puts it by itself.
fn with_cache(layout: Layout) -> (TestEnvironment, HubCache) {
    let environment = TestEnvironment::new();
    let cache = HubCache::write(&environment.root().join("cache/huggingface/hub"), layout).unwrap();
    (environment, cache)
}

#[test]
fn every_verb_takes_a_name() {
    for layout in [Layout::Plain, Layout::Shared] {
        let (environment, cache) = with_cache(layout);
        let token = environment.publish(REPOSITORY);
        for name in [REPOSITORY, "org/tiny-1.0@main", "org/tiny-1.0@0123456", cache.snapshot().to_str().unwrap()] {
            let report = environment.ok(&["verify", name, "--full", "--json"]);
            assert_eq!(report.json()["token"], token.as_str());
        }
        environment.ok(&["inspect", REPOSITORY]).expect_words(&["hf://org/tiny-1.0@", "model.safetensors", "note org/tiny-1.0 is `"]);
        environment.ok(&["digest", REPOSITORY]).expect_words(&["origin   hf://org/tiny-1.0@"]);
        environment.write("record.json", environment.ok(&["record", REPOSITORY]).stdout);
        environment.ok(&["store", "record.json", "--model", REPOSITORY]);
        environment.ok(&["store", "record.json", "--model", REPOSITORY, "--copy"]);
    }
}

#[test]
fn the_record_of_a_snapshot_is_that_of_a_plain_copy() {
    let (environment, _) = with_cache(Layout::Shared);
    write_copy(&environment.path("tiny-1.0")).unwrap();
    let options = ["--name", "Tiny"];
    let cached = environment.ok(&[&["record", REPOSITORY][..], &options].concat());
    let copied = environment.ok(&[&["record", "tiny-1.0"][..], &options].concat());
    assert_eq!(cached.stdout, copied.stdout);
    let token = environment.publish(REPOSITORY);
    environment.ok(&["verify", "tiny-1.0", "--token", &token, "--full"]);
}

#[test]
fn a_model_is_called_like_its_repository() {
    let (environment, cache) = with_cache(Layout::Plain);
    let seen = environment.ok(&["inspect", cache.snapshot().to_str().unwrap(), "--json"]).json();
    assert_eq!((&seen["name"], &seen["origin"]["repository"]), (&"tiny-1.0".into(), &"org/tiny-1.0".into()));
}

#[test]
fn the_cache_is_where_the_hub_s_client_has_it() {
    let environment = TestEnvironment::new();
    let cases = [
        (&[("HF_HUB_CACHE", "here")][..], "here"),
        (&[("HUGGINGFACE_HUB_CACHE", "here")], "here"),
        (&[("HF_HOME", "here")], "here/hub"),
        (&[("HF_HUB_CACHE", "here"), ("HF_HOME", "there")], "here"),
        (&[("HF_HUB_CACHE", "~/here")], "../home/here"),
        (&[("XDG_CACHE_HOME", "")], "../home/.cache/huggingface/hub"),
    ];
    for (variables, folder) in cases {
        let folder = environment.path(folder);
        let cache = HubCache::write(&folder, Layout::Plain).unwrap();
        let mut command = environment.command(&["digest", "org/tiny-1.0", "--hash", "cid"]);
        command.envs(variables.iter().copied());
        environment.finish(command).expect_code(0);
        fs::remove_dir_all(&cache.root).unwrap();
    }
}

#[test]
fn a_path_wins_over_a_name() {
    let (environment, _) = with_cache(Layout::Plain);
    environment.model("org/tiny-1.0");
    let here = environment.ok(&["digest", REPOSITORY, "--json"]).json();
    assert!(here.get("origin").is_none());
}

#[test]
fn what_the_cache_lacks_is_said_with_how_to_fetch_it() {
    let (environment, _) = with_cache(Layout::Plain);
    for verb in ["digest", "publish", "verify", "inspect", "record"] {
        let absent = ["org/absent", "cache/huggingface/hub", "`hf download org/absent`"];
        environment.run(&[verb, "org/absent"]).expect_error(2, &absent);
        let revision = ["revision \"v9\"", "(main, refs/pr/1)", "`hf download org/tiny-1.0 --revision v9`"];
        environment.run(&[verb, "org/tiny-1.0@v9"]).expect_error(2, &revision);
    }
    for name in ["../org/tiny-1.0", "org/../../x", "org/tiny-1.0@../main", "models/org/tiny-1.0"] {
        environment.run(&["digest", name]).expect_error(2, &["no such file"]);
    }
}

#[test]
fn what_is_no_snapshot_is_refused_with_those_there_are() {
    let (environment, cache) = with_cache(Layout::Plain);
    let as_text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    environment.run(&["digest", &as_text(cache.root.clone())]).expect_error(2, &["org/tiny-1.0", "ORG/NAME"]);
    environment.run(&["publish", &as_text(cache.repository())]).expect_error(2, &["not a model", &cache.commit, "(v1)"]);
    environment.run(&["inspect", &as_text(cache.repository().join("blobs"))]).expect_error(2, &["snapshots"]);
}

#[test]
fn links_that_lead_elsewhere_are_refused_by_every_verb() {
    let (environment, cache) = with_cache(Layout::Plain);
    symlink("/etc/passwd", cache.snapshot().join("vocab.txt")).unwrap();
    for verb in ["digest", "publish", "inspect", "record"] {
        environment.run(&[verb, REPOSITORY]).expect_error(1, &["vocab.txt", "/etc/passwd", "not followed"]);
    }
    environment.run(&["verify", REPOSITORY]).expect_code(1).expect_words(&["vocab.txt", "not followed"]);
    // Facts are read before anything is fingerprinted.
    fs::remove_file(cache.snapshot().join("vocab.txt")).unwrap();
    symlink("/etc/passwd", cache.snapshot().join("modelmark.toml")).unwrap();
    environment.run(&["publish", REPOSITORY]).expect_error(1, &["modelmark.toml", "not followed"]);
}

#[test]
fn a_damaged_or_missing_blob_is_to_be_fetched_again() {
    let (environment, cache) = with_cache(Layout::Plain);
    let weights = fs::canonicalize(cache.snapshot().join("model.safetensors")).unwrap();
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let again = format!("hf download org/tiny-1.0 --revision {}", cache.commit);
    environment.run(&["digest", REPOSITORY]).expect_error(1, &["is damaged", "model.safetensors", &format!("{again} --force-download")]);
    environment.run(&["verify", REPOSITORY]).expect_code(1).expect_words(&["is damaged"]);
    fs::remove_file(&weights).unwrap();
    environment.run(&["publish", REPOSITORY]).expect_error(1, &["was not downloaded", &again]);
}

#[test]
fn a_pointer_of_git_lfs_is_not_published() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    for verb in ["digest", "publish", "record"] {
        environment.run(&[verb, "tiny"]).expect_error(1, &["model.safetensors", "pointer of Git LFS", "`git lfs pull`"]);
    }
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["pointer of Git LFS"]);
}

#[test]
fn training_data_is_found_by_its_name() {
    let (environment, cache) = with_cache(Layout::Plain);
    environment.model("tiny");
    // Datasets lie in the cache like models.
    fs::rename(cache.repository(), cache.root.join("datasets--org--tiny-1.0")).unwrap();
    write_copy(&environment.path("data/tiny-1.0")).unwrap();
    let record = |data: &str| environment.ok(&["record", "tiny", "--dataset", data]).stdout;
    let plain = record("data/tiny-1.0");
    for name in ["org/tiny-1.0", "datasets/org/tiny-1.0", "org/tiny-1.0@0123456"] {
        assert_eq!(record(name), plain, "{name}");
    }
    let fetch = ["datasets/org/absent", "`hf download org/absent --repo-type dataset`"];
    environment.run(&["record", "tiny", "--dataset", "org/absent"]).expect_error(2, &fetch);
    // A model is no dataset, nor the other way round.
    environment.run(&["digest", "org/tiny-1.0"]).expect_error(2, &["org/tiny-1.0"]);
}

#[test]
fn external_data_of_a_snapshot_is_followed_and_checked() {
    let vectors = modelmark_testkit::tools::workspace().join("vectors/onnx/valid.json");
    let vectors: serde_json::Value = serde_json::from_slice(&fs::read(vectors).unwrap()).unwrap();
    let case = &vectors["external"][0];
    let unhex = |value: &serde_json::Value| {
        let hex = value.as_str().unwrap();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect::<Vec<u8>>()
    };
    let (environment, cache) = with_cache(Layout::Plain);
    let put = |name: &str, bytes: &[u8]| {
        let etag = modelmark_digest::Sha256Digest::of(bytes).to_string();
        fs::write(cache.repository().join("blobs").join(&etag), bytes).unwrap();
        symlink(format!("../../blobs/{etag}"), cache.snapshot().join(name)).unwrap();
        environment.write(&format!("copy/{name}"), bytes);
        cache.repository().join("blobs").join(etag)
    };
    fs::remove_file(cache.snapshot().join("model.safetensors")).unwrap();
    put("model.onnx", &unhex(&case["file"]));
    let data = put("model.onnx_data", &unhex(&case["files"]["model.onnx_data"]));
    let tensors = |model: &str| environment.ok(&["digest", model, "--json"]).json()["weights"].clone();
    let cached = tensors(REPOSITORY);
    assert_eq!(cached, tensors("copy"));
    assert_eq!(cached["tensors"]["count"], case["tensors"].as_array().unwrap().len());
    let seen = environment.ok(&["inspect", REPOSITORY, "--json"]).json();
    assert!(
        !seen["findings"].as_array().unwrap().iter().any(|finding| finding["code"].as_str().unwrap().starts_with("external.")),
        "{seen}"
    );
    fs::write(&data, b"short").unwrap();
    environment.ok(&["inspect", REPOSITORY]).expect_words(&["external.missing", "model.onnx_data"]);
    environment.run(&["digest", REPOSITORY]).expect_error(1, &["is damaged", "model.onnx_data"]);
    fs::remove_file(cache.snapshot().join("model.onnx_data")).unwrap();
    symlink("/etc/passwd", cache.snapshot().join("model.onnx_data")).unwrap();
    environment.run(&["digest", REPOSITORY]).expect_error(1, &["model.onnx_data", "not followed"]);
}
