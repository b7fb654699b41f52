//! `modelmark digest`.

use crate::environment::TestEnvironment;

#[test]
fn files_and_the_whole_are_fingerprinted() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    insta::assert_snapshot!(environment.ok(&["digest", "tiny"]).shown(), @r"
    code: 0
    --- stdout
    [SHA256]  [CID]            80  README.md
    [SHA256]  [CID]            67  config.json
    [SHA256]  [CID]           280  model.safetensors

    model    [CID]  3 files, 427 B
    weights  [CID]  1 file, 2 tensors, 36 parameters (F32)
    tensors  [SHA256]  names, types, shapes and bytes
    content  [SHA256]  float tensors, whatever their names
    value    [SHA256]  the same, whatever their width
    --- stderr
    ");
}

#[test]
fn threads_and_speed_do_not_change_what_it_is() {
    let environment = TestEnvironment::new();
    environment.sharded("sharded");
    let whole = environment.ok(&["digest", "sharded", "--json"]).json();
    for args in [&["--threads", "1"][..], &["--hash", "cid"], &["--threads", "64", "--hash", "keccak256,blake3"]] {
        let args: Vec<_> = ["digest", "sharded", "--json"].into_iter().chain(args.iter().copied()).collect();
        environment.ok(&args).expect_fields(&["cid", "size"], &whole);
    }
}

#[test]
fn tensors_are_listed_one_by_one() {
    let environment = TestEnvironment::new();
    environment.sharded("sharded");
    let listed = environment.ok(&["digest", "sharded", "--tensors", "--hash", "cid", "--json"]).json();
    let names: Vec<_> = listed["tensors"].as_array().unwrap().iter().flat_map(|file| file["tensors"].as_array().unwrap()).collect();
    assert_eq!((names.len(), &names[0]["name"], &names[0]["dtype"]), (4, &"embed.bias".into(), &"F32".into()));
    assert_eq!(listed["manifest"]["weights"]["tensors"]["count"], 4);
    environment.ok(&["digest", "sharded", "--tensors"]).expect_words(&["embed.weight", "head.bias", "model-00002-of-00002.safetensors"]);
}

#[test]
fn version_control_and_download_caches_are_left_out_and_it_is_said() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let cid = environment.ok(&["digest", "tiny", "--json"]).json()["cid"].clone();
    environment.write("tiny/.git/HEAD", "ref: refs/heads/main\n");
    environment.write("tiny/.cache/huggingface/download/x.lock", "");
    let with = environment.ok(&["digest", "tiny", "--json"]).json();
    assert_eq!(with["cid"], cid);
    assert_eq!(with["ignored"].as_array().unwrap().len(), 2);
    environment.ok(&["digest", "tiny"]).expect_words(&["left out .git/", "left out .cache/huggingface/"]);
}

#[test]
fn an_outboard_is_the_same_however_the_model_was_read() {
    let environment = TestEnvironment::new();
    environment.sharded("sharded");
    std::fs::create_dir(environment.path("sharded/empty")).unwrap();
    let write = |name: &str, args: &[&str]| {
        let args: Vec<_> = ["digest", "sharded", "--outboard", name].into_iter().chain(args.iter().copied()).collect();
        environment.ok(&args);
        std::fs::read(environment.path(name)).unwrap()
    };
    let outboard = write("one", &[]);
    assert!(outboard.starts_with(b"modelmark leaves"));
    assert_eq!(outboard, write("two", &["--threads", "1", "--hash", "cid"]));
    environment.run(&["digest", "sharded", "--outboard", "no/such/folder"]).expect_code(2);
}

#[test]
fn every_digest_and_profile_that_is_asked_for_is_given() {
    let environment = TestEnvironment::new();
    environment.write("three.bin", "abc");
    let all = environment.ok(&["digest", "three.bin", "--hash", "sha256,keccak256,blake3", "--json"]).json();
    let file = &all["files"][0];
    // FIPS 180-4, the Keccak team's vectors and the BLAKE3 specification, each of `abc`.
    assert_eq!(file["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(file["keccak256"], "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    assert_eq!(file["blake3"], "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
    environment
        .ok(&["digest", "three.bin", "--hash", "blake3"])
        .expect_words(&["6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"]);

    environment.write("large.bin", "x".repeat(300_000));
    let [legacy, wide] = ["unixfs-v1-256KiB-174", "unixfs-v1-2025"].map(|profile| {
        let manifest = environment.ok(&["digest", "large.bin", "--cid-profile", profile, "--json"]).json();
        assert_eq!(manifest["profile"], profile);
        manifest["cid"].clone()
    });
    assert!(legacy.as_str().is_some_and(|cid| cid.starts_with("bafy")), "two leaves under a node: {legacy}");
    assert!(wide.as_str().is_some_and(|cid| cid.starts_with("bafk")), "one leaf: {wide}");
}
