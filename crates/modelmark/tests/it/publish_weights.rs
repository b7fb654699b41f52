//! `modelmark publish --store weights`: models that go to places file by file, and come back from there.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use modelmark_testkit::azurite::Azurite;
use modelmark_testkit::moto::Moto;
use serde_json::Value;

use crate::chains::Served;
use crate::environment::{Outcome, TestEnvironment};

/// The URL of a folder that is a place.
fn folder(environment: &TestEnvironment, name: &str) -> String {
    fs::create_dir(environment.path(name)).unwrap();
    format!("file://{}", environment.path(name).display())
}

fn cid(environment: &TestEnvironment, path: &str) -> Value {
    environment.ok(&["digest", path, "--json"]).json()["cid"].clone()
}

fn roots(published: &Value) -> usize {
    published["stored"]["receipts"].as_array().unwrap().len()
}

#[test]
fn files_go_one_by_one_and_are_not_sent_again() {
    let here = TestEnvironment::new();
    here.sharded("tiny");
    let place = folder(&here, "disk");
    let publish = ["publish", "tiny", "--license", "mit", "--place", &place, "--store", "weights", "--json"];
    let published = here.ok(&publish).json();
    // Four files; the model's directory, three below it, and the one that leads to its weights alone.
    assert_eq!(roots(&published), 9, "{published}");
    assert_eq!(published["stored"]["there"], 0);
    let again = here.ok(&publish).json();
    assert_eq!((&again["stored"]["sent"], roots(&again)), (&0.into(), 9));
    // What a place lost is sent again, and nothing else.
    here.ok(&["storage", "status", published["token"].as_str().unwrap()]).expect_words(&["there, all"]);
    fs::remove_dir_all(here.path("disk")).unwrap();
    fs::create_dir(here.path("disk")).unwrap();
    here.ok(&["storage", "repair"]).expect_words(&["put again"]);
    assert_eq!(here.ok(&publish).json()["stored"]["sent"], 0);

    let (there, served) = (TestEnvironment::new(), Served::start(&here));
    there.ok(&["fetch", published["token"].as_str().unwrap(), "model", "--place", &place, "--rpc-url", &served.url]);
    assert_eq!(cid(&there, "model"), published["model"]);
}

#[test]
fn a_place_is_needed_and_nothing_is_minted_without_it() {
    let here = TestEnvironment::new();
    here.model("tiny");
    here.run(&["publish", "tiny", "--store", "weights"]).expect_error(2, &["no place", "--place"]);
    assert!(!here.data_dir().join("store").exists(), "it was told after the model was taken in");
    let down = format!("file://{}", here.path("unmounted").display());
    here.run(&["publish", "tiny", "--store", "weights", "--place", &down]).expect_error(3, &["too few places", "mount the disk"]);
    here.run(&["verify", "tiny"]).expect_code(1).expect_words(&["no token"]);
    here.run(&["publish", "tiny", "--store", "everything"]).expect_code(2);
}

/// A command that finds the object store.
fn with_store<'c>(moto: &Moto, command: &'c mut Command) -> &'c mut Command {
    command.envs(moto.variables())
}

fn finish(environment: &TestEnvironment, moto: &Moto, args: &[&str]) -> Outcome {
    let mut command = environment.command(args);
    with_store(moto, &mut command);
    environment.finish(command)
}

