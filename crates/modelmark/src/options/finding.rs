//! Where a model is, and who may know its tokens: the same for every verb that verifies files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use modelmark_remote::TokenIndex;
use modelmark_remote::answers::index::MAX_FILE_BYTES;

use crate::container_path::{in_container, resolve};
use crate::error::{CommandError, Result};
use crate::hub;
use crate::session::{Session, read_input};

/// What paths are relative to, and an index of tokens.
#[derive(Debug, Default, Args)]
pub(crate) struct FindArgs {
    /// Take every PATH, and every link on the way, as if this directory were the root of the file system: that of a container, such as the `merged` directory of
    /// its overlay. `/proc/PID/root/…` is taken so by itself. A container that runs can change its files while they are read
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Index that may know tokens of the weights beside those of the registry: the URL of one (docs/spec/index.md), or a file. It is believed in nothing: what
    /// it names is confirmed on the chain, and the registry is looked through all the same. It learns which weights are verified
    #[arg(long, value_name = "URL|FILE")]
    index: Option<String>,
}

impl FindArgs {
    /// Tells whether paths are those of a container.
    pub(crate) const fn has_root(&self) -> bool {
        self.root.is_some()
    }

    /// Makes sure that the root is a directory.
    pub(crate) fn check(&self) -> Result<()> {
        match self.root.as_deref().filter(|root| !root.is_dir()) {
            Some(root) => Err(CommandError::usage(format!("--root `{}` is no directory", root.display()))),
            None => Ok(()),
        }
    }

    /// Returns the path that the user named: what they typed, or without a root the snapshot in the Hugging Face cache that has this name.
    pub(crate) fn named(&self, session: &Session<'_>, typed: &Path) -> Result<PathBuf> {
        if self.has_root() { Ok(typed.to_owned()) } else { hub::locate(session, typed) }
    }

    /// Returns where a named path leads at the moment: in the root, and in that of another process, as who lives there sees it.
    pub(crate) fn within(&self, named: &Path) -> Result<PathBuf> {
        match &self.root {
            Some(root) => resolve(root, named).map_err(|error| CommandError::usage(format!("`{}`: {error}", named.display()))),
            None => in_container(named),
        }
    }

    /// Returns where the model is that the user named.
    pub(crate) fn locate(&self, session: &Session<'_>, typed: &Path) -> Result<PathBuf> {
        self.within(&self.named(session, typed)?)
    }

    /// Opens the index, if one is named; a file is read now.
    pub(crate) fn index(&self) -> Result<Option<Arc<TokenIndex>>> {
        let Some(named) = &self.index else { return Ok(None) };
        let index = if named.starts_with("http://") || named.starts_with("https://") {
            TokenIndex::at(named)
        } else {
            TokenIndex::read(&read_input(Path::new(named), MAX_FILE_BYTES)?, named)
        };
        index.map(|index| Some(Arc::new(index))).map_err(|why| CommandError::usage(format!("--index `{named}`: {why}")))
    }
}
