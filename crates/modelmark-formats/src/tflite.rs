//! TensorFlow Lite (`LiteRT`): tensors that have a buffer, and the operators that a runtime has to bring along.
//!
//! Names need not be unique here: where two tensors have one, or one has none, the position of the tensor follows as `#3`; tensors of subgraphs after
//! the first start with `subgraph[1]/`. Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs` of TensorFlow 2.21.

mod flat;
mod summary;

use std::collections::HashMap;

use crate::contents::{Contents, FindingCode, elements};
use crate::read::Format;
use crate::{ByteRange, ElementLayout, FormatError, ReadAt, Tensor};
use flat::{Flat, Table, Vector};
use summary::Summary;

pub(crate) const FORMAT: Format =
    Format { token: "tflite", extensions: &["tflite"], recognises: |opening| opening.get(4..8) == Some(MAGIC), read };

const MAGIC: &[u8] = b"TFL3";
const MAX_NAME_BYTES: u64 = 4096;
const MAX_RANK: u64 = 32;
/// Most tensors of a model, activations among them.
const MAX_TENSORS: u64 = 1 << 18;
/// Most bytes of the names of all tensors, whatever the length of the file.
const MAX_NAMES_BYTES: u64 = 64 << 20;
/// Most operators, signatures and pieces of metadata that are looked at.
const MAX_LISTED: u64 = 4096;
/// Number of the operator that is not TensorFlow Lite's own.
const CUSTOM: u64 = 32;

/// Types by number: tokens, or why they are no numbers.
const TYPES: [Result<&str, &str>; 21] = [
    Ok("F32"),
    Ok("F16"),
    Ok("I32"),
    Ok("U8"),
    Ok("I64"),
    Err("texts"),
    Ok("BOOL"),
    Ok("I16"),
    Ok("C64"),
    Ok("I8"),
    Ok("F64"),
    Ok("C128"),
    Ok("U64"),
    Err("resources"),
    Err("variants"),
    Ok("U32"),
    Ok("U16"),
    Ok("I4"),
    Ok("BF16"),
    Ok("I2"),
    Ok("U4"),
];

/// A model that is being read.
struct Reader<'f> {
    flat: Flat<'f>,
    buffers: Vector,
    contents: Contents,
    /// How many tensors have each name.
    names: HashMap<String, u64>,
    tensors_left: u64,
    names_left: u64,
    quantised: u64,
    summary: Summary,
}

fn read(file: &dyn ReadAt, _name: &str) -> Result<Contents, FormatError> {
    let flat = Flat::open(file)?;
    let root = flat.root()?;
    let version = flat.number::<4>(&root, 0)?;
    if version != 3 {
        return Err(FormatError::Unsupported(format!("version {version} of TensorFlow Lite")));
    }
    let buffers = flat.vector(&root, 4, 4)?;
    let names_left = flat.size().saturating_mul(4).saturating_add(1 << 16).min(MAX_NAMES_BYTES);
    // A tensor takes an offset of its own, unless a list hangs in several places.
    let tensors_left = MAX_TENSORS.min(flat.size() / 4);
    let contents = Contents::of(FORMAT.token);
    let (names, summary) = (HashMap::new(), Summary::default());
    let mut reader = Reader { flat, buffers, contents, names, tensors_left, names_left, quantised: 0, summary };
    reader.described(&root)?;
    reader.kinds(&root)?;
    let subgraphs = reader.flat.vector(&root, 2, 4)?;
    for number in 0..subgraphs.count {
        let subgraph = reader.flat.element(&subgraphs, number)?;
        let way = if number == 0 { String::new() } else { format!("subgraph[{number}]/") };
        reader.subgraph(&subgraph, &way)?;
        reader.summarise(&subgraph, number == 0)?;
    }
    reader.appended(file)?;
    reader.contents.describe("tflite.subgraphs", &subgraphs.count.to_string());
    reader.contents.describe("tflite.quantizedTensors", &reader.quantised.to_string());
    reader.contents.architecture = reader.summary.finish().map(Box::new);
    Ok(reader.contents)
}

