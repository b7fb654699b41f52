//! Paths through directories, sharded ones too, and the parts of a DAG that prove them.

use modelmark_digest::unixfs::{self, Folder};
use modelmark_digest::{CidProfile, Codec, ContentId, ModelPath};
use modelmark_storage::car::{self, Limits, Scope, Selection, export_selection};
use modelmark_storage::{Block, MemoryStore, StorageError, Store, cat, resolve};
use proptest::prelude::*;

use crate::fixture::{pattern, put_file};

/// A directory with `names` for files that hold their own names, and `folder/file` of several leaves.
fn directory(store: &MemoryStore, names: &[String]) -> (ContentId, ContentId) {
    let mut folder = Folder::new(CidProfile::default());
    for name in names {
        let cid = store.put(Codec::Raw, name.as_bytes()).unwrap();
        let size = name.len() as u64;
        folder.add_file(&name.as_str().try_into().unwrap(), &unixfs::Dag { cid, size, tsize: size });
    }
    let file = put_file(store, &[b"one", b"two", b"one", b"four"]);
    let path: ModelPath = "folder/file".try_into().unwrap();
    folder.add_file(&path, &unixfs::Dag { cid: file, size: 13, tsize: 100 });
    let mut sink = |_: &ContentId, block: &[u8]| store.put_all(&[Block::new(Codec::DagPb, block.to_vec()).unwrap()]).unwrap();
    (folder.finish(&mut sink).unwrap().cid, file)
}

fn selected(store: &dyn Store, root: ContentId, scope: Scope, duplicates: bool) -> Vec<ContentId> {
    select(store, &Selection { way: Vec::new(), root, scope, duplicates, limit: 1 << 20 })
}

/// The blocks of a selection, in order, as the reader of our own CAR files finds them.
fn select(store: &dyn Store, selection: &Selection) -> Vec<ContentId> {
    struct Seen(std::sync::Mutex<Vec<ContentId>>);
    impl Store for Seen {
        fn name(&self) -> &str {
            "seen"
        }
        fn put_all(&self, blocks: &[Block]) -> Result<(), StorageError> {
            self.0.lock().unwrap().extend(blocks.iter().map(Block::id));
            Ok(())
        }
        fn get(&self, _: &ContentId, _: usize) -> Result<Option<Vec<u8>>, StorageError> {
            Ok(None)
        }
        fn has(&self, _: &ContentId) -> Result<bool, StorageError> {
            Ok(false)
        }
        fn attach(&self, _: &ContentId, _: &ContentId) -> Result<(), StorageError> {
            Ok(())
        }
        fn attached(&self, _: &ContentId) -> Result<Vec<ContentId>, StorageError> {
            Ok(Vec::new())
        }
    }
    let mut out = Vec::new();
    let exported = export_selection(store, selection, &mut out).unwrap();
    let seen = Seen(Default::default());
    let imported = car::import(&seen, out.as_slice(), Limits::MODEL).unwrap();
    assert_eq!((imported.blocks, imported.bytes), (exported.blocks, exported.bytes));
    assert_eq!(imported.roots, [selection.root]);
    seen.0.into_inner().unwrap()
}

#[test]
fn names_lead_through_directories_of_every_size() {
    for count in [1, 100, 9_000] {
        let store = MemoryStore::new();
        let names: Vec<_> = (0..count).map(|n| format!("a file with quite a long name {n}")).collect();
        let (root, file) = directory(&store, &names);
        for name in names.iter().step_by(97) {
            let found = resolve(&store, &root, &[name]).unwrap().unwrap();
            assert_eq!(found.id, ContentId::raw(name.as_bytes()));
            assert_eq!(found.roots, [root, found.id]);
            assert_eq!(found.way[0], root);
            // 9,000 names fill all slots of the first shard several times.
            assert_eq!(found.way.len() > 1, count == 9_000, "{name}");
        }
        let found = resolve(&store, &root, &["folder", "file"]).unwrap().unwrap();
        assert_eq!((found.id, found.roots.len()), (file, 3));
        for nowhere in [&["no such file"][..], &["folder", "no"], &["folder", "file", "x"], &[&names[0], "x"], &[""], &["00"]] {
            assert_eq!(resolve(&store, &root, nowhere).unwrap(), None, "{nowhere:?}");
        }
        let itself = resolve(&store, &root, &[]).unwrap().unwrap();
        assert_eq!((itself.id, itself.way.len()), (root, 0));
    }
}

