//! One seam for every format: a file is told by its first bytes, else by its extension. A format is one module and one line in the list below.

use crate::contents::{Contents, FindingCode};
use crate::cursor::ReadAt;
use crate::{FormatError, gguf, hdf5, keras, npz, onnx, pytorch, safetensors, tensorflow, tflite};

/// The formats, in the order in which they are asked whether a file is theirs.
const FORMATS: &[Format] = &[
    gguf::FORMAT,
    hdf5::FORMAT,
    keras::FORMAT,
    npz::FORMAT,
    safetensors::FORMAT,
    pytorch::FORMAT,
    onnx::FORMAT,
    tensorflow::GRAPH,
    tensorflow::BUNDLE,
    tflite::FORMAT,
];

/// First bytes of a file that are shown to [`Format::recognises`].
const OPENING_BYTES: usize = 128;

/// How one format is told and read.
pub(crate) struct Format {
    /// Name of the format, the same in [`Contents::format`].
    pub(crate) token: &'static str,
    /// Extensions of its files, lower case, without the dot.
    pub(crate) extensions: &'static [&'static str],
    /// Tells from the first bytes, at most [`OPENING_BYTES`], whether a file is of this format.
    pub(crate) recognises: fn(&[u8]) -> bool,
    /// Reads a file of this name.
    pub(crate) read: fn(&dyn ReadAt, &str) -> Result<Contents, FormatError>,
}

/// Returns the names of the formats that are read, as [`Contents::format`] has them.
pub fn format_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.token).collect();
    names.dedup();
    names.into_iter()
}

/// Reads what stands in a file called `name`; `None` when the format is none that is read.
///
/// The first bytes decide; the extension of `name` only when they say nothing, so that a file that only claims to be of a format gets the fault of that
/// format. Only headers are read, never the bytes of tensors.
///
/// # Errors
/// When the file cannot be read, is the pointer of Git LFS instead of the file itself, or is not what its format asks for.
pub fn read(file: &dyn ReadAt, name: &str) -> Result<Option<Contents>, FormatError> {
    let opening = opening(file)?;
    if is_pointer(&opening) {
        return Err(FormatError::Pointer);
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let claimed = FORMATS.iter().find(|format| extension.as_deref().is_some_and(|extension| format.extensions.contains(&extension)));
    let Some(format) = FORMATS.iter().find(|format| (format.recognises)(&opening)).or(claimed) else { return Ok(None) };
    let mut contents = (format.read)(file, name)?;
    if let Some(claimed) = claimed.filter(|claimed| claimed.token != format.token) {
        contents.note(FindingCode::Extension, format!("named as {}, but it is {}", claimed.token, format.token));
    }
    Ok(Some(contents))
}

/// Returns the first bytes of a file, at most 128.
///
/// # Errors
/// When the file cannot be read.
pub fn opening(file: &dyn ReadAt) -> Result<Vec<u8>, FormatError> {
    let size = file.size().map_err(FormatError::Read)?;
    let mut opening = vec![0; usize::try_from(size).unwrap_or(OPENING_BYTES).min(OPENING_BYTES)];
    file.read_exact_at(&mut opening, 0).map_err(FormatError::Read)?;
    Ok(opening)
}

/// Tells from the first bytes of a file whether it is the pointer of Git LFS instead of the file itself.
#[must_use]
pub fn is_pointer(opening: &[u8]) -> bool {
    opening.starts_with(b"version https://git-lfs.github.com/spec/")
}
