//! There and back, by several holders, whole and in part.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use modelmark_crypt::{CryptError, Folder, Holders, Identities, Opened, add_recipients, decrypt, encrypt};
use modelmark_digest::outboard::VerifyingFile;
use modelmark_formats::ReadAt as _;

use crate::model::{Sealed, outboard, same};

#[test]
fn a_model_comes_back_as_it_was() {
    let sealed = Sealed::new();
    let opened = sealed.open().unwrap().check(&sealed.cid).unwrap();
    let written = AtomicU64::new(0);
    decrypt(&opened, &sealed.path("back"), &|bytes| {
        written.fetch_add(bytes, Ordering::Relaxed);
    })
    .unwrap();
    assert!(same(&sealed.path("model"), &sealed.path("back")));
    assert_eq!(written.into_inner(), 700_001 + (128 << 10) + 2);
    // Nothing is left beside the results, and nothing is replaced.
    let mut names: Vec<_> = fs::read_dir(sealed.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["back", "model", "sealed"]);
    assert!(matches!(decrypt(&opened, &sealed.path("back"), &|_| {}), Err(CryptError::Exists(_))));
    assert!(matches!(decrypt(&opened, &sealed.path("model/config.json"), &|_| {}), Err(CryptError::Exists(_))));
}

#[test]
fn a_model_that_is_one_file_comes_back_as_one() {
    let sealed = Sealed::new();
    let file = sealed.path("model/weights.bin");
    let holders = Holders::new(sealed.holder.recipients()).unwrap();
    encrypt(&file, outboard(&file), &holders, &sealed.path("one"), &|_| {}).unwrap();
    let opened = Opened::open(Folder(sealed.path("one")), &sealed.holder).unwrap();
    decrypt(&opened, &sealed.path("back.bin"), &|_| {}).unwrap();
    assert_eq!(fs::read(&file).unwrap(), fs::read(sealed.path("back.bin")).unwrap());
}

#[test]
fn neither_names_nor_content_are_seen() {
    let sealed = Sealed::new();
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(sealed.path("sealed")).unwrap().map(Result::unwrap) {
        let bytes = fs::read(entry.path()).unwrap();
        for word in [&b"weights"[..], b"config", b"AGE-SECRET", &[9; 64]] {
            assert!(!bytes.windows(word.len()).any(|window| window == word), "{:?} shows {word:?}", entry.file_name());
        }
        names.insert(entry.file_name().into_string().unwrap(), bytes.len());
    }
    assert_eq!(names.keys().collect::<Vec<_>>(), ["1.age", "2.age", "3.age", "4.age", "key-1.age", "outboard.age"]);
}

#[test]
fn a_holder_is_added_without_touching_the_rest() {
    let sealed = Sealed::new();
    let before: BTreeMap<_, _> = read_all(&sealed);
    let (second, stranger) = (Identities::generate(), Identities::generate());
    let holders = Holders::new(second.recipients()).unwrap();
    assert!(matches!(add_recipients(&sealed.path("sealed"), &stranger, &holders), Err(CryptError::NoKey(_))));
    assert_eq!(read_all(&sealed), before);

    assert_eq!(add_recipients(&sealed.path("sealed"), &sealed.holder, &holders).unwrap(), "key-2.age");
    let mut after = read_all(&sealed);
    after.remove("key-2.age").unwrap();
    assert_eq!(after, before);
    for identities in [&sealed.holder, &second] {
        let opened = Opened::open(Folder(sealed.path("sealed")), identities).unwrap();
        assert_eq!(opened.cid(), sealed.cid);
    }
    assert!(matches!(Opened::open(Folder(sealed.path("sealed")), &stranger), Err(CryptError::NoKey(_))));
}