#[test]
fn the_way_alone_proves_where_a_path_leads() {
    let store = MemoryStore::new();
    let names: Vec<_> = (0..9_000).map(|n| format!("a file with quite a long name {n}")).collect();
    let (root, _) = directory(&store, &names);
    let found = resolve(&store, &root, &[&names[7]]).unwrap().unwrap();
    let light = MemoryStore::new();
    for id in &found.way {
        light.put(Codec::DagPb, &store.get(id, 1 << 20).unwrap().unwrap()).unwrap();
    }
    assert_eq!(resolve(&light, &root, &[&names[7]]).unwrap(), Some(found));
    let none = resolve(&MemoryStore::new(), &root, &["x"]);
    assert!(matches!(none, Err(StorageError::Missing { id, .. }) if id == root));
    let garbage = store.put(Codec::DagPb, b"garbage").unwrap();
    assert!(matches!(resolve(&store, &garbage, &["x"]), Err(StorageError::Malformed { .. })));
}

#[test]
fn scopes_hold_what_they_say() {
    let store = MemoryStore::new();
    let (root, file) = directory(&store, &["a".to_owned(), "b".to_owned()]);
    let folder = resolve(&store, &root, &["folder"]).unwrap().unwrap().id;
    let leaf = |bytes: &[u8]| ContentId::raw(bytes);
    let (one, two, four) = (leaf(b"one"), leaf(b"two"), leaf(b"four"));
    assert_eq!(selected(&store, root, Scope::Block, false), [root]);
    assert_eq!(selected(&store, root, Scope::Entity, false), [root]);
    assert_eq!(selected(&store, root, Scope::All, false), [root, leaf(b"a"), leaf(b"b"), folder, file, one, two, four]);
    assert_eq!(selected(&store, file, Scope::Entity, false), [file, one, two, four]);
    assert_eq!(selected(&store, file, Scope::Entity, true), [file, one, two, one, four]);
    assert_eq!(selected(&store, file, Scope::Bytes(3, 5), false), [file, two]);
    assert_eq!(selected(&store, file, Scope::Bytes(5, 6), false), [file, two, one]);
    assert_eq!(selected(&store, file, Scope::Bytes(9, u64::MAX), false), [file, four]);
    assert_eq!(selected(&store, file, Scope::Bytes(13, 20), false), [file]);
    assert_eq!(selected(&store, one, Scope::Bytes(0, 0), false), [one]);
    let way = Selection { way: vec![root, folder], root: file, scope: Scope::Block, duplicates: false, limit: 3 };
    assert_eq!(select(&store, &way), [root, folder, file]);
    let mut out = Vec::new();
    let bounded = export_selection(&store, &Selection { limit: 2, ..way }, &mut out);
    assert!(bounded.unwrap_err().to_string().contains("more than 2 blocks"));
}

#[test]
fn listing_a_sharded_directory_takes_its_shards_and_no_entry() {
    let store = MemoryStore::new();
    let names: Vec<_> = (0..9_000).map(|n| format!("a file with quite a long name {n}")).collect();
    let (root, _) = directory(&store, &names);
    let blocks = selected(&store, root, Scope::Entity, false);
    assert!(blocks.len() > 200, "one level of shards below the root: {}", blocks.len());
    assert!(blocks.iter().all(|id| id.codec() == Codec::DagPb));
    assert_eq!(selected(&store, root, Scope::All, false).len(), blocks.len() + names.len() + 2 + 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever is asked of a file, with repeated leaves and repeated nodes, can be read from the blocks of the answer.
    #[test]
    fn the_bytes_of_a_range_can_be_read_from_its_blocks(
        leaves in 1_usize..900, kinds in 1_u8..4, from in 0_u64..2_000, length in 1_u64..2_000, duplicates: bool,
    ) {
        let store = MemoryStore::new();
        let leaves: Vec<Vec<u8>> = (0..leaves).map(|n| pattern(3, n as u8 % kinds)).collect();
        let file = put_file(&store, &leaves.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let selection = Selection { way: Vec::new(), root: file, scope: Scope::Bytes(from, from + length - 1), duplicates, limit: 1 << 20 };
        let mut out = Vec::new();
        let exported = export_selection(&store, &selection, &mut out).unwrap();
        let light = MemoryStore::new();
        car::import(&light, out.as_slice(), Limits::RECORD).unwrap();
        let (mut wanted, mut read) = (Vec::new(), Vec::new());
        cat(&store, &file, from..from + length, &mut wanted).unwrap();
        cat(&light, &file, from..from + length, &mut read).unwrap();
        prop_assert_eq!(read, wanted);
        prop_assert!(exported.blocks <= 8 + length.div_ceil(3) + 2 * length.div_ceil(3 * 174));
    }
}
