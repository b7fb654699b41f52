//! The program that is run when a watched model does not verify any more.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use super::Word;
use crate::output::printable_json;
use crate::session::Session;

/// Runs it to its end. That it fails is told, and ends nothing.
pub(super) fn run(session: &Session<'_>, program: &Path, model: &Path, word: &Word) {
    let started = said(word).and_then(|input| {
        let mut command = Command::new(program);
        command.arg(model).env("MODELMARK_MODEL", model).env("MODELMARK_VERDICT", &word.verdict);
        // What it prints must not come between the lines of ours.
        command.stdin(Stdio::from(input)).stdout(Stdio::from(std::io::stderr())).status()
    });
    match started {
        Ok(status) if status.success() => {}
        Ok(status) => session.output.note(format!("`{}` ended with {status}", program.display())),
        Err(error) => session.output.note(format!("cannot run `{}`: {error}", program.display())),
    }
}

/// Puts the line where the program reads it, and can leave it unread.
fn said(word: &Word) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    writeln!(file, "{}", printable_json(&serde_json::to_string(word)?))?;
    file.rewind()?;
    Ok(file)
}
