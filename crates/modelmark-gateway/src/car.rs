//! Answers that are streams of blocks.

use axum::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_TYPE};
use cid::Cid;
use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, Sha256Digest};
use modelmark_storage::Resolved;
use modelmark_storage::car::{Scope, Selection};
use serde::Serialize;

use crate::answer::{Answer, Ask, Content, head};
use crate::headers;
use crate::range::EntityBytes;
use crate::refusal::Refusal;
use crate::source::Source;

/// Answers with the part of a DAG that is asked for. The root is read before the head is sent: what is not here is a 404 and no broken stream.
pub(crate) fn answer(source: &Source<'_>, ask: &Ask, resolved: &Resolved, duplicates: bool) -> Result<Answer, Refusal> {
    let id = resolved.id;
    let asked = Asked::read(ask)?;
    let root = source.need(&id)?;
    let node = match id.codec() {
        Codec::DagPb if asked != Asked::Block => {
            Some(unixfs::decode(&root).map_err(|error| Refusal::not_implemented(format!("block {id} cannot be followed here: {error}")))?)
        }
        _ => None,
    };
    let scope = asked.of(node.as_ref(), root.len() as u64)?;
    let selection = Selection { way: resolved.way.clone(), root: id, scope, duplicates, limit: ask.blocks };
    // Whatever changes the bytes is in it: the way as well, which is another on another path to the same root.
    let shape = Sha256Digest::of(format!("{:?} {scope:?} {duplicates}", selection.way).as_bytes()).to_string();
    let etag = format!("\"{id}.car.{}\"", shape.get(..16).unwrap_or_default());
    let mut answer = begin(ask, &etag, &id.to_string(), duplicates);
    answer.content = Content::Car(selection);
    Ok(answer)
}

/// Answers with a CAR that has a root in its header and no block: bytes that stand in a CID are no block.
pub(crate) fn empty(ask: &Ask, cid: &Cid, duplicates: bool) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Header {
        roots: [Cid; 1],
        version: u64,
    }
    Asked::read(ask)?;
    let header = serde_ipld_dagcbor::to_vec(&Header { roots: [*cid], version: 1 }).map_err(|error| Refusal::bad(error.to_string()))?;
    // A CID has at most 72 bytes here, so the length is one byte.
    let length = u8::try_from(header.len()).ok().filter(|length| *length < 0x80).ok_or_else(|| Refusal::bad("the CID is too long"))?;
    let mut answer = begin(ask, &format!("\"{cid}.car.{}\"", u8::from(duplicates)), &cid.to_string(), duplicates);
    answer.content = Content::Bytes([&[length], header.as_slice()].concat());
    Ok(answer)
}

fn begin(ask: &Ask, etag: &str, cid: &str, duplicates: bool) -> Answer {
    let mut answer = head(ask, etag);
    if !answer.is_known() {
        let name = ask.query.get("filename").map_or_else(|| format!("{cid}.car"), str::to_owned);
        let dups = if duplicates { "y" } else { "n" };
        answer.set(CONTENT_TYPE, &format!("application/vnd.ipld.car; version=1; order=dfs; dups={dups}"));
        answer.set(CONTENT_DISPOSITION, &headers::disposition("attachment", &name));
        answer.set(ACCEPT_RANGES, "none");
    }
    answer
}

/// How much of a DAG is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Block,
    Entity,
    All,
    Bytes(EntityBytes),
}

impl Asked {
    fn read(ask: &Ask) -> Result<Self, Refusal> {
        let scope = match ask.query.get("dag-scope") {
            None | Some("all") => Self::All,
            Some("entity") => Self::Entity,
            Some("block") => Self::Block,
            Some(other) => return Err(Refusal::bad(format!("dag-scope is block, entity or all, not {other:?}"))),
        };
        // Bytes imply the scope.
        ask.query.get("entity-bytes").map_or(Ok(scope), |bytes| EntityBytes::parse(bytes).map(Self::Bytes))
    }

    /// Returns what that is below a root: of `size` bytes when it is no node.
    fn of(self, node: Option<&Node>, size: u64) -> Result<Scope, Refusal> {
        match (self, node) {
            (Self::Block, _) => Ok(Scope::Block),
            (Self::All, _) => Ok(Scope::All),
            (Self::Entity, _) | (Self::Bytes(_), Some(Node::Directory(_) | Node::Shard(_))) => Ok(Scope::Entity),
            (Self::Bytes(bytes), None) => bytes.scope(size),
            // The decoder has checked that the sum fits.
            (Self::Bytes(bytes), Some(Node::File(parts))) => bytes.scope(parts.iter().map(|part| part.size).sum()),
        }
    }
}
