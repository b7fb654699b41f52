//! Hostile files do not make the readers take much more memory than they are long.

use std::process::Command;

use crate::content::repository;
use crate::onnx_files::{field, model};
use crate::reference::exercise;

const WHICH: &str = "MODELMARK_TEST_HOSTILE_FILE";

/// Files of some megabytes, each made so that it costs as much as possible.
fn hostile(which: &str) -> (Vec<u8>, &'static str) {
    let empty = |name: &str| [b"\x08\x00\x10\x01".to_vec(), field(8, name.as_bytes())].concat();
    match which {
        "tensors" => (model(&(0..600_000).flat_map(|n| field(5, &empty(&format!("{n:x}")))).collect::<Vec<_>>()), "m.onnx"),
        "nodes" => (model(&(0..400_000).flat_map(|_| field(1, &field(5, &field(1, b"a")))).collect::<Vec<_>>()), "m.onnx"),
        "ways" => {
            let attributes =
                (0..200_000).flat_map(|n| field(5, &[field(1, format!("{n:x}").as_bytes()), field(5, b"\x08\x00\x10\x01")].concat()));
            let node = [field(2, &[b'o'; 4000]), attributes.collect()].concat();
            (model(&field(1, &node)), "m.onnx")
        }
        "overlaps" => {
            let entry = |key: &[u8], value: &[u8]| field(13, &[field(1, key), field(2, value)].concat());
            let tensor = |n: usize| {
                [
                    b"\x08\x02\x10\x02\x70\x01".to_vec(),
                    field(8, format!("{n:x}").as_bytes()),
                    entry(b"location", b"w"),
                    entry(b"offset", n.to_string().as_bytes()),
                ]
                .concat()
            };
            (model(&(0..100_000).flat_map(|n| field(5, &tensor(n))).collect::<Vec<_>>()), "m.onnx")
        }
        "constants" => {
            let attribute = field(5, &[field(1, b"value"), field(2, &field(8, b"\x08\x01\x22\x04\0\0\0\0"))].concat());
            let node = |n: usize| field(1, &[field(1, format!("{n:x}").as_bytes()), field(2, b"Const"), attribute.clone()].concat());
            ((0..200_000).flat_map(node).collect(), "m.pb")
        }
        "operators" => {
            let node = |n: usize| field(1, &[field(1, b"n"), field(2, format!("{n:x}").as_bytes())].concat());
            ((0..400_000).flat_map(node).collect(), "m.pb")
        }
        other => panic!("{other}"),
    }
}

/// The peak, in KiB, of a test of this file that is told by `which`: in a process of its own, for it is a property of the process.
fn peak(test: &str, which: &str) -> u64 {
    let test = ["--exact", test, "--ignored", "--nocapture"];
    let output = Command::new(std::env::current_exe().unwrap()).args(test).env(WHICH, which).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let peak = output.lines().find_map(|line| line.strip_prefix("peak KiB: ")).unwrap_or_else(|| panic!("{which}: {output}"));
    peak.parse().unwrap()
}

#[test]
fn hostile_models_take_less_than_192_mib() {
    for which in ["tensors", "nodes", "ways", "overlaps", "constants", "operators"] {
        let peak = peak("memory::read_and_print_the_peak", which);
        assert!(peak < 192 << 10, "{which}: {peak} KiB");
    }
}

/// Among them are bombs, counts at their maximum, and exabytes that were never written.
#[test]
fn attacks_take_less_than_96_mib() {
    for format in ["keras", "onnx", "tensorflow", "tflite"] {
        let peak = peak("memory::attack_and_print_the_peak", format);
        assert!(peak < 96 << 10, "{format}: {peak} KiB");
    }
}

#[test]
#[ignore = "run by the test above"]
fn attack_and_print_the_peak() {
    let folder = repository().join("attacks").join(std::env::var(WHICH).unwrap());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        exercise(&std::fs::read(&path).unwrap(), path.file_name().unwrap().to_str().unwrap());
    }
    print_the_peak();
}

#[test]
#[ignore = "run by the test above"]
fn read_and_print_the_peak() {
    let (file, name) = hostile(&std::env::var(WHICH).unwrap());
    drop(modelmark_formats::read(&file.as_slice(), name));
    print_the_peak();
}

#[expect(clippy::print_stdout, reason = "the answer to the tests above")]
fn print_the_peak() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("\npeak KiB: {}", peak.trim().trim_end_matches(" kB"));
}
