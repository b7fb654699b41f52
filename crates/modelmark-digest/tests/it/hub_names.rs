//! Models named as on the hub, found in the cache.

use modelmark_digest::hub::{HubError, HubName, find};
use modelmark_testkit::hub::{HubCache, Layout};

fn cache() -> (tempfile::TempDir, HubCache) {
    let dir = tempfile::tempdir().unwrap();
    let cache = HubCache::write(&dir.path().join("hub"), Layout::Plain).unwrap();
    (dir, cache)
}

fn name(text: &str) -> HubName {
    text.parse().unwrap()
}

#[test]
fn branches_tags_commits_and_their_first_digits_are_found() {
    let (_dir, cache) = cache();
    for revision in ["", "@main", "@refs/pr/1", "@0123456789abcdef0123456789abcdef01234567", "@0123456", "@0123456789ab"] {
        assert_eq!(find(&cache.root, &name(&format!("org/tiny-1.0{revision}"))).unwrap(), cache.snapshot(), "{revision}");
    }
    let tagged = cache.repository().join("snapshots").join("1".repeat(40));
    assert_eq!(find(&cache.root, &name("org/tiny-1.0@v1")).unwrap(), tagged);
}

#[test]
fn what_is_not_cached_is_said_with_what_is() {
    let (_dir, cache) = cache();
    for absent in ["org/other", "tiny-1.0", "org/tiny-1.0x"] {
        let error = find(&cache.root, &name(absent)).unwrap_err();
        assert!(matches!(&error, HubError::NotCached { cache: looked, .. } if *looked == cache.root), "{error}");
    }
    for revision in ["v2", "012345", "2222222", "refs", "refs/pr", "2222222222222222222222222222222222222222"] {
        let error = find(&cache.root, &name(&format!("org/tiny-1.0@{revision}"))).unwrap_err();
        assert!(matches!(&error, HubError::NoRevision { snapshots, .. } if snapshots.len() == 2), "{error}");
    }
    assert!(find(&cache.root.join("nowhere"), &name("org/tiny-1.0")).is_err());
}

/// Who loads a model by a whole commit is led by no branch, however it is called.
#[test]
fn a_branch_that_is_called_like_a_commit_leads_nowhere_else() {
    let (_dir, cache) = cache();
    let refs = cache.repository().join("refs");
    std::fs::write(refs.join(&cache.commit), "1".repeat(40)).unwrap();
    assert_eq!(find(&cache.root, &name(&format!("org/tiny-1.0@{}", cache.commit))).unwrap(), cache.snapshot());
    std::fs::write(refs.join("2".repeat(40)), &cache.commit).unwrap();
    assert!(find(&cache.root, &name(&format!("org/tiny-1.0@{}", "2".repeat(40)))).is_err());
}

#[test]
fn digits_that_fit_two_commits_are_refused() {
    let (_dir, cache) = cache();
    std::fs::create_dir(cache.repository().join("snapshots").join("1".repeat(39) + "2")).unwrap();
    let error = find(&cache.root, &name("org/tiny-1.0@1111111")).unwrap_err();
    assert!(matches!(&error, HubError::Ambiguous { commits, .. } if commits.len() == 2), "{error}");
}

#[test]
fn a_branch_that_is_no_commit_is_none() {
    let (_dir, cache) = cache();
    let refs = cache.repository().join("refs");
    for (branch, text) in [
        ("empty", ""),
        ("path", "../../../etc"),
        ("long", "0123456789abcdef0123456789abcdef01234567\n\n\n"),
        ("upper", "0123456789ABCDEF0123456789ABCDEF01234567"),
    ] {
        std::fs::write(refs.join(branch), text).unwrap();
        assert!(find(&cache.root, &name(&format!("org/tiny-1.0@{branch}"))).is_err(), "{branch}");
    }
    std::os::unix::fs::symlink("main", refs.join("link")).unwrap();
    assert!(find(&cache.root, &name("org/tiny-1.0@link")).is_err());
    std::fs::write(refs.join("edited"), "0123456789abcdef0123456789abcdef01234567\n").unwrap();
    assert_eq!(find(&cache.root, &name("org/tiny-1.0@edited")).unwrap(), cache.snapshot());
}