fn read_all(sealed: &Sealed) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(sealed.path("sealed")).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn parts_are_read_without_the_rest() {
    let sealed = Sealed::new();
    let plain = fs::read(sealed.path("model/weights.bin")).unwrap();
    // The other files are not even there.
    for other in ["1.age", "2.age", "3.age"] {
        fs::remove_file(sealed.path("sealed").join(other)).unwrap();
    }
    let opened = sealed.open().unwrap();
    let (file, leaves) = opened.file("weights.bin").unwrap();
    let verifying = VerifyingFile::new(file, leaves);
    for range in [0..10, 65_530..65_540, 262_140..262_150, 700_000..700_001, 0..700_001, 131_072..131_072] {
        let mut bytes = vec![0; range.end - range.start];
        verifying.read_exact_at(&mut bytes, range.start as u64).unwrap();
        assert_eq!(bytes, plain[range]);
    }
    assert!(verifying.read_exact_at(&mut [0; 2], 700_000).is_err());
    assert!(matches!(opened.file("other"), Err(CryptError::NoFile(_))));
}

#[test]
fn a_file_that_changes_meanwhile_is_no_model() {
    let sealed = Sealed::new();
    let model = sealed.path("model");
    let stated = outboard(&model);
    let holders = Holders::new(sealed.holder.recipients()).unwrap();
    for change in ["longer", "other", "gone"] {
        match change {
            "longer" => fs::write(model.join("config.json"), b"{} ").unwrap(),
            "other" => fs::write(model.join("config.json"), b"[]").unwrap(),
            _ => fs::remove_file(model.join("config.json")).unwrap(),
        }
        let failed = encrypt(&model, stated.clone(), &holders, &sealed.path("again"), &|_| {});
        assert!(matches!(&failed, Err(CryptError::Changed { path, .. }) if path == "config.json"), "{change}: {failed:?}");
        assert!(!sealed.path("again").exists());
    }
    assert_eq!(fs::read_dir(sealed.dir.path()).unwrap().count(), 2);
}

#[test]
fn there_are_holders_and_not_too_many() {
    assert!(matches!(Holders::new([]), Err(CryptError::Count(_))));
    let many: Vec<_> = (0..65).flat_map(|_| Identities::generate().recipients().collect::<Vec<_>>()).collect();
    assert!(Holders::new(many.clone()).is_err());
    // As many as are allowed fit into the header that is read.
    let sealed = Sealed::new();
    let last = Identities::generate();
    let holders = Holders::new(many.into_iter().take(63).chain(last.recipients())).unwrap();
    add_recipients(&sealed.path("sealed"), &sealed.holder, &holders).unwrap();
    assert!(Opened::open(Folder(sealed.path("sealed")), &last).is_ok());
}

#[test]
fn what_an_earlier_try_left_is_used_as_far_as_it_is_right() {
    let sealed = Sealed::new();
    let opened = sealed.open().unwrap();
    let whole = fs::read(sealed.path("model/weights.bin")).unwrap();
    let leaf = 256 << 10;
    // The first leaf is right, the second was damaged, and the third is cut off.
    let mut left = whole[..2 * leaf + 100].to_vec();
    left[leaf + 5] ^= 1;
    fs::write(sealed.path("part"), &left).unwrap();
    let out = fs::File::options().read(true).write(true).open(sealed.path("part")).unwrap();
    let told = AtomicU64::new(0);
    let advanced = |bytes| {
        told.fetch_add(bytes, Ordering::Relaxed);
    };
    assert_eq!(opened.complete("weights.bin", &out, left.len() as u64, &advanced).unwrap(), leaf as u64);
    assert_eq!(fs::read(sealed.path("part")).unwrap(), whole);
    assert_eq!(told.into_inner(), whole.len() as u64);
    assert_eq!(opened.complete("weights.bin", &out, whole.len() as u64, &|_| {}).unwrap(), whole.len() as u64);
    assert!(matches!(opened.complete("nobody.bin", &out, 0, &|_| {}), Err(CryptError::NoFile(_))));
}
