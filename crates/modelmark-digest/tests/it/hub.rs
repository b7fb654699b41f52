//! Snapshots in the cache of the Hugging Face hub: the same digests as of a plain copy, and no link that leads elsewhere.

use std::os::unix::fs::symlink;
use std::path::Path;

use modelmark_digest::hub::{HubError, LinkFault, open_linked, origin};
use modelmark_digest::{DigestError, Manifest, Request, digest, survey};
use modelmark_testkit::hub::{HubCache, Layout, write_copy};

use crate::changes::meddled;

const LAYOUTS: [Layout; 2] = [Layout::Plain, Layout::Shared];

fn cache(layout: Layout) -> (tempfile::TempDir, HubCache) {
    let dir = tempfile::tempdir().unwrap();
    let cache = HubCache::write(&dir.path().join("hub"), layout).unwrap();
    (dir, cache)
}

fn manifest(path: &Path) -> Manifest {
    digest(path, &Request::default(), &()).unwrap()
}

#[track_caller]
fn refused(path: &Path) -> HubError {
    match digest(path, &Request::default(), &()) {
        Err(DigestError::Hub(error)) => error,
        other => panic!("{}: {other:?}", path.display()),
    }
}

/// Puts a link into a snapshot and says why it is not followed.
#[track_caller]
fn fault(cache: &HubCache, target: &str) -> LinkFault {
    let link = cache.snapshot().join("evil.json");
    let _ = std::fs::remove_file(&link);
    symlink(target, &link).unwrap();
    let HubError::Link { path, target: told, fault } = refused(&cache.snapshot()) else { panic!("no link: {target}") };
    assert_eq!((path.as_path(), told.as_str()), (link.as_path(), target));
    let linked = open_linked(&link);
    assert!(matches!(&linked, Err(DigestError::Hub(HubError::Link { fault: other, .. })) if *other == fault), "{linked:?}");
    fault
}

#[test]
fn a_snapshot_has_the_digests_of_a_plain_copy() {
    let copy = tempfile::tempdir().unwrap();
    write_copy(copy.path()).unwrap();
    let plain = manifest(copy.path());
    for layout in LAYOUTS {
        let (_dir, cache) = cache(layout);
        let cached = manifest(&cache.snapshot());
        let origin = cached.origin.clone().unwrap();
        assert_eq!(
            (origin.repository.as_str(), origin.commit.as_str(), origin.path.as_deref()),
            ("org/tiny-1.0", cache.commit.as_str(), None)
        );
        assert_eq!(Manifest { origin: None, ..cached }, plain, "{layout:?}");
        assert_eq!(manifest(&cache.snapshot().join("onnx")).cid, manifest(&copy.path().join("onnx")).cid);
        let file = manifest(&cache.snapshot().join("model.safetensors"));
        assert_eq!(file.origin.unwrap().path.as_deref(), Some("model.safetensors"));
        assert_eq!(file.files, manifest(&copy.path().join("model.safetensors")).files);
    }
    assert_eq!(plain.origin, None);
}

#[test]
fn a_snapshot_is_looked_over_and_found_through_links() {
    let (dir, cache) = cache(Layout::Shared);
    symlink(cache.snapshot(), dir.path().join("mine")).unwrap();
    symlink(&cache.root, dir.path().join("elsewhere")).unwrap();
    let through = dir.path().join("elsewhere").join(cache.snapshot().strip_prefix(&cache.root).unwrap());
    for path in [&cache.snapshot(), &dir.path().join("mine"), &through] {
        let survey = survey(path).unwrap();
        assert_eq!(survey.origin(), origin(path).as_ref());
        assert!(survey.sets[0].files[0].contents.as_ref().unwrap().is_some());
        assert_eq!(survey.start_of("onnx/deep/er/config.json", 5).unwrap().unwrap(), b"{\"mod");
        assert_eq!(manifest(path).cid, manifest(&cache.snapshot()).cid);
    }
}

