//! Records, signatures and manifests that are not what they should be, on disk or at hand.

use std::fs;
use std::path::Path;

use crate::environment::{OTHER, TestEnvironment};

/// Surroundings with `kept` published, and the record of another model in `record.json` with its signature in `record.sig.json`.
fn with_a_record() -> TestEnvironment {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.write("record.sig.json", environment.ok(&["sign", "record.json"]).stdout);
    environment
}

/// Every verb that takes a record refuses it and says why.
fn assert_refused(environment: &TestEnvironment, record: &str, words: &[&str]) {
    for verb in ["sign", "store", "mint"] {
        environment.run(&[verb, record]).expect_error(1, words);
    }
    environment.assert_kept();
}

#[test]
fn a_record_that_was_edited_does_not_verify() {
    let environment = with_a_record();
    let record = fs::read_to_string(environment.path("record.json")).unwrap();
    let token = environment.publish("tiny");
    environment.write("edited.json", record.replace("Apache-2.0", "Apache-1.1"));
    environment.run(&["verify", "tiny", "--token", &token, "--record", "edited.json"]).expect_code(1).expect_words(&["FAIL record.digest"]);
    environment.write("other.json", environment.ok(&["record", "kept"]).stdout);
    environment.run(&["verify", "tiny", "--record", "other.json"]).expect_code(1).expect_words(&["FAIL record.digest"]);
    environment.write("garbage.json", b"\x00\xff");
    environment.run(&["verify", "tiny", "--record", "garbage.json"]).expect_code(1).expect_words(&["FAIL record.digest"]);
    environment.ok(&["verify", "tiny", "--record", "record.json"]);
    environment.assert_kept();
}

#[test]
fn a_record_in_another_form_is_no_record() {
    let environment = with_a_record();
    let record = fs::read_to_string(environment.path("record.json")).unwrap();
    for (name, text, word) in [
        ("spaced.json", record.replacen(':', ": ", 1), "canonical"),
        ("unknown.json", record.replacen('{', "{\"aaa\":1,", 1), "aaa"),
        ("twice.json", record.replacen("\"description\":", "\"description\":\"x\",\"description\":", 1), "description"),
        ("float.json", record.replacen("\"size\":", "\"size\":1.5,\"sizes\":", 1), "float.json"),
        ("cut.json", record[..record.len() - 9].to_owned(), "cut.json"),
        ("empty.json", String::new(), "empty.json"),
        ("null.json", "null".to_owned(), "null.json"),
    ] {
        environment.write(name, text);
        assert_refused(&environment, name, &[name, word]);
    }
}

#[test]
fn metadata_of_a_gigabyte_is_not_read() {
    let environment = with_a_record();
    fs::File::create(environment.path("huge.json")).unwrap().set_len(1 << 30).unwrap();
    assert_refused(&environment, "huge.json", &["huge.json", "larger than the 1048576 bytes"]);
    environment.run(&["verify", "kept", "--record", "huge.json"]).expect_error(1, &["huge.json", "larger"]);
    environment.run(&["verify", "kept", "--signature", "huge.json"]).expect_error(1, &["huge.json", "larger"]);
    environment.run(&["store", "record.json", "--signature", "huge.json"]).expect_error(1, &["huge.json", "larger"]);
    environment.run(&["record", "tiny", "--manifest", "huge.json"]).expect_error(1, &["huge.json", "larger"]);
    environment.run(&["sign", "record.json", "--keystore", "record.json", "--password-file", "huge.json"]).expect_error(1, &["huge.json"]);
}

