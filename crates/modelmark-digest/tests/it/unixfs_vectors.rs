//! Equality with the JavaScript implementation of UnixFS; see `vectors/unixfs/generate.mjs`.

use modelmark_digest::unixfs::{Dag, FileTree, Folder, cid_of_version_0, decode};
use modelmark_digest::{CidProfile, ContentId, ModelPath, Request, digest};

use crate::content::{content, list, number, text, vectors, write};

/// The profiles and the ends of their vectors' names.
const PROFILES: [(CidProfile, &str); 2] = [(CidProfile::UnixfsV1Legacy, ""), (CidProfile::UnixfsV1Of2025, "-2025")];

fn tree(profile: CidProfile, leaves: impl IntoIterator<Item = (ContentId, u64)>) -> Dag {
    let mut tree = FileTree::new(profile);
    let mut sink = |cid: &ContentId, block: &[u8]| assert!(cid.verify(block) && decode(block).is_ok());
    leaves.into_iter().for_each(|(cid, size)| tree.push(cid, size, &mut sink));
    tree.finish(&mut sink)
}

fn dag(profile: CidProfile, size: u64) -> Dag {
    tree(profile, content(size as usize).chunks(profile.leaf_bytes()).map(|leaf| (ContentId::raw(leaf), leaf.len() as u64)))
}

fn repeated(profile: CidProfile, leaves: u64, tail: u64) -> Dag {
    let size = profile.leaf_bytes();
    let leaf = ContentId::raw(&content(size));
    let end = ContentId::raw(&content(tail as usize));
    tree(profile, (0..leaves).map(|_| (leaf, size as u64)).chain((tail > 0).then_some((end, tail))))
}

fn request(profile: CidProfile) -> Request {
    Request { profile, ..Request::cids() }
}

#[test]
fn files_have_the_ids_of_the_reference_implementation() {
    for (profile, end) in PROFILES {
        for case in list(&vectors(&format!("unixfs/files{end}.json")), "stream") {
            let size = number(case, "size");
            let built = dag(profile, size);
            assert_eq!(
                (built.cid.to_string().as_str(), built.tsize, built.size),
                (text(case, "cid"), number(case, "tsize"), size),
                "{size}"
            );
            let dir = tempfile::tempdir().unwrap();
            write(dir.path(), "file", &content(size as usize));
            let manifest = digest(&dir.path().join("file"), &request(profile), &()).unwrap();
            assert_eq!(manifest.cid, built.cid, "{profile} {size}");
        }
    }
}

#[test]
fn files_of_version_0_have_the_ids_of_the_reference_implementation() {
    let vectors = vectors("unixfs/files-version-0.json");
    let ids = |case| ContentId::from_any_version(text(case, "cid")).unwrap();
    for case in list(&vectors, "stream") {
        assert_eq!(cid_of_version_0(content(number(case, "size") as usize).as_slice()).unwrap(), ids(case), "{case}");
    }
    for case in list(&vectors, "repeated") {
        let leaf = content(CidProfile::UnixfsV1Legacy.leaf_bytes());
        let mut bytes = leaf.repeat(number(case, "leaves") as usize);
        bytes.extend(content(number(case, "tail") as usize));
        assert_eq!(cid_of_version_0(bytes.as_slice()).unwrap(), ids(case), "{case}");
    }
}

#[test]
fn trees_of_up_to_four_levels_have_the_ids_of_the_reference_implementation() {
    for (profile, end) in PROFILES {
        for case in list(&vectors(&format!("unixfs/files{end}.json")), "repeated") {
            let built = repeated(profile, number(case, "leaves"), number(case, "tail"));
            assert_eq!((built.cid.to_string().as_str(), built.tsize), (text(case, "cid"), number(case, "tsize")), "{profile} {case}");
        }
    }
}

#[test]
fn directories_have_the_ids_of_the_reference_implementation() {
    for (profile, end) in PROFILES {
        for case in list(&vectors(&format!("unixfs/directories{end}.json")), "listed") {
            let dir = tempfile::tempdir().unwrap();
            for folder in list(case, "folders") {
                std::fs::create_dir_all(dir.path().join(folder.as_str().unwrap())).unwrap();
            }
            for file in list(case, "files") {
                write(dir.path(), text(file, "path"), &content(number(file, "size") as usize));
            }
            let manifest = digest(dir.path(), &request(profile), &()).unwrap();
            assert_eq!(manifest.cid.to_string(), text(case, "cid"), "{profile} {}", text(case, "name"));
        }
    }
}

#[test]
fn large_directories_are_sharded_as_by_the_reference_implementation() {
    for (profile, end) in PROFILES {
        let dags: Vec<Dag> = (0..7).map(|size| dag(profile, size)).collect();
        for case in list(&vectors(&format!("unixfs/directories{end}.json")), "numbered") {
            let mut folder = Folder::new(profile);
            let mut add = |path: String, size: u64| folder.add_file(&ModelPath::try_from(path).unwrap(), &dags[size as usize]);
            for index in 0..number(case, "count") {
                let width = number(case, "width") as usize;
                add(format!("{}{index:0width$}{}", text(case, "prefix"), text(case, "suffix")), index % 7);
            }
            for file in list(case, "extra") {
                add(text(file, "path").to_owned(), number(file, "size"));
            }
            let built = folder.finish(&mut |cid, block| assert!(cid.verify(block) && decode(block).is_ok())).unwrap();
            let expected = (text(case, "cid"), number(case, "tsize"));
            assert_eq!((built.cid.to_string().as_str(), built.tsize), expected, "{profile} {}", text(case, "name"));
        }
    }
}
