//! Pins, garbage collection and fsck.

use std::fs;
use std::path::Path;

use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{Damage, Leaves, LocalStore, MAX_BLOCK_BYTES, MemoryStore, Role, StorageError, Store};
use rusqlite::Connection;

use crate::fixture::{Bench, import, put_file, write_model};

/// Changes the index behind the store's back.
fn tamper(store: &Path, sql: &str, id: &ContentId) {
    let connection = Connection::open(store.join("index.sqlite3")).unwrap();
    assert_eq!(connection.execute(sql, [id.digest().as_bytes().as_slice()]).unwrap(), 1);
}

#[test]
fn pins_are_listed_and_taken_back() {
    let bench = Bench::new();
    let record = bench.store.put(Codec::Raw, b"record").unwrap();
    bench.store.pin(&record, Role::Model).unwrap();
    bench.store.pin(&record, Role::Record).unwrap();
    let pins = bench.store.pins().unwrap();
    assert_eq!((pins.len(), pins[0].root, pins[0].role), (1, record, Role::Record));
    assert_eq!(format!("{:10}|", pins[0].role), "record    |");
    assert!(bench.store.unpin(&record).unwrap());
    assert!(!bench.store.unpin(&record).unwrap());
    assert!(matches!(bench.store.pin(&ContentId::raw(b"nothing"), Role::Record), Err(StorageError::Missing { .. })));
}

#[test]
fn gc_keeps_what_is_below_a_pin_or_attached_and_frees_the_rest() {
    let Bench { dir, store } = Bench::new();
    let record = store.put(Codec::Raw, b"record").unwrap();
    let signatures = store.put(Codec::Raw, b"signatures").unwrap();
    store.attach(&record, &signatures).unwrap();
    store.pin(&record, Role::Record).unwrap();
    let kept = put_file(&store, &[b"one", b"two"]);
    store.pin(&kept, Role::Model).unwrap();
    let loose = put_file(&store, &[b"three", b"two"]);
    let loose_record = store.put(Codec::Raw, b"loose").unwrap();
    store.attach(&loose_record, &signatures).unwrap();
    let model = dir.path().join("model");
    write_model(&model, 1);
    let manifest = import(&store, &model, Leaves::Copied);

    let freed = store.gc().unwrap();
    assert_eq!((freed.blocks, freed.leaves, freed.files), (3, 0, 0));
    assert!(!store.has(&loose).unwrap() && !store.has(&ContentId::raw(b"three")).unwrap());
    assert_eq!(store.attached(&record).unwrap(), [signatures]);
    assert!(store.attached(&loose_record).unwrap().is_empty());
    assert!(store.fsck().unwrap().is_clean());

    store.unpin(&manifest.cid).unwrap();
    store.unpin(&manifest.weights.cid).unwrap();
    let freed = store.gc().unwrap();
    assert_eq!(freed.files, 4, "a.bin, b.bin, config.json, data/слова.txt");
    assert!(freed.leaves >= 7 && freed.bytes > 1_200_000, "{freed:?}");
    assert_eq!(fs::read_dir(dir.path().join("store/objects")).unwrap().count(), 0);
    assert_eq!(store.gc().unwrap(), modelmark_storage::Freed::default());
}

#[test]
fn gc_never_touches_referenced_files_and_gives_space_back() {
    let Bench { dir, store } = Bench::new();
    let model = dir.path().join("model");
    write_model(&model, 2);
    let manifest = import(&store, &model, Leaves::Referenced);
    for n in 0..40_u8 {
        store.put(Codec::Raw, &vec![n; 1 << 18]).unwrap();
    }
    store.unpin(&manifest.cid).unwrap();
    store.unpin(&manifest.weights.cid).unwrap();
    store.gc().unwrap();
    assert!(model.join("a.bin").exists());
    assert!(fs::metadata(dir.path().join("store/index.sqlite3")).unwrap().len() < 1 << 20);
}

#[test]
fn gc_takes_nothing_between_another_handles_put_and_pin() {
    let Bench { dir, store } = Bench::new();
    let other = LocalStore::open(dir.path().join("store")).unwrap();
    let record = store.put(Codec::Raw, b"record").unwrap();
    assert!(matches!(other.gc(), Err(StorageError::Busy { .. })));
    store.pin(&record, Role::Record).unwrap();
    store.put(Codec::Raw, b"loose").unwrap();
    drop(store);
    assert_eq!(other.gc().unwrap().blocks, 1);
    assert!(other.has(&record).unwrap());
}

