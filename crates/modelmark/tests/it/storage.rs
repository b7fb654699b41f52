//! `modelmark storage`: pins, collection, check and repair; and stores whose users are killed in the middle.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::environment::{Outcome, TestEnvironment};

pub(crate) fn cid<'v>(published: &'v Value, field: &str) -> &'v str {
    let text = published[field].as_str().unwrap();
    text.strip_prefix("ipfs://").unwrap_or(text)
}

/// Overwrites the bytes of a block in the index.
pub(crate) fn damage(environment: &TestEnvironment, cid: &str) {
    let index = environment.data_dir().join("store/index.sqlite3");
    let digest = modelmark_digest::ContentId::from_any_version(cid).unwrap().digest();
    let connection = rusqlite::Connection::open(index).unwrap();
    let changed = connection.execute("UPDATE blocks SET bytes = x'00' WHERE digest = ?1", [digest.as_bytes().as_slice()]).unwrap();
    assert_eq!(changed, 1);
}

#[test]
fn what_is_unpinned_is_freed_and_the_rest_stays() {
    let environment = TestEnvironment::with_a_token();
    environment.model("other");
    let other = environment.ok(&["publish", "other", "--json"]).json();
    let before = environment.ok(&["storage", "pins", "--json"]).json();
    let roots: Vec<&str> = before.as_array().unwrap().iter().map(|pin| pin["root"].as_str().unwrap()).collect();
    assert!(roots.contains(&cid(&other, "uri")), "{roots:?}");
    environment.ok(&["storage", "unpin", other["uri"].as_str().unwrap()]);
    environment.run(&["storage", "unpin", cid(&other, "uri")]).expect_error(1, &["not kept", "storage pins"]);
    environment.run(&["storage", "unpin", "nonsense"]).expect_error(2, &["nonsense"]);
    let freed = environment.ok(&["storage", "gc", "--json"]).json();
    assert!(freed["blocks"].as_u64().unwrap() > 0, "{freed}");
    environment.run(&["cat", cid(&other, "uri")]).expect_code(3);
    environment.ok(&["storage", "fsck"]).expect_words(&["all is well"]);
    environment.assert_kept();
}

#[test]
fn damage_is_found_and_repaired_from_an_archive_or_another_store() {
    let environment = TestEnvironment::with_a_token();
    let published = environment.ok(&["publish", "kept", "--json"]).json();
    let (record, backup) = (cid(&published, "uri").to_owned(), environment.root().join("backup"));
    environment.ok(&["car", "export", &record, "backup.car", "--model"]);
    fs::create_dir(&backup).unwrap();
    for entry in fs::read_dir(environment.data_dir().join("store")).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), backup.join(entry.file_name())).unwrap();
        }
    }
    let place = format!("file://{}", backup.display());
    for from in [["--from", "backup.car"], ["--place", &place]] {
        damage(&environment, &record);
        environment.run(&["storage", "fsck"]).expect_code(1).expect_words(&["damaged", &record]);
        environment.run(&["storage", "fsck", "--repair"]).expect_code(1).expect_words(&["damaged", &record]);
        let mended: Outcome = environment.ok(&["storage", "fsck", "--repair", from[0], from[1]]);
        mended.expect_words(&["repaired  1", "all is well"]);
        environment.ok(&["storage", "fsck"]);
        environment.assert_kept();
    }
    environment.run(&["storage", "fsck", "--from", "backup.car"]).expect_code(2);
    environment.run(&["storage", "fsck", "--repair", "--from", "nowhere.car"]).expect_error(2, &["nowhere.car"]);
}

/// Random moments that a failed run can be repeated with.
pub(crate) struct Moments(u64);

