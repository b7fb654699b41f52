//! Sealing by a mount namespace: which level is taken, and where its files are seen.

mod namespace;
mod view;

use std::fs::DirBuilder;
use std::os::fd::AsFd as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use modelmark_digest::{ManifestKind, Selection};
use rustix::fs::{AtFlags, StatxAttributes, StatxFlags};

use self::view::View;
use super::Level;
use crate::commands::digest::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::output::bytes;

/// Moves this process into a mount namespace in which `point` holds the sealed files, and the place of the model too. Returns the level, where the files are,
/// and why the level is no better.
pub(super) fn seal(model: &Path, point: &Path, wanted: Option<Level>) -> Result<(Level, PathBuf, Option<String>)> {
    let Some(name) = model.file_name() else {
        return Err(CommandError::usage(format!("`{}` is no directory of a model", model.display())));
    };
    let allowed = mount_point(point).map_err(|error| format!("`{}` cannot be used: {error}", point.display())).and_then(|point| {
        namespace::probe(&point).map_err(|error| format!("mount namespaces are not allowed here: {error}"))?;
        Ok(point)
    });
    let point = match (allowed, wanted) {
        (Ok(point), _) => point,
        (Err(why), None) => return Ok((Level::Recheck, model.to_owned(), Some(why))),
        (Err(why), Some(_)) => return Err(CommandError::unreachable(why).hint("`--seal recheck` needs none, and seals nothing")),
    };
    let here = std::env::current_dir().or_usage()?;
    namespace::enter().or_unreachable()?;
    let found = Selection::of_model(model).map_err(explain)?;
    let (level, why) = choose(&found, wanted)?;
    let at = point.join(name);
    let view = View { found: &found, point: &point, at: &at };
    view.make(level == Level::Copy)?;
    view.cover(model)?;
    // Who stands in the model would go on seeing what lies below the seal.
    std::env::set_current_dir(&here).map_err(|error| {
        CommandError::usage(format!("the working directory `{}` is no part of the sealed model: {error}", here.display()))
            .hint("start in another directory")
    })?;
    Ok((level, at, why))
}

/// Makes the directory that the files are mounted on, which stays; the data directory is the user's own.
fn mount_point(point: &Path) -> std::io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(point)?;
    std::fs::canonicalize(point)
}

/// Chooses the best level for these files, or makes sure that the wanted one can be had.
fn choose(found: &Selection, wanted: Option<Level>) -> Result<(Level, Option<String>)> {
    let (size, room) = (found.size(), available_memory());
    match wanted {
        Some(Level::Verity) => match without_verity(found)? {
            None => Ok((Level::Verity, None)),
            Some(path) => Err(CommandError::unreachable(format!("`{path}` has no fs-verity")).hint("`fsverity enable FILE`, for good")),
        },
        Some(Level::Copy) if size > room => Err(CommandError::unreachable(format!(
            "a copy of the model takes {}, and {} of memory are available",
            bytes(size),
            bytes(room)
        ))
        .hint("`--seal pin` copies nothing")),
        Some(level) => Ok((level, None)),
        None if found.files().next().is_some() && without_verity(found)?.is_none() => Ok((Level::Verity, None)),
        None if size <= room / 2 => Ok((Level::Copy, None)),
        None => {
            let why = format!("a copy takes {}, more than half of the {} of memory that are available", bytes(size), bytes(room));
            Ok((Level::Pin, Some(why)))
        }
    }
}

/// Returns the first file that the kernel does not guard by fs-verity.
fn without_verity(found: &Selection) -> Result<Option<String>> {
    for (position, (path, _)) in found.files().enumerate() {
        let Some(file) = found.open(position) else { break };
        let file = file.map_err(explain)?;
        let stat = rustix::fs::statx(file.as_fd(), "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS);
        let guarded = stat.is_ok_and(|stat| stat.stx_attributes_mask.intersection(stat.stx_attributes).contains(StatxAttributes::VERITY));
        if !guarded {
            return Ok(Some(path.to_string()));
        }
    }
    Ok(None)
}

/// Returns the bytes of memory that can be had without driving others out; none when the system does not tell.
fn available_memory() -> u64 {
    let told = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kibibytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|count| count.trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0).saturating_mul(1024)
}

/// Tells whether the model is a file or a directory, as the view has to know.
const fn is_file(found: &Selection) -> bool {
    matches!(found.kind(), ManifestKind::File)
}