#[test]
fn a_lease_keeps_gc_on_the_same_handle_away() {
    let Bench { dir: _dir, store } = Bench::new();
    let lease = store.lease().unwrap();
    let record = store.put(Codec::Raw, b"record").unwrap();
    assert!(matches!(store.gc(), Err(StorageError::Busy { .. })));
    store.pin(&record, Role::Record).unwrap();
    drop(lease);
    assert_eq!(store.gc().unwrap().blocks, 0);
}

#[test]
fn gc_and_writers_take_turns() {
    let Bench { dir, store } = Bench::new();
    std::thread::scope(|scope| {
        for thread in 0..3_u8 {
            let path = dir.path().join("store");
            scope.spawn(move || {
                for n in 0..30 {
                    let store = LocalStore::open(&path).unwrap();
                    let record = store.put(Codec::Raw, &[thread, n]).unwrap();
                    store.pin(&record, Role::Record).unwrap();
                }
            });
        }
        for _ in 0..30 {
            assert!(matches!(store.gc(), Ok(_) | Err(StorageError::Busy { .. })));
        }
    });
    assert_eq!((store.pins().unwrap().len(), store.gc().unwrap().blocks), (90, 0));
    assert!(store.fsck().unwrap().is_clean());
}

#[test]
fn gc_stops_when_it_cannot_follow_a_pin() {
    let Bench { dir, store } = Bench::new();
    let file = put_file(&store, &[b"one", b"two"]);
    store.pin(&file, Role::Model).unwrap();
    tamper(&dir.path().join("store"), "UPDATE blocks SET bytes = x'00' WHERE digest = ?1", &file);
    assert!(matches!(store.gc(), Err(StorageError::Damaged { id, .. }) if id == file));
    assert!(store.has(&ContentId::raw(b"one")).unwrap());
    put_file(&store, &[b"one", b"two"]);
    assert_eq!(store.gc().unwrap().blocks, 0, "putting it again repaired it");
}

#[test]
fn a_flipped_bit_is_found_on_read_and_by_fsck_and_a_put_repairs_it() {
    let Bench { dir, store } = Bench::new();
    let id = store.put(Codec::Raw, b"record").unwrap();
    tamper(&dir.path().join("store"), "UPDATE blocks SET bytes = x'7265636f7265' WHERE digest = ?1", &id);
    let error = store.get(&id, 100).unwrap_err();
    assert!(matches!(error, StorageError::Damaged { .. }), "{error}");
    assert_eq!(store.fsck().unwrap().damage, [Damage::Block { id }]);
    store.put(Codec::Raw, b"record").unwrap();
    assert_eq!(store.get(&id, 100).unwrap().unwrap(), b"record");
    assert!(store.fsck().unwrap().is_clean());
}

#[test]
fn fsck_lists_lost_blocks_and_altered_files() {
    let Bench { dir, store } = Bench::new();
    let file = put_file(&store, &[b"one", b"two"]);
    store.pin(&file, Role::Model).unwrap();
    let garbage = store.put(Codec::DagPb, b"garbage").unwrap();
    store.pin(&garbage, Role::Model).unwrap();
    tamper(&dir.path().join("store"), "DELETE FROM blocks WHERE digest = ?1", &ContentId::raw(b"two"));
    let model = dir.path().join("model");
    write_model(&model, 3);
    import(&store, &model, Leaves::Referenced);
    fs::remove_file(model.join("a.bin")).unwrap();

    let found = store.fsck().unwrap();
    let path = fs::canonicalize(&model).unwrap().join("a.bin");
    for expected in
        [Damage::Missing { id: ContentId::raw(b"two") }, Damage::Malformed { id: garbage }, Damage::File { path, leaves: 3, lost: 3 }]
    {
        assert!(found.damage.contains(&expected), "{expected:?} in {found:?}");
    }
    assert_eq!(found.damage.len(), 3);
    assert!(found.blocks > 8 && found.bytes > 500_000);
}

#[test]
fn fsck_tells_lost_leaves_from_those_that_are_elsewhere() {
    let Bench { dir, store } = Bench::new();
    for name in ["here", "there"] {
        write_model(&dir.path().join(name), 4);
        import(&store, &dir.path().join(name), Leaves::Referenced);
    }
    fs::remove_file(dir.path().join("here/a.bin")).unwrap();
    assert!(matches!(store.fsck().unwrap().damage.as_slice(), [Damage::File { leaves: 3, lost: 0, .. }]));
}

