//! The readers of HDF5 and Keras archives against files of h5py and Keras, damaged files and hostile ones.

use modelmark_formats::{Architecture, read};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::reference::{accepted_cuts, assert_as_written, assert_refused, exercise, file, maximise};

#[test]
fn files_of_keras_are_read_as_written() {
    assert_as_written("keras");
}

#[test]
fn attacks_are_refused() {
    assert_refused("keras");
}

#[test]
fn files_are_told_by_their_first_bytes() {
    let format = |name: &str| read(&file("keras", name).as_slice(), "x").unwrap().unwrap().format;
    assert_eq!((format("model.keras"), format("model.h5"), format("types-latest.h5")), ("keras", "hdf5", "hdf5"));
}

#[test]
fn quantisation_is_that_of_the_layers() {
    let contents = read(&file("keras", "branched.keras").as_slice(), "x").unwrap().unwrap();
    let quantization = Architecture::of_contents(&contents).unwrap().quantization.unwrap();
    assert_eq!((quantization.method.as_str(), quantization.bits), ("int8", Some(8)));
}

#[test]
fn every_cut_is_refused() {
    for name in ["half.weights.h5", "types-latest.h5", "lambda.keras"] {
        assert_eq!(accepted_cuts(&file("keras", name), name), [0; 0], "{name}");
    }
}

#[test]
fn every_field_can_be_maximised_without_harm() {
    for name in ["lambda.h5", "types-latest.h5", "links.h5"] {
        maximise(&file("keras", name), name);
    }
}

proptest! {
    #[test]
    fn damage_is_never_harmful(which in 0..4_usize, edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let name = ["types.h5", "chunks-latest.h5", "model.keras", "links.h5"][which];
        let mut file = file("keras", name);
        for (at, byte) in &edits {
            let at = at.index(file.len());
            file[at] = *byte;
        }
        exercise(&file, name);
    }
}
