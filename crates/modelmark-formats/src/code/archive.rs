//! ZIP archives: each member as if it were a file of the model.

use std::io::Read as _;

use flate2::read::DeflateDecoder;

use super::Look;
use crate::zip::{Member, Method, members};
use crate::{ByteRange, FindingCode, FormatError, ReadAt};

pub(super) fn zip(look: &mut Look, file: &dyn ReadAt, depth: u32) -> Result<(), FormatError> {
    let members = match members(file) {
        Ok(members) => members,
        Err(error @ FormatError::Read(_)) => return Err(error),
        Err(error) => {
            look.note(FindingCode::CodeOpaque, format!("a ZIP archive that is not well-formed: {error}"));
            return Ok(());
        }
    };
    for member in members.iter().filter(|member| !member.name.ends_with('/')) {
        if !look.count() {
            return Ok(());
        }
        match member.method {
            Method::Stored => look.member(&Part { file, place: member.place }, &member.name, depth + 1)?,
            Method::Deflated => match inflated(look, file, member)? {
                Some(bytes) => look.member(&bytes.as_slice(), &member.name, depth + 1)?,
                None => look.note(FindingCode::CodeOpaque, format!("member {:?}: more, or other, than can be inflated", member.name)),
            },
        }
    }
    Ok(())
}

/// Inflates a member within what is left of the limit; `None` when it is too long or does not inflate to what is declared.
fn inflated(look: &mut Look, file: &dyn ReadAt, member: &Member) -> Result<Option<Vec<u8>>, FormatError> {
    let Some(left) = look.unpacked.checked_sub(member.size).filter(|_| member.place.len <= look.unpacked) else { return Ok(None) };
    look.unpacked = left;
    let mut packed = vec![0; usize::try_from(member.place.len).unwrap_or_default()];
    file.read_exact_at(&mut packed, member.place.offset).map_err(FormatError::Read)?;
    let mut bytes = Vec::new();
    let done = DeflateDecoder::new(packed.as_slice()).take(member.size + 1).read_to_end(&mut bytes);
    Ok(Some(bytes).filter(|bytes| done.is_ok() && bytes.len() as u64 == member.size))
}

/// A part of a file as a file.
pub(super) struct Part<'f> {
    pub(super) file: &'f dyn ReadAt,
    pub(super) place: ByteRange,
}

impl ReadAt for Part<'_> {
    fn size(&self) -> std::io::Result<u64> {
        Ok(self.place.len)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.place.len);
        let start = end.and_then(|_| self.place.offset.checked_add(offset));
        start.map_or_else(|| Err(std::io::ErrorKind::UnexpectedEof.into()), |start| self.file.read_exact_at(buffer, start))
    }
}
