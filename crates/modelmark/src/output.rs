//! The only printer: results go to stdout, everything else to stderr, and nothing foreign reaches the terminal unescaped.

mod visible;

use std::fmt::Display;
use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde::Serialize;

use crate::error::CommandError;

use self::visible::steady;
pub(crate) use self::visible::{printable, printable_json, printable_lines};

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
#[derive(Clone, Copy)]
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

    /// Prints a result on stderr, because stdout belongs to somebody else: `value` as JSON if that was asked for, else `text`.
    pub(crate) fn aside(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        let json = if self.json { serde_json::to_string_pretty(value).ok() } else { None };
        self.stderr(&json.map_or_else(text, |json| printable_json(&json)));
    }

    /// Prints one value of a sequence: as JSON on a line of its own if that was asked for, else `text`.
    pub(crate) fn one_of_many(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> crate::error::Result<()> {
        if self.json {
            let json =
                serde_json::to_string(value).map_err(|error| CommandError::refused(format!("the result has no JSON form: {error}")))?;
            self.stdout(&printable_json(&json))
        } else {
            self.stdout(&text())
        }
    }

    /// Prints `text` and a newline on stdout.
    pub(crate) fn stdout(&self, text: &str) -> crate::error::Result<()> {
        let mut out = anstream::stdout().lock();
        finish(writeln!(out, "{}", steady(text.trim_end_matches('\n'))).and_then(|()| out.flush()))
    }

    /// Prints a document whose bytes count: exactly as it is into a file or pipe, and on a terminal so that it does not steer that.
    pub(crate) fn document(&self, bytes: &[u8]) -> crate::error::Result<()> {
        if std::io::stdout().is_terminal() {
            return self.stdout(&printable_lines(&String::from_utf8_lossy(bytes), 0));
        }
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

    /// Prints one line of a log on stderr, in the form that the result has.
    pub(crate) fn log(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.quiet {
            return;
        }
        match serde_json::to_string(value) {
            Ok(json) if self.json => self.stderr(&printable_json(&json)),
            _ => self.stderr(&printable(&text())),
        }
    }

    /// Asks a yes-or-no question on stderr; only a terminal can answer.
    pub(crate) fn confirm(&self, question: &str) -> bool {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return false;
        }
        let mut err = anstream::stderr().lock();
        let mut answer = String::new();
        let asked = write!(err, "{} [y/N] ", steady(question)).and_then(|()| err.flush());
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
        let _ = writeln!(anstream::stderr().lock(), "{}", steady(line));
    }
}

/// Prints the help of a command that was called with nothing to do.
pub(crate) fn help(command: &mut clap::Command) -> ExitCode {
    // Nobody is left to tell when stderr itself is gone.
    let _ = write!(anstream::stderr().lock(), "{}", command.render_help().ansi());
    ExitCode::from(modelmark_verify::exit_codes::USAGE)
}

/// Prints what clap has to say: help and version on stdout, what is wrong with the command line, which may be a stranger's words, on stderr.
pub(crate) fn clap(error: &clap::Error) -> ExitCode {
    let once = said_once(error);
    let error = once.as_ref().unwrap_or(error);
    let text = steady(&as_shown(error.render().ansi().to_string()));
    // Nobody is left to tell when the stream itself is gone.
    let _ = if error.use_stderr() { write!(anstream::stderr().lock(), "{text}") } else { write!(anstream::stdout().lock(), "{text}") };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(modelmark_verify::exit_codes::USAGE))
}

/// Returns the error without the value where the reason quotes it too, as the reasons of most types do: they are read from files as well.
fn said_once(error: &clap::Error) -> Option<clap::Error> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let (argument, value) = (context(ContextKind::InvalidArg)?, context(ContextKind::InvalidValue)?);
    let reason = std::error::Error::source(error)?.to_string();
    let twice = error.kind() == ErrorKind::ValueValidation && reason.contains(&format!("{value:?}"));
    twice.then(|| clap::Error::raw(error.kind(), format!("{argument}: {reason}\n\nFor more information, try '--help'.\n")))
}

/// Makes what was typed printable where clap repeats it.
fn as_shown(text: String) -> String {
    let typed: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let parts = typed.iter().flat_map(|argument| {
        [Some(argument.as_str()), argument.split_once('=').map(|(name, _)| name), argument.split_once('=').map(|(_, value)| value)]
    });
    let foreign = parts.flatten().filter(|part| printable(part) != **part);
    foreign.fold(text, |text, part| text.replace(part, &printable(part)))
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

/// Returns a byte count as people read it (`86.7 MiB`).
pub(crate) fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}
