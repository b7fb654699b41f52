//! `modelmark fetch`: models from their records, whole, in part, after a kill, and not when they are not what they should be.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::chains::Served;
use crate::environment::{CREATOR, OTHER, TestEnvironment};

/// Two machines: one has published `tiny` and exported everything to the folder that the other names as a place.
struct Two {
    here: TestEnvironment,
    there: TestEnvironment,
    served: Served,
    token: String,
    record: String,
    place: String,
}

impl Two {
    fn new() -> Self {
        let here = TestEnvironment::new();
        here.sharded("tiny");
        let published = here.ok(&["publish", "tiny", "--license", "mit", "--json"]).json();
        let there = TestEnvironment::new();
        let place = format!("file://{}", here.data_dir().join("store").display());
        let served = Served::start(&here);
        let text = |key: &str| published[key].as_str().unwrap().to_owned();
        Self { token: text("token"), record: text("uri"), place, served, here, there }
    }

    fn assert_same(&self, path: &str) {
        let cid = |environment: &TestEnvironment, path: &str| environment.ok(&["digest", path, "--json"]).json()["cid"].clone();
        assert_eq!(cid(&self.here, "tiny"), cid(&self.there, path));
    }
}

#[test]
fn a_token_brings_its_model() {
    let two = Two::new();
    let fetch = |out: &str, more: &[&str]| {
        let arguments = [&["fetch", &two.token, out, "--place", &two.place, "--rpc-url", &two.served.url], more].concat();
        two.there.run(&arguments)
    };
    let fetched = fetch("model", &["--creator", CREATOR, "--json"]).expect_code(0).json();
    assert_eq!((&fetched["part"], &fetched["kept"]), (&false.into(), &0.into()));
    two.assert_same("model");
    fetch("model", &[]).expect_code(0).expect_words(&["there already"]);

    fetch("not-his", &["--creator", OTHER]).expect_code(4);
    assert!(!two.there.path("not-his").exists() && !two.there.path("not-his.part").exists());
    two.there.write("mine/thesis.tex", "years");
    fetch("mine", &[]).expect_error(2, &["something else", "nothing is replaced"]);
}

#[test]
fn a_record_brings_its_model_without_a_chain() {
    let two = Two::new();
    two.there.ok(&["fetch", &two.record, "by-cid", "--place", &two.place]);
    two.assert_same("by-cid");
    two.there.write("record.json", two.here.ok(&["cat", &two.record]).stdout);
    two.there.ok(&["fetch", "record.json", "by-file", "--place", &two.place]);
    two.assert_same("by-file");
    two.there.run(&["fetch", "record.json", "nowhere"]).expect_error(3, &["--place"]);
    two.there.run(&["fetch", "no-such-file", "x"]).expect_error(2, &["neither a token nor a CID"]);
    two.there.write("changed.json", fs::read_to_string(two.there.path("record.json")).unwrap().replace("tiny", "tony"));
    two.there.run(&["fetch", "changed.json", "x", "--place", &two.place, "--require-signature", "creator"]).expect_code(3);
    assert!(!two.there.path("x").exists());
    two.there.write("record.sig.json", two.there.ok(&["sign", "record.json"]).stdout);
    let signed = ["fetch", "record.json", "signed", "--place", &two.place, "--signature", "record.sig.json", "--creator"];
    two.there.run(&[&signed[..], &[OTHER]].concat()).expect_code(4);
    two.there.ok(&[&signed[..], &[CREATOR]].concat());
    two.there.run(&["fetch", "record.json", "no/such/folder", "--place", &two.place]).expect_code(2);
}

#[test]
fn the_own_store_is_a_place() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    let published = environment.ok(&["publish", "tiny", "--json"]).json();
    environment.ok(&["fetch", published["token"].as_str().unwrap(), "copy"]);
    environment.ok(&["diff", "tiny", "copy", "--exit-code"]);
}

#[test]
fn a_part_says_that_it_is_one() {
    let two = Two::new();
    let told = two.there.ok(&["fetch", &two.record, "part", "--place", &two.place, "--only", "*.txt", "--only", "weights/*-00001-*"]);
    told.expect_words(&["2 files of 4: A PART OF THE MODEL"]);
    assert!(two.there.path("part/tokenizer/vocabulary/words.txt").exists() && !two.there.path("part/README.md").exists());
    two.there.ok(&["fetch", &two.record, "part", "--place", &two.place, "--only", "*.txt", "--only", "weights/*-00001-*"]);
    two.there.run(&["fetch", &two.record, "part", "--place", &two.place]).expect_code(2);
    two.there.run(&["fetch", &two.record, "none", "--place", &two.place, "--only", "*.gguf"]).expect_error(2, &["no file", "README.md"]);
}

