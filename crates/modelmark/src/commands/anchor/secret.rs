//! The file with a commitment's salt: whoever has it before the creator shows it can tell which model is meant, whoever loses it can show nothing.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use modelmark_chain::Commitment;
use serde::{Deserialize, Serialize};

use crate::error::{CommandError, OrKind as _, Result};
use crate::session::read_input;

const MAX_BYTES: u64 = 4 << 10;
const FORMAT: &str = "modelmark-commitment-1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    commitment: Commitment,
}

/// Reads the file; `None` when there is none.
pub(super) fn find(path: &Path) -> Result<Option<Commitment>> {
    match path.try_exists() {
        Ok(false) => Ok(None),
        _ => read(path).map(Some),
    }
}

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<Commitment> {
    let bytes = read_input(path, MAX_BYTES)?;
    // serde's own text quotes what it found, which may be the salt.
    let document: Document = serde_json::from_slice(&bytes).map_err(|_| wrong(path))?;
    if document.format == FORMAT { Ok(document.commitment) } else { Err(wrong(path)) }
}

/// Writes a new file that nobody else can read.
pub(super) fn write(path: &Path, commitment: &Commitment) -> Result<()> {
    let document = Document { format: FORMAT.to_owned(), commitment: commitment.clone() };
    let text = serde_json::to_string_pretty(&document).or_refused()? + "\n";
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| {
        let told = format!("cannot write `{}`: {error}; nothing was sent", path.display());
        if error.kind() == ErrorKind::StorageFull { CommandError::unreachable(told) } else { CommandError::usage(told) }
    })
}

fn wrong(path: &Path) -> CommandError {
    CommandError::usage(format!("`{}` is not the secret of a commitment", path.display())).hint("`modelmark anchor commit` writes one")
}
