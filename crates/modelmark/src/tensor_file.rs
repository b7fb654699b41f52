//! One or a few tensors of a model in a file of their own: raw bytes, or a small safetensors file.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use modelmark_digest::ModelPath;
use modelmark_formats::{Files, FormatError, ReadAt, Tensor, read, stream};
use serde_json::{Map, Value, json};

use crate::error::{CommandError, Kind, Result};
use crate::output::printable;
use crate::output_file::{OutputFile, unwritten};

/// Longest header of a safetensors file, in bytes: what other readers take.
const MAX_HEADER_BYTES: usize = 100_000_000;

/// The files of a model, to be read at any position, each byte checked.
pub(crate) trait ModelFiles {
    /// Opens a file of the model; none when there is no such file.
    fn open(&self, path: &str) -> Result<Option<Box<dyn ReadAt + '_>>>;
}

/// A tensor that was found, and the file that describes it.
pub(crate) struct Found {
    pub(crate) file: String,
    pub(crate) tensor: Tensor,
}

/// Looks for tensors by name in the headers of the weights files `weights`, in the order of `names`.
pub(crate) fn find(model: &dyn ModelFiles, weights: &[String], names: &[String]) -> Result<Vec<Found>> {
    let mut found: Vec<Option<Found>> = names.iter().map(|_| None).collect();
    for path in weights {
        if found.iter().all(Option::is_some) {
            break;
        }
        let Some(file) = model.open(path)? else { continue };
        let contents = read(&*file, path.rsplit('/').next().unwrap_or(path)).map_err(|error| unreadable(path, error))?;
        for tensor in contents.into_iter().flat_map(|contents| contents.tensors) {
            for (slot, _) in found.iter_mut().zip(names).filter(|(slot, name)| slot.is_none() && **name == tensor.name) {
                *slot = Some(Found { file: path.clone(), tensor: tensor.clone() });
            }
        }
    }
    let missing = found.iter().zip(names).find(|(slot, _)| slot.is_none()).map(|(_, name)| name);
    if let Some(name) = missing {
        return Err(CommandError::usage(format!("no tensor of the model is named {:?}", printable(name)))
            .hint("`modelmark digest MODEL --tensors` lists the tensors of a model that is at hand"));
    }
    Ok(found.into_iter().flatten().collect())
}

fn unreadable(path: &str, error: FormatError) -> CommandError {
    // What is not the model's never comes here as a fault of the format.
    let kind = if matches!(error, FormatError::Read(_)) { Kind::Unreachable } else { Kind::Refused };
    CommandError::new(kind, anyhow::Error::new(error).context(format!("{} cannot be read", printable(path))))
}

/// Writes the canonical bytes of the tensors to `out`: as a safetensors file when its name says so, else those of the one tensor. Returns how many bytes of
/// tensors there were.
pub(crate) fn write(model: &dyn ModelFiles, tensors: &[Found], out: &Path) -> Result<u64> {
    let safetensors = out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"));
    if tensors.len() != 1 && !safetensors {
        return Err(CommandError::usage("several tensors do not go into one raw file").hint("write a .safetensors file"));
    }
    let header = safetensors.then(|| header(tensors)).transpose()?;
    let mut file = OutputFile::create(out)?;
    let mut written = 0;
    if let Some(header) = header {
        file.write_all(&header).map_err(|error| unwritten(out, &error))?;
    }
    for Found { file: described, tensor } in tensors {
        let mut failed: Option<io::Error> = None;
        let streamed = stream(tensor, &Beside { model, main: described }, &mut |bytes| match file.write_all(bytes) {
            Ok(()) => {
                written += bytes.len() as u64;
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        });
        if let Some(error) = failed {
            return Err(unwritten(out, &error));
        }
        streamed.map_err(|error| unreadable(described, error))?;
    }
    file.finish()?;
    Ok(written)
}

/// Returns the length and the header of a safetensors file with these tensors one after the other.
fn header(tensors: &[Found]) -> Result<Vec<u8>> {
    let mut entries = Map::new();
    let mut end = 0_u64;
    for Found { tensor, .. } in tensors {
        let name = printable(&tensor.name);
        let length = tensor.bytes().ok_or_else(|| CommandError::refused(format!("the elements of {name} have no fixed size")))?;
        if tensor.dtype.contains(':') {
            let told = format!("safetensors has no element type for {} of {name}", printable(&tensor.dtype));
            return Err(CommandError::refused(told).hint("write its raw bytes, to a file with another extension"));
        }
        let start = end;
        end = end.checked_add(length).ok_or_else(|| CommandError::refused("the tensors are larger than any file"))?;
        let entry = json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [start, end]});
        if entries.insert(tensor.name.clone(), entry).is_some() {
            return Err(CommandError::usage(format!("the tensor {name} is named twice")));
        }
    }
    let mut header = Value::Object(entries).to_string().into_bytes();
    // Spaces align the tensors to 8 bytes, as other writers do.
    header.resize(header.len().next_multiple_of(8), b' ');
    if header.len() > MAX_HEADER_BYTES {
        return Err(CommandError::refused("the header would be longer than readers accept"));
    }
    Ok([&(header.len() as u64).to_le_bytes()[..], &header].concat())
}

/// A weights file, and the files beside it that its tensors may lie in.
struct Beside<'a> {
    model: &'a dyn ModelFiles,
    main: &'a str,
}

impl Files for Beside<'_> {
    fn open(&self, file: Option<&str>) -> std::result::Result<Box<dyn ReadAt + '_>, FormatError> {
        let absent = |name: &str| FormatError::Unsupported(format!("tensors in {name:?}, which is no file of the model"));
        let folder = self.main.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        let path = match file {
            None => self.main.to_owned(),
            Some(name) => format!("{folder}{}", name.trim_start_matches("./")),
        };
        let path = ModelPath::try_from(path.clone()).map_err(|_| absent(&path))?;
        let opened = self.model.open(path.as_str()).map_err(|error| FormatError::Read(io::Error::other(error.to_string())))?;
        opened.ok_or_else(|| absent(path.as_str()))
    }
}
