//! Foreign age: what typage (`vectors/encryption`) wrote is read here, and it reads what is written here.

use std::fs;
use std::process::Command;

use modelmark_crypt::{Folder, Identities, Opened, decrypt};
use modelmark_testkit::tools::{encryption_modules, workspace};

use crate::model::Sealed;

#[test]
fn a_model_that_typage_encrypted_is_read() {
    let vectors = workspace().join("vectors/encryption");
    let identities = Identities::parse(&fs::read_to_string(vectors.join("holder.key")).unwrap()).unwrap();
    let opened = Opened::open(Folder(vectors.join("model")), &identities).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let back = dir.path().join("back");
    decrypt(&opened, &back, &|_| {}).unwrap();
    let pattern: Vec<u8> = (0..70_000_u32).map(|i| (i % 251) as u8).collect();
    for (name, content) in [("config.json", b"{}".as_slice()), ("sub/empty", b""), ("weights.bin", &pattern)] {
        assert_eq!(fs::read(back.join(name)).unwrap(), content, "{name}");
    }
}

#[test]
fn typage_reads_what_was_written_here() {
    if encryption_modules().is_none() {
        return;
    }
    let sealed = Sealed::new();
    fs::write(sealed.path("holder.key"), sealed.holder.to_text().as_bytes()).unwrap();
    let script = workspace().join("vectors/encryption/decrypt.mjs");
    let run = |arguments: &[&str]| {
        let done = Command::new("node").arg(&script).args(arguments).current_dir(sealed.dir.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    // In two steps, as with any age: the model's key, then with it the file.
    fs::write(sealed.path("model.key"), run(&["holder.key", "sealed/key-1.age"])).unwrap();
    assert_eq!(run(&["model.key", "sealed/4.age"]), fs::read(sealed.path("model/weights.bin")).unwrap());
    assert_eq!(run(&["model.key", "sealed/3.age"]), b"");
}
