//! Models that are not what was signed, behind bundles that are right.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use modelmark_oms::{Options, SignError, Signing, Trust, claims, sign, verify};
use modelmark_oms::{RECORD_PREDICATE, Statement};
use serde_json::json;

use crate::world::{Model, NOW, certificates, codes, key, public};

const NONE: [&str; 0] = [];

fn strict() -> Options {
    Options::default()
}

#[test]
fn every_change_of_a_file_is_found() {
    let model = Model::small();
    let bundle = model.sign(&[]);
    assert_eq!(model.codes(&bundle, &strict()), NONE);
    model.write("weights.bin", "weightz");
    assert_eq!(model.codes(&bundle, &strict()), ["file-mismatch"]);
    model.write("weights.bin", "weights");
    model.write("added.py", "");
    assert_eq!(model.codes(&bundle, &strict()), ["file-extra"]);
    assert_eq!(model.codes(&bundle, &Options { ignore_unsigned_files: true, ..strict() }), NONE);
    fs::rename(model.path().join("code/run.py"), model.path().join("added.py")).unwrap();
    assert_eq!(model.codes(&bundle, &strict()), ["file-extra", "file-missing"]);
    assert_eq!(model.codes(&bundle, &Options { ignore_unsigned_files: true, ..strict() }), ["file-missing"]);
}

