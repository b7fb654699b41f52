//! `modelmark record`, killed at one moment after the other: what it printed is nothing or the whole, the model is as it was, and the next run is undisturbed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::environment::TestEnvironment;

const ARGS: [&str; 4] = ["record", "tiny", "--license", "mit"];
/// How often it is killed, each time a little later; the last times it may be done before.
const KILLS: u32 = 25;

fn with_a_model() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("tiny/data.bin", vec![7; 6 << 20]);
    environment
}

/// The files below a folder and their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

#[test]
fn a_record_that_is_killed_leaves_nothing_half_made() {
    let whole = with_a_model().ok(&ARGS).stdout;
    let environment = with_a_model();
    let before = files(&environment.path("tiny"));
    let mut killed = 0;
    for moment in 0..KILLS {
        let mut child = environment.command(&ARGS).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(4) * moment);
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        killed += u32::from(output.status.code().is_none());
        assert!(output.stdout.is_empty() || output.stdout == whole.as_bytes(), "{} bytes at moment {moment}", output.stdout.len());
        assert_eq!(files(&environment.path("tiny")), before, "moment {moment}");
    }
    assert!(killed > 0, "the first moments come before any end");
    assert_eq!(environment.ok(&ARGS).stdout, whole);
    assert_eq!(environment.ok(&ARGS).stdout, whole, "and again, from the digests that were kept");
    assert_eq!(files(&environment.path("tiny")), before);
}