impl Reader<'_> {
    /// What the model says of itself.
    fn described(&mut self, root: &Table) -> Result<(), FormatError> {
        let description = self.flat.text(root, 3)?;
        self.contents.describe("tflite.description", &description);
        let metadata = self.flat.vector(root, 6, 4)?;
        for index in 0..metadata.count.min(MAX_LISTED) {
            let entry = self.flat.element(&metadata, index)?;
            let name = self.flat.name(&entry, 0, MAX_NAME_BYTES)?;
            let place = self.buffer(self.flat.number::<4>(&entry, 1)?)?;
            self.contents.describe(&format!("tflite.metadata.{name}"), &format!("{} bytes", place.len));
        }
        let signatures = self.flat.vector(root, 7, 4)?;
        let key = |index| self.flat.name(&self.flat.element(&signatures, index)?, 2, MAX_NAME_BYTES);
        let keys = (0..signatures.count.min(64)).map(key).collect::<Result<Vec<_>, _>>()?;
        self.contents.describe("tflite.signatures", &keys.join(", "));
        Ok(())
    }

    fn subgraph(&mut self, subgraph: &Table, way: &str) -> Result<(), FormatError> {
        let tensors = self.flat.vector(subgraph, 0, 4)?;
        let left = self.tensors_left.checked_sub(tensors.count);
        self.tensors_left = left.ok_or(FormatError::Limit { what: "tensors", declared: tensors.count, limit: self.tensors_left })?;
        for index in 0..tensors.count {
            let tensor = self.flat.element(&tensors, index)?;
            self.tensor(&tensor, way, index)?;
        }
        Ok(())
    }

    fn tensor(&mut self, table: &Table, way: &str, index: u64) -> Result<(), FormatError> {
        let place = self.buffer(self.flat.number::<4>(table, 2)?)?;
        let external = self.flat.number::<4>(table, 10)?;
        if place.len == 0 && external == 0 {
            // What the model computes, not what it was given.
            if self.is_quantised(table)? {
                self.summary.quantised(None);
            }
            return Ok(());
        }
        let name = self.unique(format!("{way}{}", self.flat.name(table, 3, MAX_NAME_BYTES)?), index)?;
        if external != 0 {
            self.contents.note(FindingCode::Outside, format!("the elements of {name:?} are in a file that the runtime has to be given"));
            return Ok(());
        }
        let number = self.flat.number::<1>(table, 1)?;
        let kind = usize::try_from(number).ok().and_then(|number| TYPES.get(number));
        let token = match kind.ok_or_else(|| FormatError::tensor(&name, format!("unknown type {number}")))? {
            Ok(token) => *token,
            Err(what) => {
                self.contents.note(FindingCode::Stray, format!("{name:?} holds {what}, not numbers"));
                return Ok(());
            }
        };
        if self.flat.inner(table, 6)?.is_some() {
            self.contents.note(FindingCode::Sparse, format!("{name:?} is stored without its zeros; it is not listed"));
            return Ok(());
        }
        let shape = self.flat.numbers(&self.flat.vector(table, 0, 4)?, MAX_RANK)?;
        let count = elements(&shape);
        let length = count.and_then(|count| ElementLayout::of(token)?.bytes_of(count));
        let (Some(count), Some(length)) = (count, length) else { return Err(FormatError::tensor(&name, "its size passes 64 bits")) };
        if length != place.len {
            return Err(FormatError::tensor(&name, format!("{} bytes stored, {length} needed by shape and type", place.len)));
        }
        if self.is_quantised(table)? {
            self.quantised += 1;
            self.summary.quantised(Some((token, count)));
        }
        self.contents.tensors.push(Tensor::plain(name, token, shape, count, place));
        Ok(())
    }

    fn is_quantised(&self, table: &Table) -> Result<bool, FormatError> {
        let Some(parameters) = self.flat.inner(table, 4)? else { return Ok(false) };
        Ok(self.flat.vector(&parameters, 2, 4)?.count > 0)
    }

    /// The bytes of a buffer, in the flat buffer or behind it.
    fn buffer(&self, index: u64) -> Result<ByteRange, FormatError> {
        if index == 0 && self.buffers.count == 0 {
            return Ok(ByteRange::default());
        }
        let buffer = self.flat.element(&self.buffers, index)?;
        let (offset, len) = (self.flat.number::<8>(&buffer, 1)?, self.flat.number::<8>(&buffer, 2)?);
        let inside = self.flat.vector(&buffer, 0, 1)?.bytes();
        // Zero and one say that there is nothing behind.
        if offset <= 1 {
            return Ok(inside);
        }
        let behind = ByteRange { offset, len };
        match behind.end() {
            Some(end) if end <= self.flat.size() && inside.len == 0 => Ok(behind),
            Some(end) if end <= self.flat.size() => Err(FormatError::malformed(offset, "a buffer stands in two places")),
            _ => Err(FormatError::Ends { what: "a buffer", at: offset }),
        }
    }

    /// Makes a name that no other tensor has.
    fn unique(&mut self, name: String, index: u64) -> Result<String, FormatError> {
        let left = self.names_left.checked_sub(name.len() as u64);
        self.names_left = left.ok_or_else(|| FormatError::malformed(0, "names take several times the file's length"))?;
        let seen = self.names.entry(name.clone()).or_default();
        *seen += 1;
        if *seen == 1 && !name.is_empty() && !name.ends_with('/') {
            return Ok(name);
        }
        let name = format!("{name}#{index}");
        if self.names.insert(name.clone(), 1).is_some() {
            return Err(FormatError::tensor(&name, "two tensors have this name"));
        }
        Ok(name)
    }

    /// Tells of an archive behind the model, where labels and the like are kept: the file is two files in one.
    fn appended(&mut self, file: &dyn ReadAt) -> Result<(), FormatError> {
        const END_OF_ARCHIVE: &[u8] = b"PK\x05\x06";
        let length = self.flat.size().min(1024);
        let mut tail = vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_exact_at(&mut tail, self.flat.size() - length).map_err(FormatError::Read)?;
        if tail.windows(END_OF_ARCHIVE.len()).any(|window| window == END_OF_ARCHIVE) {
            self.contents
                .note(FindingCode::Trailing, "a ZIP archive follows the model, as for files of labels: other programs see that instead");
        }
        Ok(())
    }
}
