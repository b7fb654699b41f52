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
    --- stderr
    ");
}

#[test]
fn threads_and_speed_do_not_change_what_it_is() {
    let environment = TestEnvironment::new();
    environment.sharded("sharded");
    let whole = environment.ok(&["digest", "sharded", "--json"]).json();
    for args in [&["--threads", "1"][..], &["--cid-only"], &["--threads", "64", "--cid-only"]] {
        let args: Vec<_> = ["digest", "sharded", "--json"].into_iter().chain(args.iter().copied()).collect();
        environment.ok(&args).expect_fields(&["cid", "size"], &whole);
    }
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
    assert_eq!(outboard, write("two", &["--threads", "1", "--cid-only"]));
    environment.run(&["digest", "sharded", "--outboard", "no/such/folder"]).expect_code(2);
}
