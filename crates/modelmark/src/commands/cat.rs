//! `modelmark cat`: bytes from the block store, re-hashed as they stream.

use std::io::Write as _;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::{Address, Limits, Reader, RemoteError, SecondStore, Sink, Want};
use modelmark_storage::{Block, StorageError};

use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::SourceArgs;
use crate::output::finish;
use crate::places;
use crate::session::Session;

/// Print the bytes behind a CID from the block store, or from places beyond this machine
///
/// Records and files of stored models; every block is re-hashed before it is printed. With `--place`, what the block store does not have is read from
/// there: from several places at once, of which none is believed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark cat bafkrei… > record.json\n  \
                        modelmark cat bafybei… --place https://ipfs.io --place gateways > model.safetensors")]
pub(crate) struct CatArgs {
    /// CID of a record or file
    cid: String,
    /// Where to start, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    offset: u64,
    /// How much to print, in bytes [default: to the end]
    #[arg(long, value_name = "BYTES")]
    length: Option<u64>,
    #[command(flatten)]
    places: SourceArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &CatArgs) -> Result<()> {
    let cid: ContentId = args.cid.strip_prefix("ipfs://").unwrap_or(&args.cid).parse().or_usage()?;
    let end = args.length.map_or(u64::MAX, |length| args.offset.saturating_add(length));
    if !args.places.places.is_empty() {
        return from_places(session, &args.places.places, cid, args.offset..end);
    }
    let mut out = std::io::stdout().lock();
    match modelmark_storage::cat(session.store()?, &cid, args.offset..end, &mut out) {
        Ok(_) => finish(out.flush()),
        Err(StorageError::Output(error)) => finish(Err(error)),
        Err(error) => Err(explain(error)),
    }
}

/// Reads from the block store and the places, in this order.
fn from_places(session: &Session<'_>, sources: &[Address], cid: ContentId, range: Range<u64>) -> Result<()> {
    let mut asked = places::sources(sources)?;
    asked.insert(0, Arc::new(SecondStore::over(session.shared_store()?)));
    let reader = Reader::new(asked, Limits::MODEL).with_receipts(places::noted(session)?);
    let mut sink = Printed { range: range.clone(), failure: Mutex::default() };
    let read = session.block_on(async { Ok(reader.blocks(&Want { root: cid, range: Some(range) }, &mut sink).await) })?;
    places::dismissed(&reader).into_iter().for_each(|note| session.output.note(note));
    match (sink.failure.into_inner().unwrap_or_else(PoisonError::into_inner), read) {
        (Some(error), _) => finish(Err(error)),
        (None, Ok(_)) => finish(std::io::stdout().flush()),
        (None, Err(RemoteError::Store(error))) => Err(explain(error)),
        (None, Err(error)) => Err(places::explain(error)),
    }
}

/// Prints the leaves of a file as they come, cut to the range.
struct Printed {
    range: Range<u64>,
    failure: Mutex<Option<std::io::Error>>,
}

impl Sink for Printed {
    fn has(&self, _: &ContentId) -> bool {
        false
    }

    fn put(&self, block: Block) -> std::result::Result<(), RemoteError> {
        self.put_at(block, 0)
    }

    fn put_at(&self, block: Block, start: u64) -> std::result::Result<(), RemoteError> {
        if block.id().codec() != Codec::Raw {
            return Ok(());
        }
        let length = block.bytes().len() as u64;
        let at = |position: u64| usize::try_from(position.saturating_sub(start).min(length)).unwrap_or_default();
        let part = block.bytes().get(at(self.range.start)..at(self.range.end)).unwrap_or_default();
        std::io::stdout().lock().write_all(part).map_err(|error| {
            let told = std::io::Error::new(error.kind(), error.to_string());
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            RemoteError::Store(StorageError::Output(told))
        })
    }
}

/// Gives a failed read its exit code: damage is a finding, absence is not.
pub(crate) fn explain(error: StorageError) -> CommandError {
    let kind = match error {
        StorageError::Damaged { .. } | StorageError::Altered { .. } | StorageError::TooLarge { .. } => Kind::Refused,
        _ => Kind::Unreachable,
    };
    CommandError::new(kind, error)
}