/// Files that take a while, an empty directory, and two names for the same bytes.
fn large(environment: &TestEnvironment) {
    let bytes: Vec<u8> = (0..9_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for name in ["a.bin", "b.bin", "deep/er/c.bin"] {
        environment.write(&format!("big/{name}"), [name.as_bytes(), &bytes].concat());
    }
    for name in ["small.txt", "deep/same.txt"] {
        environment.write(&format!("big/{name}"), "the same");
    }
    fs::create_dir_all(environment.path("big/deep/empty")).unwrap();
}

#[test]
fn an_upload_that_is_killed_again_and_again_ends_well() {
    let Some(moto) = Moto::start() else { return };
    let here = TestEnvironment::new();
    large(&here);
    let publish = ["publish", "big", "--license", "mit", "--name", "Big", "--store", "weights", "--place", "s3://models/big", "--json"];
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    eprintln!("seed {seed}");
    let (mut random, mut killed) = (seed, 0);
    for _ in 0..8 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut command = here.command(&publish);
        let mut child = with_store(&moto, &mut command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(200 + (random >> 33) % 1800));
        killed += u32::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert!(killed > 0, "it was never killed");
    let published = finish(&here, &moto, &publish).expect_code(0).json();
    // Four files without the twin; the directories big, deep, er, and the one that is empty; big and deep once more, as they lead to the weights alone.
    assert_eq!(roots(&published), 10, "{published}");
    let again = finish(&here, &moto, &publish).expect_code(0).json();
    assert_eq!(again["stored"]["sent"], 0, "{again}");

    // Another machine knows the record alone.
    let there = TestEnvironment::new();
    let fetch = ["fetch", published["uri"].as_str().unwrap(), "model", "--place", "s3://models/big"];
    let mut command = there.command(&fetch);
    let mut child = with_store(&moto, &mut command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let _ = child.kill();
    child.wait().unwrap();
    finish(&there, &moto, &fetch).expect_code(0);
    assert_eq!(cid(&there, "model"), published["model"]);
    assert!(there.path("model/deep/empty").is_dir());
}

#[test]
fn a_tensor_comes_from_an_object_store_by_range() {
    let Some(moto) = Moto::start() else { return };
    let here = TestEnvironment::new();
    here.sharded("tiny");
    let publish = ["publish", "tiny", "--license", "mit", "--store", "weights", "--place", "s3://models", "--json"];
    let published = finish(&here, &moto, &publish).expect_code(0).json();
    let there = TestEnvironment::new();
    let record = published["uri"].as_str().unwrap();
    finish(&there, &moto, &["fetch", record, "bias.raw", "--tensor", "embed.bias", "--place", "s3://models"]).expect_code(0);
    assert_eq!(fs::read(there.path("bias.raw")).unwrap().len(), 16);
}

#[test]
fn azure_keeps_weights_and_gives_them_back() {
    let Some(azurite) = Azurite::start() else { return };
    let run = |environment: &TestEnvironment, args: &[&str]| {
        let mut command = environment.command(args);
        command.envs(azurite.variables());
        environment.finish(command)
    };
    let here = TestEnvironment::new();
    here.sharded("tiny");
    let publish = ["publish", "tiny", "--license", "mit", "--store", "weights", "--place", "az://models/tiny", "--json"];
    let published = run(&here, &publish).expect_code(0).json();
    assert_eq!(run(&here, &publish).expect_code(0).json()["stored"]["sent"], 0);
    run(&here, &["storage", "status", "--full"]).expect_code(0);
    let (there, record) = (TestEnvironment::new(), published["uri"].as_str().unwrap());
    run(&there, &["fetch", record, "model", "--place", "az://models/tiny"]).expect_code(0);
    assert_eq!(cid(&there, "model"), published["model"]);
}

#[test]
fn encrypted_weights_come_back_for_their_holder() {
    let here = TestEnvironment::new();
    here.write("big/a.bin", (0..6_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>());
    here.write("big/deep/small.txt", "small");
    fs::create_dir_all(here.path("big/deep/empty")).unwrap();
    let place = folder(&here, "disk");
    let recipient = here.ok(&["encrypt", "--new-identity", "key.txt"]).stdout.trim().to_owned();
    let publish = [
        "publish",
        "big",
        "--license",
        "mit",
        "--name",
        "Big",
        "--place",
        &place,
        "--store",
        "weights",
        "--recipient",
        &recipient,
        "--json",
    ];
    let published = here.ok(&publish).json();
    let root = published["stored"]["root"].as_str().unwrap().to_owned();
    assert_eq!(published["stored"]["encrypted"], true);
    assert!(published["stored"]["root"] != published["model"]);
    // Nothing is encrypted twice, and nothing sent twice; what a killed run left is gone.
    fs::create_dir(here.data_dir().join("encrypted/x.part-1")).unwrap();
    let again = here.ok(&publish).json();
    assert_eq!((&again["stored"]["root"], &again["stored"]["sent"]), (&published["stored"]["root"], &0.into()));
    assert!(!here.data_dir().join("encrypted/x.part-1").exists());

    let there = TestEnvironment::new();
    there.write("key.txt", fs::read(here.path("key.txt")).unwrap());
    let record = published["uri"].as_str().unwrap();
    let fetch = ["fetch", record, "model", "--place", &place, "--encrypted", &root, "--identity", "key.txt", "--json"];
    // A file may have some megabytes: that is a disk with no more room, to the one who writes.
    let template = there.command(&fetch);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 8000; exec \"$@\"", "sh"]).arg(template.get_program()).args(template.get_args());
    limited.env_clear().envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(template.get_current_dir().unwrap()).stdin(Stdio::null());
    there.finish(limited).expect_code(3);
    assert!(!there.path("model").exists());
    let fetched = there.ok(&fetch).json();
    assert!(fetched["kept"].as_u64().unwrap() > 1_000_000, "{fetched}");
    assert_eq!(cid(&there, "model"), published["model"]);
    assert!(there.path("model/deep/empty").is_dir() && !there.path("model.part").exists());
    // The places have no plaintext.
    there.run(&["fetch", record, "plain", "--place", &place]).expect_code(3);

    let sealed =
        fs::read_dir(here.data_dir().join("encrypted")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    fs::write(sealed.join("1.age"), "another").unwrap();
    here.run(&publish).expect_error(1, &["no longer what it was", "remove it"]);
}

#[test]
fn a_lone_file_is_encrypted_too() {
    let here = TestEnvironment::new();
    here.write("model.safetensors", modelmark_testkit::model::safetensors("single"));
    let place = folder(&here, "disk");
    let recipient = here.ok(&["encrypt", "--new-identity", "key.txt"]).stdout.trim().to_owned();
    here.run(&["publish", "model.safetensors", "--place", &place, "--recipient", &recipient]).expect_error(2, &["--store weights"]);
    let weights = ["--license", "mit", "--place", &place, "--store", "weights", "--recipient"];
    here.run(&[&["publish", "model.safetensors"], &weights[..], &["age1x"]].concat()).expect_code(2);
    let published = here.ok(&[&["publish", "model.safetensors"], &weights[..], &[&recipient, "--json"]].concat()).json();
    let (record, root) = (published["uri"].as_str().unwrap(), published["stored"]["root"].as_str().unwrap());
    let out = ["--place", &place, "--encrypted", root, "--identity", "key.txt"];
    here.ok(&[&["fetch", record, "back"], &out[..]].concat());
    assert_eq!(fs::read(here.path("back/model.safetensors")).unwrap(), fs::read(here.path("model.safetensors")).unwrap());
    here.ok(&[&["fetch", record, "bias.raw", "--tensor", "bias"], &out[..]].concat());
}
