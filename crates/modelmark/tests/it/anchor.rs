//! `modelmark anchor`: a list is built, anchored, proven, checked and claimed.

use crate::environment::{CREATOR, OTHER, TestEnvironment};

const ORIGIN: &str = "models.example/batch";

/// Writes records of a few models and returns their files.
fn records(environment: &TestEnvironment, names: &[&str]) -> Vec<String> {
    let record = |name: &&str| {
        environment.model(name);
        let file = format!("{name}.json");
        environment.write(&file, environment.ok(&["record", name, "--license", "mit"]).stdout);
        file
    };
    names.iter().map(record).collect()
}

fn build<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["anchor", "build", "batch", "--key", "batch.pem", "--origin", ORIGIN, "--json"], more].concat()
}

#[test]
fn a_record_is_shown_to_have_been_in_an_anchored_list() {
    let environment = TestEnvironment::new();
    let files = records(&environment, &["one", "two", "three"]);
    let built = environment.ok(&build(&files.iter().map(String::as_str).collect::<Vec<_>>())).json();
    assert_eq!((&built["size"], &built["added"]), (&3.into(), &3.into()));
    environment
        .ok(&["anchor", "submit", "batch", "--dry-run"])
        .expect_words(&["anchor(bytes32,uint64,bytes32)", built["root"].as_str().unwrap()]);
    environment.ok(&["anchor", "submit", "batch"]).expect_words(&["is anchored by", CREATOR]);
    environment.ok(&["anchor", "submit", "batch"]).expect_words(&["was anchored before"]);

    environment.write("two.tlog-proof", environment.ok(&["anchor", "prove", "batch", "--record", "two.json"]).stdout);
    let check = |more: &[&str]| environment.run(&[&["anchor", "check", "two.tlog-proof"], more].concat());
    check(&["--record", "two.json", "--by", CREATOR]).expect_code(0).expect_words(&["HOLDS", "entry 1 of 3", "anchored at"]);
    check(&["--log-key", built["logKey"].as_str().unwrap()]).expect_code(0).expect_words(&["signed by models.example/batch"]);
    check(&[]).expect_code(0).expect_words(&["NOBODY VOUCHES"]);
    check(&["--by", OTHER]).expect_code(1).expect_words(&["DOES NOT HOLD", "never anchored"]);
    check(&["--record", "one.json"]).expect_code(1).expect_words(&["the proof is not of record:"]);
    let stranger = "models.example/batch+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    check(&["--log-key", stranger]).expect_error(2, &["id"]);

    let text = std::fs::read_to_string(environment.path("two.tlog-proof")).unwrap();
    environment.write("two.tlog-proof", text.replace("\n3\n", "\n4\n"));
    check(&["--by", CREATOR]).expect_code(1).expect_words(&["DOES NOT HOLD", "anchored over 3 entries", "for 4"]);
    environment.write("two.tlog-proof", "not a proof");
    check(&[]).expect_error(2, &["proof file"]);
}

#[test]
fn a_list_grows_and_keeps_its_key() {
    let environment = TestEnvironment::new();
    let lines: Vec<String> = (0..1_000).map(|number| format!("{number:064x}\n")).collect();
    environment.write("first", lines[..300].concat());
    environment.write("second", lines[300..].concat());
    environment.run(&["anchor", "build", "batch", "--key", "batch.pem", "--list", "first"]).expect_error(2, &["--origin"]);
    let first = environment.ok(&build(&["--list", "first"])).json();
    environment.ok(&["anchor", "prove", "batch", "--index", "299"]);
    let second = environment.ok(&["anchor", "build", "batch", "--key", "batch.pem", "--list", "second", "--json"]).json();
    assert_eq!((&second["size"], &second["added"], &second["logKey"]), (&1_000.into(), &700.into(), &first["logKey"]));
    let piped =
        environment.pipe(lines.concat(), &["anchor", "build", "other", "--key", "batch.pem", "--origin", ORIGIN, "--list", "-", "--json"]);
    assert_eq!(piped.expect_code(0).json()["root"], second["root"], "in one go as in two");
    environment.ok(&["anchor", "prove", "batch", "--entry", &format!("record:{:064x}", 999)]);
    environment
        .run(&["anchor", "prove", "batch", "--entry", &format!("commit:{:064x}", 999)])
        .expect_error(1, &["does not have the entry"]);
    environment.run(&["anchor", "prove", "batch", "--index", "1000"]).expect_error(2, &["no leaf 1000"]);
    environment.write("bad", "00\n");
    environment.run(&build(&["--list", "bad"])).expect_error(2, &["bad", "line 1"]);
    let nothing = environment.run(&["anchor", "prove", "nowhere", "--index", "0"]);
    nothing.expect_error(2, &["no list in `nowhere`", "checkpoint", "anchor build"]);
    environment.run(&["anchor", "submit", "nowhere"]).expect_error(2, &["no list in `nowhere`"]);
    environment.run(&["anchor", "build", "empty", "--key", "batch.pem", "--origin", ORIGIN]).expect_error(1, &["without entries"]);
}

