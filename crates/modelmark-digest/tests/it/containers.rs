//! One set of tensors in many containers: the files differ, the fingerprint does not.

use std::collections::BTreeSet;
use std::path::Path;

use modelmark_digest::cache::MemoryCache;
use modelmark_digest::{Manifest, Request, digest, digest_tensors, digest_with};
use serde_json::Value;

use crate::content::{bytes, list, repository, text, vectors, write};

fn written(case: &Value, dir: &Path) {
    for name in case["files"].as_object().unwrap().keys() {
        write(dir, name, &bytes(&case["files"], name));
    }
}

fn fingerprint(case: &Value) -> (Manifest, [String; 3]) {
    let dir = tempfile::tempdir().unwrap();
    written(case, dir.path());
    let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
    let tensors = manifest.weights.tensors.as_ref().unwrap_or_else(|| panic!("{}: {:?}", text(case, "title"), manifest.weights.unread));
    let roots = [tensors.root, tensors.content, tensors.value].map(|root| root.to_string());
    (manifest, roots)
}

#[test]
fn the_container_does_not_matter() {
    let vectors = vectors("weights/containers.json");
    let mut cids = BTreeSet::new();
    for case in list(&vectors, "containers").iter().chain(list(&vectors, "others")) {
        let (manifest, roots) = fingerprint(case);
        assert_eq!(roots, ["exact", "content", "value"].map(|level| text(&case["roots"], level)), "{}", text(case, "title"));
        cids.insert(manifest.weights.cid);
    }
    let containers = list(&vectors, "containers");
    assert_eq!(cids.len(), containers.len() + list(&vectors, "others").len());
    assert!(containers.iter().all(|case| case["roots"] == containers[0]["roots"]));
}

#[test]
fn weights_that_stand_compressed_in_an_archive_have_the_same_fingerprint() {
    let roots = |name: &str| {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), name, &std::fs::read(repository().join("vectors/keras").join(name)).unwrap());
        let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
        let tensors = manifest.weights.tensors.as_ref().unwrap_or_else(|| panic!("{name}: {:?}", manifest.weights.unread));
        (tensors.count, tensors.root, tensors.content, tensors.value)
    };
    assert_eq!(roots("packed.keras"), roots("chunks.h5"));
    assert_eq!(roots("unwritten.h5"), roots("unwritten-latest.h5"));
}

#[test]
fn each_level_sees_what_it_should() {
    let vectors = vectors("weights/containers.json");
    let of = |title: &str| {
        let case = list(&vectors, "others").iter().find(|case| text(case, "title") == title).unwrap();
        fingerprint(case).1
    };
    let [exact, content, value] = fingerprint(&list(&vectors, "containers")[0]).1;
    for title in ["renamed", "swapped"] {
        let [other, same_content, same_value] = of(title);
        assert!(other != exact && same_content == content && same_value == value, "{title}");
    }
    let ([half_exact, half_content, half_value], [wide_exact, wide_content, wide_value]) = (of("cast to F16"), of("cast to F16 and back"));
    assert!(half_exact != wide_exact && half_content != wide_content && half_value == wide_value && half_value != value);
}

#[test]
fn a_file_that_is_code_or_damaged_keeps_its_other_digests() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "pytorch_model.bin", b"\x80\x02cinert_module\nfunction\n)R.");
    let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
    assert_eq!((manifest.weights.format.as_deref(), &manifest.weights.tensors), (Some("pytorch"), &None));
    assert!(manifest.weights.unread.unwrap().contains("pytorch_model.bin: "));
    write(dir.path(), "pytorch_model.bin", b"PK\x03\x04 and nothing more");
    assert_eq!(digest(dir.path(), &Request::default(), &()).unwrap().weights.unread, None, "no format that is read");
    let vectors = vectors("weights/containers.json");
    let file = bytes(&list(&vectors, "containers")[3]["files"], "pytorch_model.bin");
    write(dir.path(), "pytorch_model.bin", &file[..file.len() - 1]);
    let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
    assert!(manifest.weights.tensors.is_none() && manifest.weights.unread.unwrap().contains("malformed"));
    // Half a model has no fingerprint.
    write(dir.path(), "pytorch_model-2.bin", &file);
    assert!(digest(dir.path(), &Request::default(), &()).unwrap().weights.tensors.is_none());
}

#[test]
fn views_that_repeat_their_bytes_without_end_are_not_followed() {
    let vectors = vectors("pytorch/valid.json");
    let case = list(&vectors, "cases").iter().find(|case| text(case, "title") == "views, legacy").unwrap();
    let mut file = bytes(case, "file");
    // The shape of `torch.ones(1).expand(5)`: five becomes 2^30, with the same stride of zero.
    let at = file.windows(9).position(|window| window == b"K\x05\x85q\x1cK\x00\x85q" || window.starts_with(b"K\x05\x85")).unwrap();
    file.splice(at..at + 2, *b"J\x00\x00\x00\x40");
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model.pt", &file);
    let unread = digest(dir.path(), &Request::default(), &()).unwrap().weights.unread.unwrap();
    assert!(unread.contains("repeat or overlap"), "{unread}");
}

#[test]
fn tensors_are_listed_and_kept_by_a_cache() {
    let vectors = vectors("weights/containers.json");
    for case in list(&vectors, "containers") {
        let dir = tempfile::tempdir().unwrap();
        written(case, dir.path());
        let cache = MemoryCache::default();
        let (manifest, files) = digest_tensors(dir.path(), &Request::default(), &(), Some(&cache)).unwrap();
        assert_eq!(files.iter().map(|(_, tensors)| tensors.len()).sum::<usize>(), 7);
        assert_eq!(digest_with(dir.path(), &Request::default(), &(), &cache).unwrap(), manifest);
        assert_eq!(digest(dir.path(), &Request { threads: std::num::NonZeroUsize::new(3), ..Request::default() }, &()).unwrap(), manifest);
    }
}
