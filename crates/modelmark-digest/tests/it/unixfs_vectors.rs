//! Equality with the JavaScript implementation of UnixFS; see `vectors/unixfs/generate.mjs`.

use modelmark_digest::unixfs::{Dag, FileTree, Folder, LEAF_BYTES, decode};
use modelmark_digest::{ContentId, ModelPath, Request, digest};

use crate::content::{content, list, number, text, vectors, write};

fn tree(leaves: impl IntoIterator<Item = (ContentId, u64)>) -> Dag {
    let mut tree = FileTree::default();
    let mut sink = |cid: &ContentId, block: &[u8]| assert!(cid.verify(block) && decode(block).is_ok());
    leaves.into_iter().for_each(|(cid, size)| tree.push(cid, size, &mut sink));
    tree.finish(&mut sink)
}

fn dag(size: u64) -> Dag {
    tree(content(size as usize).chunks(LEAF_BYTES).map(|leaf| (ContentId::raw(leaf), leaf.len() as u64)))
}

fn repeated(leaves: u64, tail: u64) -> Dag {
    let leaf = ContentId::raw(&content(LEAF_BYTES));
    let end = ContentId::raw(&content(tail as usize));
    tree((0..leaves).map(|_| (leaf, LEAF_BYTES as u64)).chain((tail > 0).then_some((end, tail))))
}

#[test]
fn files_have_the_ids_of_the_reference_implementation() {
    for case in list(&vectors("unixfs/files.json"), "stream") {
        let size = number(case, "size");
        let built = dag(size);
        assert_eq!((built.cid.to_string().as_str(), built.tsize, built.size), (text(case, "cid"), number(case, "tsize"), size), "{size}");
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "file", &content(size as usize));
        let manifest = digest(&dir.path().join("file"), &Request::default(), &()).unwrap();
        assert_eq!(manifest.cid, built.cid, "{size}");
    }
}

#[test]
fn trees_of_up_to_four_levels_have_the_ids_of_the_reference_implementation() {
    for case in list(&vectors("unixfs/files.json"), "repeated") {
        let built = repeated(number(case, "leaves"), number(case, "tail"));
        assert_eq!((built.cid.to_string().as_str(), built.tsize), (text(case, "cid"), number(case, "tsize")), "{case}");
    }
}

#[test]
fn directories_have_the_ids_of_the_reference_implementation() {
    for case in list(&vectors("unixfs/directories.json"), "listed") {
        let dir = tempfile::tempdir().unwrap();
        for folder in list(case, "folders") {
            std::fs::create_dir_all(dir.path().join(folder.as_str().unwrap())).unwrap();
        }
        for file in list(case, "files") {
            write(dir.path(), text(file, "path"), &content(number(file, "size") as usize));
        }
        // One of them is named like safetensors without being it.
        let manifest = digest(dir.path(), &Request { tensors: false, ..Request::default() }, &()).unwrap();
        assert_eq!(manifest.cid.to_string(), text(case, "cid"), "{}", text(case, "name"));
    }
}

#[test]
fn large_directories_are_sharded_as_by_the_reference_implementation() {
    let dags: Vec<Dag> = (0..7).map(dag).collect();
    for case in list(&vectors("unixfs/directories.json"), "numbered") {
        let mut folder = Folder::default();
        let mut add = |path: String, size: u64| folder.add_file(&ModelPath::try_from(path).unwrap(), &dags[size as usize]);
        for index in 0..number(case, "count") {
            let width = number(case, "width") as usize;
            add(format!("{}{index:0width$}{}", text(case, "prefix"), text(case, "suffix")), index % 7);
        }
        for file in list(case, "extra") {
            add(text(file, "path").to_owned(), number(file, "size"));
        }
        let built = folder.finish(&mut |cid, block| assert!(cid.verify(block) && decode(block).is_ok())).unwrap();
        assert_eq!((built.cid.to_string().as_str(), built.tsize), (text(case, "cid"), number(case, "tsize")), "{}", text(case, "name"));
    }
}
