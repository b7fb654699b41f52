//! Models in several files: weights beside the file that describes them.

use std::path::Path;

use modelmark_digest::{DigestError, Request, Survey, digest, survey};

use crate::content::{bytes, list, text, vectors, write};

fn noticed(survey: &Survey) -> Vec<String> {
    let line = |(file, finding): &(Option<modelmark_digest::ModelPath>, modelmark_formats::Finding)| {
        format!("{} {}", finding.code.as_str(), file.as_ref().map_or("-", |path| path.as_str()))
    };
    survey.findings.iter().map(line).collect()
}

fn looked_over(path: &Path) -> Vec<String> {
    noticed(&survey(path).unwrap())
}

/// Writes a model of the vectors with its data beside it into `folder`.
fn onnx(folder: &Path, title: &str) {
    let vectors = vectors("onnx/valid.json");
    let case = list(&vectors, "external").iter().find(|case| text(case, "title") == title).unwrap().clone();
    write(folder, "model.onnx", &bytes(&case, "file"));
    for name in case["files"].as_object().unwrap().keys() {
        write(folder, name, &bytes(&case["files"], name));
    }
}

#[test]
fn data_beside_an_onnx_model_is_part_of_its_weights() {
    let dir = tempfile::tempdir().unwrap();
    onnx(dir.path(), "one file");
    write(dir.path(), "README.md", b"hello");
    let manifest = digest(dir.path(), &Request::default(), &()).unwrap();
    assert_eq!(manifest.weights.files.iter().map(|path| path.as_str()).collect::<Vec<_>>(), ["model.onnx", "model.onnx_data"]);
    let survey = survey(dir.path()).unwrap();
    assert_eq!(noticed(&survey), [""; 0]);
    let [set] = survey.sets.as_slice() else { panic!("{:?}", survey.sets) };
    assert_eq!(set.files[1].holder.as_ref().unwrap().as_str(), "model.onnx");
    assert!(set.files[0].holder.is_none());
}

#[test]
fn data_under_any_name_is_no_set_of_weights_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    onnx(dir.path(), "a file for each");
    let survey = survey(dir.path()).unwrap();
    assert_eq!(survey.sets.iter().map(|set| (set.extension, set.files.len())).collect::<Vec<_>>(), [("onnx", 4)]);
    assert_eq!(noticed(&survey), [""; 0]);
}

#[test]
fn data_that_is_elsewhere_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    onnx(dir.path(), "one file");
    let data = dir.path().join("model.onnx_data");
    assert_eq!(looked_over(&dir.path().join("model.onnx")), ["external.beside model.onnx"]);
    let whole = std::fs::read(&data).unwrap();
    std::fs::write(&data, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(looked_over(dir.path()), ["external.missing model.onnx"]);
    std::fs::remove_file(&data).unwrap();
    assert_eq!(looked_over(dir.path()), ["external.missing model.onnx"]);
    let elsewhere = tempfile::tempdir_in(dir.path().parent().unwrap()).unwrap();
    std::fs::write(elsewhere.path().join("secret"), &whole).unwrap();
    std::fs::hard_link(elsewhere.path().join("secret"), &data).unwrap();
    assert_eq!(looked_over(dir.path()), ["external.linked model.onnx"]);
    std::fs::remove_file(&data).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("secret"), &data).unwrap();
    assert!(matches!(survey(dir.path()), Err(DigestError::Link { .. })));
}
