//! Files of terabytes that cost nothing to make. Whoever reads one to its end reads for hours, and no test here would end.

use std::fs::{self, OpenOptions};

use crate::environment::TestEnvironment;
use crate::oms::key;
use crate::run::{namespaces, run};

/// Makes a file this long, nearly all of it holes.
fn stretch(environment: &TestEnvironment, name: &str) {
    let file = OpenOptions::new().create(true).append(true).open(environment.path(name)).unwrap();
    file.set_len(4 << 40).unwrap();
}

#[test]
fn a_sparse_file_of_terabytes_is_refused_by_its_size_in_every_way_of_verifying() {
    let environment = TestEnvironment::with_a_token();
    let token = environment.publish("kept");
    environment.write("record.json", environment.ok(&["record", "kept"]).stdout);
    environment.ok(&["bundle", "kept", "-o", "kept.bundle.json"]);
    let ways: [&[&str]; 6] = [
        &["--token", &token],
        &["--token", &token, "--full"],
        &["--token", &token, "--fail-fast"],
        &["--record", "record.json"],
        &["--bundle", "kept.bundle.json", "--offline"],
        &["--token", &token, "--partial"],
    ];
    let files = [("kept/model.safetensors", "model.files"), ("kept/README.md", "model.files"), ("kept/more.bin", "model.extra")];
    for (name, code) in files {
        let honest = fs::read(environment.path(name)).ok();
        stretch(&environment, name);
        for way in ways {
            let report = environment.run(&[&["verify", "kept", "--json"], way].concat()).expect_code(1);
            let file = name.trim_start_matches("kept/");
            report.expect_words(&[file]).expect_words(if code == "model.files" { &["4398046511104"] } else { &[] });
        }
        let report = environment.run(&["verify", "kept", "--json", "--token", &token]).expect_code(1);
        assert_eq!(report.status(code), "fail", "{report:#?}");
        for level in if namespaces() { &["pin", "recheck"][..] } else { &["recheck"] } {
            run(&environment, &["--seal", level, "--token", &token], "touch started").expect_error(1, &[code]);
        }
        environment.run(&["watch", "kept", "--fail", "--token", &token]).expect_code(1);
        assert!(!environment.path("started").exists());
        match honest {
            Some(bytes) => fs::write(environment.path(name), bytes).unwrap(),
            None => fs::remove_file(environment.path(name)).unwrap(),
        }
    }
    environment.assert_kept();
}

/// Without a record nobody says how long the files are.
#[test]
fn a_sparse_file_of_terabytes_is_not_read_to_find_its_token() {
    let environment = TestEnvironment::with_a_token();
    stretch(&environment, "kept/model.safetensors");
    let report = environment.run(&["verify", "kept", "--json"]).expect_code(3);
    assert_eq!(report.status("model.files"), "unknown", "{report:#?}");
    report.expect_words(&["model.safetensors is 4398046511104 bytes long", "holes", "Name the token"]);
    run(&environment, &["--seal", "recheck"], "touch started").expect_error(3, &["holes"]);
    environment.run(&["watch", "kept", "--fail"]).expect_code(3);
    assert!(!environment.path("started").exists());
}

/// Whatever reads all of a model refuses such a file alike, and says with which option it goes on.
#[test]
fn a_sparse_file_of_terabytes_is_read_by_nothing_unasked() {
    let environment = TestEnvironment::new();
    environment.model("sparse");
    environment.model("plain");
    let (key, public_key) = (key("p256"), key("p256.pub"));
    let made = environment.ok(&["encrypt", "--new-identity", "ada.key", "--json"]).json();
    let recipient = made["recipient"].as_str().unwrap();
    environment.ok(&["oms", "sign", "key", "sparse", "--private-key", &key, "--signature", "model.sig"]);
    stretch(&environment, "sparse/more.bin");
    let ways: [&[&str]; 12] = [
        &["digest", "sparse"],
        &["digest", "sparse/more.bin"],
        &["digest", "sparse", "--tensors"],
        &["digest", "sparse", "--range", "more.bin:0..1KiB"],
        &["record", "sparse", "--license", "mit"],
        &["record", "plain", "--license", "mit", "--dataset", "sparse"],
        &["publish", "sparse", "--license", "mit"],
        &["diff", "plain", "sparse"],
        &["dataset", "root", "sparse"],
        &["encrypt", "sparse", "encrypted", "--recipient", recipient],
        &["oms", "sign", "key", "sparse", "--private-key", &key, "--signature", "other.sig"],
        &["oms", "verify", "key", "sparse", "--public-key", &public_key, "--signature", "model.sig"],
    ];
    for way in ways {
        environment.run(way).expect_error(3, &["more.bin", "4398046511104 bytes long", "holes", "--read-holes"]);
        // The option that is named is one of the verb's.
        environment.ok(&[way, &["--read-holes", "--help"]].concat());
    }
    assert!(!environment.path("other.sig").exists() && !environment.path("encrypted").exists());
    // Files that are holes and short are read, with and without.
    fs::File::create(environment.path("plain/zeros.bin")).unwrap().set_len(1 << 20).unwrap();
    let read = environment.ok(&["digest", "plain", "--json"]).json();
    assert_eq!(environment.ok(&["digest", "plain", "--read-holes", "--recheck", "--json"]).json(), read);
}
