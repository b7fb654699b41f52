//! Answers that are files, as a browser or `curl` wants them. Nothing in them can be verified by who gets them; the other forms are for that.

use std::ops::Range;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use modelmark_digest::unixfs::{self, Node};
use modelmark_digest::{Codec, ContentId};
use modelmark_storage::{FileReader, Resolved, cat, resolve};

use crate::answer::{Answer, Ask, Content, head, part_of};
use crate::headers::{self, IPFS_URI};
use crate::media::{SNIFFED, media_type};
use crate::refusal::Refusal;
use crate::source::Source;

/// The page that stands for its directory.
const INDEX: &str = "index.html";

/// Answers with the file, or the page of the directory.
pub(crate) fn answer(source: &Source<'_>, ask: &Ask, resolved: &Resolved) -> Result<Answer, Refusal> {
    let id = resolved.id;
    let name = ask.query.get("filename").or(ask.target.names.last().map(String::as_str));
    if id.codec() == Codec::Raw {
        return of_file(source, ask, &id, &id, name);
    }
    let node = unixfs::decode(&source.need(&id)?);
    match node.map_err(|error| Refusal::not_implemented(format!("block {id} cannot be read here: {error}")))? {
        Node::File(_) => of_file(source, ask, &id, &id, name),
        Node::Directory(_) | Node::Shard(_) if !ask.target.slash => Ok(redirect(ask)),
        Node::Directory(_) | Node::Shard(_) => {
            let page = resolve(source, &id, &[INDEX]).map_err(|error| source.explain(error))?;
            let page = page.ok_or_else(|| {
                Refusal::not_implemented("directories are not listed here; ask for ?format=car&dag-scope=entity, or for a file in it")
            })?;
            of_file(source, ask, &page.id, &id, Some(INDEX))
        }
    }
}

/// Sends the client where relative links lead into the directory.
fn redirect(ask: &Ask) -> Answer {
    let mut answer = Answer { status: StatusCode::MOVED_PERMANENTLY, headers: Default::default(), content: Content::Bytes(Vec::new()) };
    answer.set(CONTENT_LENGTH, "0");
    answer.set(LOCATION, &format!("/ipfs/{}/", ask.target.encoded()));
    answer.set(IPFS_URI, &format!("ipfs://{}", ask.target.encoded()));
    answer
}

/// Answers with the file `id`, under the etag of what was asked for.
fn of_file(source: &Source<'_>, ask: &Ask, id: &ContentId, asked: &ContentId, name: Option<&str>) -> Result<Answer, Refusal> {
    let explain = |error| source.explain(error);
    let etag = format!("\"{asked}\"");
    let size = FileReader::open(source, id).map_err(explain)?.size();
    let mut answer = head(ask, &etag);
    if answer.is_known() {
        return Ok(answer);
    }
    let range = answer.cut(ask, &etag, size)?;
    let read = |range: Range<u64>| {
        let mut bytes = Vec::new();
        cat(source, id, range, &mut bytes).map(|_| bytes)
    };
    // What is not here is said before the head is sent. The beginning of the file tells its kind, but a part can be had without it.
    let first = read(range.start..range.end.min(range.start.saturating_add(SNIFFED))).map_err(explain)?;
    let known = range.start == 0 && range.end >= size.min(SNIFFED);
    let beginning = if known { first } else { read(0..SNIFFED).unwrap_or(first) };
    describe(ask, &mut answer, name, &beginning);
    answer.content = Content::File(*id, range);
    Ok(answer)
}

/// Answers with bytes that are no block.
pub(crate) fn of_bytes(ask: &Ask, cid: &str, bytes: Vec<u8>) -> Result<Answer, Refusal> {
    let etag = format!("\"{cid}\"");
    let mut answer = head(ask, &etag);
    if answer.is_known() {
        return Ok(answer);
    }
    let range: Range<u64> = answer.cut(ask, &etag, bytes.len() as u64)?;
    describe(ask, &mut answer, ask.query.get("filename"), &bytes);
    answer.set(CONTENT_LENGTH, &(range.end - range.start).to_string());
    answer.content = Content::Bytes(part_of(bytes, &range));
    Ok(answer)
}

fn describe(ask: &Ask, answer: &mut Answer, name: Option<&str>, head: &[u8]) {
    let media = media_type(name, head);
    answer.set(CONTENT_TYPE, media);
    if media.starts_with("text/html") || media == "image/svg+xml" {
        // Pages in models are strangers' and must not act in the name of this address.
        answer.set(CONTENT_SECURITY_POLICY, "sandbox");
    }
    let download = ask.query.get("download") == Some("true");
    let named = name.filter(|_| download || ask.query.get("filename").is_some());
    let kind = if download { "attachment" } else { "inline" };
    match named {
        Some(name) => answer.set(CONTENT_DISPOSITION, &headers::disposition(kind, name)),
        None if download => answer.set(CONTENT_DISPOSITION, kind),
        None => {}
    }
}
