//! Models kept in place and copied.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use modelmark_digest::{CidProfile, ContentId, Manifest, ManifestKind, ModelPath, Observer, Request, digest};
use modelmark_storage::{Import, Leaves, LocalStore, MemoryStore, Role, StorageError, Store, car};

use crate::fixture::{Bench, import, pattern, read_all, write_model};

fn assert_holds(store: &dyn Store, manifest: &Manifest, model: &Path) {
    for entry in &manifest.files {
        assert_eq!(read_all(store, &entry.cid), fs::read(model.join(entry.path.as_str())).unwrap(), "{}", entry.path);
    }
}

#[test]
fn a_referenced_model_reads_back_and_is_not_copied() {
    let bench = Bench::new();
    let model = bench.path("model");
    write_model(&model, 1);
    let manifest = import(&bench.store, &model, Leaves::Referenced);
    assert_holds(&bench.store, &manifest, &model);
    assert!(!bench.path("store/objects").exists());
    assert!(fs::metadata(bench.path("store/index.sqlite3")).unwrap().len() < 200_000);
    let pins = bench.store.pins().unwrap();
    assert!(pins.iter().all(|pin| pin.role == Role::Model));
    assert!(pins.iter().any(|pin| pin.root == manifest.cid) && pins.iter().any(|pin| pin.root == manifest.weights.cid));
    assert!(bench.store.fsck().unwrap().is_clean());
}

#[test]
fn a_copied_model_survives_its_source_and_the_stores_move() {
    let bench = Bench::new();
    let model = bench.path("model");
    write_model(&model, 2);
    let manifest = import(&bench.store, &model, Leaves::Copied);
    fs::rename(&model, bench.path("elsewhere")).unwrap();
    assert_holds(&bench.store, &manifest, &bench.path("elsewhere"));
    let object = fs::read_dir(bench.path("store/objects")).unwrap().next().unwrap().unwrap();
    assert_eq!(object.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let Bench { dir, store } = bench;
    drop(store);
    fs::rename(dir.path().join("store"), dir.path().join("moved")).unwrap();
    let store = LocalStore::open(dir.path().join("moved")).unwrap();
    assert_holds(&store, &manifest, &dir.path().join("elsewhere"));
    assert!(store.fsck().unwrap().is_clean());
}

#[test]
fn one_file_is_a_model_too() {
    let bench = Bench::new();
    let model = bench.path("weights.bin");
    for (leaves, length) in [(Leaves::Referenced, 600_000), (Leaves::Copied, 600_000), (Leaves::Copied, 5), (Leaves::Referenced, 0)] {
        fs::write(&model, pattern(length, 3)).unwrap();
        let manifest = import(&bench.store, &model, leaves);
        assert_eq!(manifest.kind, ManifestKind::File);
        assert_eq!(read_all(&bench.store, &manifest.cid), pattern(length, 3));
    }
}

#[test]
fn importing_again_changes_nothing_and_copying_later_frees_the_source() {
    let bench = Bench::new();
    let model = bench.path("model");
    write_model(&model, 4);
    let first = import(&bench.store, &model, Leaves::Referenced);
    for leaves in [Leaves::Referenced, Leaves::Copied, Leaves::Copied] {
        assert_eq!(import(&bench.store, &model, leaves), first);
    }
    fs::remove_dir_all(&model).unwrap();
    assert!(bench.store.fsck().unwrap().is_clean());
}

#[test]
fn an_altered_or_removed_file_is_named() {
    let bench = Bench::new();
    let model = bench.path("model");
    write_model(&model, 5);
    let manifest = import(&bench.store, &model, Leaves::Referenced);
    let entry = manifest.files.iter().find(|entry| entry.path.as_str() == "a.bin").unwrap();
    let path = fs::canonicalize(model.join("a.bin")).unwrap();
    let original = fs::read(&path).unwrap();
    let mut flipped = original.clone();
    flipped[300_000] ^= 1;
    let pipe = |path: &Path| rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let damages: [&dyn Fn(); 5] = [
        &|| fs::write(&path, &flipped).unwrap(),
        &|| fs::write(&path, &original[..300_000]).unwrap(),
        &|| fs::remove_file(&path).unwrap(),
        &|| fs::create_dir(&path).unwrap(),
        &|| {
            fs::remove_dir(&path).unwrap();
            pipe(&path);
        },
    ];
    for damage in damages {
        damage();
        let error = modelmark_storage::cat(&bench.store, &entry.cid, 262_144..300_001, &mut Vec::new()).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, StorageError::Altered { .. }), "{message}");
        assert!(message.starts_with(&format!("referenced file {} no longer holds block bafkrei", path.display())), "{message}");
        assert!(message.ends_with("it was moved or altered"), "{message}");
    }
    fs::remove_file(&path).unwrap();
    fs::write(&path, original).unwrap();
    assert_holds(&bench.store, &manifest, &model);
}

#[test]
fn a_second_place_stands_in_for_a_lost_one() {
    let bench = Bench::new();
    for name in ["here", "there"] {
        write_model(&bench.path(name), 6);
        import(&bench.store, &bench.path(name), Leaves::Referenced);
    }
    let manifest = digest(&bench.path("there"), &Request::default(), &()).unwrap();
    fs::remove_dir_all(bench.path("here")).unwrap();
    assert_holds(&bench.store, &manifest, &bench.path("there"));
}

