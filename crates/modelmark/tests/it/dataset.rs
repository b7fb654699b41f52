//! `modelmark dataset`.

use serde_json::Value;

use crate::environment::TestEnvironment;

const KEY: &str = "4242424242424242424242424242424242424242424242424242424242424242";

fn with_data() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.write("data/train/a.jsonl", "{\"id\":1}\n{\"id\":2}\n");
    environment.write("data/train/b.jsonl", "{ \"id\" : 1 }\n{ \"id\" : 2 }\n");
    environment.write("data/notes.txt", "of which nothing is said\n");
    environment.write("book.txt", "a book that was not bought\n");
    environment
}

fn root(environment: &TestEnvironment, args: &[&str]) -> String {
    let args: Vec<_> = ["dataset", "root", "data", "--json"].iter().chain(args).copied().collect();
    environment.ok(&args).json()["root"].as_str().unwrap().to_owned()
}

#[test]
fn the_root_is_told_with_the_files_and_their_rows() {
    let environment = with_data();
    insta::assert_snapshot!(environment.ok(&["dataset", "root", "data", "--rows"]).shown(), @r"
    code: 0
    --- stdout
    [SHA256]            25  notes.txt
    [SHA256]            18  train/a.jsonl
    [SHA256]            26  train/b.jsonl

    rows     [SHA256]  2 in train/a.jsonl
    rows     [SHA256]  2 in train/b.jsonl

    dataset  [SHA256]  3 files, 69 B
    --- stderr
    ");
    let rows = environment.ok(&["dataset", "root", "data", "--rows", "--json"]).json();
    // Other bytes, the same rows.
    assert_eq!(rows["rows"][0]["rows"], rows["rows"][1]["rows"]);
}

#[test]
fn members_and_absence_are_proven_and_checked() {
    let environment = with_data();
    let root = root(&environment, &[]);
    let digest = environment.ok(&["digest", "book.txt", "--json"]).json()["files"][0]["sha256"].as_str().unwrap().to_owned();
    for (claim, file) in [
        (&["train/a.jsonl"][..], Some("data/train/a.jsonl")),
        (&["--absent-content", digest.as_str()], Some("book.txt")),
        (&["--absent-path", "book.txt"], None),
    ] {
        let prove: Vec<_> = ["dataset", "prove", "data"].iter().chain(claim).copied().collect();
        let proof = environment.ok(&prove);
        environment.write("proof.json", &proof.stdout);
        let check = ["dataset", "check", "proof.json", "--root", root.as_str()];
        environment.ok(&check).expect_words(&["PROVEN"]);
        let other = environment.run(&["dataset", "check", "proof.json", "--root", &"0".repeat(64)]).expect_code(1);
        assert!(other.stdout.starts_with("NOT PROVEN"), "{other:?}");
        if let Some(file) = file {
            environment.ok(&[&check[..], &[file]].concat());
            let other = environment.run(&[&check[..], &["data/notes.txt", "--json"]].concat()).expect_code(1).json();
            assert_eq!(other["proven"], Value::Bool(false));
        } else {
            environment.run(&[&check[..], &["book.txt"]].concat()).expect_error(2, &["about a path"]);
        }
    }
}

#[test]
fn a_list_of_leaves_proves_without_the_data() {
    let environment = with_data();
    let root = root(&environment, &["--leaves", "data.leaves"]);
    std::fs::remove_dir_all(environment.path("data")).unwrap();
    let proof = environment.ok(&["dataset", "prove", "data.leaves", "--from-leaves", "notes.txt"]);
    environment.write("proof.json", &proof.stdout);
    environment.ok(&["dataset", "check", "proof.json", "--root", &root]);
    environment.run(&["dataset", "prove", "book.txt", "--from-leaves", "notes.txt"]).expect_error(1, &["not a leaf list"]);
}

#[test]
fn what_is_not_true_cannot_be_proven() {
    let environment = with_data();
    let digest = environment.ok(&["digest", "data/notes.txt", "--json"]).json()["files"][0]["sha256"].as_str().unwrap().to_owned();
    environment.run(&["dataset", "prove", "data", "book.txt"]).expect_error(1, &["no file \"book.txt\" is", "--absent-path"]);
    environment.run(&["dataset", "prove", "data", "--absent-path", "notes.txt"]).expect_error(1, &["there is a file \"notes.txt\" in"]);
    environment.run(&["dataset", "prove", "data", "--absent-content", &digest]).expect_error(1, &["notes.txt"]);
    environment.run(&["dataset", "prove", "data", "../book.txt"]).expect_error(2, &["component", "relative to the dataset"]);
    environment.run(&["dataset", "prove", "data"]).expect_code(2);
    environment.write("proof.json", "{}");
    environment.run(&["dataset", "check", "proof.json", "--root", &digest]).expect_error(1, &["`proof.json`", "not a dataset proof"]);
    environment.write("proof.json", "[]");
    let told = environment.run(&["dataset", "check", "proof.json", "--root", &digest]).expect_error(1, &["`proof.json`"]);
    assert!(!told.stderr.contains("struct"), "{told:?}");
    environment.write("list", "{\"format\":\"modelmark-dataset-leaves-v1\"}\n1\n");
    let told = environment.run(&["dataset", "prove", "list", "--from-leaves", "a"]).expect_error(1, &["`list`", "the leaf list"]);
    assert!(!told.stderr.contains("struct"), "{told:?}");
}

#[test]
fn salts_hide_and_keys_are_not_told() {
    let environment = with_data();
    environment.write("key", format!("{KEY}\n"));
    let open = root(&environment, &[]);
    let salted = root(&environment, &["--salt-key-file", "key"]);
    assert_ne!(open, salted);
    let mut command = environment.command(&["dataset", "root", "data", "--salted", "--json"]);
    command.env("MODELMARK_SALT_KEY", KEY);
    assert_eq!(environment.finish(command).expect_code(0).json()["root"], salted.as_str());
    let proof = environment.ok(&["dataset", "prove", "data", "notes.txt", "--salt-key-file", "key"]);
    assert!(!proof.stdout.contains(&KEY[..16]));
    environment.write("proof.json", &proof.stdout);
    environment.ok(&["dataset", "check", "proof.json", "--root", &salted, "data/notes.txt"]);
    environment.run(&["dataset", "prove", "data", "--absent-path", "x", "--salt-key-file", "key"]).expect_error(1, &["salted"]);
    environment.run(&["dataset", "root", "data", "--salted"]).expect_error(2, &["MODELMARK_SALT_KEY is not set"]);
    environment.write("short", &KEY[..40]);
    let refused = environment.run(&["dataset", "root", "data", "--salt-key-file", "short"]).expect_error(2, &["40 characters"]);
    assert!(!refused.stderr.contains("4242"));
}

#[test]
fn what_is_no_dataset_is_refused() {
    let environment = with_data();
    environment.write("twice/caf\u{e9}", "1");
    environment.write("twice/cafe\u{301}", "2");
    environment.run(&["dataset", "root", "twice"]).expect_error(1, &["same path", "rename one"]);
    std::fs::create_dir(environment.path("empty")).unwrap();
    environment.run(&["dataset", "root", "empty"]).expect_error(1, &["holds no file"]);
    std::os::unix::fs::symlink("../book.txt", environment.path("data/link")).unwrap();
    environment.run(&["dataset", "root", "data"]).expect_error(1, &["symbolic link"]);
    environment.write("bad/x.jsonl", "{\"a\":1,\"a\":2}\n");
    environment.run(&["dataset", "root", "bad", "--rows"]).expect_error(1, &["line 1", "twice"]);
    environment.write("bad/x.jsonl", "NaN\n");
    environment.run(&["dataset", "root", "bad", "--rows"]).expect_error(1, &["line 1"]);
    environment.write("lie/x.parquet", "PAR1 is not a table PAR1");
    environment.run(&["dataset", "root", "lie", "--rows"]).expect_error(1, &["Parquet"]);
}

#[test]
fn a_published_record_binds_the_root_of_its_dataset() {
    let environment = with_data();
    environment.model("tiny");
    let record = environment.ok(&["record", "tiny", "--license", "mit", "--dataset", "data"]).json();
    assert_eq!(record["provenance"]["datasets"][0]["root"], format!("0x{}", root(&environment, &[])));
}

#[test]
fn a_croissant_description_is_written_and_read_and_held_against_the_files() {
    let environment = with_data();
    let root = root(&environment, &["--croissant", "croissant.json"]);
    let described = environment.ok(&["dataset", "croissant", "croissant.json", "data", "--json"]).json();
    assert_eq!(described["description"]["root"], root.as_str());
    assert_eq!(described["description"]["findings"], serde_json::json!([]));
    assert_eq!(described["comparison"]["sameRoot"], true);
    environment.write("data/notes.txt", "something else\n");
    environment.write("data/new.txt", "new\n");
    let differs = environment.run(&["dataset", "croissant", "croissant.json", "data"]).expect_code(1);
    for words in ["DIFFERS    file-0", "same       file-1", "not in it  new.txt", "says ANOTHER"] {
        assert!(differs.stdout.contains(words), "{words}: {differs:?}");
    }
    environment.run(&["dataset", "root", "data", "--croissant", "data/croissant.json"]).expect_error(2, &["a part of the dataset"]);
    environment.run(&["dataset", "root", "data", "--leaves", "data/notes.txt"]).expect_error(2, &["a part of the dataset"]);
    environment.write("odd.json", "[]");
    environment.run(&["dataset", "croissant", "odd.json"]).expect_error(1, &["sc:Dataset"]);
}

#[test]
fn a_row_is_proven_and_checked_without_the_file() {
    let environment = with_data();
    environment.write("data/table.csv", "id,text\n1,\"a, b\"\n2,c\n");
    let rows = environment.ok(&["dataset", "root", "data", "--rows", "--json"]).json();
    let root = |path: &str| {
        let found = rows["rows"].as_array().unwrap().iter().find(|rows| rows["path"] == path).unwrap();
        found["rows"]["root"].as_str().unwrap().to_owned()
    };
    for (path, row, value) in [("train/a.jsonl", 1, "{\"id\":2}"), ("train/b.jsonl", 0, "{\"id\":1}"), ("table.csv", 0, "[\"1\",\"a, b\"]")]
    {
        let proof = environment.ok(&["dataset", "prove", "data", "--row", &format!("{path}:{row}")]);
        environment.write("row.json", &proof.stdout);
        let good = environment.ok(&["dataset", "check", "row.json", "--root", &root(path), "--json"]).json();
        assert_eq!((&good["proven"], good["row"]["value"].as_str()), (&Value::Bool(true), Some(value)), "{path}");
        let other = environment
            .run(&["dataset", "check", "row.json", "--root", &"0".repeat(64)])
            .expect_code(1)
            .expect_words(&["the root of the rows of its file"]);
        assert!(other.stdout.starts_with("NOT PROVEN"), "{other:?}");
        environment.run(&["dataset", "check", "row.json", "--root", &root(path), "data/notes.txt"]).expect_code(2);
    }
    environment.ok(&["dataset", "prove", "data/train/a.jsonl", "--row", "1"]);
    for row in ["1", "no.jsonl:0", "notes.txt:0", "train/a.jsonl:2", "train/a.jsonl:-1", "train/a.jsonl:"] {
        environment.run(&["dataset", "prove", "data", "--row", row]).expect_code(2);
    }
    environment.write("data/broken.jsonl", "{");
    environment.run(&["dataset", "prove", "data", "--row", "broken.jsonl:0"]).expect_error(1, &["broken.jsonl", "line 1"]);
    environment.run(&["dataset", "prove", "data", "--row", "train/a.jsonl:0", "--salted"]).expect_code(2);
}
