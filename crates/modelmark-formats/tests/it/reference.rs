//! Files of reference libraries that lie beside their description: what every reader of such a folder is held against.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use modelmark_formats::{Architecture, Contents, Files, FormatError, ReadAt, Tensor, read, stream};

use serde_json::Value;

use crate::content::{bytes, list, repository, text, vectors};

/// A file in memory and the folder of the files beside it.
pub(crate) struct Folder<'f> {
    pub(crate) main: &'f [u8],
    pub(crate) path: PathBuf,
}

impl Files for Folder<'_> {
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError> {
        match file {
            None => Ok(Box::new(self.main)),
            Some(name) => Ok(Box::new(std::fs::File::open(self.path.join(name)).map_err(FormatError::Read)?)),
        }
    }
}

/// The canonical bytes of a tensor.
pub(crate) fn canonical(tensor: &Tensor, files: &dyn Files) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    stream(tensor, files, &mut |part| {
        out.extend_from_slice(part);
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

/// Reads what is read of a file under its name; streams every tensor to make sure that its place is possible.
pub(crate) fn exercise(file: &[u8], name: &str) -> Option<Contents> {
    let contents = read(&file, name).ok()??;
    let files = Folder { main: file, path: PathBuf::from("/nonexistent") };
    for tensor in contents.tensors.iter().take(64).filter(|tensor| tensor.source.file.is_none()) {
        // Hostile shapes take long to stream; the reader has done its part when they are refused or small.
        if tensor.bytes().is_none_or(|bytes| bytes > 1 << 20) {
            continue;
        }
        let _ = canonical(tensor, &files);
    }
    Some(contents)
}

/// Every case of `vectors/<format>/valid.json` is read as the reference library reads it.
pub(crate) fn assert_as_written(format: &str) {
    let folder = repository().join("vectors").join(format);
    for case in list(&vectors(&format!("{format}/valid.json")), "cases") {
        let (title, name) = (text(case, "title"), text(case, "file"));
        let path = folder.join(name);
        let file = std::fs::read(&path).unwrap();
        let contents = read(&&*file, name).unwrap_or_else(|error| panic!("{title}: {error}")).expect("the format is known");
        let findings: Vec<&str> = contents.findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(serde_json::json!(findings), case["findings"], "{title}: {:?}", contents.findings);
        for (key, value) in case["metadata"].as_object().into_iter().flatten() {
            assert_eq!(contents.metadata.get(key).map(String::as_str), value.as_str(), "{title}: {key}");
        }
        assert_architecture(&contents, case);
        let Some(expected) = case["tensors"].as_array() else { continue };
        let files = Folder { main: &file, path: path.parent().unwrap().to_owned() };
        let mut tensors: BTreeMap<&str, &Tensor> = contents.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        assert_eq!(tensors.len(), contents.tensors.len(), "{title}");
        for expected in expected {
            let name = text(expected, "name");
            let tensor = tensors.remove(name).unwrap_or_else(|| panic!("{title}: no tensor {name}"));
            assert_eq!(tensor.dtype, text(expected, "dtype"), "{title}: {name}");
            assert_eq!(serde_json::json!(tensor.shape), expected["shape"], "{title}: {name}");
            let data = canonical(tensor, &files).unwrap_or_else(|error| panic!("{title}: {name}: {error}"));
            match expected["crc32"].as_u64() {
                None => assert_eq!(data, bytes(expected, "bytes"), "{title}: {name}"),
                Some(expected) => assert_eq!(crc32(&data), expected, "{title}: {name}"),
            }
        }
        assert!(tensors.is_empty(), "{title}: {:?}", tensors.keys());
    }
}

/// What stands for bytes that are too many to be kept in a vector.
fn crc32(data: &[u8]) -> u64 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum().into()
}

/// What a file says of its network is what the reference library says of it, apart from the quantisation, for which it has no word.
pub(crate) fn assert_architecture(contents: &Contents, case: &Value) {
    let Some(expected) = case.get("architecture") else { return };
    let stated = Architecture::of_contents(contents).map(|architecture| Architecture { quantization: None, ..architecture });
    assert_eq!(serde_json::json!(stated.unwrap_or_default()), *expected, "{}", text(case, "title"));
}

/// Every hostile file of a folder is refused for the reason that `faults.json` gives.
pub(crate) fn assert_refused(format: &str) {
    let folder = repository().join("attacks").join(format);
    let faults: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(folder.join("faults.json")).unwrap()).unwrap();
    let about = ["README.md", "faults.json"];
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // Data files belong to the index beside them.
    let files = files.filter(|name| !about.contains(&name.as_str()) && !name.contains(".data-"));
    assert_eq!(files.count(), faults.len());
    let mut wrong = Vec::new();
    for (name, fault) in faults {
        let file = std::fs::read(folder.join(&name)).unwrap();
        let errors: Vec<String> = match read(&&*file, &name) {
            Err(error) => vec![error.to_string()],
            Ok(None) => vec!["it is of no known format".to_owned()],
            // What only shows when the tensors are read.
            Ok(Some(read)) => {
                let files = Folder { main: &file, path: folder.clone() };
                read.tensors.iter().filter_map(|tensor| canonical(tensor, &files).err()).map(|error| error.to_string()).collect()
            }
        };
        if !errors.iter().any(|error| error.contains(&fault)) {
            wrong.push(format!("{name}: {errors:?}, not {fault:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The file of a case.
pub(crate) fn file(format: &str, name: &str) -> Vec<u8> {
    std::fs::read(repository().join("vectors").join(format).join(name)).unwrap()
}

/// Cuts a file at every byte; returns the lengths that were accepted.
pub(crate) fn accepted_cuts(file: &[u8], name: &str) -> Vec<usize> {
    (0..file.len()).filter(|length| exercise(&file[..*length], name).is_some()).collect()
}

/// Sets every field of one to eight bytes to its maximum.
pub(crate) fn maximise(file: &[u8], name: &str) {
    for at in 0..file.len() {
        for width in [1, 2, 4, 8] {
            let mut lying = file.to_vec();
            let end = (at + width).min(file.len());
            lying[at..end].fill(0xff);
            exercise(&lying, name);
        }
    }
}
