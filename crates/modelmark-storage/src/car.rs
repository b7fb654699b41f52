//! CAR v1: blocks in one file, for moving them between machines and tools.
//!
//! Format: <https://ipld.io/specs/transport/car/carv1/>. A file is a DAG-CBOR header `{roots, version: 1}` and then sections of
//! `varint length | CID | bytes`.
//!
//! The CAR of a record has the record as its first root, then its signature documents sorted by CID (see [`record_roots`]), then, when the
//! model travels along, the model.

mod export;
mod import;

pub use export::{Exported, export, record_roots};
pub use import::{Imported, Limits, import};

use cid::Cid;
use serde::{Deserialize, Serialize};

/// Longest accepted header in bytes: more than a thousand roots.
const MAX_HEADER_BYTES: u64 = 64 << 10;

/// The header, with its keys in DAG-CBOR order. `roots` may be absent so that the pragma of version 2 is recognised.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(default)]
    roots: Vec<Cid>,
    version: u64,
}
