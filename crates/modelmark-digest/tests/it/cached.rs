//! Runs with a cache: what is read again and what is not, over real files.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use modelmark_digest::cache::{MemoryCache, RACY_MARGIN, Renewed};
use modelmark_digest::{FileEntry, Manifest, Observer, Request, digest, digest_with};

/// Notes which files were not read.
#[derive(Default)]
struct Reused {
    needs_leaves: bool,
    files: Mutex<Vec<String>>,
}

impl Observer for Reused {
    fn needs_leaves(&self, _entry: &FileEntry) -> bool {
        self.needs_leaves
    }

    fn reused(&self, entry: &FileEntry) {
        self.files.lock().unwrap().push(entry.path.to_string());
    }
}

/// Fingerprints `path` with the cache; the result must be that of a run without.
fn reused(path: &Path, request: &Request, cache: &MemoryCache) -> (Manifest, Vec<String>) {
    let watch = Reused::default();
    let manifest = digest_with(path, request, &watch, cache).unwrap();
    assert_eq!(manifest, digest(path, request, &()).unwrap());
    let mut files = watch.files.into_inner().unwrap();
    files.sort();
    (manifest, files)
}

fn wait() {
    sleep(RACY_MARGIN + Duration::from_millis(50));
}

#[test]
fn only_what_changed_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("model");
    write_model(&model);
    let (cache, all) = (MemoryCache::default(), Request::default());

    assert!(reused(&model, &all, &cache).1.is_empty());
    assert!(reused(&model, &all, &cache).1.is_empty(), "files written a moment ago are racy");
    wait();
    assert!(reused(&model, &all, &cache).1.is_empty());
    assert_eq!(reused(&model, &all, &cache).1, ["README.md", "config.json", "model.safetensors"]);
    let less = Request::cids();
    assert_eq!(reused(&model, &less, &cache).1.len(), 3, "more is known than is asked for");

    // Whoever needs the leaves gets them, and whoever wants everything read again too.
    let watch = Reused { needs_leaves: true, ..Reused::default() };
    digest_with(&model, &all, &watch, &cache).unwrap();
    assert!(watch.files.into_inner().unwrap().is_empty());
    let watch = Reused::default();
    digest_with(&model, &all, &watch, &Renewed(&cache)).unwrap();
    assert!(watch.files.into_inner().unwrap().is_empty());

    // Same size, and the modification time put back: the change time tells.
    let card = model.join("README.md");
    let modified = fs::metadata(&card).unwrap().modified().unwrap();
    fs::write(&card, "# Another, same length\n").unwrap();
    File::options().write(true).open(&card).unwrap().set_times(FileTimes::new().set_modified(modified)).unwrap();
    assert_eq!(fs::metadata(&card).unwrap().modified().unwrap(), modified);
    assert_eq!(reused(&model, &all, &cache).1, ["config.json", "model.safetensors"]);

    // A folder renamed keeps the files' times: they are found under their new path.
    let moved = dir.path().join("moved");
    fs::rename(&model, &moved).unwrap();
    assert_eq!(reused(&moved, &all, &cache).1, ["config.json", "model.safetensors"]);

    // A copy is another file; a second name changes the first one's change time.
    fs::copy(moved.join("config.json"), moved.join("copy.json")).unwrap();
    fs::hard_link(moved.join("config.json"), moved.join("link.json")).unwrap();
    assert_eq!(reused(&moved, &all, &cache).1, ["model.safetensors"]);
    wait();
    reused(&moved, &all, &cache);
    let (manifest, files) = reused(&moved, &all, &cache);
    assert_eq!(files.len(), manifest.files.len());

    // A write through one name of a file is a change under the other.
    fs::write(moved.join("link.json"), "{}").unwrap();
    assert_eq!(reused(&moved, &all, &cache).1, ["README.md", "copy.json", "model.safetensors"]);
}

#[test]
fn tensors_are_read_when_only_the_digest_of_the_file_is_known() {
    let dir = tempfile::tempdir().unwrap();
    write_model(dir.path());
    wait();
    let cache = MemoryCache::default();
    let request = |tensors| Request { tensors, ..Request::default() };
    reused(dir.path(), &request(false), &cache);
    assert_eq!(reused(dir.path(), &request(true), &cache).1, ["README.md", "config.json"]);
    assert_eq!(reused(dir.path(), &request(true), &cache).1.len(), 3);
}

fn write_model(path: &Path) {
    fs::create_dir_all(path).unwrap();
    fs::write(path.join("README.md"), "# A model, same length\n").unwrap();
    fs::write(path.join("config.json"), "{\"hidden_size\": 4}").unwrap();
    let header = br#"{"weight":{"dtype":"F32","shape":[70000],"data_offsets":[0,280000]}}"#;
    let file = [&(header.len() as u64).to_le_bytes()[..], header, &vec![7; 280_000]].concat();
    fs::write(path.join("model.safetensors"), file).unwrap();
}