#[test]
fn a_new_version_in_the_same_place_replaces_the_old_places() {
    let bench = Bench::new();
    let model = bench.path("weights.bin");
    fs::write(&model, pattern(900_000, 7)).unwrap();
    let old = import(&bench.store, &model, Leaves::Referenced);
    fs::write(&model, pattern(300_000, 8)).unwrap();
    let new = import(&bench.store, &model, Leaves::Referenced);
    assert_eq!(read_all(&bench.store, &new.cid), pattern(300_000, 8));
    assert!(modelmark_storage::cat(&bench.store, &old.cid, 0..1, &mut Vec::new()).is_err());
    bench.store.unpin(&old.cid).unwrap();
    bench.store.gc().unwrap();
    assert!(bench.store.fsck().unwrap().is_clean());
}

#[test]
fn links_are_followed_to_the_file_that_holds_the_bytes() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("blobs")).unwrap();
    fs::create_dir_all(bench.path("snapshot")).unwrap();
    fs::write(bench.path("blobs/1"), pattern(300_000, 9)).unwrap();
    symlink(bench.path("blobs"), bench.path("link to blobs")).unwrap();
    symlink(bench.path("blobs/1"), bench.path("snapshot.bin")).unwrap();
    let import = bench.store.import(bench.path("link to blobs/1"), Leaves::Referenced).unwrap();
    let manifest = digest(&bench.path("blobs/1"), &Request::default(), &import).unwrap();
    import.finish(&manifest).unwrap();
    fs::remove_file(bench.path("link to blobs")).unwrap();
    assert_eq!(read_all(&bench.store, &manifest.cid), pattern(300_000, 9));
}

#[test]
fn a_file_that_changes_before_it_is_copied_fails_the_import() {
    let bench = Bench::new();
    let model = bench.path("model");
    write_model(&model, 10);
    let import = bench.store.import(&model, Leaves::Copied).unwrap();
    let manifest = digest(&model, &Request::default(), &import).unwrap();
    fs::write(model.join("a.bin"), pattern(700_000, 11)).unwrap();
    assert!(matches!(import.finish(&manifest), Err(StorageError::Altered { .. })));
    assert!(bench.store.pins().unwrap().is_empty());
    let leftovers: Vec<_> = fs::read_dir(bench.path("store/objects")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(leftovers.iter().all(|name| name.to_str().unwrap().starts_with("baf")), "{leftovers:?}");
    bench.store.gc().unwrap();
    assert_eq!(fs::read_dir(bench.path("store/objects")).unwrap().count(), 0);
}

/// Appends to the file that is being read, once.
struct Disturbing<'a, 's>(&'a Import<'s>, &'a Path, std::sync::Once);

impl Observer for Disturbing<'_, '_> {
    fn leaf(&self, file: &ModelPath, offset: u64, len: u32, cid: &ContentId) {
        self.2.call_once(|| {
            let mut file = fs::File::options().append(true).open(self.1).unwrap();
            std::io::Write::write_all(&mut file, b"more").unwrap();
        });
        self.0.leaf(file, offset, len, cid);
    }

    fn node(&self, cid: &ContentId, block: &[u8]) {
        self.0.node(cid, block);
    }
}

#[test]
fn a_file_that_changes_while_it_is_imported_leaves_nothing_kept() {
    for leaves in [Leaves::Referenced, Leaves::Copied] {
        let bench = Bench::new();
        let model = bench.path("weights.bin");
        fs::write(&model, pattern(3_000_000, 1)).unwrap();
        let import = bench.store.import(&model, leaves).unwrap();
        digest(&model, &Request::cids(), &Disturbing(&import, &model, std::sync::Once::new())).unwrap_err();
        drop(import);
        assert!(bench.store.pins().unwrap().is_empty());
        bench.store.gc().unwrap();
        assert!(bench.store.fsck().unwrap().is_clean());
        crate::fixture::import(&bench.store, &model, leaves);
        assert!(bench.store.fsck().unwrap().is_clean());
    }
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let bench = Bench::new();
    let error = bench.store.import(bench.path("nothing"), Leaves::Referenced).unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
    assert!(!bench.store.has(&modelmark_digest::ContentId::raw(b"")).unwrap());
}

#[test]
fn models_of_every_profile_are_kept_and_go_through_an_archive() {
    for profile in CidProfile::ALL {
        let bench = Bench::new();
        let model = bench.path("model");
        write_model(&model, 12);
        fs::write(model.join("large.bin"), pattern(3_500_000, 13)).unwrap();
        for leaves in [Leaves::Referenced, Leaves::Copied] {
            let import = bench.store.import(&model, leaves).unwrap();
            let manifest = digest(&model, &Request { profile, ..Request::cids() }, &import).unwrap();
            import.finish(&manifest).unwrap();
            assert_holds(&bench.store, &manifest, &model);
            let mut archive = Vec::new();
            car::export(&bench.store, &[manifest.cid], &mut archive).unwrap();
            let other = MemoryStore::new();
            car::import(&other, archive.as_slice(), car::Limits::MODEL).unwrap();
            assert_holds(&other, &manifest, &model);
        }
    }
}
