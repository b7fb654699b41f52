//! Receipts of places beyond this machine, kept beside the blocks.

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{LocalStore, Noted, StorageError, Store as _};

fn store(dir: &tempfile::TempDir) -> LocalStore {
    LocalStore::open(dir.path()).unwrap()
}

#[test]
fn the_last_word_of_each_place_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(&dir);
    assert_eq!(store.receipts(None).unwrap(), []);
    let (one, other) = (ContentId::raw(b"one"), ContentId::raw(b"other"));
    assert!(!store.forget_receipt(&one, "s3://a").unwrap());
    store.note_receipt(&one, "s3://a", b"first").unwrap();
    store.note_receipt(&one, "s3://a", b"second").unwrap();
    store.note_receipt(&one, "ar://b", b"third").unwrap();
    store.note_receipt(&other, "s3://a", b"fourth").unwrap();
    let noted = |place: &str, receipt: &[u8]| Noted { root: one, place: place.to_owned(), receipt: receipt.to_vec() };
    assert_eq!(store.receipts(Some(&one)).unwrap(), [noted("ar://b", b"third"), noted("s3://a", b"second")]);
    assert_eq!(store.receipts(None).unwrap().len(), 3);
    assert!(store.forget_receipt(&one, "s3://a").unwrap());
    assert_eq!(store.receipts(Some(&one)).unwrap(), [noted("ar://b", b"third")]);
}

#[test]
fn a_collection_leaves_receipts_alone() {
    let dir = tempfile::tempdir().unwrap();
    let root = store(&dir).put(Codec::Raw, b"kept elsewhere").unwrap();
    store(&dir).note_receipt(&root, "s3://a", b"receipt").unwrap();
    let collecting = store(&dir);
    collecting.gc().unwrap();
    assert!(!collecting.has(&root).unwrap());
    assert_eq!(collecting.receipts(Some(&root)).unwrap().len(), 1);
    assert!(collecting.fsck().unwrap().is_clean());
}

#[test]
fn several_handles_note_at_once() {
    let dir = tempfile::tempdir().unwrap();
    drop(store(&dir));
    let threads: Vec<_> = (0..8_u8)
        .map(|n| {
            let store = store(&dir);
            std::thread::spawn(move || (0..16_u8).for_each(|i| store.note_receipt(&ContentId::raw(&[n, i]), "s3://a", b"receipt").unwrap()))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(store(&dir).receipts(None).unwrap().len(), 128);
}

#[test]
fn a_receipt_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let refused = store(&dir).note_receipt(&ContentId::raw(b"one"), "s3://a", &vec![b'x'; (64 << 10) + 1]);
    assert!(matches!(refused, Err(StorageError::TooLarge { .. })), "{refused:?}");
}

#[test]
fn an_index_that_cannot_grow_is_told_and_loses_no_earlier_receipt() {
    const ROLE: &str = "MODELMARK_RECEIPTS_TEST_LIMITED";
    let note = |store: &LocalStore, n: u8| store.note_receipt(&ContentId::raw(&[n]), "s3://a", &vec![n; 60_000]);
    if let Some(dir) = std::env::var_os(ROLE) {
        let store = LocalStore::open(dir).unwrap();
        let (fault, noted) = (0..100).find_map(|n| Some((note(&store, n).err()?, n))).unwrap();
        // Of a full disk SQLite says so; a file that may not grow is a failure to write to it.
        assert!(matches!(fault, StorageError::DiskFull { .. } | StorageError::Engine { .. }), "{fault}");
        std::process::exit(i32::from(noted));
    }
    let dir = tempfile::tempdir().unwrap();
    drop(store(&dir));
    // No file may grow beyond 512 KiB, or 1 MiB where the shell counts in KiB.
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "receipts::an_index_that_cannot_grow_is_told_and_loses_no_earlier_receipt", "--nocapture"])
        .env(ROLE, dir.path())
        .output()
        .unwrap();
    let noted = output.status.code().filter(|code| *code > 1 && *code < 20);
    assert!(noted.is_some(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    let store = store(&dir);
    assert_eq!(store.receipts(None).unwrap().len(), usize::try_from(noted.unwrap()).unwrap());
    note(&store, 99).unwrap();
    assert!(store.fsck().unwrap().is_clean());
}
