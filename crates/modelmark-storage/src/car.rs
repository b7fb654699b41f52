//! CAR: blocks in one file, for moving them between machines and tools.
//!
//! Formats: <https://ipld.io/specs/transport/car/carv1/> and <https://ipld.io/specs/transport/car/carv2/>. A file of version 1 is a DAG-CBOR header
//! `{roots, version: 1}` and then sections of `varint length | CID | bytes`. One of version 2 has such a file inside, and an index behind it that is
//! for random access and is not read here. Both are taken in; version 1 is written.
//!
//! The CAR of a record has the record as its first root, then its signature documents sorted by CID (see [`record_roots`]), then, when the
//! model travels along, the model.

mod export;
mod import;
mod parser;
mod selection;
mod version_2;

pub use export::{Exported, export, record_roots};
pub use import::{Imported, Limits, import};
pub use parser::{Parser, Section};
pub use selection::{Scope, Selection, export_selection};

use std::collections::HashSet;

use cid::Cid;
use modelmark_digest::ContentId;
use serde::{Deserialize, Serialize};

/// Most different roots of one file. Whoever takes a file in looks at each of them.
pub const MAX_ROOTS: usize = 1024;

/// Longest accepted header in bytes: enough for [`MAX_ROOTS`], with some of them named again.
const MAX_HEADER_BYTES: u64 = 64 << 10;

/// The header, with its keys in DAG-CBOR order. `roots` is absent from the pragma of version 2.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(default)]
    roots: Vec<Cid>,
    version: u64,
}

/// Each root once, at its first place; `Err` says that there are more than [`MAX_ROOTS`].
fn distinct(roots: impl IntoIterator<Item = ContentId>) -> Result<Vec<ContentId>, String> {
    let mut seen = HashSet::new();
    let roots: Vec<ContentId> = roots.into_iter().filter(|root| seen.insert(*root)).collect();
    if roots.len() > MAX_ROOTS { Err(format!("{} different roots; at most {MAX_ROOTS} are accepted", roots.len())) } else { Ok(roots) }
}
