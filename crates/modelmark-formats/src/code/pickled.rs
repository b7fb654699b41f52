//! Pickles, whatever they are called.

use super::{Look, extension};
use crate::pickle::{MAX_PICKLE_BYTES, PickleError, parse_prefix};
use crate::{FindingCode, FormatError, ReadAt};

/// Extensions of files that programs load by unpickling. (`.bin` and `.ckpt` are those of many other formats too.)
const NAMES: [&str; 9] = ["pkl", "pickle", "pck", "p", "joblib", "dill", "cloudpickle", "pt", "pth"];

/// The opcode that pickles of protocol 2 and later begin with; the protocol follows.
const PROTO: u8 = 0x80;

/// Most pickles that follow each other in one file.
const MAX_IN_A_ROW: usize = 1000;

/// Tells from its name whether a file is loaded by unpickling.
pub(super) fn is_named(name: &str) -> bool {
    extension(name).is_some_and(|extension| NAMES.contains(&extension.as_str()))
}

/// Reads a file that looks like a pickle or is called like one, and says what it is beyond data.
pub(super) fn look(look: &mut Look, file: &dyn ReadAt, size: u64, opening: &[u8], name: &str) -> Result<(), FormatError> {
    if opening.starts_with(b"\x93NUMPY") {
        // The header is a Python dict in ASCII; arrays of objects are pickled.
        if opening.windows(3).any(|three| three == b"|O'" || three == b"'O'") {
            look.carried.pickle = true;
            look.note(FindingCode::CodeBearing, "an array of pickled Python objects");
        }
        return Ok(());
    }
    let (binary, text) = (matches!(opening, [PROTO, 0..=5, ..]), old(file, size, opening)?);
    if let Some(global) = text {
        look.carried.pickle = true;
        look.note(FindingCode::CodeBearing, format!("code-bearing pickle of protocol 0: refers to {global:?}"));
        return Ok(());
    }
    if !binary && !is_named(name) {
        return Ok(());
    }
    if size > MAX_PICKLE_BYTES {
        if is_named(name) {
            look.note(FindingCode::CodeOpaque, format!("longer than the {MAX_PICKLE_BYTES} bytes of a pickle that is read"));
        }
        return Ok(());
    }
    match program(&start(file, size)?) {
        Ok(()) => look.carried.pickle = true,
        Err(error @ PickleError::CodeBearing { .. }) => {
            look.carried.pickle = true;
            look.note(FindingCode::CodeBearing, error.to_string());
        }
        // Something that is not called a pickle and is none may begin like one.
        Err(error) if is_named(name) || starts_like_one(opening) || !error.stops_every_reader() => {
            look.carried.pickle = true;
            look.note(FindingCode::CodeOpaque, format!("looks like a pickle, but not of data: {error}"));
        }
        Err(_) => {}
    }
    Ok(())
}

/// Tells whether a file has no more of a pickle than the first two bytes, by chance: no reader gets so far in it that anything happens.
pub(super) fn only_begins_like_one(file: &dyn ReadAt, name: &str) -> Result<bool, FormatError> {
    let opening = crate::opening(file)?;
    if !matches!(opening.as_slice(), [PROTO, 0..=5, ..]) || is_named(name) || starts_like_one(&opening) {
        return Ok(false);
    }
    let size = file.size().map_err(FormatError::Read)?;
    // One byte more than is accepted, so that the pickle reader sees that there is more.
    let bytes = start(file, size.min(MAX_PICKLE_BYTES + 1))?;
    Ok(parse_prefix(&bytes).is_err_and(|error| error.stops_every_reader()))
}

/// Returns the first bytes of a file. A program of protocol 0 or 1 that says so is shown as one of protocol 2, which has all their opcodes.
fn start(file: &dyn ReadAt, length: u64) -> Result<Vec<u8>, FormatError> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut bytes, 0).map_err(FormatError::Read)?;
    if let [PROTO, protocol @ 0..=1, ..] = bytes.as_mut_slice() {
        *protocol = 2;
    }
    Ok(bytes)
}

/// Reads pickles until the end of `bytes`.
fn program(mut bytes: &[u8]) -> Result<(), PickleError> {
    for _ in 0..MAX_IN_A_ROW {
        let (_, length) = parse_prefix(bytes)?;
        bytes = bytes.get(length..).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
    }
    crate::pickle::parse(bytes).map(|_| ())
}

/// Whether the protocol is followed by an opcode that programs of that protocol begin with: a frame, or a container or name.
fn starts_like_one(opening: &[u8]) -> bool {
    matches!(opening, [PROTO, 4 | 5, 0x95, ..] | [PROTO, 0..=5, b'c' | b'}' | b']' | b'(' | b')' | b'X' | 0x8c, ..])
}

/// Returns the first name that a pickle of an old protocol refers to: these begin with a name and end with a full stop, and are text otherwise.
fn old(file: &dyn ReadAt, size: u64, opening: &[u8]) -> Result<Option<String>, FormatError> {
    let Some(global) = global(opening) else { return Ok(None) };
    let mut last = [0];
    file.read_exact_at(&mut last, size.saturating_sub(1)).map_err(FormatError::Read)?;
    Ok((last == *b".").then_some(global))
}

fn global(opening: &[u8]) -> Option<String> {
    let rest = opening.strip_prefix(b"(").unwrap_or(opening);
    let rest = rest.strip_prefix(b"c").or_else(|| rest.strip_prefix(b"i"))?;
    let mut lines = rest.splitn(3, |byte| *byte == b'\n');
    let (module, name, after) = (lines.next()?, lines.next()?, lines.next()?);
    let is_name = |text: &[u8]| {
        !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')) && !text.starts_with(b".")
    };
    let goes_on = matches!(after, [b'(' | b'q' | b'p' | b')' | b'.' | b'o' | b'R' | b'\x80', ..]);
    (is_name(module) && is_name(name) && goes_on).then(|| format!("{}.{}", String::from_utf8_lossy(module), String::from_utf8_lossy(name)))
}
