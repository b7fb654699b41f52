//! A strict reader of pickles that hold data: it interprets the program, never imports and never calls.
//!
//! A pickle is a program for a stack machine. This machine knows only the opcodes that data needs, resolves names only in a table of its own, and
//! carries out a call only when the callee is in that table *and* the arguments have the shape that torch writes. Everything else is refused where it
//! stands: [`PickleError::CodeBearing`] when the program asks for a name or a call, [`PickleError::Malformed`] when it is not a well-formed program of
//! the allowed kind. There is no list of bad names to keep up with. It is no malware scanner: a refusal says that a file is more than data, not that it
//! is evil.
//!
//! Allowed: protocols 2 to 5, `PROTO` first, numbers up to 128 bits, text, bytes, tuples, lists, dicts, sets, `OrderedDict` with `_metadata`, storages
//! by persistent id, and the tensors, parameters, types, sizes and devices of torch. Refused although harmless: protocols 0 and 1, cycles, duplicate
//! dict keys, a memo entry written twice, anything left on the stack, bytes after the end.

mod check;
mod error;
mod globals;
mod inspect;
mod machine;
mod opcode;
mod reader;
mod reduce;
mod value;

pub use error::{Fault, PickleError};
pub use globals::{Global, StorageKind};
pub use inspect::inspect;
pub use machine::{parse, parse_prefix};
pub use opcode::Opcode;
pub use value::{Dict, Id, Pickle, Storage, Tensor, Value};

/// Longest accepted pickle in bytes. Tensors lie outside of it: a model of 100,000 tensors takes about 20 MB.
pub const MAX_PICKLE_BYTES: u64 = 64 << 20;

/// Most steps of one program: one per opcode, three more for a new container, one per element that an opcode copies. Bounds time, and memory to about 40
/// bytes a step. A tensor takes about 36 steps as torch writes it.
pub const MAX_STEPS: u32 = 8 << 20;

/// Most values on the stack at once. Python flushes containers every thousand items.
pub const MAX_STACK: usize = 1 << 20;

/// Deepest accepted nesting of the result.
pub const MAX_DEPTH: u32 = 100;

/// Longest accepted name of a module or of what is in it, in bytes.
pub const MAX_GLOBAL_BYTES: usize = 256;

/// Most dimensions of a tensor, as in NumPy and safetensors.
pub const MAX_RANK: usize = 64;
