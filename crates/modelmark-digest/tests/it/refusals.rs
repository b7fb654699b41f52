//! What cannot be fingerprinted is refused with its path and its fault.

use std::error::Error;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use modelmark_digest::{DigestError, Request, digest};

use crate::content::write;
use crate::safetensors_files::{shard, tensor};

/// The error and its causes as one line.
fn refusal(path: &Path) -> String {
    let error = digest(path, &Request::default(), &()).expect_err("must be refused");
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        line = format!("{line}: {next}");
        cause = next.source();
    }
    line
}

fn model() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "sub/file", b"x");
    dir
}

#[track_caller]
fn says(line: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| line.contains(part)), "{line}");
}

#[test]
fn a_path_that_does_not_exist() {
    says(&refusal(&model().path().join("nowhere")), &["no such file or directory", "nowhere"]);
}

#[test]
fn a_directory_without_files() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
    says(&refusal(dir.path()), &["holds no file"]);
}

#[test]
fn links_say_where_they_point() {
    for target in ["../../etc/passwd", "file", "/nowhere", "."] {
        let dir = model();
        symlink(target, dir.path().join("sub/link")).unwrap();
        says(&refusal(dir.path()), &["sub/link", "symbolic link", &format!("{target:?}")]);
    }
}

#[test]
fn pipes_sockets_and_devices() {
    let dir = model();
    rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join("pipe"), rustix::fs::Mode::RUSR).unwrap();
    says(&refusal(dir.path()), &["pipe", "named pipe"]);
    says(&refusal(&dir.path().join("pipe")), &["named pipe"]);

    let dir = model();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s")).unwrap();
    says(&refusal(dir.path()), &["socket"]);
    says(&refusal(Path::new("/dev/null")), &["/dev/null", "device"]);
}

#[test]
fn names_that_are_not_text_or_steer_a_terminal() {
    let dir = model();
    std::fs::write(dir.path().join(OsStr::from_bytes(b"sub/bad\xff")), b"").unwrap();
    says(&refusal(dir.path()), &["sub", "not UTF-8", "bad\u{fffd}"]);
    let dir = model();
    std::fs::write(dir.path().join("\u{1b}[2J"), b"").unwrap();
    let line = refusal(dir.path());
    says(&line, &["control character"]);
    assert!(!line.contains('\u{1b}'));
}

#[test]
fn files_and_directories_that_may_not_be_read() {
    for name in ["sub/file", "sub"] {
        let dir = model();
        let path = dir.path().join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read everything; nothing can be refused then.
        let readable = std::fs::File::open(&path).is_ok();
        let line = if readable { String::new() } else { refusal(dir.path()) };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        if !readable {
            says(&line, &["cannot read", name]);
        }
    }
}

#[test]
fn directories_nested_too_deep() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &format!("{}file", "d/".repeat(64)), b"");
    digest(dir.path(), &Request::default(), &()).unwrap();
    write(dir.path(), &format!("{}file", "d/".repeat(65)), b"");
    says(&refusal(dir.path()), &["deeper than 64"]);
}

#[test]
fn a_lying_header_names_file_and_fault() {
    let dir = model();
    let mut file = shard(&[tensor("w", &[2], &[1, 2])]);
    file.push(0);
    write(dir.path(), "sub/model.safetensors", &file);
    says(&refusal(dir.path()), &["sub/model.safetensors", "not a valid safetensors file", "take 2 bytes, the file has 3"]);
}

#[test]
fn one_tensor_in_two_shards() {
    let dir = tempfile::tempdir().unwrap();
    for (name, value) in [("m-1-of-2.safetensors", 1), ("m-2-of-2.safetensors", 2)] {
        write(dir.path(), name, &shard(&[tensor("w", &[1], &[value])]));
    }
    says(&refusal(dir.path()), &["tensor \"w\"", "m-1-of-2.safetensors and m-2-of-2.safetensors"]);
}

#[test]
fn a_file_that_holds_more_than_its_size_says() {
    // Files of the proc file system are regular, have size 0 and can be read.
    if let Err(error) = digest(Path::new("/proc/self/stat"), &Request::default(), &()) {
        assert!(matches!(error, DigestError::Changed(_)), "{error}");
    }
}

#[test]
fn sizes_that_add_up_to_more_than_a_record_can_hold() {
    // Sparse: `truncate -s`. Most file systems have smaller limits; tmpfs has none.
    let shared_memory = Path::new("/dev/shm");
    let dir = if shared_memory.is_dir() { tempfile::tempdir_in(shared_memory) } else { tempfile::tempdir() }.unwrap();
    let files = ["a", "b.safetensors", "c"].map(|name| dir.path().join(name));
    let made = files.iter().all(|path| std::fs::File::create(path).unwrap().set_len(i64::MAX as u64).is_ok());
    if !made {
        return;
    }
    for path in [dir.path(), &files[0]] {
        says(&refusal(path), &[path.to_str().unwrap(), "larger than is supported", "9007199254740991 bytes"]);
    }
}
