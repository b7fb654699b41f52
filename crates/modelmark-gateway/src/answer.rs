//! From a request to the head of its answer, and what follows it.

use std::io::Write;
use std::ops::Range;

use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_RANGE, RANGE, VARY,
};
use modelmark_digest::ContentId;
use modelmark_storage::car::{Selection, export_selection};
use modelmark_storage::{Resolved, StorageError, Store as _, cat, resolve};

use crate::headers::{self, IMMUTABLE, IPFS_PATH, IPFS_ROOTS, IPFS_URI, SERVICE_WORKER};
use crate::negotiate::{Chosen, Format, Query};
use crate::range::{Ranged, ranged};
use crate::refusal::Refusal;
use crate::source::Source;
use crate::target::{Root, Target};
use crate::{car, file};

/// A request that has been understood.
pub(crate) struct Ask {
    pub(crate) target: Target,
    pub(crate) query: Query,
    pub(crate) chosen: Chosen,
    pub(crate) headers: HeaderMap,
    /// Most blocks of a CAR.
    pub(crate) blocks: u64,
}

/// A head, and what follows unless only the head was asked for.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
}

/// What follows a head.
pub(crate) enum Content {
    Bytes(Vec<u8>),
    File(ContentId, Range<u64>),
    Car(Selection),
}

impl Content {
    /// Writes it where the client reads it.
    pub(crate) fn write(&self, source: &Source<'_>, out: &mut dyn Write) -> Result<(), StorageError> {
        match self {
            Self::Bytes(bytes) => out.write_all(bytes).map_err(StorageError::Output)?,
            Self::Car(selection) => drop(export_selection(source, selection, out)?),
            Self::File(id, range) => {
                let written = cat(source, id, range.clone(), out)?;
                if written != range.end - range.start {
                    return Err(StorageError::Output(std::io::ErrorKind::UnexpectedEof.into()));
                }
            }
        }
        out.flush().map_err(StorageError::Output)
    }
}

/// Looks up what is asked for.
pub(crate) fn answer(source: &Source<'_>, ask: &Ask) -> Result<Answer, Refusal> {
    if ask.headers.get(SERVICE_WORKER).is_some_and(|value| value == "script") {
        return Err(Refusal::bad("no service worker may answer for content here"));
    }
    let root = match &ask.target.root {
        Root::Block(root) => root,
        Root::Inline(_) if !ask.target.names.is_empty() => return Err(nothing_there(ask)),
        Root::Inline(cid) => return inline(ask, cid),
    };
    if only_if_cached(ask) && !source.denied.contains(&root.digest()) && !source.has(root)? {
        return Err(Refusal::new(StatusCode::PRECONDITION_FAILED, format!("block {root} is not here")));
    }
    let names: Vec<&str> = ask.target.names.iter().map(String::as_str).collect();
    let resolved = resolve(source, root, &names).map_err(|error| source.explain(error))?.ok_or_else(|| nothing_there(ask))?;
    let mut answer = match ask.chosen.format {
        Format::Raw => raw(ask, resolved.id.to_string(), source.need(&resolved.id)?)?,
        Format::Car { duplicates } => car::answer(source, ask, &resolved, duplicates)?,
        Format::File => file::answer(source, ask, &resolved)?,
    };
    add_place(ask, &resolved, &mut answer.headers);
    Ok(answer)
}

fn nothing_there(ask: &Ask) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, format!("there is nothing at /ipfs/{}", ask.target.encoded()))
}

fn only_if_cached(ask: &Ask) -> bool {
    let values = ask.headers.get_all(CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case("only-if-cached"))
}

/// Answers with the bytes that stand in the CID itself.
fn inline(ask: &Ask, cid: &cid::Cid) -> Result<Answer, Refusal> {
    let bytes = cid.hash().digest().to_vec();
    match ask.chosen.format {
        Format::Raw => raw(ask, cid.to_string(), bytes),
        Format::Car { duplicates } => car::empty(ask, cid, duplicates),
        Format::File => file::of_bytes(ask, &cid.to_string(), bytes),
    }
}

