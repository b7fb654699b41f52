//! Why a pickle is refused, and where.

use super::Opcode;

/// The pickle is not data, or not a pickle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PickleError {
    /// The program names something outside the table, or calls or builds what is no data.
    #[error("code-bearing pickle: {opcode} at byte {offset} {}", what(global.as_deref()))]
    CodeBearing {
        /// Offset of the opcode from the start of the pickle.
        offset: u64,
        /// The opcode.
        opcode: Opcode,
        /// The name it is about, as `module.name`, where one is known.
        global: Option<String>,
    },
    /// The program is not well-formed, or does something that no data needs.
    #[error("malformed pickle: {opcode} at byte {offset}: {fault}")]
    Malformed {
        /// Offset of the opcode from the start of the pickle.
        offset: u64,
        /// The opcode.
        opcode: Opcode,
        /// What is wrong with it.
        fault: Fault,
    },
}

impl PickleError {
    /// Tells whether every reader of pickles stops here, Python's too, and has done nothing by then that data does not do: then this is no program at all.
    #[must_use]
    pub const fn stops_every_reader(&self) -> bool {
        match self {
            Self::Malformed { fault: Fault::Truncated | Fault::Stack, .. } => true,
            Self::Malformed { fault: Fault::Opcode, opcode, .. } => opcode.name().is_none(),
            _ => false,
        }
    }
}

fn what(global: Option<&str>) -> String {
    global.map_or_else(|| "runs something that is no data".to_owned(), |name| format!("refers to {name:?}"))
}

/// What is wrong with an opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The pickle ends inside the opcode.
    #[error("the pickle ends here")]
    Truncated,
    /// The pickle does not start with `PROTO`, or names a protocol that is not 2 to 5, or has a second `PROTO`.
    #[error("no protocol 2 to 5, stated once and first")]
    Protocol,
    /// No opcode, or none that data needs.
    #[error("opcode not allowed")]
    Opcode,
    /// A frame reaches beyond the pickle, or an opcode beyond its frame.
    #[error("frame out of bounds")]
    Frame,
    /// Too few values on the stack, or no mark.
    #[error("the stack has too few values or no mark")]
    Stack,
    /// A memo entry that is written twice or read before it is written.
    #[error("memo entry written twice or not at all")]
    Memo,
    /// A value of another type than the opcode works on.
    #[error("{0}")]
    Type(&'static str),
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// The arguments of a call are not what torch writes.
    #[error("arguments refused: {0}")]
    Arguments(&'static str),
    /// More than the reader takes.
    #[error("too large: {0}")]
    Limit(&'static str),
    /// Two equal keys in one dict.
    #[error("two equal keys in one dict")]
    DuplicateKey,
    /// A container holds itself.
    #[error("a container holds itself")]
    Cycle,
    /// More than the result is left on the stack.
    #[error("values are left on the stack")]
    Leftover,
    /// Bytes follow the end of the program.
    #[error("bytes follow the end of the pickle")]
    Trailing,
}