#[test]
fn links_that_lead_elsewhere_are_not_followed() {
    let (_dir, cache) = cache(Layout::Shared);
    let other = cache.root.join("models--org--secret/blobs");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("ab".repeat(20)), "secret").unwrap();
    let own = cache.repository().join("blobs");
    std::fs::write(own.join("unfinished.incomplete"), "x").unwrap();
    std::fs::create_dir(own.join("folder")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, own.join("pipe"), rustix::fs::Mode::RUSR).unwrap();
    for (name, target) in [
        ("loop", "loop"),
        ("out", "../../../outside"),
        ("passwd", "/etc/passwd"),
        ("sideways", "../../models--org--secret/blobs/x"),
        ("unshared", "../../blobs/ab/short"),
    ] {
        symlink(target, own.join(name)).unwrap();
    }
    let shared = cache.root.join("blobs/cd");
    std::fs::create_dir(&shared).unwrap();
    symlink("../ab/".to_owned() + &"ab".repeat(32), shared.join("cd".repeat(32))).unwrap();
    symlink("../../blobs/cd/".to_owned() + &"cd".repeat(32), own.join("twice")).unwrap();
    symlink(own.join("folder"), cache.root.join("blobs/ef")).unwrap();

    let xet = |start: &str, digits: &str| format!("../../../blobs/{start}/{}", digits.repeat(32));
    for (target, expected) in [
        ("/etc/passwd", LinkFault::Absolute),
        (own.join("folder").to_str().unwrap(), LinkFault::Absolute),
        ("../../../../../../../../../../../../../../../../../../etc/passwd", LinkFault::Escapes),
        ("../../../../x", LinkFault::Escapes),
        ("../../blobs/../blobs/x", LinkFault::Form),
        ("./x", LinkFault::Form),
        ("../../blobs//x", LinkFault::Form),
        ("README.md", LinkFault::Elsewhere),
        ("evil.json", LinkFault::Elsewhere),
        ("../..", LinkFault::Elsewhere),
        ("../../refs/main", LinkFault::Elsewhere),
        ("../../blobs/folder/x", LinkFault::Elsewhere),
        (&format!("../../../models--org--secret/blobs/{}", "ab".repeat(20)), LinkFault::Elsewhere),
        ("../../../CACHEDIR.TAG", LinkFault::Elsewhere),
        ("../../../blobs/.huggingface-shared-blobs", LinkFault::Elsewhere),
        (&xet("cd", "ab"), LinkFault::Elsewhere),
        (&format!("{}.refs", xet("ab", "ab")), LinkFault::Elsewhere),
        ("../../blobs/unfinished.incomplete", LinkFault::Incomplete),
        ("../../blobs/gone", LinkFault::Dangling),
        (&xet("99", "99"), LinkFault::Dangling),
        (&xet("ef", "ef"), LinkFault::Way),
        ("../../blobs/folder", LinkFault::Special),
        ("../../blobs/pipe", LinkFault::Special),
        ("../../blobs/loop", LinkFault::Elsewhere),
        ("../../blobs/out", LinkFault::Escapes),
        ("../../blobs/passwd", LinkFault::Absolute),
        ("../../blobs/sideways", LinkFault::Elsewhere),
        ("../../blobs/unshared", LinkFault::Elsewhere),
        ("../../blobs/twice", LinkFault::Hops),
        (&xet("cd", "cd"), LinkFault::Hops),
    ] {
        assert_eq!(fault(&cache, target), expected, "{target}");
    }
    // A link right to a shared blob is one of the two that the client could write.
    let link = cache.snapshot().join("evil.json");
    std::fs::remove_file(&link).unwrap();
    symlink(xet("ab", "ab"), &link).unwrap();
    assert_eq!(manifest(&cache.snapshot()).files.len(), 5);
}

#[test]
fn a_folder_of_blobs_that_is_a_link_is_not_entered() {
    let (dir, cache) = cache(Layout::Plain);
    let blobs = cache.repository().join("blobs");
    std::fs::rename(&blobs, dir.path().join("moved")).unwrap();
    symlink(dir.path().join("moved"), &blobs).unwrap();
    assert!(matches!(refused(&cache.snapshot()), HubError::Link { fault: LinkFault::Way, .. }));
}

