//! The only printer: results go to stdout, everything else to stderr, and nothing foreign reaches the terminal unescaped.

use std::fmt::Display;
use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;

use serde::Serialize;

use crate::error::CommandError;

const BOLD: anstyle::Style = anstyle::Style::new().bold();
const GREEN: anstyle::Style = anstyle::AnsiColor::Green.on_default().bold();
const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
const YELLOW: anstyle::Style = anstyle::AnsiColor::Yellow.on_default().bold();
const DIM: anstyle::Style = anstyle::Style::new().dimmed();

/// Colours by meaning.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    /// Something to notice.
    Strong,
    /// All is well.
    Good,
    /// Something is wrong.
    Bad,
    /// Something could not be seen.
    Doubt,
    /// Beside the point.
    Faint,
}

impl Tone {
    const fn style(self) -> anstyle::Style {
        match self {
            Self::Strong => BOLD,
            Self::Good => GREEN,
            Self::Bad => RED,
            Self::Doubt => YELLOW,
            Self::Faint => DIM,
        }
    }
}

/// Where a command's words go.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Tells whether the result is wanted as JSON.
    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    /// Tells whether a progress bar may be drawn: a terminal on stderr, and nobody asked for silence.
    pub(crate) fn interactive(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Prints the result: `value` as JSON if that was asked for, else `text`.
    pub(crate) fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> crate::error::Result<()> {
        if self.json {
            let json = serde_json::to_string_pretty(value)
                .map_err(|error| CommandError::refused(format!("the result has no JSON form: {error}")))?;
            self.stdout(&printable_json(&json))
        } else {
            self.stdout(&text())
        }
    }

    /// Prints `text` and a newline on stdout.
    pub(crate) fn stdout(&self, text: &str) -> crate::error::Result<()> {
        let mut out = anstream::stdout().lock();
        finish(writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()))
    }

    /// Prints a document whose bytes count: exactly as it is into a file or pipe, with a newline for a person.
    pub(crate) fn document(&self, bytes: &[u8]) -> crate::error::Result<()> {
        let newline: &[u8] = if std::io::stdout().is_terminal() { b"\n" } else { b"" };
        self.bytes(&[bytes, newline].concat())
    }

    /// Prints bytes on stdout as they are.
    fn bytes(&self, bytes: &[u8]) -> crate::error::Result<()> {
        let mut out = std::io::stdout().lock();
        finish(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// Prints one finished step of a longer piece of work on stderr.
    pub(crate) fn step(&self, verb: &str, what: impl Display) {
        if !self.quiet {
            self.stderr(&format!("{} {what}", paint(Tone::Good, &format!("{verb:>9}"))));
        }
    }

    /// Prints a remark on stderr.
    pub(crate) fn note(&self, what: impl Display) {
        if !self.quiet {
            self.stderr(&format!("{} {what}", paint(Tone::Doubt, &format!("{:>9}", "note"))));
        }
    }

    /// Asks a yes-or-no question on stderr; only a terminal can answer.
    pub(crate) fn confirm(&self, question: &str) -> bool {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return false;
        }
        let mut err = anstream::stderr().lock();
        let mut answer = String::new();
        let asked = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
        asked.is_ok() && std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }

    /// Prints why the command ended early and gives its exit code.
    pub(crate) fn fail(&self, error: &CommandError) -> ExitCode {
        if self.json {
            // A script that asked for JSON gets the reason in the same form, on stderr: stdout is for results alone.
            let value = serde_json::json!({"error": {"kind": error.kind_word(), "message": error.to_string(), "hints": error.hints()}});
            self.stderr(&printable_json(&value.to_string()));
        } else {
            self.stderr(&format!("{} {}", paint(Tone::Bad, "error:"), printable_lines(&error.to_string(), 7)));
            for hint in error.hints() {
                self.stderr(&format!("{} {}", paint(Tone::Strong, " hint:"), printable(hint)));
            }
        }
        ExitCode::from(error.exit_code())
    }

    fn stderr(&self, line: &str) {
        // Nobody is left to tell when stderr itself is gone.
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
}

/// Prints the help of a command that was called with nothing to do.
pub(crate) fn help(command: &mut clap::Command) -> ExitCode {
    // Nobody is left to tell when stderr itself is gone.
    let _ = write!(anstream::stderr().lock(), "{}", command.render_help().ansi());
    ExitCode::from(modelmark_verify::exit_codes::USAGE)
}

/// A reader that went away (`| head`) is no failure; a full disk behind a redirect is.
pub(crate) fn finish(written: std::io::Result<()>) -> crate::error::Result<()> {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError::unreachable(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Returns `text` in the colour of `tone`; colours are dropped when the stream is no terminal or `NO_COLOR` is set.
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    let style = tone.style();
    format!("{style}{text}{style:#}")
}

/// Returns `text` as one line, with control and direction-changing characters made visible, so that a name can neither steer the terminal nor look
/// like a line of ours.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if hostile(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() }).collect()
}

/// Returns a text that may have several lines, each of them [`printable`] and all but the first indented, so that none looks like a line of ours.
pub(crate) fn printable_lines(text: &str, indent: usize) -> String {
    let lines: Vec<_> = text.trim_end().split('\n').map(printable).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

/// Returns a JSON text with the same content, in which characters that [`printable`] makes visible are escaped as JSON has it. Such characters stand in
/// strings alone, but for the line ends between values; those of ASCII are escaped already, except the last.
pub(crate) fn printable_json(json: &str) -> String {
    let escaped = |c: char| hostile(c) && c >= '\u{7f}';
    json.chars().map(|c| if escaped(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

fn hostile(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Returns a byte count as people read it (`86.7 MiB`).
pub(crate) fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_direction_marks_are_made_visible() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(printable("модель.txt\nnext"), "модель.txt\\u{a}next");
        assert_eq!(printable_json("{\n\"a\": \"\u{9b}m\u{202e}\u{7f}я\"}"), "{\n\"a\": \"\\u009bm\\u202e\\u007fя\"}");
        assert_eq!(printable_lines("one\ntwo\u{7}\n", 2), "one\n  two\\u{7}");
    }
}