#[test]
fn building_twice_gives_the_same_list() {
    let environment = TestEnvironment::new();
    let files = records(&environment, &["one", "two", "three"]);
    let first = environment.ok(&build(&[&files[0], &files[1]])).json();
    let again = environment.ok(&build(&[&files[0], &files[1]])).expect_words(&["2 entries are in the list already", "nothing was added"]);
    assert_eq!((&again.json()["root"], &again.json()["added"], &again.json()["addedBefore"]), (&first["root"], &0.into(), &2.into()));
    let more = environment.ok(&build(&[&files[1], &files[2]])).json();
    assert_eq!((&more["size"], &more["added"], &more["addedBefore"]), (&3.into(), &1.into(), &1.into()));

    // More than a bundle of entries, with one of them twice in one file, and the whole file a second time.
    let lines: Vec<String> = (0..600).map(|number| format!("{number:064x}\n")).collect();
    environment.write("lines", lines.concat() + &lines[3]);
    let build = |list: &str| {
        environment.ok(&["anchor", "build", "long", "--key", "batch.pem", "--origin", ORIGIN, "--json", "--list", list]).json()
    };
    let long = build("lines");
    assert_eq!((&long["size"], &long["addedBefore"]), (&600.into(), &1.into()));
    let again = build("lines");
    assert_eq!((&again["root"], &again["added"], &again["addedBefore"]), (&long["root"], &0.into(), &601.into()));
    environment.write("lines", lines[500..].concat() + &format!("{:064x}\n", 600));
    assert_eq!(build("lines")["size"], 601);
}

#[test]
fn an_entry_becomes_the_token_that_its_creator_stated() {
    let environment = TestEnvironment::new();
    let files = records(&environment, &["one", "two"]);
    environment.ok(&build(&["--mint", "--to", OTHER, &files[0], &files[1]]));
    let prove = ["anchor", "prove", "batch", "--record", "two.json", "--mint", "--to", OTHER];
    environment.write("two.tlog-proof", environment.ok(&prove).stdout);
    environment.write("two.sig.json", environment.ok(&["sign", "two.json"]).stdout);
    let claim = ["anchor", "claim", "two.tlog-proof", "two.json", "--signature", "two.sig.json", "--to", OTHER, "--json"];
    environment.run(&claim).expect_error(1, &["never anchored", "anchor submit"]);
    environment.ok(&["anchor", "submit", "batch"]);
    // Whoever is not the creator waits until the creator has let the contract act.
    environment.run(&[&claim[..], &["--dev-account", "2"]].concat()).expect_error(1, &["has not let the contract mint"]);
    environment.run(&["anchor", "claim", "two.tlog-proof", "two.json"]).expect_error(1, &["not of mint:", "--to"]);
    let before = environment.stored();
    environment.ok(&[&claim[..], &["--dry-run"]].concat());
    assert_eq!(environment.stored(), before, "a dry run wrote to the store");
    let claimed = environment.ok(&claim).json();
    assert!(environment.stored().len() > before.len());
    assert_eq!((&claimed["minted"], &claimed["to"]), (&true.into(), &OTHER.into()));
    let token = claimed["token"].as_str().unwrap();
    environment.ok(&["verify", "two", "--token", token]);
    environment.ok(&["show", token]).expect_words(&[OTHER]);
    assert_eq!(environment.ok(&claim).json()["minted"], false);
    // Now that the contract may, anybody can claim the other.
    environment.write("one.tlog-proof", environment.ok(&["anchor", "prove", "batch", "--index", "0"]).stdout);
    environment.ok(&["anchor", "claim", "one.tlog-proof", "one.json", "--to", OTHER, "--dev-account", "2"]);
}

#[test]
fn a_list_is_signed_by_one_key_under_one_name() {
    let environment = TestEnvironment::new();
    environment.write("one", format!("{:064x}\n", 1));
    environment.write("two", format!("{:064x}\n", 2));
    environment.ok(&build(&["--list", "one"]));
    let before = std::fs::read_to_string(environment.path("batch/checkpoint")).unwrap();
    let add = ["anchor", "build", "batch", "--list", "two", "--key"];
    // A name that was mistyped makes no new key.
    environment.run(&[&add[..], &["bacth.pem"]].concat()).expect_error(2, &["bacth.pem"]);
    assert!(!environment.path("bacth.pem").exists());
    environment.ok(&["anchor", "build", "other", "--list", "one", "--key", "other.pem", "--origin", ORIGIN]);
    environment.run(&[&add[..], &["other.pem"]].concat()).expect_error(2, &["other.pem", "not the key", "nothing was signed"]);
    environment
        .run(&[&add[..], &["batch.pem", "--origin", "models.example/other"]].concat())
        .expect_error(2, &["models.example/other", ORIGIN, "nothing was signed"]);
    assert_eq!(std::fs::read_to_string(environment.path("batch/checkpoint")).unwrap(), before);
    environment.ok(&[&add[..], &["batch.pem", "--origin", ORIGIN]].concat()).expect_words(&["1 added"]);
}

#[cfg(unix)]
#[test]
fn a_web_server_can_read_a_list_as_a_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let environment = TestEnvironment::new();
    environment.write("one", format!("{:064x}\n", 1));
    environment.ok(&build(&["--list", "one"]));
    let mode = |file: &str| std::fs::metadata(environment.path(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("batch/checkpoint"), mode("batch/manifest.json"), "as the user's mask lets any other file be");
    assert_eq!(mode("batch.pem"), 0o600);
}
