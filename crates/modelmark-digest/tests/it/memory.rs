//! Memory does not grow with the file.

use std::fs::File;
use std::process::Command;

use modelmark_digest::{Request, digest};

const FILE: &str = "MODELMARK_TEST_LARGE_FILE";

#[test]
fn a_file_of_512_mib_takes_less_than_40_mib() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.bin");
    File::create(&path).unwrap().set_len(512 << 20).unwrap();
    // In a process of its own: the peak is a property of the process.
    let test = ["--exact", "memory::digest_and_print_the_peak", "--ignored", "--nocapture"];
    let output = Command::new(std::env::current_exe().unwrap()).args(test).env(FILE, &path).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let peak = output.lines().find_map(|line| line.strip_prefix("peak KiB: ")).unwrap_or_else(|| panic!("{output}"));
    assert!(peak.parse::<u64>().unwrap() < 40 << 10, "{peak} KiB");
}

#[test]
#[ignore = "run by the test above"]
#[expect(clippy::print_stdout, reason = "the answer to the test above")]
fn digest_and_print_the_peak() {
    let two = Request { threads: std::num::NonZeroUsize::new(2), ..Request::default() };
    digest(std::env::var_os(FILE).unwrap().as_ref(), &two, &()).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("\npeak KiB: {}", peak.trim().trim_end_matches(" kB"));
}
