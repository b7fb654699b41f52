//! Containers that are not looked into.

use super::{extension, pickled};

/// Says why a file cannot be looked into. Compressed data is common; it counts only where the name says that a program loads or unpacks it.
pub(super) fn kind(opening: &[u8], name: &str) -> Option<String> {
    match opening {
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => return Some("a 7z archive, which is not looked into".to_owned()),
        [b'R', b'a', b'r', b'!', 0x1a, 0x07, ..] => return Some("a RAR archive, which is not looked into".to_owned()),
        _ => {}
    }
    let method = match opening {
        [0x1f, 0x8b, ..] => "gzip",
        [b'B', b'Z', b'h', ..] => "bzip2",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "xz",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
        [0x04, 0x22, 0x4d, 0x18, ..] => "lz4",
        [0x5d, 0, 0, ..] => "lzma",
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => "zlib",
        _ => return None,
    };
    let unpacked = pickled::is_named(name) || is_archive(name);
    unpacked.then(|| format!("compressed ({method}), and so not looked into"))
}

fn is_archive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    extension(name).is_some_and(|extension| matches!(extension.as_str(), "nemo" | "mar" | "tar" | "tgz" | "tbz2" | "txz" | "zip"))
        || lower.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with(".tar"))
}
