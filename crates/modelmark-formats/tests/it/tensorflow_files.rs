//! The readers of checkpoints and graphs against files of TensorFlow, damaged files and hostile ones.

use modelmark_formats::{Files, FormatError, Pieces, ReadAt, read};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::reference::{accepted_cuts, assert_as_written, assert_refused, canonical, exercise, file, maximise};

const INDEXES: [&str; 4] = ["types/model.index", "sliced/model.index", "shards/model.index", "big-endian/model.index"];

#[test]
fn files_of_tensorflow_are_read_as_written() {
    assert_as_written("tensorflow");
}

#[test]
fn attacks_are_refused() {
    assert_refused("tensorflow");
}

#[test]
fn tensors_lie_in_the_data_files_of_their_index() {
    let contents = read(&file("tensorflow", "shards/model.index").as_slice(), "any/where/model.index").unwrap().unwrap();
    let files: Vec<_> = contents.tensors.iter().map(|tensor| tensor.source.file.as_deref().unwrap()).collect();
    assert_eq!(files, ["model.data-00000-of-00002", "model.data-00001-of-00002"]);
}

#[test]
fn every_altered_byte_of_a_tensor_is_noticed() {
    for name in ["types", "sliced", "big-endian"] {
        let index = file("tensorflow", &format!("{name}/model.index"));
        let contents = read(&index.as_slice(), "model.index").unwrap().unwrap();
        let data = file("tensorflow", &format!("{name}/model.data-00000-of-00001"));
        for tensor in &contents.tensors {
            let Pieces::Checked { sums, .. } = &tensor.source.pieces else { panic!("{tensor:?}") };
            for place in sums.iter().map(|sum| sum.place).filter(|place| place.len > 0) {
                let mut altered = data.clone();
                altered[(place.offset + place.len / 2) as usize] ^= 0x10;
                let error = canonical(tensor, &Beside(&altered)).unwrap_err().to_string();
                assert!(
                    error.contains(&tensor.name) && error.contains("model.data-00000-of-00001") && error.contains("checksum"),
                    "{error}"
                );
            }
            assert!(canonical(tensor, &Beside(&data)).is_ok());
        }
    }
}

/// The data file of an index, in memory.
struct Beside<'f>(&'f [u8]);

impl Files for Beside<'_> {
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError> {
        assert!(file.is_some());
        Ok(Box::new(self.0))
    }
}

#[test]
fn a_graph_that_has_variables_has_no_tensors() {
    let contents = read(&file("tensorflow", "saved/saved_model.pb").as_slice(), "saved_model.pb").unwrap().unwrap();
    assert_eq!((contents.format, contents.tensors.len()), ("tensorflow-graph", 0));
}

#[test]
fn every_cut_of_an_index_is_refused() {
    for name in INDEXES {
        assert_eq!(accepted_cuts(&file("tensorflow", name), name), [0; 0], "{name}");
    }
}

/// A message may end after any of its fields: cuts there cannot be told, all others are refused.
#[test]
fn a_graph_is_cut_between_nodes_only() {
    let frozen = file("tensorflow", "frozen.pb");
    let cuts = accepted_cuts(&frozen, "frozen.pb");
    assert!(cuts.len() <= 13, "{cuts:?}");
}

#[test]
fn every_field_can_be_maximised_without_harm() {
    maximise(&file("tensorflow", "sliced/model.index"), "model.index");
    maximise(&file("tensorflow", "frozen.pb"), "frozen.pb");
}

proptest! {
    #[test]
    fn damage_is_never_harmful(which in 0..4_usize, edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        for name in [INDEXES[which], "frozen.pb"] {
            let mut file = file("tensorflow", name);
            for (at, byte) in &edits {
                let at = at.index(file.len());
                file[at] = *byte;
            }
            exercise(&file, name);
        }
    }
}
