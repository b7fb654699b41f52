//! The compiler's input that the artifacts come from, kept beside them so that a released program can have block explorers compile it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::contracts::{home, sorted};

/// Where forge writes what it gave to the compiler, below `contracts/`.
pub(crate) const BUILD_INFO: &str = "cache/build-info";
/// The file below `contracts/artifacts/`.
pub(crate) const FILE: &str = "standard-input.json.gz";

/// Removes what earlier builds left in [`BUILD_INFO`].
pub(crate) fn forget(root: &Path) -> Result<()> {
    let folder = home(root).join(BUILD_INFO);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes the input of the build that has just been made.
pub(crate) fn write(root: &Path) -> Result<()> {
    let file = place(root);
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(made(root)?.as_bytes())?;
    fs::write(&file, packer.finish()?).with_context(|| format!("cannot write {}", file.display()))
}

/// Returns whether the file holds the input of the build that has just been made.
pub(crate) fn is_fresh(root: &Path) -> Result<bool> {
    let Ok(packed) = fs::read(place(root)) else { return Ok(false) };
    let mut text = String::new();
    let read = GzDecoder::new(packed.as_slice()).read_to_string(&mut text);
    Ok(read.is_ok() && text == made(root)?)
}

fn place(root: &Path) -> PathBuf {
    home(root).join("artifacts").join(FILE)
}

/// Reads the one build info.
fn made(root: &Path) -> Result<String> {
    let folder = home(root).join(BUILD_INFO);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let [file] = files.as_slice() else { bail!("{} holds {} compilations instead of one", folder.display(), files.len()) };
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    input(&serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?)
}

/// Keeps what the compiler's documentation knows: forge adds the folders of this machine.
fn input(build: &Value) -> Result<String> {
    let part = |name: &str| build.pointer(&format!("/input/{name}")).with_context(|| format!("the build info has no input.{name}"));
    let mut settings = part("settings")?.as_object().context("input.settings is no object")?.clone();
    let wanted = ["abi", "evm.bytecode", "evm.deployedBytecode", "metadata"];
    settings.insert("outputSelection".to_owned(), json!({"*": {"*": wanted}}));
    let complete = json!({"language": part("language")?, "sources": part("sources")?, "settings": settings});
    Ok(format!("{}\n", sorted(&complete)))
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_machine_are_left_out() {
        let build = json!({"input": {"language": "Solidity", "sources": {"a.sol": {"content": ""}}, "settings": {}, "basePath": "/home"}});
        let text = input(&build).expect("a complete build info");
        assert!(text.starts_with(r#"{"language":"Solidity","settings":{"outputSelection":{"*":{"*":["abi","#), "{text}");
        assert!(!text.contains("/home"));
    }

    #[test]
    fn a_build_info_without_input_is_refused() {
        assert_eq!(input(&json!({})).expect_err("nothing to keep").to_string(), "the build info has no input.settings");
    }
}
