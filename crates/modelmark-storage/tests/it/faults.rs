//! Stores that cannot be opened or written.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use modelmark_digest::Codec;
use modelmark_storage::{Leaves, LocalStore, StorageError, Store};
use rusqlite::Connection;

use crate::fixture::{Bench, import, write_model};

#[test]
fn a_store_is_private_and_opens_again() {
    let Bench { dir, store } = Bench::new();
    let path = dir.path().join("store");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    let id = store.put(Codec::Raw, b"kept").unwrap();
    drop(store);
    assert_eq!(LocalStore::open(&path).unwrap().get(&id, 4).unwrap().unwrap(), b"kept");
}

#[test]
fn a_newer_store_is_refused() {
    let Bench { dir, store } = Bench::new();
    let path = dir.path().join("store");
    Connection::open(path.join("index.sqlite3")).unwrap().pragma_update(None, "user_version", 2).unwrap();
    drop(store);
    let error = LocalStore::open(&path).unwrap_err();
    assert!(matches!(error, StorageError::Newer { found: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("use a newer modelmark"));
}

#[test]
fn foreign_and_damaged_indexes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("index.sqlite3");
    fs::write(&index, b"this is not a database, and it is longer than a header of one hundred bytes, which is what it takes to see")
        .unwrap();
    assert!(matches!(LocalStore::open(dir.path()), Err(StorageError::Index { .. })));
    fs::remove_file(&index).unwrap();
    Connection::open(&index).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let error = LocalStore::open(dir.path()).unwrap_err();
    assert!(error.to_string().ends_with("it belongs to another program"), "{error}");
}

#[test]
fn damage_inside_the_index_is_an_error_or_a_finding_and_never_wrong_bytes() {
    let Bench { dir, store } = Bench::new();
    let ids: Vec<_> = (0..2000_u32).map(|n| modelmark_storage::Block::new(Codec::Raw, n.to_le_bytes().to_vec()).unwrap()).collect();
    store.put_all(&ids).unwrap();
    drop(store);
    let path = dir.path().join("store/index.sqlite3");
    let whole = fs::read(&path).unwrap();
    for start in (4096..whole.len()).step_by(4096 * 5) {
        let mut damaged = whole.clone();
        damaged[start..start + 512].fill(0xa5);
        fs::write(&path, damaged).unwrap();
        let Ok(store) = LocalStore::open(dir.path().join("store")) else { continue };
        for block in &ids {
            if let Ok(Some(bytes)) = store.get(&block.id(), 4) {
                assert_eq!(bytes, block.bytes());
            }
        }
        assert!(!store.fsck().is_ok_and(|found| found.is_clean()), "damage at {start}");
    }
}

#[test]
fn a_place_where_no_store_can_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), b"").unwrap();
    let error = LocalStore::open(dir.path().join("file/store")).unwrap_err();
    assert!(error.to_string().contains("file/store"), "{error}");
}

#[test]
fn a_read_only_directory_is_an_error_that_names_it() {
    // The system lets root write anyway, and then there is nothing to see.
    if rustix::process::geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let fresh = LocalStore::open(dir.path()).unwrap_err();
    assert!(fresh.to_string().contains(dir.path().to_str().unwrap()), "{fresh}");
    assert!(LocalStore::open(dir.path().join("below")).is_err());
}

#[test]
fn a_file_that_cannot_grow_leaves_nothing_half_written() {
    const ROLE: &str = "MODELMARK_STORAGE_TEST_LIMITED";
    if let Some(dir) = std::env::var_os(ROLE) {
        let dir = std::path::PathBuf::from(dir);
        let store = LocalStore::open(dir.join("store")).unwrap();
        let started = store.import(dir.join("model"), Leaves::Copied).unwrap();
        let manifest = modelmark_digest::digest(&dir.join("model"), &Default::default(), &started).unwrap();
        assert!(matches!(started.finish(&manifest), Err(StorageError::DiskFull { .. })));
        return;
    }
    let Bench { dir, store } = Bench::new();
    write_model(&dir.path().join("model"), 1);
    // No file may grow beyond 512 KiB (1024 units of 512 bytes by POSIX; some shells count in KiB, then 1 MiB): `b.bin` has 512 KiB and 10 bytes.
    let name = "faults::a_file_that_cannot_grow_leaves_nothing_half_written";
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ROLE, dir.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(store.pins().unwrap().is_empty());
    assert!(store.fsck().unwrap().is_clean());
    store.gc().unwrap();
    assert_eq!(fs::read_dir(dir.path().join("store/objects")).unwrap().count(), 0);
    import(&store, &dir.path().join("model"), Leaves::Copied);
    assert!(store.fsck().unwrap().is_clean());
}