#[test]
fn tensors_come_without_the_rest() {
    let two = Two::new();
    let fetch = |out: &str, names: &[&str]| {
        let names: Vec<_> = names.iter().flat_map(|name| ["--tensor", name]).collect();
        let arguments = [&["fetch", &two.record, out, "--place", &two.place, "--json"], &names[..]].concat();
        two.there.run(&arguments)
    };
    let told = fetch("head.safetensors", &["head.weight", "embed.bias"]).expect_code(0).json();
    assert_eq!(told["tensors"][0]["file"], "weights/model-00002-of-00002.safetensors");
    let tensors = two.there.ok(&["digest", "head.safetensors", "--tensors"]);
    tensors.expect_words(&["head.weight", "embed.bias"]);
    fetch("bias.raw", &["embed.bias"]).expect_code(0);
    assert_eq!(fs::read(two.there.path("bias.raw")).unwrap().len(), 16);
    fetch("bias.raw", &["embed.bias"]).expect_error(2, &["already"]);
    fetch("x.raw", &["nobody"]).expect_error(2, &["nobody"]);
}

#[test]
fn a_file_that_changed_at_the_place_does_not_come() {
    let two = Two::new();
    let file = two.here.path("tiny/weights/model-00001-of-00002.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    two.there.run(&["fetch", &two.record, "model", "--place", &two.place]).expect_code(3);
    assert!(!two.there.path("model").exists());
    // What was right is there, and is not fetched again once the rest can be had.
    two.here.sharded("tiny");
    two.there.ok(&["fetch", &two.record, "model", "--place", &two.place]);
    two.assert_same("model");
}

/// A model that takes a while, published on one machine.
fn large() -> Two {
    let here = TestEnvironment::new();
    let bytes: Vec<u8> = (0..24_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for name in ["a", "b"] {
        here.write(&format!("tiny/{name}.bin"), [name.as_bytes(), &bytes].concat());
    }
    let published = here.ok(&["publish", "tiny", "--license", "mit", "--name", "Large", "--json"]).json();
    let there = TestEnvironment::new();
    let place = format!("file://{}", here.data_dir().join("store").display());
    let served = Served::start(&here);
    let text = |key: &str| published[key].as_str().unwrap().to_owned();
    Two { token: text("token"), record: text("uri"), place, served, here, there }
}

#[test]
fn a_fetch_that_is_killed_again_and_again_ends_well() {
    let two = large();
    let arguments = ["fetch", &two.record, "model", "--place", &two.place, "--json"];
    let mut killed = 0;
    for round in 1..=12 {
        let mut child = two.there.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(35 * round));
        killed += u32::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();
        assert!(!two.there.path("model").exists() || !two.there.path("model.part/files").exists(), "both are there");
    }
    assert!(killed > 0, "it was never killed");
    two.there.ok(&arguments);
    two.assert_same("model");
    assert!(!two.there.path("model.part").exists());
}

#[test]
fn a_full_disk_loses_nothing() {
    let two = large();
    let shell = |script: &str| {
        let template = two.there.command(&["fetch", &two.record, "model", "--place", &two.place]);
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sh").arg(template.get_program()).args(template.get_args());
        command.env_clear().envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(template.get_current_dir().unwrap()).stdin(Stdio::null());
        two.there.finish(command)
    };
    // A file may have some megabytes: that is a disk with no more room, to the one who writes.
    shell("trap '' XFSZ; ulimit -f 8000; exec \"$@\"").expect_error(3, &["cannot write"]);
    assert!(!two.there.path("model").exists() && two.there.path("model.part").exists());
    shell("exec \"$@\"").expect_code(0).expect_words(&["from an earlier fetch"]);
    two.assert_same("model");
}

#[test]
fn an_encrypted_model_is_decrypted_while_it_comes() {
    let two = Two::new();
    let recipient = two.here.ok(&["encrypt", "--new-identity", "key.txt"]).stdout.trim().to_owned();
    two.here.ok(&["encrypt", "tiny", "sealed", "--recipient", &recipient]);
    // That brings its blocks into the store.
    two.here.ok(&["publish", "sealed", "--license", "mit", "--name", "Sealed"]);
    let root = two.here.ok(&["digest", "sealed", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    two.there.write("key.txt", fs::read(two.here.path("key.txt")).unwrap());
    two.there.ok(&["encrypt", "--new-identity", "stranger.txt"]);
    let fetch = |out: &str, root: &str, key: &str, more: &[&str]| {
        let arguments = [&["fetch", &two.record, out, "--place", &two.place, "--encrypted", root, "--identity", key], more].concat();
        two.there.run(&arguments)
    };
    fetch("model", &root, "key.txt", &[]).expect_code(0);
    two.assert_same("model");
    fetch("bias.raw", &root, "key.txt", &["--tensor", "embed.bias"]).expect_code(0);
    assert_eq!(fs::read(two.there.path("bias.raw")).unwrap().len(), 16);
    fetch("other", &root, "stranger.txt", &[]).expect_error(1, &["none of the identities"]);
    let plain = two.here.ok(&["digest", "tiny", "--json"]).json()["cid"].as_str().unwrap().to_owned();
    fetch("other", &plain, "key.txt", &[]).expect_error(1, &["no encrypted model"]);
    assert!(!two.there.path("other").exists());
}
