//! Tar archives (POSIX ustar and GNU), as `.nemo` and old checkpoints of PyTorch are: each member as if it were a file of the model.
//!
//! Source: POSIX.1-2017, `pax`, "ustar Interchange Format".

use super::Look;
use super::archive::Part;
use crate::{ByteRange, FindingCode, FormatError, ReadAt};

const BLOCK: u64 = 512;

/// Tells a tar by the mark in its first header.
pub(super) fn is(opening: &[u8]) -> bool {
    opening.get(257..262) == Some(b"ustar")
}

pub(super) fn look(look: &mut Look, file: &dyn ReadAt, depth: u32) -> Result<(), FormatError> {
    let size = file.size().map_err(FormatError::Read)?;
    let mut at = 0;
    while size.saturating_sub(at) >= BLOCK {
        let mut header = [0; BLOCK as usize];
        file.read_exact_at(&mut header, at).map_err(FormatError::Read)?;
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let place = length(&header).filter(|_| is(&header)).map(|len| ByteRange { offset: at + BLOCK, len });
        let next =
            place.and_then(|place| place.len.checked_next_multiple_of(BLOCK)?.checked_add(place.offset)).filter(|next| *next <= size);
        let (Some(place), Some(next)) = (place, next) else {
            look.note(FindingCode::CodeOpaque, format!("a tar archive that is not well-formed at byte {at}"));
            return Ok(());
        };
        if !look.count() {
            return Ok(());
        }
        // Others are folders, links and remarks about the next member.
        if matches!(header.get(156), Some(b'0' | 0 | b'7')) {
            look.member(&Part { file, place }, &name(&header), depth + 1)?;
        }
        at = next;
    }
    Ok(())
}

/// The length of a member: octal digits. The binary form of GNU, for members above 8 GiB, is read too.
fn length(header: &[u8]) -> Option<u64> {
    match header.get(124..136)? {
        [0x80, rest @ ..] => {
            let (high, low) = rest.split_at_checked(3)?;
            (high == [0; 3]).then(|| low.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
        }
        digits => {
            let digits = std::str::from_utf8(digits).ok()?.trim_matches([' ', '\0']);
            u64::from_str_radix(if digits.is_empty() { "0" } else { digits }, 8).ok()
        }
    }
}

fn name(header: &[u8]) -> String {
    let field = header.get(..100).unwrap_or_default();
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}
