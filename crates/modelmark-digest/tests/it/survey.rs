//! The common seam: recognising formats, and looking over whole models.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};

use modelmark_digest::diff::{DiffRequest, diff};
use modelmark_digest::{DigestError, ModelPath, Observer, Request, Selection, Survey, survey, survey_and_digest};
use modelmark_formats::{FormatError, read};

use crate::content::{bytes, list, vectors, write};
use crate::safetensors_files::{shard, tensor};

const POINTER: &[u8] =
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0000000000000000000000000000000000000000000000000000000000000000\nsize 9\n";

fn noticed(survey: &Survey) -> Vec<String> {
    survey
        .findings
        .iter()
        .map(|(file, finding)| format!("{} {}", finding.code.as_str(), file.as_ref().map_or("-", |path| path.as_str())))
        .collect()
}

fn gguf() -> Vec<u8> {
    bytes(&list(&vectors("gguf/valid.json"), "cases")[2], "file")
}

#[test]
fn safetensors_are_read_by_the_one_reader() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = shard(&[tensor("w", &[2, 3], &[1, 2, 3, 4, 5, 6]), tensor("b", &[1], &[7])]);
    write(dir.path(), "x", &bytes);
    let read = read(&File::open(dir.path().join("x")).unwrap(), "x").unwrap().unwrap();
    assert_eq!((read.format, read.parameters(), read.dtypes()), ("safetensors", 7, [("U8", 7)].into()));
    for tensor in &read.tensors {
        let place = tensor.linear().unwrap();
        let data = &bytes[place.offset as usize..(place.offset + place.len) as usize];
        assert_eq!(data, if tensor.name == "b" { &[7][..] } else { &[1, 2, 3, 4, 5, 6] });
    }
}

#[test]
fn what_is_no_known_format_is_not_read() {
    for (file, name) in [(&b"\x80\x02}q\x00."[..], "model.pkl"), (b"", "README.md"), (b"PK\x03\x04", "archive.zip")] {
        assert!(read(&file, name).unwrap().is_none(), "{name}");
    }
    assert!(matches!(read(&POINTER, "anything"), Err(FormatError::Pointer)));
    assert!(matches!(read(&&b"\x80\x02}q\x00."[..], "model.safetensors"), Err(FormatError::Safetensors(_))));
}

#[test]
fn a_model_is_looked_over() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model.safetensors", &shard(&[tensor("w", &[2], &[1, 2])]));
    write(dir.path(), "pytorch_model.bin", b"\x80\x02}q\x00.");
    write(dir.path(), "model.gguf", &gguf());
    write(dir.path(), "modeling.py", b"print()");
    write(dir.path(), "tokenizer.model", POINTER);
    write(dir.path(), "training_args.bin", b"x");
    let survey = survey(dir.path()).unwrap();
    assert_eq!(
        survey.sets.iter().map(|set| (set.extension, set.files.len())).collect::<Vec<_>>(),
        [("safetensors", 1), ("gguf", 1), ("bin", 1)]
    );
    assert_eq!(
        noticed(&survey),
        ["code.beside modeling.py", "pickle.beside pytorch_model.bin", "file.pointer tokenizer.model", "weights.several -"]
    );
    let (beside, refused) = survey_and_digest(dir.path(), &Request::cids(), &(), None).unwrap();
    assert_eq!((noticed(&beside), beside.sets.len()), (noticed(&survey), 3));
    assert!(matches!(refused, Err(DigestError::Pointer(_))), "{refused:?}");
    assert_eq!(survey.start_of("modeling.py", 5).unwrap().unwrap(), b"print");
    assert_eq!(survey.start_of("../x", 5).unwrap(), None);
}

#[test]
fn faults_and_pointers_are_findings() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "a.gguf", &gguf()[..100]);
    write(dir.path(), "b.gguf", POINTER);
    let survey = survey(dir.path()).unwrap();
    assert_eq!(noticed(&survey), ["header.malformed a.gguf", "file.pointer b.gguf"]);
    assert!(survey.sets[0].files.iter().all(|file| file.contents.is_err()));
}

#[test]
fn a_single_file_is_read_whatever_its_name() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "blob", &gguf());
    let survey = survey(&dir.path().join("blob")).unwrap();
    assert_eq!(survey.sets[0].files[0].contents.as_ref().unwrap().as_ref().unwrap().format, "gguf");
}

