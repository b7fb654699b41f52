//! What a manifest says of a model: its weights, what is left out, one file or many.

use std::path::Path;

use modelmark_digest::{ContentId, Manifest, ManifestKind, Request, Sha256Digest, digest};

use crate::content::write;
use crate::safetensors_files::{shard, tensor};

fn manifest(path: &Path) -> Manifest {
    digest(path, &Request::default(), &()).unwrap()
}

fn paths(manifest: &Manifest) -> Vec<&str> {
    manifest.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn one_weights_file_keeps_its_digests_under_any_name() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "config.json", b"{}");
    write(dir.path(), "model.gguf", b"GGUF");
    let before = manifest(dir.path());
    std::fs::rename(dir.path().join("model.gguf"), dir.path().join("renamed.gguf")).unwrap();
    let after = manifest(dir.path());
    assert_ne!(before.cid, after.cid);
    assert_eq!((before.weights.cid, before.weights.sha256), (after.weights.cid, after.weights.sha256));
    assert_eq!((after.weights.cid, after.weights.sha256), (ContentId::raw(b"GGUF"), Some(Sha256Digest::of(b"GGUF"))));
    assert_eq!(after.weights.format, None);
}

#[test]
fn several_weights_files_are_a_directory_and_a_listing() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "README.md", b"# m");
    write(dir.path(), "sub/b.gguf", b"two");
    write(dir.path(), "a.gguf", b"one");
    let model = manifest(dir.path());
    let listing = format!("{}  a.gguf\n{}  sub/b.gguf\n", Sha256Digest::of(b"one"), Sha256Digest::of(b"two"));
    assert_eq!(model.weights.sha256, Some(Sha256Digest::of(listing.as_bytes())));

    let alone = tempfile::tempdir().unwrap();
    write(alone.path(), "sub/b.gguf", b"two");
    write(alone.path(), "a.gguf", b"one");
    assert_eq!(model.weights.cid, manifest(alone.path()).cid);
    assert_ne!(model.weights.cid, model.cid);
}

#[test]
fn without_recognised_weights_the_whole_model_counts() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "a.txt", b"a");
    write(dir.path(), "optimizer.pt", b"not weights");
    let model = manifest(dir.path());
    assert_eq!(model.weights.cid, model.cid);
    assert_eq!(model.weights.files.len(), 2);
}

#[test]
fn a_single_file_is_a_model_under_its_own_name_even_through_a_link() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "blob", b"hello");
    std::os::unix::fs::symlink("blob", dir.path().join("name.gguf")).unwrap();
    let model = manifest(&dir.path().join("name.gguf"));
    assert_eq!((model.kind, model.cid, paths(&model)), (ManifestKind::File, ContentId::raw(b"hello"), vec!["name.gguf"]));
    assert_eq!(model.weights.cid, model.cid);
}

#[test]
fn a_linked_root_directory_is_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "real/a", b"a");
    std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
    assert_eq!(manifest(&dir.path().join("link")), manifest(&dir.path().join("real")));
}

#[test]
fn version_control_and_download_state_are_left_out_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "a", b"a");
    let bare = manifest(dir.path());
    write(dir.path(), ".git/HEAD", b"ref");
    write(dir.path(), ".cache/huggingface/x.lock", b"");
    let kept = manifest(dir.path());
    assert_eq!(kept.ignored, [".cache/huggingface/", ".git/"]);
    assert_eq!((kept.cid, &kept.files), (bare.cid, &bare.files));

    write(dir.path(), ".cache/other", b"");
    write(dir.path(), "sub/.git/HEAD", b"ref");
    assert_eq!(paths(&manifest(dir.path())), [".cache/other", "a", "sub/.git/HEAD"]);

    std::fs::remove_dir_all(dir.path().join(".git")).unwrap();
    write(dir.path(), ".git", b"gitdir: elsewhere");
    assert_eq!(manifest(dir.path()).ignored, [".cache/huggingface/", ".git"]);
}

#[test]
fn hard_links_are_ordinary_files() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "a", b"same");
    std::fs::hard_link(dir.path().join("a"), dir.path().join("b")).unwrap();
    let model = manifest(dir.path());
    assert_eq!(model.files[0].cid, model.files[1].cid);
}

#[test]
fn sharding_does_not_change_the_tensor_root() {
    let tensors = [tensor("b", &[2], &[1, 2]), tensor("a", &[3], &[3, 4, 5]), tensor("c", &[0], &[])];
    let whole = tempfile::tempdir().unwrap();
    write(whole.path(), "model.safetensors", &shard(&tensors));
    let split = tempfile::tempdir().unwrap();
    write(split.path(), "model-00001-of-00002.safetensors", &shard(&tensors[1..]));
    write(split.path(), "model-00002-of-00002.safetensors", &shard(&tensors[..1]));
    let (whole, split) = (manifest(whole.path()), manifest(split.path()));
    assert_ne!(whole.weights.cid, split.weights.cid);
    assert_eq!(whole.weights.tensors, split.weights.tensors);
    let summary = whole.weights.tensors.unwrap();
    assert_eq!((summary.count, summary.parameters), (3, 5));
    assert_eq!(whole.weights.format.as_deref(), Some("safetensors"));
}

#[test]
fn parts_of_a_pipeline_may_share_names_and_then_have_no_common_root() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "unet/model.safetensors", &shard(&[tensor("w", &[1], &[1])]));
    write(dir.path(), "vae/model.safetensors", &shard(&[tensor("w", &[1], &[2])]));
    let weights = manifest(dir.path()).weights;
    assert_eq!((weights.format.as_deref(), weights.tensors), (Some("safetensors"), None));
}

#[test]
fn what_is_not_asked_for_is_absent() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "model.safetensors", b"not even a header");
    let model = digest(dir.path(), &Request::cids(), &()).unwrap();
    assert_eq!((model.files[0].sha256, model.weights.sha256, model.weights.format, model.weights.tensors), (None, None, None, None));
}
