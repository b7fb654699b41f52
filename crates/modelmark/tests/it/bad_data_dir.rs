//! Data directories that cannot be used: no directory, read-only, full, damaged.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bad_paths::unprivileged;
use crate::environment::TestEnvironment;

#[test]
fn it_is_a_file() {
    let environment = TestEnvironment::with_a_token();
    environment.write("file", "precious");
    environment.model("tiny");
    for dir in ["file", "file/below", "/dev/null"] {
        for args in [
            &["publish", "tiny"][..],
            &["cat", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"],
            &["deploy"],
            &["devnet", "--port=0"],
        ] {
            let args: Vec<_> = args.iter().copied().chain(["--data-dir", dir]).collect();
            environment.run(&args).expect_error(3, &[dir, "--data-dir"]);
        }
        environment.run(&["verify", "tiny", "--data-dir", dir]).expect_code(3).expect_words(&[dir]);
    }
    assert_eq!(fs::read(environment.path("file")).unwrap(), b"precious");
    environment.run(&["publish", "tiny", "--data-dir", ""]).expect_error(2, &["--data-dir"]);
    let mut empty = environment.command(&["publish", "tiny"]);
    empty.env("MODELMARK_DATA_DIR", "");
    environment.finish(empty).expect_error(2, &["--data-dir"]);
    environment.assert_kept();
}

#[test]
fn verbs_that_keep_nothing_need_none() {
    let environment = TestEnvironment::new();
    environment.model("tiny");
    environment.write("file", "");
    environment.ok(&["digest", "tiny", "--data-dir", "file"]);
    environment.write("record.json", environment.ok(&["record", "tiny", "--data-dir", "file"]).stdout);
    environment.ok(&["sign", "record.json", "--data-dir", "file"]);
    assert!(!environment.data_dir().exists());
}

#[test]
fn it_is_read_only() {
    let environment = TestEnvironment::with_a_token();
    environment.model("tiny");
    let Some(user) = unprivileged(&environment) else { return };
    let run = |args: &[&str]| {
        let mut command = environment.command(args);
        user.run_as(&mut command);
        environment.finish(command)
    };
    set_writable(&environment.data_dir(), false);
    run(&["publish", "tiny"]).expect_error(3, &["--data-dir"]);
    let looked = run(&["verify", "kept"]);
    assert!(matches!(looked.code, Some(0 | 3)), "{looked:#?}");
    let data = environment.data_dir().display().to_string();
    run(&["publish", "tiny", "--data-dir", &format!("{data}/new")]).expect_error(3, &[&data, "--data-dir"]);
    set_writable(&environment.data_dir(), true);
    run(&["verify", "kept", "--full"]).expect_code(0);
    run(&["publish", "tiny"]).expect_code(0);
    run(&["verify", "tiny"]).expect_code(0);
}

fn set_writable(path: &Path, writable: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).unwrap();
    let mode = metadata.permissions().mode();
    let mode = if writable { mode | 0o200 } else { mode & !0o222 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            set_writable(&entry.unwrap().path(), writable);
        }
    }
}

#[test]
fn it_is_full() {
    let environment = TestEnvironment::new();
    let Some(disk) = SmallDisk::mount(environment.root().join("data"), "16m") else { return };
    environment.model("kept");
    environment.publish("kept");
    environment.model("tiny");
    for left in [0, 40 << 10, 200 << 10] {
        let filler = disk.fill(left);
        let failed = environment.run(&["publish", "tiny", "--copy", "--description", &format!("{left}")]);
        eprintln!("{left} bytes left: {failed:#?}");
        assert!(matches!(failed.code, Some(0 | 3)), "{failed:#?}");
        assert!(left != 0 || failed.code == Some(3), "a full disk must be told: {failed:#?}");
        fs::remove_file(filler).unwrap();
        environment.assert_kept();
    }
    environment.ok(&["publish", "tiny"]);
    environment.ok(&["verify", "tiny", "--full"]);
}

#[test]
fn it_is_full_from_the_start() {
    let environment = TestEnvironment::new();
    let Some(disk) = SmallDisk::mount(environment.root().join("data"), "64k") else { return };
    environment.model("tiny");
    disk.fill(0);
    environment.run(&["publish", "tiny"]).expect_error(3, &["--data-dir"]);
    environment.run(&["verify", "tiny"]).expect_code(3);
}

#[test]
fn it_holds_something_else() {
    for (file, words) in [("store", "store"), ("devnet", "devnet")] {
        let environment = TestEnvironment::with_a_token();
        environment.model("tiny");
        let folder = environment.data_dir().join(file);
        let mut saved = Vec::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                saved.push((path.clone(), fs::read(&path).unwrap()));
                fs::write(&path, "this is no database, but text that is long enough to have a header in it".repeat(100)).unwrap();
            }
        }
        environment.run(&["publish", "tiny"]).expect_error(3, &[words]);
        environment.run(&["verify", "kept"]).expect_code(3).expect_words(&[words]);
        for (path, bytes) in saved {
            fs::write(path, bytes).unwrap();
        }
        environment.assert_kept();
    }
}

/// A file system of a given size; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one at `at`; `None` where that is not permitted.
    fn mount(at: PathBuf, size: &str) -> Option<Self> {
        let options = format!("size={size},nr_inodes=1000");
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at));
        }
        eprintln!("skipped: mounting a small disk needs root and is not permitted here");
        None
    }

    /// Fills it with a file until only `left` bytes are free.
    fn fill(&self, left: u64) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        // It ends with an error, because the disk is full then.
        let _ = std::io::copy(&mut std::io::repeat(b'x'), &mut file);
        file.set_len(file.metadata().unwrap().len().saturating_sub(left)).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = std::process::Command::new("umount").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}