fn raw(ask: &Ask, cid: String, bytes: Vec<u8>) -> Result<Answer, Refusal> {
    let etag = format!("\"{cid}.raw\"");
    let mut answer = head(ask, &etag);
    if answer.is_known() {
        return Ok(answer);
    }
    let name = ask.query.get("filename").map_or_else(|| format!("{cid}.bin"), str::to_owned);
    answer.set(CONTENT_TYPE, "application/vnd.ipld.raw");
    answer.set(CONTENT_DISPOSITION, &headers::disposition("attachment", &name));
    let range = answer.cut(ask, &etag, bytes.len() as u64)?;
    answer.content = Content::Bytes(part_of(bytes, &range));
    Ok(answer)
}

/// Returns these bytes of a block, whose range lies in it.
pub(crate) fn part_of(mut bytes: Vec<u8>, range: &Range<u64>) -> Vec<u8> {
    let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX);
    bytes.truncate(at(range.end));
    bytes.drain(..at(range.start).min(bytes.len()));
    bytes
}

/// Begins an answer with the headers that every content has. It is whole when the client has the content already.
pub(crate) fn head(ask: &Ask, etag: &str) -> Answer {
    let mut answer = Answer { status: StatusCode::OK, headers: HeaderMap::new(), content: Content::Bytes(Vec::new()) };
    answer.set(ETAG, etag);
    answer.headers.insert(CACHE_CONTROL, IMMUTABLE);
    answer.set(VARY, "Accept");
    answer.set(IPFS_URI, &format!("ipfs://{}", ask.target.encoded()));
    if let (true, Some(location)) = (ask.chosen.by_accept, location(ask)) {
        answer.set(CONTENT_LOCATION, &location);
    }
    if headers::is_known(&ask.headers, etag) {
        answer.status = StatusCode::NOT_MODIFIED;
    }
    answer
}

/// Returns the address that gives the same answer whatever is accepted; none for a file, which is what the plain address gives.
fn location(ask: &Ask) -> Option<String> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match ask.chosen.format {
        Format::File => return None,
        Format::Raw => query.append_pair("format", "raw"),
        Format::Car { duplicates } => {
            let dups = if duplicates { "y" } else { "n" };
            query.append_pair("format", "car").append_pair("car-version", "1").append_pair("car-order", "dfs").append_pair("car-dups", dups)
        }
    };
    for name in ["dag-scope", "entity-bytes", "filename", "download"] {
        if let Some(value) = ask.query.get(name) {
            query.append_pair(name, value);
        }
    }
    Some(format!("/ipfs/{}?{}", ask.target.encoded(), query.finish()))
}

fn add_place(ask: &Ask, resolved: &Resolved, headers: &mut HeaderMap) {
    let roots: Vec<_> = resolved.roots.iter().map(ToString::to_string).collect();
    headers.extend(headers::value(&roots.join(",")).map(|value| (IPFS_ROOTS, value)));
    headers.extend(ask.target.plain().and_then(|path| headers::value(&path)).map(|value| (IPFS_PATH, value)));
}

impl Answer {
    /// Tells whether the client has the content already, so that none is sent.
    pub(crate) fn is_known(&self) -> bool {
        self.status == StatusCode::NOT_MODIFIED
    }

    /// Sets a header to what is known to be one.
    pub(crate) fn set(&mut self, name: HeaderName, value: &str) {
        // Escaped where it is made; a client that wants a name that cannot be said goes without it.
        self.headers.extend(headers::value(value).map(|value| (name, value)));
    }

    /// Cuts content of `size` bytes to the range that is asked for, and says so in the head.
    pub(crate) fn cut(&mut self, ask: &Ask, etag: &str, size: u64) -> Result<Range<u64>, Refusal> {
        self.headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let text = |name| ask.headers.get(name).and_then(|value| value.to_str().ok());
        // Strong: a part of another version would be joined with this one.
        let stale = text(IF_RANGE).is_some_and(|tag| tag != etag);
        let range = match ranged(text(RANGE).filter(|_| !stale), size) {
            Ranged::Whole => 0..size,
            Ranged::Part(from, to) => {
                self.status = StatusCode::PARTIAL_CONTENT;
                self.set(CONTENT_RANGE, &format!("bytes {from}-{}/{size}", to - 1));
                from..to
            }
            Ranged::Outside => {
                return Err(Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, format!("no such bytes: there are {size}")).of_size(size));
            }
        };
        self.set(CONTENT_LENGTH, &(range.end - range.start).to_string());
        Ok(range)
    }
}
