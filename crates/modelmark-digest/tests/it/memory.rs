//! Memory does not grow with the file.

use std::fs::File;
use std::process::Command;

use modelmark_digest::lanes::{Backend, set_backend};
use modelmark_digest::{CidProfile, Request, digest};

const FILE: &str = "MODELMARK_TEST_LARGE_FILE";
const MODE: &str = "MODELMARK_TEST_MODE";

#[test]
fn a_file_of_512_mib_takes_less_than_40_mib() {
    assert!(peak(&[512], "default") < 40 << 10);
}

#[test]
fn sixteen_files_side_by_side_and_wide_leaves_keep_to_the_bound_of_two_cores() {
    for mode in ["wide", "portable", "everything"] {
        let peak = peak(&[12; 16], mode);
        assert!(peak < (64 + 2 * 16) << 10, "{mode}: {peak} KiB");
    }
}

/// The peak in KiB of a process that digests files of these sizes in MiB.
fn peak(sizes: &[u64], mode: &str) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    for (index, size) in sizes.iter().enumerate() {
        File::create(dir.path().join(format!("{index}.bin"))).unwrap().set_len(size << 20).unwrap();
    }
    // In a process of its own: the peak is a property of the process.
    let test = ["--exact", "memory::digest_and_print_the_peak", "--ignored", "--nocapture"];
    let output = Command::new(std::env::current_exe().unwrap()).args(test).env(FILE, dir.path()).env(MODE, mode).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let peak = output.lines().find_map(|line| line.strip_prefix("peak KiB: ")).unwrap_or_else(|| panic!("{output}"));
    peak.parse().unwrap()
}

#[test]
#[ignore = "run by the tests above"]
#[expect(clippy::print_stdout, reason = "the answer to the tests above")]
fn digest_and_print_the_peak() {
    let mut request = Request { threads: std::num::NonZeroUsize::new(2), ..Request::default() };
    match std::env::var(MODE).unwrap().as_str() {
        "wide" => {
            request.profile = CidProfile::UnixfsV1Of2025;
            // Sixteen lanes where there are so many, else what there is.
            let widest = Backend::available().max_by_key(|backend| backend.lanes()).unwrap();
            set_backend(widest).unwrap();
        }
        "portable" => set_backend(Backend::Portable).unwrap(),
        "everything" => (request.keccak256, request.blake3) = (true, true),
        _ => {}
    }
    digest(std::env::var_os(FILE).unwrap().as_ref(), &request, &()).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("\npeak KiB: {}", peak.trim().trim_end_matches(" kB"));
}
