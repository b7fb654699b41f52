//! ONNX: models of all versions of the IR, with the weights inside or in files beside them.
//!
//! A model is one protobuf message, which is walked in place: of the weights only the places are taken. Weights are the initializers of the graph, and
//! the tensors in subgraphs, in attributes of nodes, in model-local functions and in training graphs; all of them carry what the model computes.
//!
//! Stricter than the `onnx` package where it merges or repairs: a tensor has its data in exactly one place, as long as shape and type ask for, and no
//! two tensors have one name. Source: `onnx/onnx.proto` and `docs/ExternalData.md` of ONNX 1.23.
//!
//! Names: an initializer of the graph has its own. Elsewhere a name says the way: `node:attribute` for a tensor in an attribute, `node:attribute/name`
//! for an initializer of a subgraph, `domain::function/…` and `training[0].algorithm/…` before those of functions and training. A list counts:
//! `node:attribute[0]`. `node` is the first output of the node, which is unique; without one its name, without that its position as `#3`.

mod data;
mod element;
mod external;
mod graph;
mod model;
mod summary;
mod tensor;

use std::collections::BTreeSet;

use crate::contents::Contents;
use crate::protobuf::{Field, Wire};
use crate::read::Format;
use crate::{FindingCode, FormatError, ReadAt, Tensor};
use external::Checksums;
use summary::Summary;

pub(crate) const FORMAT: Format = Format { token: "onnx", extensions: &["onnx"], recognises, read: |file, _| read(file) };

/// Most tensors of a model. Large exports have some ten thousand.
const MAX_TENSORS: usize = 1 << 18;
/// Longest name, also of those that say the way.
const MAX_NAME_BYTES: u64 = 4096;
/// Most domains of operators that are told apart.
const MAX_DOMAINS: usize = 64;

/// There is no magic number: the version of the IR as the first field, then another field of a model.
///
/// Version 1 is left out: a `SavedModel` of TensorFlow starts like one, and no model of 2017 is around.
fn recognises(opening: &[u8]) -> bool {
    let Some([tag, version, next, rest @ ..]) = opening.first_chunk::<4>().map(|_| opening) else { return false };
    // Fields 2, 3, 4, 6, 7, 8 and 14, which have a length, and 5, a number.
    let text = matches!(next, 0x12 | 0x1a | 0x22 | 0x32 | 0x3a | 0x42 | 0x72);
    *tag == 0x08 && (2..=32).contains(version) && (text || *next == 0x28) && !rest.is_empty()
}

fn read(file: &dyn ReadAt) -> Result<Contents, FormatError> {
    let size = file.size().map_err(FormatError::Read)?;
    let mut reader = Reader {
        wire: Wire::new(file)?,
        contents: Contents::of(FORMAT.token),
        // A hostile file could repeat a long way before each of many short names.
        names_left: size.saturating_mul(4).saturating_add(1 << 16),
        domains: BTreeSet::new(),
        functions: BTreeSet::new(),
        summary: Summary::default(),
        checksums: Checksums::default(),
        unknown: 0,
    };
    reader.model()?;
    reader.finish()
}

/// A model that is being walked, and what was gathered of it so far.
struct Reader<'f> {
    wire: Wire<'f>,
    contents: Contents,
    /// Bytes that names may still take.
    names_left: u64,
    /// Domains of the operators that are used.
    domains: BTreeSet<String>,
    /// Domains of the model's own functions.
    functions: BTreeSet<String>,
    /// What kind of network it is.
    summary: Summary,
    checksums: Checksums,
    /// Fields that no known version of the format has.
    unknown: u64,
}

impl Reader<'_> {
    /// Takes a name and counts its bytes.
    fn name(&mut self, field: &Field, what: &'static str) -> Result<String, FormatError> {
        self.wire.name(field, MAX_NAME_BYTES, what)
    }

    /// Joins the way to a tensor.
    fn way(&mut self, at: u64, parts: &[&str]) -> Result<String, FormatError> {
        let len = parts.iter().fold(0_u64, |len, part| len.saturating_add(part.len() as u64));
        if len > MAX_NAME_BYTES {
            return Err(FormatError::Limit { what: "bytes of the way to a tensor", declared: len, limit: MAX_NAME_BYTES });
        }
        self.names_left = self.names_left.checked_sub(len).ok_or_else(|| {
            FormatError::malformed(at, "the names of tensors, with the way to each, take several times the file's length")
        })?;
        Ok(parts.concat())
    }

    fn skip_unknown(&mut self) {
        self.unknown = self.unknown.saturating_add(1);
    }

    fn keep(&mut self, tensor: Tensor) -> Result<(), FormatError> {
        if self.contents.tensors.len() >= MAX_TENSORS {
            let declared = self.contents.tensors.len() as u64 + 1;
            return Err(FormatError::Limit { what: "tensors", declared, limit: MAX_TENSORS as u64 });
        }
        self.contents.tensors.push(tensor);
        Ok(())
    }

    /// Makes sure that names are unique, and adds what is known only at the end.
    fn finish(mut self) -> Result<Contents, FormatError> {
        let mut names: Vec<&str> = self.contents.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        names.sort_unstable();
        if let Some([twin, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(FormatError::tensor(twin, "two tensors have this name"));
        }
        let architecture = std::mem::take(&mut self.summary).finish(&names);
        self.contents.architecture = architecture.map(Box::new);
        let custom: Vec<String> = self.domains.difference(&self.functions).filter(|domain| !is_standard(domain)).cloned().collect();
        for domain in custom {
            let message = format!("uses operators of {domain:?}, which a runtime has to load from code that is not part of the model");
            self.contents.note(FindingCode::CodeNeeded, message);
        }
        if self.unknown > 0 {
            self.contents.note(FindingCode::Stray, format!("{} fields that ONNX does not have; they are not looked into", self.unknown));
        }
        self.checksums.judge(&mut self.contents);
        external::overlaps(&mut self.contents);
        Ok(self.contents)
    }
}

/// Whether the operators of a domain come with every runtime, or with ONNX Runtime.
fn is_standard(domain: &str) -> bool {
    const OWN: [&str; 6] = ["", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview", "ai.onnx.preview.training"];
    const OF_RUNTIME: [&str; 4] = ["com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc", "com.microsoft.experimental"];
    OWN.contains(&domain) || OF_RUNTIME.contains(&domain)
}
