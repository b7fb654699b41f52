//! Names of files that a model's own files give: hostile until they are known to lead nowhere else.

/// Longest path, as of paths inside a model.
const MAX_PATH_BYTES: usize = 4096;

/// Returns the path without a leading `./`, or why it is no plain relative path.
///
/// That nothing on the way is a link is for whoever opens it to see to.
///
/// # Errors
/// Says what is wrong with the path: it leaves its folder, is absolute, is written for another system, or is no path at all.
pub fn plain_path(path: &str) -> Result<&str, &'static str> {
    let mut plain = path;
    while let Some(rest) = plain.strip_prefix("./") {
        plain = rest;
    }
    if plain.len() > MAX_PATH_BYTES {
        return Err("longer than 4096 bytes");
    }
    if plain.chars().any(char::is_control) {
        return Err("a control character");
    }
    if plain.contains('\\') {
        return Err("a backslash, which other systems take for a separator");
    }
    if plain.get(1..2) == Some(":") {
        return Err("the name of a drive");
    }
    match plain.split('/').find(|component| matches!(*component, "" | "." | "..")) {
        Some("..") => Err("it leads out of the model's folder"),
        Some(_) => Err("not a relative path of plain names"),
        None => Ok(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_beside_the_model() {
        for (good, path) in [("a.bin", "a.bin"), ("./a.bin", "a.bin"), ("data/a.bin", "data/a.bin"), ("..a/b", "..a/b")] {
            assert_eq!(plain_path(good), Ok(path));
        }
        for bad in [
            "",
            ".",
            "./",
            "..",
            "../a",
            "a/../b",
            "a//b",
            "/etc/passwd",
            "a/",
            "a\\b",
            "..\\a",
            "C:/a",
            "c:a",
            "a/./b",
            ".//a",
            "a\0b",
            "a\nb",
        ] {
            assert!(plain_path(bad).is_err(), "{bad}");
        }
        assert!(plain_path(&"a".repeat(4097)).is_err());
    }
}