impl Moments {
    pub(crate) fn new() -> Self {
        let given = std::env::var("MODELMARK_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
        eprintln!("repeat with MODELMARK_TEST_SEED={seed}");
        Self(seed)
    }

    /// A moment up to a little after `whole`.
    pub(crate) fn within(&mut self, whole: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        whole.mul_f64((self.0 >> 40) as f64 / f64::from(1 << 24) * 1.1)
    }
}

/// Starts the binary and kills it after `delay`, or lets it end when it is faster.
pub(crate) fn kill_after(environment: &TestEnvironment, args: &[&str], delay: Duration) {
    let mut process = environment.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    // SIGKILL: nothing can be put in order.
    process.kill().unwrap();
    process.wait().unwrap();
}

pub(crate) fn timed(environment: &TestEnvironment, args: &[&str]) -> Duration {
    let started = Instant::now();
    environment.ok(args);
    started.elapsed()
}

/// Takes some seconds: the binary runs more than sixty times.
#[test]
fn killed_imports_and_collections_leave_a_whole_store() {
    let environment = TestEnvironment::with_a_token();
    let mut moments = Moments::new();
    environment.model("big");
    let write = |round: u32| environment.write("big/data.bin", round.to_le_bytes().repeat(1 << 20));
    // An archive with a model that this store does not have.
    let elsewhere = TestEnvironment::new();
    elsewhere.model("far");
    elsewhere.write("far/data.bin", b"far away".repeat(1 << 18));
    let far = elsewhere.ok(&["publish", "far", "--json"]).json();
    elsewhere.ok(&["car", "export", far["uri"].as_str().unwrap(), "far.car", "--model"]);
    environment.write("far.car", fs::read(elsewhere.path("far.car")).unwrap());

    write(0);
    let whole = [
        timed(&environment, &["publish", "big", "--copy"]),
        timed(&environment, &["car", "import", "far.car"]),
        timed(&environment, &["storage", "gc"]),
    ];
    for round in 1..=20 {
        write(round);
        kill_after(&environment, &["publish", "big", "--copy"], moments.within(whole[0]));
        if round % 3 == 0 {
            environment.run(&["storage", "unpin", far["uri"].as_str().unwrap()]);
            kill_after(&environment, &["storage", "gc"], moments.within(whole[2]));
        } else {
            kill_after(&environment, &["car", "import", "far.car"], moments.within(whole[1]));
        }
        let found = environment.run(&["storage", "fsck", "--json"]);
        assert_eq!(found.code, Some(0), "round {round}: {found:#?}");
    }
    environment.assert_kept();
    environment.ok(&["storage", "gc"]);
    environment.ok(&["storage", "fsck"]);
    // What broke off can be done again.
    environment.ok(&["publish", "big", "--copy"]);
    environment.ok(&["verify", "big", "--full"]);
    environment.ok(&["car", "import", "far.car"]);
    environment.assert_kept();
}

/// Runs in a mount namespace of its own, where the data directory is a copy on a small disk.
const ON_A_SMALL_DISK: &str = r#"
size=$(( $(du -sk "$2" | cut -f1) + 6144 ))k
mount -t tmpfs -o "size=$size" tmpfs "$1" && echo mounted || exit 0
cp -a "$2/." "$1"
export MODELMARK_DATA_DIR="$1"
"$3" car import far.car; echo "import $?"
"$3" storage fsck; echo "fsck $?"
"$3" verify kept --full > /dev/null; echo "verify $?"
"#;

#[test]
fn a_full_disk_in_the_middle_leaves_what_was_there() {
    let environment = TestEnvironment::with_a_token();
    let elsewhere = TestEnvironment::new();
    elsewhere.model("far");
    elsewhere.write("far/data.bin", (0..2_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect::<Vec<u8>>());
    let far = elsewhere.ok(&["publish", "far", "--json"]).json();
    elsewhere.ok(&["car", "export", far["uri"].as_str().unwrap(), "far.car", "--model"]);
    environment.write("far.car", fs::read(elsewhere.path("far.car")).unwrap());
    if !fills_a_real_disk(&environment) {
        // Who may not mount a disk gets files that cannot grow; SQLite calls that an I/O error. The limit of 8192 is 4 MiB by POSIX, in shells that count
        // in KiB 8 MiB: the blocks are more than either.
        let mut limited =
            within(&environment, "sh", &["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$0\" \"$@\"", BINARY, "car", "import", "far.car"]);
        limited.stdin(Stdio::null());
        environment.finish(limited).expect_error(3, &["index.sqlite3"]);
    }
    environment.ok(&["storage", "fsck"]);
    environment.assert_kept();
    environment.ok(&["car", "import", "far.car"]);
    environment.ok(&["storage", "fsck"]);
}

const BINARY: &str = env!("CARGO_BIN_EXE_modelmark");

/// Tells whether a disk could be mounted; what happened on it is asserted.
fn fills_a_real_disk(environment: &TestEnvironment) -> bool {
    let mount = environment.root().join("small");
    fs::create_dir(&mount).unwrap();
    let data = environment.data_dir();
    let paths = [&mount, &data].map(|path| path.to_str().unwrap().to_owned());
    let mut command = within(environment, "unshare", &["-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", &paths[0], &paths[1], BINARY]);
    let Ok(output) = command.output() else { return false };
    let (told, faults) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if !told.contains("mounted") {
        return false;
    }
    assert!(told.contains("import 3") && told.contains("fsck 0") && told.contains("verify 0"), "{told}{faults}");
    assert!(faults.contains("disk full"), "{faults}");
    true
}

/// Another program in the surroundings of the binary.
fn within(environment: &TestEnvironment, program: &str, args: &[&str]) -> Command {
    let binary = environment.command::<&str>(&[]);
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    command.current_dir(binary.get_current_dir().unwrap());
    command
}
