//! `modelmark record --edit`: the facts as `modelmark.toml` in the user's editor, until they hold.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use modelmark_record::{Account, project_text};

use crate::error::{CommandError, OrKind as _, Result};
use crate::facts::{self, FactsArgs, PROJECT_FILE};
use crate::output::printable_lines;
use crate::session::{Session, read_input};
use crate::sources::beside;

/// Longest text that is taken back from the editor, in bytes.
const MAX_BYTES: u64 = 1 << 18;

/// Lets the user edit `modelmark.toml`, with the captured facts in it when there is none yet, and writes it beside the model.
pub(super) fn facts(session: &Session<'_>, path: &Path, args: &FactsArgs, creator: Option<Account>) -> Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(CommandError::usage("--edit needs a terminal")
            .hint("write modelmark.toml beside the model instead; --explain shows what is known"));
    }
    let editor = editor()?;
    let folder = facts::folder_of(path);
    let known = beside(folder, PROJECT_FILE)?;
    let start = match &known {
        Some(bytes) => bytes.clone(),
        None => project_text(&facts::gather(session, path, args, None)?.facts.claims).into_bytes(),
    };
    let mut draft = tempfile::Builder::new().prefix("modelmark-").suffix(".toml").tempfile().or_unreachable()?;
    draft.write_all(&start).and_then(|()| draft.flush()).or_unreachable()?;
    loop {
        open(&editor, draft.path())?;
        let text = read_input(draft.path(), MAX_BYTES)?;
        if known.as_ref() == Some(&text) {
            session.output.note(format!("{PROJECT_FILE} stays as it is"));
            return Ok(());
        }
        let Err(error) = facts::gather_with(session, path, args, creator.clone(), Some(&text)) else {
            return write(session, folder, &text).map_err(|error| kept(draft, error));
        };
        session.output.note(printable_lines(&error.to_string(), 10));
        if !session.output.confirm("edit again?") {
            return Err(error.hint("nothing was written"));
        }
    }
}

/// The editor that the user has chosen; it may be a command with arguments, as for git.
fn editor() -> Result<std::ffi::OsString> {
    let chosen = ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var_os(name).filter(|value| !value.is_empty()));
    chosen.ok_or_else(|| CommandError::usage("no editor is chosen").hint("set EDITOR, such as EDITOR=nano"))
}

fn open(editor: &std::ffi::OsStr, file: &Path) -> Result<()> {
    let mut script = editor.to_owned();
    script.push(" \"$@\"");
    // Stdout may be where the record goes; the editor draws on the terminal.
    let status = Command::new("sh").arg("-c").arg(script).arg("editor").arg(file).stdout(Stdio::from(std::io::stderr())).status();
    match status.or_unreachable()? {
        status if status.success() => Ok(()),
        status => Err(CommandError::refused(format!("the editor ended with {status}")).hint("nothing was written")),
    }
}

/// What somebody typed is not lost because it cannot be written where it should be.
fn kept(draft: tempfile::NamedTempFile, error: CommandError) -> CommandError {
    match draft.keep() {
        Ok((_, path)) => error.hint(format!("what you wrote is kept in `{}`", path.display())),
        Err(_) => error,
    }
}

/// Writes the file whole or not at all.
fn write(session: &Session<'_>, folder: &Path, text: &[u8]) -> Result<()> {
    let path = folder.join(PROJECT_FILE);
    let mut file = tempfile::NamedTempFile::new_in(folder).or_unreachable()?;
    file.write_all(text).and_then(|()| file.as_file().sync_all()).or_unreachable()?;
    readable_by_all(file.as_file()).or_unreachable()?;
    file.persist(&path).or_unreachable()?;
    session.output.step("write", path.display());
    Ok(())
}

/// A temporary file is its owner's alone; a file beside a model is for whoever reads the model.
fn readable_by_all(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}