#[test]
fn metadata_nested_ten_thousand_deep_is_refused() {
    let environment = with_a_record();
    environment.write("deep.json", format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)));
    environment.write("deeper.json", format!("{{\"a\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000)));
    for name in ["deep.json", "deeper.json"] {
        assert_refused(&environment, name, &[name, "deep"]);
        environment.run(&["record", "tiny", "--manifest", name]).expect_error(2, &[name]);
        environment.run(&["store", "record.json", "--signature", name]).expect_error(1, &[name]);
        environment.run(&["verify", "kept", "--record", name]).expect_code(1).expect_words(&["FAIL record.digest"]);
        environment.run(&["verify", "kept", "--signature", name]).expect_code(0);
    }
}

#[test]
fn hostile_files_beside_the_model_end_politely() {
    for (name, text) in [
        ("config.json", "[".repeat(10_000)),
        ("config.json", format!("{{\"a\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000))),
        ("config.json", " ".repeat((8 << 20) + 1)),
        ("README.md", format!("---\nlicense: mit\na: {}\n---\n", "[".repeat(10_000))),
        ("README.md", "---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\nlicense: mit\n---\n".to_owned()),
        ("README.md", "---\nlicense: mit\n".to_owned()),
        ("modelmark.toml", "a.".repeat(10_000) + "b=1"),
        ("modelmark.toml", "[model]\nnmae = \"typo\"\n".to_owned()),
        ("modelmark.toml", " ".repeat(1 << 20)),
    ] {
        let environment = TestEnvironment::with_a_token();
        environment.model("tiny");
        environment.write(&format!("tiny/{name}"), &text);
        let published = environment.run(&["publish", "tiny", "--license", "mit"]);
        let expected = if name == "modelmark.toml" { 2 } else { 0 };
        assert_eq!(published.code, Some(expected), "{name} {:.40}: {published:#?}", text);
        assert!(expected == 0 || published.stderr.contains(name), "{published:#?}");
        environment.assert_kept();
    }
}

#[test]
fn a_signature_document_for_something_else_is_refused() {
    let environment = with_a_record();
    let signature = fs::read_to_string(environment.path("record.sig.json")).unwrap();
    environment.write("kept.json", environment.ok(&["record", "kept"]).stdout);
    environment.write("kept.sig.json", environment.ok(&["sign", "kept.json"]).stdout);
    environment.write("forged.sig.json", signature.replacen("\"signature\":\"0x", "\"signature\":\"0x0", 1));
    let digit = signature.find("\"signature\":\"0x").unwrap() + 20;
    let mut flipped = signature.clone().into_bytes();
    flipped[digit] = if flipped[digit] == b'1' { b'2' } else { b'1' };
    environment.write("flipped.sig.json", flipped);
    environment.write("claimed.sig.json", signature.replace("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", OTHER));
    environment.write("empty.sig.json", "");
    for name in ["kept.sig.json", "forged.sig.json", "flipped.sig.json", "claimed.sig.json", "empty.sig.json", "record.json"] {
        for verb in ["store", "mint"] {
            environment.run(&[verb, "record.json", "--signature", name]).expect_error(1, &[name, "does not sign this record"]);
        }
    }
    environment.ok(&["mint", "record.json"]);
    for name in ["kept.sig.json", "flipped.sig.json", "claimed.sig.json"] {
        environment
            .run(&["verify", "tiny", "--record", "record.json", "--signature", name])
            .expect_code(1)
            .expect_checks(&["FAIL creator.signature"]);
    }
    environment.ok(&["verify", "tiny", "--signature", "record.sig.json"]);
    environment.assert_kept();
}

/// Bytes in the store that rot or are tampered with are found out when they are read.
#[test]
fn a_store_whose_bytes_changed_is_not_believed() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    let published = environment.ok(&["publish", "tiny", "--name", "Very particular name", "--json"]).json();
    assert_ne!(replace_in_files(&environment.data_dir().join("store"), b"Very particular name", b"Very different  name"), 0);
    environment.run(&["cat", published["uri"].as_str().unwrap()]).expect_error(1, &["damaged"]);
    environment.run(&["verify", "tiny"]).expect_code(3).expect_words(&["damaged", "COULD NOT LOOK"]);
    environment.ok(&["show", published["token"].as_str().unwrap()]).expect_words(&["damaged"]);
    environment.assert_kept();
    // Publishing again writes the right bytes.
    environment.ok(&["publish", "tiny", "--name", "Very particular name"]);
    environment.ok(&["verify", "tiny", "--full"]);
}

#[test]
fn a_copied_model_whose_bytes_changed_is_not_believed() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    environment.write("tiny/notes.txt", "Very particular notes");
    let notes = environment.ok(&["digest", "tiny/notes.txt", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    environment.ok(&["publish", "tiny", "--copy"]);
    environment.ok(&["cat", &notes]).expect_words(&["Very particular notes"]);
    assert_ne!(replace_in_files(&environment.data_dir().join("store"), b"Very particular notes", b"Very different  notes"), 0);
    environment.run(&["cat", &notes]).expect_error(1, &["damaged"]);
    environment.assert_kept();
}

/// Replaces bytes in every file below `folder` and says how often.
fn replace_in_files(folder: &Path, old: &[u8], new: &[u8]) -> usize {
    assert_eq!(old.len(), new.len());
    let mut replaced = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            replaced += replace_in_files(&path, old, new);
            continue;
        }
        let mut bytes = fs::read(&path).unwrap();
        while let Some(at) = bytes.windows(old.len()).position(|window| window == old) {
            bytes[at..at + new.len()].copy_from_slice(new);
            replaced += 1;
        }
        fs::write(&path, bytes).unwrap();
    }
    replaced
}
