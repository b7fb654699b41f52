//! LZF, the fast compression of h5py: runs of bytes as they are, and copies of what came before.
//!
//! Source: `lzf_d.c` of `LibLZF`.

/// Returns what a stream stands for; `None` when it is none, or gives more than `most` bytes.
pub(super) fn decompressed(mut bytes: &[u8], most: u64) -> Option<Vec<u8>> {
    let most = usize::try_from(most).ok()?;
    let mut out = Vec::new();
    while let Some((control, rest)) = bytes.split_first() {
        bytes = rest;
        let control = usize::from(*control);
        if control < 32 {
            let (run, rest) = bytes.split_at_checked(control + 1)?;
            out.extend_from_slice(run);
            bytes = rest;
        } else {
            let mut length = control >> 5;
            if length == 7 {
                let (more, rest) = bytes.split_first()?;
                length += usize::from(*more);
                bytes = rest;
            }
            let (low, rest) = bytes.split_first()?;
            bytes = rest;
            let distance = (control & 31) << 8 | usize::from(*low);
            let from = out.len().checked_sub(distance + 1)?;
            // What is copied may be what this copy itself gives.
            for at in from..from + length + 2 {
                out.push(*out.get(at)?);
            }
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_copies_are_taken() {
        // As `lzf` writes them: "a", then seven times the byte before; "bc" and a long copy of both.
        assert_eq!(decompressed(b"\x00a\xa0\x00", 100).as_deref(), Some(&b"aaaaaaaa"[..]));
        assert_eq!(decompressed(b"\x01bc\xe0\x05\x01", 100), Some(b"bc".repeat(8)));
        assert_eq!(decompressed(b"", 0), Some(Vec::new()));
    }

    #[test]
    fn what_is_none_is_refused() {
        for bad in [&b"\x00"[..], b"\x20\x00", b"\x00a\x20\x01", b"\x00a\x20", b"\x00a\xe0\x00", b"\x00a\xe0"] {
            assert_eq!(decompressed(bad, 100), None, "{bad:?}");
        }
        assert_eq!(decompressed(b"\x00a\xe0\xff\x00", 100), None);
    }
}
