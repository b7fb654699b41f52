//! Sealing where there are no mount namespaces: there is none, and it is said.

use std::path::{Path, PathBuf};

use super::Level;
use crate::error::{CommandError, Result};

/// Refuses a level that this system does not have; without one, the files are only looked at again.
pub(super) fn seal(model: &Path, _point: &Path, wanted: Option<Level>) -> Result<(Level, PathBuf, Option<String>)> {
    match wanted {
        Some(_) => Err(CommandError::unreachable("files can be sealed on Linux only").hint("`--seal recheck` looks at them again")),
        None => Ok((Level::Recheck, model.to_owned(), Some("files can be sealed on Linux only".to_owned()))),
    }
}