#[test]
fn links_outside_of_a_snapshot_are_links_still() {
    let (_dir, cache) = cache(Layout::Plain);
    let branch = cache.repository().join("snapshots/main");
    std::fs::create_dir(&branch).unwrap();
    symlink("../../blobs/acfb5d72b280d1928946c2d9ae9f53d92caafcee", branch.join("config.json")).unwrap();
    assert!(matches!(refused(&branch), HubError::Inside { .. }));
    std::fs::rename(cache.repository(), cache.root.join("model")).unwrap();
    let moved = cache.root.join("model/snapshots").join(&cache.commit);
    assert!(matches!(digest(&moved, &Request::default(), &()), Err(DigestError::Link { .. })));
}

#[test]
fn a_link_swapped_during_the_run_is_noticed() {
    let (_dir, cache) = cache(Layout::Plain);
    let link = cache.snapshot().join("config.json");
    let other = cache.repository().join("blobs").join("f".repeat(40));
    for target in ["../../blobs/aee66822e2f76a1d042c9dfafd0e306d6e238d1d", "/etc/passwd", "../../blobs/gone"] {
        let swap = || {
            std::fs::remove_file(&link).unwrap();
            symlink(target, &link).unwrap();
        };
        assert_eq!(meddled(&cache.snapshot(), None, swap), link, "{target}");
        std::fs::remove_file(&link).unwrap();
        symlink("../../blobs/acfb5d72b280d1928946c2d9ae9f53d92caafcee", &link).unwrap();
    }
    // The bytes behind the link, swapped for a link that leads out.
    let blob = cache.repository().join("blobs/acfb5d72b280d1928946c2d9ae9f53d92caafcee");
    let swap = || {
        std::fs::rename(&blob, &other).unwrap();
        symlink("/etc/passwd", &blob).unwrap();
    };
    let changed = meddled(&cache.snapshot(), None, swap);
    assert_eq!(changed.file_name(), link.file_name());
}

#[test]
fn bytes_that_are_not_what_their_name_says_are_damaged() {
    for (path, kind) in [("model.safetensors", "SHA-256"), ("README.md", "git SHA-1")] {
        for layout in LAYOUTS {
            let (_dir, cache) = cache(layout);
            let file = cache.snapshot().join(path);
            let mut bytes = std::fs::read(&file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(&file, bytes).unwrap();
            for asked in [cache.snapshot(), file.clone()] {
                let HubError::Damaged { path: told, kind: of, found, claimed } = refused(&asked) else { panic!("{asked:?}") };
                assert_eq!((told.as_path(), of), (file.as_path(), kind));
                assert_ne!(found, claimed);
            }
        }
    }
}

#[test]
fn what_lies_beside_snapshots_is_no_model() {
    let (_dir, cache) = cache(Layout::Shared);
    let HubError::Cache { repositories, .. } = refused(&cache.root) else { panic!() };
    assert_eq!(repositories, ["org/tiny-1.0"]);
    for path in [cache.repository(), cache.repository().join("snapshots")] {
        let HubError::Repository { repository, snapshots, .. } = refused(&path) else { panic!() };
        assert_eq!(repository, "org/tiny-1.0");
        assert_eq!(snapshots, [format!("{} (main, refs/pr/1)", cache.commit), format!("{} (v1)", "1".repeat(40))]);
    }
    for inside in ["blobs", "refs", ".no_exist", ".no_exist/0123456789abcdef0123456789abcdef01234567"] {
        assert!(matches!(refused(&cache.repository().join(inside)), HubError::Inside { .. }), "{inside}");
    }
    // A file among them is a file like any other.
    manifest(&cache.repository().join("blobs/acfb5d72b280d1928946c2d9ae9f53d92caafcee"));
}

#[test]
fn a_pointer_of_git_lfs_is_no_file() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0000000000000000000000000000000000000000000000000000000000000000\nsize 9\n";
    for name in ["model.safetensors", "tokenizer.json", "sub/anything"] {
        let dir = tempfile::tempdir().unwrap();
        crate::content::write(dir.path(), "README.md", b"x");
        crate::content::write(dir.path(), name, pointer);
        for request in [Request::default(), Request { sha256: false, tensors: false, ..Request::default() }] {
            let error = digest(dir.path(), &request, &()).unwrap_err();
            assert!(matches!(&error, DigestError::Pointer(path) if *path == dir.path().join(name)), "{error}");
        }
        assert!(survey(dir.path()).unwrap().findings.iter().any(|(_, finding)| finding.code.as_str() == "file.pointer"));
    }
}
