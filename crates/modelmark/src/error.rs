//! What ends a command early: what happened, where, and what to do next.

use std::fmt;

use modelmark_chain::{ChainError, WalletError};
use modelmark_verify::exit_codes;

/// What kind of obstacle it was; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line, a configuration file or an input path is wrong.
    Usage,
    /// The input was understood and is refused.
    Refused,
    /// Something needed was out of reach.
    Unreachable,
}

/// An error with the hints that a person needs to go on.
#[derive(Debug)]
pub(crate) struct CommandError {
    kind: Kind,
    error: anyhow::Error,
    hints: Vec<String>,
}

/// The result of a command or a part of one.
pub(crate) type Result<T> = std::result::Result<T, CommandError>;

impl CommandError {
    /// Wraps an error. A key that is out of reach, and a refusal on a device, are so whatever was to be signed; `kind` is what the error is otherwise.
    pub(crate) fn new(kind: Kind, error: impl Into<anyhow::Error>) -> Self {
        let error = error.into();
        let kind = error.chain().find_map(kind_of_key).unwrap_or(kind);
        Self { kind, error, hints: Vec::new() }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Kind::Usage, anyhow::anyhow!("{message}"))
    }

    pub(crate) fn refused(message: impl fmt::Display) -> Self {
        Self::new(Kind::Refused, anyhow::anyhow!("{message}"))
    }

    pub(crate) fn unreachable(message: impl fmt::Display) -> Self {
        Self::new(Kind::Unreachable, anyhow::anyhow!("{message}"))
    }

    /// Adds a line that says what to type or do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Turns a refusal into an obstacle: where 1 is an answer, it cannot also say that there is none.
    pub(crate) fn not_an_answer(mut self) -> Self {
        if self.kind == Kind::Refused {
            self.kind = Kind::Unreachable;
        }
        self
    }

    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    pub(crate) const fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage => exit_codes::USAGE,
            Kind::Refused => exit_codes::DOES_NOT_VERIFY,
            Kind::Unreachable => exit_codes::COULD_NOT_LOOK,
        }
    }

    pub(crate) const fn kind_word(&self) -> &'static str {
        match self.kind {
            Kind::Usage => "usage",
            Kind::Refused => "refused",
            Kind::Unreachable => "unreachable",
        }
    }
}

fn kind_of_key(cause: &(dyn std::error::Error + 'static)) -> Option<Kind> {
    let wallet = match cause.downcast_ref() {
        Some(ChainError::Wallet(error)) => Some(error),
        _ => cause.downcast_ref(),
    };
    match wallet? {
        error if error.is_out_of_reach() => Some(Kind::Unreachable),
        WalletError::Ledger(_) => Some(Kind::Refused),
        _ => None,
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The whole chain on one line; a source that repeats its parent's text is left out.
        let mut shown = self.error.to_string();
        for cause in self.error.chain().skip(1) {
            let text = cause.to_string();
            if !shown.contains(&text) {
                shown.push_str(": ");
                shown.push_str(&text);
            }
        }
        f.write_str(&shown)
    }
}

/// Turns a library's error into a [`CommandError`] of a chosen kind.
pub(crate) trait OrKind<T> {
    /// The input or command line is at fault.
    fn or_usage(self) -> Result<T>;
    /// The input is understood and refused.
    fn or_refused(self) -> Result<T>;
    /// Something was out of reach.
    fn or_unreachable(self) -> Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrKind<T> for std::result::Result<T, E> {
    fn or_usage(self) -> Result<T> {
        self.map_err(|error| CommandError::new(Kind::Usage, error))
    }

    fn or_refused(self) -> Result<T> {
        self.map_err(|error| CommandError::new(Kind::Refused, error))
    }

    fn or_unreachable(self) -> Result<T> {
        self.map_err(|error| CommandError::new(Kind::Unreachable, error))
    }
}
