//! Places beyond this machine: `--place`, `--keep`, `[storage]`, and what they keep.

use std::path::{Path, PathBuf};

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{LocalStore, Store as _};
use modelmark_testkit::foreign::Foreign;
use modelmark_testkit::moto::Moto;

use crate::environment::TestEnvironment;

/// An environment with the record of a small model, and the URLs of empty folders as places.
fn with_folders<const N: usize>(names: [&str; N]) -> (TestEnvironment, [String; N]) {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("record.json", environment.ok(&["record", "tiny"]).stdout);
    environment.write("record.sig.json", environment.ok(&["sign", "record.json"]).stdout);
    let urls = names.map(|name| {
        std::fs::create_dir(environment.path(name)).unwrap();
        url(&environment, name)
    });
    (environment, urls)
}

fn url(environment: &TestEnvironment, name: &str) -> String {
    format!("file://{}", environment.path(name).display())
}

/// Flips the last bit of each block in a store's index, and returns how many there are.
fn flip_a_bit_in_each_block(index: &Path) -> usize {
    let index = rusqlite::Connection::open(index).unwrap();
    let mut select = index.prepare("SELECT digest, bytes FROM blocks").unwrap();
    let blocks =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<Vec<(Vec<u8>, Vec<u8>)>, _>>().unwrap();
    for (digest, mut bytes) in blocks.clone() {
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(index.execute("UPDATE blocks SET bytes = ?2 WHERE digest = ?1", (&digest, &bytes)).unwrap(), 1);
    }
    blocks.len()
}

/// Takes everything out of a folder that is a place.
fn empty(folder: PathBuf) {
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(folder).unwrap();
}

