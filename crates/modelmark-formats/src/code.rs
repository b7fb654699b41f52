//! Code in the files of a model, told by content: what a program runs when it loads the file as usual, and what may do so for all that can be seen.
//!
//! Presence only: nothing here judges what the code does, and there is no list of bad names. A file of weights is read by the reader of its format, a
//! pickle by the strict reader; in archives (ZIP, tar) each member is looked at in the same way. What cannot be looked into is reported as such.

mod archive;
mod native;
mod opaque;
mod pickled;
mod tar;

use crate::contents::MAX_FINDINGS;
use crate::{Finding, FindingCode, FormatError, ReadAt, read};

/// First bytes of a file that are shown to the tests of content; the mark of a tar stands at 257.
const OPENING_BYTES: usize = 512;
/// Deepest archive in an archive that is looked into.
const MAX_NESTING: u32 = 2;
/// Most bytes that are taken out of the archives of one file.
const MAX_UNPACKED_BYTES: u64 = 256 << 20;
/// Extensions of formats that have no place for code, so that a malformed file of theirs is malformed and no more.
const PLAIN: [&str; 2] = ["safetensors", "gguf"];
/// Most members of the archives of one file.
const MAX_MEMBERS: u64 = 100_000;

/// What was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// The findings, all of `code.*`.
    pub findings: Vec<Finding>,
    /// Whether the file is loaded by unpickling: a pickle, or a checkpoint of PyTorch. Without findings it holds nothing but data.
    pub pickle: bool,
}

/// Looks for code in the file called `name`.
///
/// # Errors
/// When the file cannot be read. A file that is not well-formed is no error.
pub fn carried(file: &dyn ReadAt, name: &str) -> Result<Carried, FormatError> {
    let mut look = Look { carried: Carried::default(), unpacked: MAX_UNPACKED_BYTES, members: MAX_MEMBERS };
    look.at(file, name, 0)?;
    Ok(look.carried)
}

/// One file that is looked at, with what is left of its limits.
struct Look {
    carried: Carried,
    unpacked: u64,
    members: u64,
}

impl Look {
    fn at(&mut self, file: &dyn ReadAt, name: &str, depth: u32) -> Result<(), FormatError> {
        let refusal = match read(file, name) {
            Ok(Some(contents)) => {
                self.carried.pickle |= contents.format == "pytorch";
                contents.findings.into_iter().filter(|finding| finding.code.is_about_code()).for_each(|finding| self.push(finding));
                return Ok(());
            }
            Err(error @ FormatError::Read(_)) => return Err(error),
            Err(FormatError::Pointer) => return Ok(()),
            Err(error) => Some(error),
            Ok(None) => None,
        };
        let before = self.carried.findings.len();
        self.inside(file, name, depth)?;
        let silent = self.carried.findings.len() == before;
        let plain = extension(name).is_some_and(|extension| PLAIN.contains(&extension.as_str()));
        if let Some(error) = refusal.filter(|_| silent && !plain)
            && !pickled::only_begins_like_one(file, name)?
        {
            self.note(FindingCode::CodeOpaque, format!("may carry code, and is not what its format asks for: {error}"));
        }
        Ok(())
    }

    /// Looks at a file that is none of weights.
    fn inside(&mut self, file: &dyn ReadAt, name: &str, depth: u32) -> Result<(), FormatError> {
        let size = file.size().map_err(FormatError::Read)?;
        let mut opening = vec![0; usize::try_from(size).unwrap_or(OPENING_BYTES).min(OPENING_BYTES)];
        file.read_exact_at(&mut opening, 0).map_err(FormatError::Read)?;
        if let Some(what) = native::kind(&opening, name) {
            self.note(FindingCode::CodeBeside, what);
        }
        if opening.starts_with(b"PK\x03\x04") {
            return archive::zip(self, file, depth);
        }
        if tar::is(&opening) {
            return tar::look(self, file, depth);
        }
        if let Some(what) = opaque::kind(&opening, name) {
            self.note(FindingCode::CodeOpaque, what);
            return Ok(());
        }
        pickled::look(self, file, size, &opening, name)
    }

    fn note(&mut self, code: FindingCode, message: impl Into<String>) {
        self.push(Finding { code, message: message.into() });
    }

    /// Keeps a finding; after the last that fits, only a word that there were more.
    fn push(&mut self, finding: Finding) {
        match self.carried.findings.len() {
            count if count < MAX_FINDINGS => self.carried.findings.push(finding),
            MAX_FINDINGS => {
                let message = "more was noticed than is listed".to_owned();
                self.carried.findings.push(Finding { code: FindingCode::CodeOpaque, message });
            }
            _ => {}
        }
    }

    /// Looks at a member of an archive; its findings say where they are from.
    fn member(&mut self, file: &dyn ReadAt, name: &str, depth: u32) -> Result<(), FormatError> {
        if depth > MAX_NESTING {
            self.note(FindingCode::CodeOpaque, format!("member {name:?}: an archive in an archive in an archive"));
            return Ok(());
        }
        let before = self.carried.findings.len();
        let base = name.rsplit('/').next().unwrap_or(name);
        let looked = self.at(file, base, depth);
        for finding in self.carried.findings.iter_mut().skip(before) {
            finding.message = format!("member {name:?}: {}", finding.message);
        }
        looked
    }

    /// Takes a member from what may be looked at still; says so when nothing is left.
    fn count(&mut self) -> bool {
        let left = self.members.checked_sub(1);
        self.members = left.unwrap_or(0);
        if left.is_none() {
            self.note(FindingCode::CodeOpaque, "more members than are looked at");
        }
        left.is_some()
    }
}

fn extension(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
}