#[test]
fn what_the_format_does_not_cover_does_not_matter() {
    let model = Model::small();
    let bundle = model.sign(&[]);
    fs::create_dir(model.path().join("empty")).unwrap();
    fs::set_permissions(model.path().join("code/run.py"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(model.codes(&bundle, &strict()), NONE);
}

#[test]
fn files_where_no_signature_looks_are_refused_unless_accepted() {
    for place in [".git/hooks/post-checkout", ".github/x.py", ".gitignore/x.py", "logs/x.py"] {
        let model = Model::small();
        model.write("logs/train.txt", "left out");
        let bundle = model.sign(&["logs"]);
        fs::remove_dir_all(model.path().join("logs")).unwrap();
        // Empty folders are nothing.
        fs::create_dir_all(model.path().join(".git/refs")).unwrap();
        model.write(".gitignore.txt", "");
        assert_eq!(model.codes(&bundle, &strict()), ["file-extra"]);
        fs::remove_file(model.path().join(".gitignore.txt")).unwrap();
        assert_eq!(model.codes(&bundle, &strict()), NONE);
        model.write(place, "");
        assert_eq!(model.codes(&bundle, &strict()), ["file-uncovered"], "{place}");
        let report = model.verify(&bundle, &Options { accept_uncovered: true, ..strict() });
        assert!(report.verified() && report.notes.len() == 1, "{report:?}");
        let top = place.split('/').next().unwrap().to_owned();
        assert_eq!(model.codes(&bundle, &Options { ignore_paths: [top].into(), ..strict() }), NONE, "{place}");
    }
    let model = Model::small();
    let bundle = model.sign(&[]);
    model.write(".gitignore", "*.tmp");
    model.write(".gitattributes", "*.bin filter=lfs");
    assert_eq!(model.codes(&bundle, &strict()), NONE);
    model.link(".github", "code");
    assert_eq!(model.codes(&bundle, &strict()), ["file-uncovered"]);
}

#[test]
fn the_signature_itself_may_lie_in_the_model_and_nothing_else_in_its_place() {
    let model = Model::small();
    let own = key("p256");
    let signing =
        Signing { key: &own, certificates: None, ignore_paths: [].into(), signature_path: Some("model.sig".to_owned()), holes: false };
    let bundle = sign(&model.path(), &signing, &()).unwrap().1.bytes();
    fs::write(model.path().join("model.sig"), &bundle).unwrap();
    let inside = Options { signature_path: Some("model.sig".to_owned()), ..strict() };
    assert_eq!(model.codes(&bundle, &inside), NONE);
    // Read from elsewhere: a copy does no harm, anything else is a file that nobody signed.
    assert_eq!(model.codes(&bundle, &strict()), NONE);
    fs::write(model.path().join("model.sig"), "#!/bin/sh").unwrap();
    assert_eq!(model.codes(&bundle, &strict()), ["file-uncovered"]);
    fs::remove_file(model.path().join("model.sig")).unwrap();
    model.write("model.sig/__init__.py", "");
    assert_eq!(model.codes(&bundle, &strict()), ["file-uncovered"]);
    assert_eq!(model.codes(&bundle, &inside), ["file-uncovered"]);
}

#[test]
fn what_is_listed_is_looked_at_even_where_others_do_not_look() {
    // Signed by a client that was told not to ignore the files of git.
    let model = Model::small();
    model.write(".git/config", "[core]");
    let mut listed: Vec<_> = [(".git/config", "[core]"), ("code/run.py", "print()"), ("weights.bin", "weights")].into();
    listed.sort_unstable();
    let digest = |text: &str| modelmark_digest::Sha256Digest::of(text.as_bytes());
    let root: Vec<u8> = listed.iter().flat_map(|(_, text)| *digest(text).as_bytes()).collect();
    let resources: Vec<_> =
        listed.iter().map(|(name, text)| json!({"name": name, "algorithm": "sha256", "digest": digest(text).to_string()})).collect();
    let statement = Statement {
        name: "model".to_owned(),
        digest: modelmark_digest::Sha256Digest::of(&root),
        predicate_type: modelmark_oms::OMS_PREDICATE.to_owned(),
        predicate: json!({"serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false}, "resources": resources}),
    };
    let own = key("p256");
    let signing = Signing { key: &own, certificates: None, ignore_paths: [].into(), signature_path: None, holes: false };
    let bundle = signing.seal(&statement).unwrap().bytes();
    assert_eq!(model.codes(&bundle, &strict()), NONE);
    model.write(".git/config", "[core] fsmonitor = ./code/run.py");
    assert_eq!(model.codes(&bundle, &strict()), ["file-mismatch"]);
    assert_eq!(model.codes(&bundle, &Options { ignore_paths: [".git".to_owned()].into(), ..strict() }), ["file-mismatch"]);
}

#[test]
fn links_are_refused_and_links_to_folders_always() {
    let follow = Options { allow_symlinks: true, ..strict() };
    let model = Model::small();
    let bundle = model.sign(&[]);
    fs::rename(model.path().join("weights.bin"), model.beside("weights.bin")).unwrap();
    model.link("weights.bin", "../weights.bin");
    assert_eq!(model.codes(&bundle, &strict()), ["link"]);
    let report = model.verify(&bundle, &follow);
    assert!(report.verified() && report.notes.iter().any(|note| note.contains("out of the model")), "{report:?}");
    fs::write(model.beside("weights.bin"), "weightz").unwrap();
    assert_eq!(model.codes(&bundle, &follow), ["file-mismatch"]);
    fs::write(model.beside("weights.bin"), "weights").unwrap();
    model.link("more", "code");
    assert_eq!(model.codes(&bundle, &follow), ["link-folder"]);
    fs::remove_file(model.path().join("more")).unwrap();
    model.link("cycle", ".");
    assert_eq!(model.codes(&bundle, &follow), ["link-folder"]);
    fs::remove_file(model.path().join("cycle")).unwrap();
    model.link("broken", "nowhere");
    assert_eq!(model.codes(&bundle, &follow), ["link"]);
    fs::remove_file(model.path().join("broken")).unwrap();
    // The folder of a listed file, moved out and linked back.
    fs::rename(model.path().join("code"), model.beside("code")).unwrap();
    model.link("code", "../code");
    assert_eq!(model.codes(&bundle, &follow), ["link-folder"]);
    let unsigned = Options { ignore_unsigned_files: true, ..follow };
    assert_eq!(model.codes(&bundle, &unsigned), ["link-folder"]);
}

#[test]
fn names_that_cannot_be_signed_are_told_apart_from_files_that_cannot_be_read() {
    let model = Model::small();
    let bundle = model.sign(&[]);
    model.write("line\nend", "");
    assert_eq!(model.codes(&bundle, &strict()), ["local-name"]);
    let gone = verify(&model.beside("gone"), &bundle, Trust::Key(&public("p256")), &strict(), &());
    assert!(gone.is_err());
}

#[test]
fn empty_files_between_shards_are_told() {
    let file: serde_json::Value = serde_json::from_slice(&fs::read(crate::world::vectors().join("bundles.json")).unwrap()).unwrap();
    let case = file["bundles"].as_array().unwrap().iter().find(|case| case["name"] == "shards of 4").unwrap().clone();
    let model = Model::of(&serde_json::from_value(file["models"]["shards"].clone()).unwrap());
    let bundle = case["bundle"].as_str().unwrap().as_bytes();
    model.write("sub/__init__.py", "");
    assert_eq!(model.codes(bundle, &strict()), ["file-uncovered"]);
    assert!(model.verify(bundle, &Options { accept_uncovered: true, ..strict() }).verified());
    model.write("sub/__init__.py", "1");
    assert_eq!(model.codes(bundle, &Options { accept_uncovered: true, ..strict() }), ["file-extra"]);
}

#[test]
fn nothing_and_single_files_are_not_signed() {
    let own = key("p256");
    let signing = Signing {
        key: &own,
        certificates: None,
        ignore_paths: ["weights.bin".to_owned(), "code".to_owned()].into(),
        signature_path: None,
        holes: false,
    };
    let model = Model::small();
    assert!(matches!(sign(&model.path(), &signing, &()), Err(SignError::Empty)));
    assert!(matches!(sign(&model.path().join("weights.bin"), &signing, &()), Err(SignError::SingleFile)));
    model.link("link", "weights.bin");
    assert!(matches!(sign(&model.path(), &signing, &()), Err(SignError::Model(_))));
    let other = certificates(&["leaf-p384"]);
    let signing = Signing { certificates: Some(&other), ..signing };
    fs::remove_file(model.path().join("link")).unwrap();
    model.write("more", "");
    assert!(matches!(sign(&model.path(), &signing, &()), Err(SignError::OtherKey)));
}

#[test]
fn our_bundles_verify_on_every_curve_and_with_certificates() {
    let model = Model::small();
    let roots = certificates(&["root"]);
    for curve in ["p256", "p384", "p521"] {
        let own = key(curve);
        let chain = certificates(&[&format!("leaf-{curve}"), "intermediate"]);
        let signing = Signing { key: &own, certificates: None, ignore_paths: [].into(), signature_path: None, holes: false };
        let (_, bundle) = sign(&model.path(), &signing, &()).unwrap();
        let report = verify(&model.path(), &bundle.bytes(), Trust::Key(&public(curve)), &strict(), &()).unwrap();
        assert_eq!(codes(&report), NONE);
        let as_chain = verify(&model.path(), &bundle.bytes(), Trust::Certificates { roots: &roots, now: NOW }, &strict(), &()).unwrap();
        assert_eq!(codes(&as_chain), ["signing-method"]);
        let (_, bundle) = sign(&model.path(), &Signing { certificates: Some(&chain), ..signing }, &()).unwrap();
        let report = verify(&model.path(), &bundle.bytes(), Trust::Certificates { roots: &roots, now: NOW }, &strict(), &()).unwrap();
        assert_eq!(codes(&report), NONE);
        let as_key = verify(&model.path(), &bundle.bytes(), Trust::Key(&public(curve)), &strict(), &()).unwrap();
        assert_eq!(codes(&as_key), ["signing-method"]);
    }
}

#[test]
fn the_same_model_gives_the_same_bundle() {
    let model = Model::small();
    assert_eq!(model.sign(&["b", "a"]), model.sign(&["a", "b"]));
}

#[test]
fn claims_are_about_the_model_and_by_the_signer() {
    let model = Model::small();
    let own = key("p256");
    let signing = Signing { key: &own, certificates: None, ignore_paths: [].into(), signature_path: None, holes: false };
    let (statement, _) = sign(&model.path(), &signing, &()).unwrap();
    let record = Statement { predicate_type: RECORD_PREDICATE.to_owned(), predicate: json!({"name": "tiny"}), ..statement.clone() };
    let line = |statement: &Statement| [signing.seal(statement).unwrap().bytes(), b"\n".to_vec()].concat();
    let trusted = public("p256");
    let read = |lines: &[u8]| claims(lines, statement.digest, Trust::Key(&trusted)).map_err(|refused| refused.code.as_str());
    let two = [line(&record), line(&record)].concat();
    let found = read(&two).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].statement, record);
    assert_eq!(read(b"").unwrap_err(), "json");
    assert_eq!(read(&[line(&record), b"\n".to_vec()].concat()).unwrap_err(), "json");
    assert_eq!(read(&line(&statement)).unwrap_err(), "predicate-type");
    let other = Statement { digest: modelmark_digest::Sha256Digest::of(b"other"), ..record.clone() };
    assert_eq!(read(&[line(&record), line(&other)].concat()).unwrap_err(), "claim-subject");
    assert_eq!(claims(&two, statement.digest, Trust::Key(&public("other"))).unwrap_err().code.as_str(), "key-hint");
}

#[test]
fn what_is_no_file_and_names_outside_of_unicode_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let lenient = Options { ignore_unsigned_files: true, allow_symlinks: true, accept_uncovered: true, ..strict() };
    let model = Model::small();
    let bundle = model.sign(&[]);
    let socket = std::os::unix::net::UnixListener::bind(model.path().join("s")).unwrap();
    assert_eq!(model.codes(&bundle, &strict()), ["special-file"]);
    // Whoever passes over unsigned files opens the signed ones alone.
    assert!(model.codes(&bundle, &lenient).is_empty());
    drop(socket);
    fs::remove_file(model.path().join("s")).unwrap();
    fs::write(model.path().join(std::ffi::OsStr::from_bytes(b"a\xffb")), "").unwrap();
    for options in [&strict(), &lenient] {
        assert_eq!(model.codes(&bundle, options), ["local-name"]);
    }
}

#[test]
fn a_root_digest_binds_no_names_so_the_names_are_compared() {
    // Renamed so that the order, and with it the root digest, stays.
    let model = Model::small();
    let bundle = model.sign(&[]);
    fs::rename(model.path().join("weights.bin"), model.path().join("weights.pkl")).unwrap();
    assert_eq!(model.codes(&bundle, &strict()), ["file-extra", "file-missing"]);
}