#[test]
fn configuration_that_asks_for_code_is_noticed_in_any_folder() {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in [
        ("config.json", &br#"{"auto_map":{"AutoModel":"m.M"}}"#[..]),
        ("empty/config.json", br#"{"auto_map":{},"custom_pipelines":null,"trust_remote_code":false}"#),
        ("sub/config.json", br#"{"custom_pipelines":{"x":{"impl":"p.P"}}}"#),
        ("trusting/config.json", br#"{"trust_remote_code":true}"#),
        ("broken/config.json", b"{"),
        ("deep/config.json", &b"[".repeat(100_000)),
        ("python/config.json", br#"{"auto_map":{"AutoModel":"m.M"},"time_step_limit":[0.0,Infinity]}"#),
        ("tokenizer_config.json", br#"{"chat_template":"{{ x }}"}"#),
        ("chat_template.jinja", b"{{ x }}"),
        ("pipe/model_index.json", br#"{"_class_name":["pipeline","P"],"unet":["my_unet","U"],"vae":["diffusers","V"]}"#),
        ("pipe/pipeline.py", b""),
        ("pipe/my_unet/my_unet.py", b""),
        ("st/modules.json", br#"[{"type":"own.Module"},{"type":"sentence_transformers.models.Pooling"}]"#),
        ("st/own.py", b""),
    ] {
        write(dir.path(), path, bytes);
    }
    let mut noticed = noticed(&survey(dir.path()).unwrap());
    noticed.retain(|line| !line.starts_with("code.beside"));
    assert_eq!(
        noticed,
        [
            "code.opaque broken/config.json",
            "code.template chat_template.jinja",
            "code.bearing config.json",
            "code.opaque deep/config.json",
            "code.bearing pipe/model_index.json",
            "code.bearing pipe/model_index.json",
            "code.bearing python/config.json",
            "code.bearing st/modules.json",
            "code.bearing sub/config.json",
            "code.template tokenizer_config.json",
            "code.bearing trusting/config.json",
        ]
    );
}

#[test]
fn a_template_in_metadata_is_noticed() {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let head = [&b"GGUF\x03\0\0\0"[..], &0_u64.to_le_bytes(), &1_u64.to_le_bytes()].concat();
    let file = [head, text("tokenizer.chat_template"), 8_u32.to_le_bytes().to_vec(), text("{{ x }}")].concat();
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "m.gguf", &file);
    assert_eq!(noticed(&survey(dir.path()).unwrap()), ["code.template m.gguf"]);
}

#[test]
fn a_file_that_is_hardly_more_than_holes_is_told() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model.safetensors", &shard(&[tensor("w", &[2], &[1, 2])]));
    let sparse = File::create(dir.path().join("sparse.bin")).unwrap();
    sparse.set_len(15 << 30).unwrap();
    assert!(survey(dir.path()).unwrap().hollow().is_none());
    sparse.set_len(4 << 40).unwrap();
    let looked = survey(dir.path()).unwrap();
    let (path, size, stored) = looked.hollow().unwrap();
    assert_eq!((path.as_str(), size), ("sparse.bin", 4 << 40));
    assert!(stored < 1 << 20, "{stored}");
    // Whoever reads it would not end here.
    let refused = modelmark_digest::digest(dir.path(), &Request::default(), &()).unwrap_err();
    assert!(matches!(&refused, DigestError::Hollow { path, size: 4_398_046_511_104, .. } if path.ends_with("sparse.bin")), "{refused:?}");
    let compared = diff(dir.path(), dir.path(), DiffRequest::default(), &(), None).unwrap_err();
    assert!(matches!(compared, DigestError::Hollow { .. }), "{compared:?}");
    let selection = Selection::of_model(dir.path()).unwrap();
    assert!(matches!(selection.refuse_hollow(), Err(DigestError::Hollow { .. })));
    assert!(matches!(selection.digest(&Request::cids(), &()), Err(DigestError::Hollow { .. })));
    let (looked, refused) = survey_and_digest(dir.path(), &Request::cids(), &(), None).unwrap();
    assert!(matches!(refused, Err(DigestError::Hollow { .. })) && looked.hollow().is_some(), "{refused:?}");
    // Asked to, it begins: the first step that is reported ends it.
    let begun =
        modelmark_digest::digest(dir.path(), &Request { holes: true, ..Request::cids() }, &Impatient(AtomicBool::new(true))).unwrap_err();
    assert!(matches!(&begun, DigestError::Read { source, .. } if source.kind() == std::io::ErrorKind::Interrupted), "{begun:?}");
}

#[test]
fn files_that_are_left_out_are_not_read_and_the_others_are_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model.safetensors", &shard(&[tensor("w", &[2], &[1, 2])]));
    write(dir.path(), "config.json", b"{}");
    let whole = modelmark_digest::digest(dir.path(), &Request::default(), &()).unwrap();
    let (_, beside) = survey_and_digest(dir.path(), &Request::default(), &(), None).unwrap();
    assert_eq!(beside.unwrap(), whole);
    File::create(dir.path().join("sparse.txt")).unwrap().set_len(4 << 40).unwrap();
    let mut looked = survey(dir.path()).unwrap();
    assert!(!looked.leave_out(&BTreeSet::from([ModelPath::try_from("sparse.txt").unwrap()])));
    assert_eq!(looked.digest(&Request::default(), &(), None).unwrap(), whole);
    assert!(looked.leave_out(&BTreeSet::from([ModelPath::try_from("model.safetensors").unwrap()])));
    assert_eq!(looked.digest(&Request::default(), &(), None).unwrap().files.len(), 1);
}

/// Wants nothing more after the first block.
struct Impatient(AtomicBool);

impl Observer for Impatient {
    fn goes_on(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

#[test]
fn what_nobody_wants_any_more_is_not_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    File::create(dir.path().join("sparse.bin")).unwrap().set_len(4 << 40).unwrap();
    let stopped = modelmark_digest::digest(dir.path(), &Request { holes: true, ..Request::cids() }, &Impatient(AtomicBool::new(false)));
    let Err(DigestError::Read { source, .. }) = stopped else { panic!("{stopped:?}") };
    assert_eq!(source.kind(), std::io::ErrorKind::Interrupted);
    write(dir.path(), "sparse.bin", b"small");
    assert!(modelmark_digest::digest(dir.path(), &Request::cids(), &Impatient(AtomicBool::new(true))).is_err());
}