#[test]
fn a_damaged_copy_is_found() {
    let Bench { dir, store } = Bench::new();
    let model = dir.path().join("weights.bin");
    fs::write(&model, b"weights").unwrap();
    let manifest = import(&store, &model, Leaves::Copied);
    fs::write(dir.path().join("store/objects").join(manifest.cid.to_string()), b"Weights").unwrap();
    assert!(matches!(store.get(&manifest.cid, 100), Err(StorageError::Damaged { .. })));
    assert!(matches!(store.fsck().unwrap().damage.as_slice(), [Damage::File { leaves: 1, lost: 1, .. }]));
    import(&store, &model, Leaves::Copied);
    assert!(store.fsck().unwrap().is_clean(), "importing again repaired it");
}

/// Everything that `other` has.
fn spare(other: &dyn Store) -> impl FnMut(&ContentId) -> Option<Vec<u8>> + '_ {
    |id| other.get(id, MAX_BLOCK_BYTES).ok().flatten()
}

#[test]
fn a_flipped_bit_is_repaired_from_another_store() {
    let Bench { dir, store } = Bench::new();
    let other = MemoryStore::new();
    let (kept, lost) = (store.put(Codec::Raw, b"record").unwrap(), store.put(Codec::Raw, b"nobody has it").unwrap());
    other.put(Codec::Raw, b"record").unwrap();
    for id in [&kept, &lost] {
        tamper(&dir.path().join("store"), "UPDATE blocks SET bytes = x'00' WHERE digest = ?1", id);
    }
    let found = store.repair(spare(&other)).unwrap();
    assert_eq!((found.repaired, found.damage), (1, vec![Damage::Block { id: lost }]));
    assert_eq!(store.get(&kept, 100).unwrap().unwrap(), b"record");
    // Who gives other bytes has not helped.
    let found = store.repair(|_| Some(b"something else".to_vec())).unwrap();
    assert_eq!((found.repaired, found.damage), (0, vec![Damage::Block { id: lost }]));
    let found = store.repair(|_| Some(b"nobody has it".to_vec())).unwrap();
    assert!(found.is_clean() && store.fsck().unwrap().is_clean());
}

#[test]
fn what_lies_below_a_lost_node_is_found_and_fetched_too() {
    let Bench { dir, store } = Bench::new();
    let other = MemoryStore::new();
    let leaves: Vec<Vec<u8>> = (0..400_u32).map(|n| n.to_le_bytes().to_vec()).collect();
    let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let file = put_file(&store, &leaves);
    put_file(&other, &leaves);
    store.pin(&file, Role::Model).unwrap();
    let connection = Connection::open(dir.path().join("store/index.sqlite3")).unwrap();
    connection.execute("DELETE FROM blocks", []).unwrap();
    assert_eq!(store.fsck().unwrap().damage, [Damage::Missing { id: file }], "more is not known without the root");
    let found = store.repair(spare(&other)).unwrap();
    // The root, three nodes, the leaves.
    assert_eq!((found.is_clean(), found.repaired), (true, 404));
    assert_eq!(crate::fixture::read_all(&store, &file), leaves.concat());
    assert!(store.fsck().unwrap().is_clean());
}

#[test]
fn leaves_that_their_files_lost_come_back_and_files_of_the_users_stay_as_they_are() {
    for leaves in [Leaves::Referenced, Leaves::Copied] {
        let Bench { dir, store } = Bench::new();
        let (model, whole) = (dir.path().join("model"), dir.path().join("whole"));
        for path in [&model, &whole] {
            write_model(path, 5);
        }
        let manifest = import(&store, &model, leaves);
        let other = LocalStore::open(dir.path().join("other")).unwrap();
        import(&other, &whole, Leaves::Referenced);
        let damaged = match leaves {
            Leaves::Referenced => model.join("a.bin"),
            Leaves::Copied => dir.path().join("store/objects").join(manifest.files[0].cid.to_string()),
        };
        let mut bytes = fs::read(&damaged).unwrap();
        let right = bytes.clone();
        bytes[300_000] ^= 1;
        fs::write(&damaged, &bytes).unwrap();
        assert!(matches!(store.fsck().unwrap().damage.as_slice(), [Damage::File { leaves: 1, lost: 1, .. }]));

        let found = store.repair(spare(&other)).unwrap();
        assert_eq!((found.is_clean(), found.repaired), (true, 1));
        assert!(store.fsck().unwrap().is_clean());
        assert_eq!(crate::fixture::read_all(&store, &manifest.files[0].cid), right);
        let expected = if leaves == Leaves::Copied { right } else { bytes };
        assert_eq!(fs::read(&damaged).unwrap(), expected);
        // A file that is gone altogether.
        fs::remove_file(&damaged).unwrap();
        assert!(store.repair(spare(&other)).unwrap().is_clean());
        assert_eq!(crate::fixture::read_all(&store, &manifest.files[0].cid).len(), 700_000);
        assert!(store.fsck().unwrap().is_clean());
    }
}