#[test]
fn a_record_its_signatures_and_its_model_are_kept_in_a_folder() {
    let (environment, [place]) = with_folders(["backup"]);
    let args = ["store", "record.json", "--signature", "record.sig.json", "--model", "tiny", "--place", &place, "--json"];
    let stored = environment.ok(&args).json();
    let there = LocalStore::open(environment.path("backup")).unwrap();
    for field in ["record", "signatures", "picture", "model"] {
        let id: ContentId = stored[field].as_str().unwrap().parse().unwrap();
        assert!(there.get(&id, 1 << 20).unwrap().is_some(), "{field}");
    }
    // The model is its three files, and its directory alone.
    assert_eq!(stored["places"].as_array().unwrap().len(), 7);
    assert!(stored["places"][6]["alone"] == true && stored["places"][6]["root"] == stored["model"], "{stored}");
    assert_eq!(stored["places"][0]["place"], place);
    assert!(there.fsck().unwrap().is_clean());
    let status = environment.ok(&["storage", "status", "record.json", "--json"]).json();
    let what: Vec<&str> = status["places"].as_array().unwrap().iter().map(|place| place["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["record", "picture", "signatures", "model", "file", "file", "file"]);
    assert!(status["places"].as_array().unwrap().iter().all(|place| place["now"]["condition"] == "whole"), "{status}");
    environment.ok(&["storage", "status"]).expect_words(&["backup", "there, all"]);
}

#[test]
fn a_place_of_an_unknown_kind_is_told_before_anything_is_kept() {
    let (environment, _) = with_folders([]);
    let told = ["gopher://example.org", "known are", "file"];
    environment.run(&["store", "record.json", "--place", "gopher://example.org"]).expect_error(2, &told);
    let mut command = environment.command(&["store", "record.json"]);
    command.env("MODELMARK_PLACES", "gopher://example.org");
    environment.finish(command).expect_error(2, &told);
    environment.run(&["store", "record.json", "--place", "s3://key:secret@bucket"]).expect_error(2, &["no user name"]);
    let (one, two) = (url(&environment, "one"), "2 of {file, s3}");
    environment.run(&["store", "record.json", "--place", &one, "--keep", two]).expect_error(2, &["cannot be met", two]);
    environment.run(&["store", "record.json", "--place", &one, "--keep", "2 of 3"]).expect_error(2, &["no set in braces"]);
    environment.run(&["publish", "tiny", "--keep", "1 of {ipfs}"]).expect_error(2, &["cannot be met", "--place"]);
}

#[test]
fn nothing_is_minted_until_enough_places_keep_it() {
    let (environment, [good]) = with_folders(["good"]);
    let down = url(&environment, "unmounted");
    let both = ["publish", "tiny", "--place", &good, "--place", &down];
    environment.run(&both).expect_error(3, &["1 of 2 places", "unmounted", "mount the disk"]);
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["no token"]);
    // What was taken is noted, and seen again.
    environment.ok(&["storage", "status"]).expect_words(&["good", "there, all 1 blocks"]);
    let one_of = format!("1 of {{{good}, {down}}}");
    environment.run(&[&both[..], &["--keep", &format!("all and {one_of}")]].concat()).expect_error(3, &["unmounted"]);
    let published = environment.ok(&[&both[..], &["--keep", &one_of, "--json"]].concat());
    assert_eq!(published.json()["places"].as_array().unwrap().len(), 3);
    assert!(published.stderr.contains("unmounted"), "{}", published.stderr);
    environment.ok(&["verify", "tiny"]);
    let token = published.json()["token"].as_str().unwrap().to_owned();
    environment.ok(&["storage", "status", &token]).expect_words(&["record", "signatures"]);
}

#[test]
fn mint_waits_for_the_places_too() {
    let (environment, [good]) = with_folders(["good"]);
    let down = url(&environment, "unmounted");
    environment.run(&["mint", "record.json", "--place", &down]).expect_error(3, &["mount the disk"]);
    environment.run(&["verify", "tiny"]).expect_code(1).expect_words(&["no token"]);
    environment.ok(&["mint", "record.json", "--place", &good, "--place", &good]);
    environment.ok(&["storage", "status", "record.json", "--keep", "1 of {file}"]);
    environment.run(&["storage", "status", "record.json", "--keep", "1 of {s3}"]).expect_code(1).expect_words(&["policy not met"]);
}

#[test]
fn what_a_place_lost_is_found_and_put_again() {
    let (environment, [one, other]) = with_folders(["one", "other"]);
    environment.ok(&["store", "record.json", "--model", "tiny", "--copy", "--place", &one, "--place", &other]);
    empty(environment.path("one"));
    environment.run(&["storage", "status", "record.json"]).expect_code(1).expect_words(&["lost"]);
    environment.ok(&["storage", "repair", "record.json"]).expect_words(&["put again"]);
    environment.ok(&["storage", "status", "record.json"]);
    // When this machine has lost it too, the other place gives it.
    empty(environment.path("one"));
    let data = environment.data_dir().join("store");
    // The blocks alone: receipts lie in the same file.
    let kept = rusqlite::Connection::open(data.join("index.sqlite3")).unwrap();
    kept.execute_batch("DELETE FROM blocks; DELETE FROM places; DELETE FROM pins;").unwrap();
    drop(kept);
    environment.ok(&["storage", "repair"]).expect_words(&["put again", "there"]);
    environment.ok(&["storage", "status", "--full"]);
    // Nobody has it any more.
    empty(environment.path("one"));
    empty(environment.path("other"));
    rusqlite::Connection::open(data.join("index.sqlite3")).unwrap().execute_batch("DELETE FROM blocks; DELETE FROM places;").unwrap();
    environment.run(&["storage", "repair"]).expect_code(1).expect_words(&["lost"]);
}

#[test]
fn a_block_damaged_on_this_machine_comes_back_from_a_place() {
    let (environment, [one]) = with_folders(["one"]);
    let stored = environment.ok(&["store", "record.json", "--place", &one, "--json"]).json();
    let record: ContentId = stored["record"].as_str().unwrap().parse().unwrap();
    let index = rusqlite::Connection::open(environment.data_dir().join("store/index.sqlite3")).unwrap();
    let flip = "UPDATE blocks SET bytes = CAST('x' || substr(bytes, 2) AS BLOB) WHERE digest = ?1";
    assert_eq!(index.execute(flip, [record.digest().as_bytes().as_slice()]).unwrap(), 1);
    drop(index);
    environment.run(&["cat", &record.to_string()]).expect_code(1);
    environment.ok(&["storage", "repair"]).expect_words(&["put again"]);
    environment.ok(&["cat", &record.to_string()]);
}

/// A folder and an object store, which have the same.
#[test]
fn a_bit_that_flips_at_one_place_comes_back_from_another() {
    let Some(moto) = Moto::start() else { return };
    let (environment, [folder]) = with_folders(["one"]);
    let run = |args: &[&str]| {
        let mut command = environment.command(args);
        command.envs(moto.variables());
        environment.finish(command)
    };
    let places = ["--place", &folder, "--place", "s3://models/two"];
    let stored = run(&[&["store", "record.json", "--model", "tiny", "--copy", "--json"], &places[..]].concat()).expect_code(0).json();
    let damaged = flip_a_bit_in_each_block(&environment.path("one/index.sqlite3"));
    assert!(damaged > 4, "{damaged}");
    // This machine has nothing left of it, but the receipts.
    let here = rusqlite::Connection::open(environment.data_dir().join("store/index.sqlite3")).unwrap();
    here.execute_batch("DELETE FROM blocks; DELETE FROM places; DELETE FROM pins;").unwrap();
    drop(here);
    run(&["storage", "status", "--full"]).expect_code(1).expect_words(&["lost", "s3://models/two"]);
    run(&["storage", "repair", "--full"]).expect_code(0).expect_words(&["put again"]);
    run(&["storage", "status", "--full"]).expect_code(0);
    assert!(LocalStore::open(environment.path("one")).unwrap().fsck().unwrap().is_clean());
    environment.ok(&["storage", "fsck"]);
    let there = TestEnvironment::new();
    there.ok(&["fetch", stored["record"].as_str().unwrap(), "model", "--place", &folder]);
}

/// Receipts that were written before the clock was set back are of the future.
#[test]
fn a_clock_that_was_set_back_hides_no_loss() {
    let (environment, [one]) = with_folders(["one"]);
    environment.ok(&["store", "record.json", "--place", &one]);
    let index = rusqlite::Connection::open(environment.data_dir().join("store/index.sqlite3")).unwrap();
    let later = r#"UPDATE receipts SET receipt = CAST(replace(CAST(receipt AS TEXT), '"at":"20', '"at":"97') AS BLOB)"#;
    assert!(index.execute(later, []).unwrap() > 0);
    drop(index);
    let status = environment.ok(&["storage", "status", "--json"]).json();
    assert!(status["places"][0].to_string().contains("\"97"), "{status}");
    empty(environment.path("one"));
    environment.run(&["storage", "status"]).expect_code(1).expect_words(&["lost"]);
    environment.ok(&["storage", "repair"]).expect_words(&["put again"]);
    let status = environment.ok(&["storage", "status", "--json"]).json();
    assert!(!status["places"][0].to_string().contains("\"97"), "the place's last word is not the last: {status}");
}

#[test]
fn a_place_that_is_down_is_no_answer() {
    let (environment, [one]) = with_folders(["one"]);
    environment.ok(&["store", "record.json", "--place", &one]);
    std::fs::rename(environment.path("one"), environment.path("elsewhere")).unwrap();
    environment.run(&["storage", "status"]).expect_code(3).expect_words(&["could not look"]);
    environment.run(&["storage", "repair"]).expect_code(3).expect_words(&["could not look"]);
    environment.run(&["storage", "status", &ContentId::raw(b"nothing").to_string()]).expect_error(1, &["no place has taken"]);
}

#[test]
fn the_project_file_names_places_that_its_owner_agrees_to() {
    let (environment, [one]) = with_folders(["one"]);
    let project = |storage: &str| {
        environment.write("tiny/modelmark.toml", format!("[model]\nname = \"tiny\"\nlicense = \"mit\"\n[storage]\n{storage}\n"))
    };
    for (storage, told) in [
        ("place = []", "unknown key `place` in [storage]"),
        ("places = \"s3://a\"", "not a list of texts"),
        ("places = [\"tape\"]", "no URL of a place"),
        ("keep = \"most\"", "no demand"),
        ("keep = 2", "not a text"),
    ] {
        project(storage);
        environment.run(&["publish", "tiny"]).expect_error(2, &[told]);
    }
    // A stranger's file does not get the user's credentials.
    project("places = [\"s3://strangers\"]");
    environment.run(&["publish", "tiny"]).expect_error(2, &["nobody agreed", "s3://strangers"]);
    project(&format!("places = [\"{one}\"]\nkeep = \"1 of {{file}}\""));
    let published = environment.ok(&["publish", "tiny", "--json"]);
    assert_eq!(published.json()["places"][0]["place"], one);
    assert!(published.stderr.contains("modelmark.toml decides where this is kept"), "{}", published.stderr);
}

#[test]
fn an_estimate_sends_nothing() {
    let (environment, [one]) = with_folders(["one"]);
    let estimate = environment.ok(&["storage", "estimate", "tiny", "--place", &one, "--json"]).json();
    assert!(estimate["bytes"].as_u64().unwrap() > 100, "{estimate}");
    assert_eq!(estimate["places"][0]["cost"], serde_json::Value::Null);
    assert_eq!(std::fs::read_dir(environment.path("one")).unwrap().count(), 0);
    environment.ok(&["storage", "estimate", "--bytes", "5", "--place", &one]).expect_words(&["names no price"]);
    environment.run(&["storage", "estimate", "tiny"]).expect_code(2);
}

/// Two at once, and one that is ended in the middle: whoever repeats it finishes it.
#[test]
fn two_at_once_and_one_that_is_killed() {
    let (environment, [one]) = with_folders(["one"]);
    let args = ["store", "record.json", "--model", "tiny", "--place", &one];
    let mut runs: Vec<_> = (0..3).map(|_| environment.command(&args).stdout(std::process::Stdio::null()).spawn().unwrap()).collect();
    runs[0].kill().unwrap();
    runs[0].wait().unwrap();
    assert!(runs[1].wait().unwrap().success() && runs[2].wait().unwrap().success());
    environment.ok(&["storage", "status", "--full"]);
    let there = LocalStore::open(environment.path("one")).unwrap();
    assert!(there.fsck().unwrap().is_clean());
}

/// A receipt that cannot be written is told, and the place does not count.
#[test]
fn a_receipt_that_cannot_be_noted_is_told() {
    let (environment, [one]) = with_folders(["one"]);
    environment.ok(&["store", "record.json"]);
    let index = rusqlite::Connection::open(environment.data_dir().join("store/index.sqlite3")).unwrap();
    // A table that refuses at the moment when the receipt is written, and not before.
    index
        .execute_batch("CREATE TABLE receipts (root BLOB, place TEXT, receipt BLOB CHECK (length(receipt) < 0), PRIMARY KEY (root, place))")
        .unwrap();
    drop(index);
    environment.run(&["store", "record.json", "--place", &one]).expect_error(3, &["too few places", "index"]);
    let record = LocalStore::open(environment.path("one")).unwrap();
    assert!(record.pins().unwrap().iter().any(|pin| pin.root.codec() == Codec::Raw), "the place has it all the same");
}

/// A node of another make keeps all of it, and gives it to who knows nothing but the record.
#[test]
fn an_ipfs_node_keeps_a_record_and_its_model() {
    let Some(node) = Foreign::ipfs() else { return };
    let (environment, _) = with_folders([]);
    let place = format!("ipfs+{}", node.url("api"));
    let store = ["store", "record.json", "--signature", "record.sig.json", "--model", "tiny", "--place", &place, "--json"];
    let stored = environment.ok(&store).json();
    assert_eq!(stored["places"].as_array().unwrap().len(), 7, "{stored}");
    environment.ok(&["storage", "status", "record.json", "--full"]).expect_words(&["there, all"]);
    environment.ok(&store);
    let there = TestEnvironment::new();
    there.ok(&["fetch", stored["record"].as_str().unwrap(), "model", "--place", &place]);
    assert_eq!(there.ok(&["digest", "model", "--json"]).json()["cid"], stored["model"]);
    there.ok(&["cat", stored["record"].as_str().unwrap(), "--place", &place]);
}
