//! Models by their names on the Hugging Face hub, and what to do when its cache does not have what was asked for. Nothing is fetched.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use modelmark_digest::hub::{HubError, HubName, HubOrigin, LinkFault, find, origin};

use crate::error::{CommandError, Kind, Result};
use crate::session::Session;

/// How a folder of links that is no snapshot can be used all the same.
pub(crate) const COPY: &str = "links are followed only in a snapshot of the Hugging Face cache (`models--ORG--NAME/snapshots/COMMIT`): name the model \
    as `ORG/NAME`, copy it with `cp -rL FOLDER COPY`, or download it with `hf download ORG/NAME --local-dir FOLDER`";

/// Returns where the model is that the user named: at this path or, when there is nothing, in the cache of the hub under this name.
pub(crate) fn locate(session: &Session<'_>, typed: &Path) -> Result<PathBuf> {
    located(session, typed, |text| text.parse().ok())
}

/// The same for a dataset, whose name may begin with `datasets/`.
pub(crate) fn locate_dataset(session: &Session<'_>, typed: &Path) -> Result<PathBuf> {
    located(session, typed, |text| HubName::dataset(text).ok())
}

fn located(session: &Session<'_>, typed: &Path, named: impl FnOnce(&str) -> Option<HubName>) -> Result<PathBuf> {
    let nothing = |error: &std::io::Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    if !std::fs::symlink_metadata(typed).is_err_and(|error| nothing(&error)) {
        return Ok(typed.to_owned());
    }
    let Some(name) = typed.to_str().and_then(named) else { return Ok(typed.to_owned()) };
    match find(&session.hub_cache()?, &name) {
        Ok(path) => {
            session.output.note(format!("{name} is `{}`", path.display()));
            Ok(path)
        }
        Err(error @ HubError::NotCached { .. }) => {
            let both = format!("no such file or directory: {}, and {error}", typed.display());
            Err(CommandError::usage(both).hint(format!("check the path, or fetch it: `{}`", fetch(&name))))
        }
        Err(error) => Err(CommandError::new(Kind::Usage, error).hint(format!("fetch it: `{}`", fetch(&name)))),
    }
}

/// Gives what is wrong with a cache its exit code and says what to do next.
pub(crate) fn explain(error: HubError) -> CommandError {
    let again = |path: &Path, how: &str| origin(path).map(|origin| format!("fetch it again: `{}{how}`", fetch_origin(&origin)));
    let (kind, hint) = match &error {
        HubError::Link { path, fault: LinkFault::Dangling | LinkFault::Incomplete, .. } => (Kind::Refused, again(path, "")),
        HubError::Damaged { path, .. } => (Kind::Refused, again(path, " --force-download")),
        HubError::Link { .. } => (Kind::Refused, None),
        _ => (Kind::Usage, Some("name a snapshot by its folder, or the model as `ORG/NAME` or `ORG/NAME@REVISION`".to_owned())),
    };
    let explained = CommandError::new(kind, error);
    match hint {
        Some(hint) => explained.hint(hint),
        None => explained,
    }
}

/// Tells whether a link with this target is one of those that fill a snapshot of the cache (`../../blobs/<etag>`).
pub(crate) fn is_of_a_cache(target: &str) -> bool {
    let without_steps_up = target.trim_start_matches("../");
    without_steps_up.len() < target.len() && without_steps_up.starts_with("blobs/")
}

fn fetch(name: &HubName) -> String {
    let revision = name.revision().map(|revision| format!(" --revision {revision}")).unwrap_or_default();
    let kind = if name.is_dataset() { " --repo-type dataset" } else { "" };
    format!("hf download {}{kind}{revision}", name.repository())
}

fn fetch_origin(origin: &HubOrigin) -> String {
    let (kind, name) = match origin.repository.split_once('/') {
        Some(("datasets", name)) => (" --repo-type dataset", name),
        Some(("spaces", name)) => (" --repo-type space", name),
        _ => ("", origin.repository.as_str()),
    };
    format!("hf download {name}{kind} --revision {}", origin.commit)
}
