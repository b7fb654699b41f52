//! Encrypted models that were cut, changed, mixed up, or made to hurt.

use std::fs;
use std::path::PathBuf;

use modelmark_crypt::{CryptError, Folder, Identities, MAX_HEADER_BYTES, Opened, decrypt};
use modelmark_testkit::tools::workspace;

use crate::model::Sealed;

/// What a chunk of an age file takes.
const CHUNK: usize = (64 << 10) + 16;

fn decrypted(sealed: &Sealed) -> Result<(), CryptError> {
    let done = sealed.open().and_then(|opened| decrypt(&opened, &sealed.path("back"), &|_| {}));
    assert_eq!(done.is_ok(), sealed.path("back").exists());
    done
}

fn big(sealed: &Sealed) -> PathBuf {
    // In the order of the paths: config.json, even.bin, sub/empty, weights.bin.
    sealed.path("sealed/4.age")
}

fn header(bytes: &[u8]) -> usize {
    let end = bytes.windows(5).position(|window| window == b"\n--- ").unwrap();
    // The end of the header, its MAC and a newline, then a nonce.
    end + 5 + 43 + 1 + 16
}

#[test]
fn files_that_were_cut_anywhere_are_damaged() {
    let sealed = Sealed::new();
    let whole = fs::read(big(&sealed)).unwrap();
    let start = header(&whole);
    for length in [whole.len() - 1, start + 2 * CHUNK, start + CHUNK, start + 1, start, start - 3, 60, 0] {
        fs::write(big(&sealed), &whole[..length]).unwrap();
        let failed = decrypted(&sealed);
        assert!(matches!(failed, Err(CryptError::Damaged { .. } | CryptError::Malformed { .. })), "{length}: {failed:?}");
    }
    fs::write(big(&sealed), [whole, vec![0]].concat()).unwrap();
    assert!(matches!(decrypted(&sealed), Err(CryptError::Damaged { .. })));
}

#[test]
fn chunks_that_changed_places_do_not_pass() {
    let sealed = Sealed::new();
    let mut bytes = fs::read(big(&sealed)).unwrap();
    let start = header(&bytes);
    let (first, second) = bytes[start..start + 2 * CHUNK].split_at_mut(CHUNK);
    first.swap_with_slice(second);
    fs::write(big(&sealed), &bytes).unwrap();
    assert!(matches!(decrypted(&sealed), Err(CryptError::Damaged { .. })));
}

#[test]
fn a_bit_anywhere_is_noticed() {
    let sealed = Sealed::new();
    for name in ["4.age", "outboard.age", "key-1.age"] {
        let path = sealed.path("sealed").join(name);
        let whole = fs::read(&path).unwrap();
        for at in [22, 40, 100, header(&whole) - 20, header(&whole) - 5, header(&whole) + 5, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(decrypted(&sealed).is_err(), "{name}, byte {at}");
        }
        fs::write(&path, &whole).unwrap();
    }
    decrypted(&sealed).unwrap();
}

#[test]
fn files_of_the_model_that_changed_places_do_not_pass() {
    let sealed = Sealed::new();
    let (a, b) = (fs::read(sealed.path("sealed/1.age")).unwrap(), fs::read(sealed.path("sealed/2.age")).unwrap());
    fs::write(sealed.path("sealed/1.age"), b).unwrap();
    fs::write(sealed.path("sealed/2.age"), a).unwrap();
    assert!(matches!(decrypted(&sealed), Err(CryptError::Damaged { .. })));
}

#[test]
fn another_model_for_the_same_holder_is_not_the_wanted_one() {
    let (sealed, other) = (Sealed::new(), modelmark_digest::ContentId::raw(b"another"));
    let refused = sealed.open().unwrap().check(&other).map(drop);
    assert!(matches!(refused, Err(CryptError::OtherModel { wanted, .. }) if wanted == other));
}

#[test]
fn missing_files_are_named() {
    let sealed = Sealed::new();
    for name in ["4.age", "outboard.age", "key-1.age"] {
        let path = sealed.path("sealed").join(name);
        fs::rename(&path, sealed.path("aside")).unwrap();
        let failed = decrypted(&sealed).unwrap_err().to_string();
        assert!(failed.contains(name), "{failed}");
        fs::rename(sealed.path("aside"), path).unwrap();
    }
    fs::remove_file(big(&sealed)).unwrap();
    fs::create_dir(big(&sealed)).unwrap();
    assert!(decrypted(&sealed).is_err());
}

/// The files in `attacks/encryption` stand in the place of the first key file.
#[test]
fn headers_that_are_made_to_hurt_are_refused_at_once() {
    let sealed = Sealed::new();
    let folder = workspace().join("attacks/encryption");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "age"))
        .collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    for path in names {
        fs::copy(&path, sealed.path("sealed/key-1.age")).unwrap();
        let failed = Opened::open(Folder(sealed.path("sealed")), &sealed.holder).map(drop);
        assert!(
            matches!(failed, Err(CryptError::Malformed { .. } | CryptError::NoKey(_) | CryptError::Damaged { .. })),
            "{}: {failed:?}",
            path.display()
        );
    }
}

#[test]
fn a_header_without_end_is_not_read_to_its_end() {
    let sealed = Sealed::new();
    let endless = [b"age-encryption.org/v1\n".as_slice(), &b"-> a\n\n".repeat(MAX_HEADER_BYTES)].concat();
    fs::write(sealed.path("sealed/key-1.age"), endless).unwrap();
    let failed = sealed.open().map(drop);
    assert!(matches!(&failed, Err(CryptError::Malformed { reason, .. }) if reason.contains("longer")), "{failed:?}");
}

#[test]
fn what_is_no_key_is_none() {
    let sealed = Sealed::new();
    // A file that the holder can open, and that holds no key.
    fs::copy(sealed.path("sealed/outboard.age"), sealed.path("sealed/key-1.age")).unwrap();
    assert!(matches!(sealed.open().map(drop), Err(CryptError::NoKey(_))));
    assert!(Identities::parse(&"AGE-SECRET-KEY-1\n".repeat(3)).is_err());
}
