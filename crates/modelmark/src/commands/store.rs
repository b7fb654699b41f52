//! `modelmark store`: keep a record, its signatures and the model it speaks of.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::ChainId;
use modelmark_digest::{Codec, Comparison, Manifest, Request, Survey};
use modelmark_record::{CanonicalRecord, SignedRecord};
use modelmark_remote::Receipt;
use modelmark_storage::{Leaves, Role, Store as _};
use serde::Serialize;

use crate::commands::sign::read_record;
use crate::commands::{digest, picture};
use crate::error::{CommandError, OrKind as _, Result};
use crate::facts;
use crate::hub;
use crate::options::{CacheArgs, PlaceArgs, SignerArgs};
use crate::places::{self, Places};
use crate::progress::{Both, Progress, Reading};
use crate::session::{Session, read_judged, writable_hint};
use crate::signer;

/// Keep a record, its signatures and its model in the block store
///
/// The model's files are referenced where they are, not copied, unless `--copy` is given. Everything is re-hashed whenever it is read. Places that are named
/// with `--place` get all of it, and each is read again before it counts.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark store record.json --signature record.sig.json --model ./my-model\n  \
                        modelmark store record.json --place s3://models/v1 --place file:///mnt/backup --keep \"1 of {s3, file}\"")]
pub(crate) struct StoreArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Signature document of the record
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// The model's files, to be kept as well
    #[arg(long, value_name = "PATH")]
    model: Option<PathBuf>,
    /// Copy the model's files into the store instead of referencing them
    #[arg(long, requires = "model")]
    copy: bool,
    #[command(flatten)]
    cache: CacheArgs,
    /// Do not ask before paying a place, nor before using places that `modelmark.toml` names
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    signer: SignerArgs,
}

/// What was stored and where.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    /// CID of the record.
    pub(crate) record: String,
    /// What a token's `tokenURI` says.
    pub(crate) uri: String,
    /// CID of the signature document.
    pub(crate) signatures: Option<String>,
    /// CID of the record's picture as PNG; none when the record brings another picture.
    pub(crate) picture: Option<String>,
    /// CID of the model.
    pub(crate) model: Option<String>,
    /// The store.
    pub(crate) store: String,
    /// What places beyond this machine said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) places: Vec<Receipt>,
    /// What of the model was read, and what was taken from the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statistics: Option<serde_json::Value>,
}

pub(crate) fn run(session: &Session<'_>, args: &StoreArgs) -> Result<()> {
    let located = args.model.as_deref().map(|path| hub::locate(session, path)).transpose()?;
    let options = match &located {
        Some(path) => facts::place_options(session, path, &args.places, args.yes)?,
        None => args.places.clone(),
    };
    let mut places = Places::open(&options)?;
    if places.want_account() {
        places = places.signed_by(&signer::wallet(&args.signer, ChainId::DEVELOPMENT)?)?;
    }
    let record = read_record(&args.record)?;
    let document = args.signature.as_deref().map(|path| read_signatures(path, &record)).transpose()?;
    let manifest = located.as_deref().map(|path| keep_model(session, path, args, &record)).transpose()?;
    let mut stored = keep(session, &record, document.as_deref())?;
    let items = places::items(session.store()?, &stored)?;
    let mut model = None;
    if let Some((manifest, reading)) = manifest {
        stored.model = Some(manifest.cid.to_string());
        stored.statistics = Some(reading.value());
        model = Some(manifest);
    }
    stored.places = session.block_on(places.keep(session, &items, args.yes))?;
    if let Some(manifest) = model {
        stored.places.extend(session.block_on(places.keep_model(session, &manifest, args.yes))?.receipts);
    }
    session.output.result(&stored, || format!("{}\n{}", stored.record, stored.uri))
}

/// Reads a signature document, holds it against the record and returns its canonical bytes.
pub(crate) fn read_signatures(path: &Path, record: &CanonicalRecord) -> Result<Vec<u8>> {
    read_signed(path, record)?.document_bytes().or_refused()
}

/// Reads a signature document and holds it against the record.
pub(crate) fn read_signed(path: &Path, record: &CanonicalRecord) -> Result<SignedRecord> {
    let mut bytes = read_judged(path, modelmark_record::MAX_SIGNATURES_BYTES)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    SignedRecord::from_document(record.clone(), &bytes)
        .map_err(|error| CommandError::refused(format!("`{}` does not sign this record: {error}", path.display())))
}

/// Keeps the record, its signature document and its picture as PNG.
pub(crate) fn keep(session: &Session<'_>, record: &CanonicalRecord, document: Option<&[u8]>) -> Result<Stored> {
    let store = session.store()?;
    let drawn = picture::beside(record)?;
    let written = || -> std::result::Result<_, modelmark_storage::StorageError> {
        let cid = store.put(Codec::Raw, record.bytes())?;
        store.pin(&cid, Role::Record)?;
        let picture = drawn.as_ref().map(|png| store.put(Codec::Raw, png)).transpose()?;
        if let Some(picture) = &picture {
            store.pin(picture, Role::Picture)?;
        }
        let Some(document) = document else { return Ok((cid, picture, None)) };
        let signatures = store.put(Codec::Raw, document)?;
        store.pin(&signatures, Role::Signatures)?;
        store.attach(&cid, &signatures)?;
        Ok((cid, picture, Some(signatures)))
    };
    let (cid, picture, signatures) = written().or_unreachable().map_err(writable_hint)?;
    Ok(Stored {
        record: cid.to_string(),
        uri: record.id().token_uri(),
        signatures: signatures.map(|cid| cid.to_string()),
        picture: picture.map(|cid| cid.to_string()),
        model: None,
        store: store.name().to_owned(),
        places: Vec::new(),
        statistics: None,
    })
}

/// Takes the model at `path` into the store; it has to be the one that the record speaks of.
fn keep_model(session: &Session<'_>, path: &Path, args: &StoreArgs, record: &CanonicalRecord) -> Result<(Manifest, Reading)> {
    let model = &record.record().provenance.model;
    let wanted = model.cid;
    let request = Request { profile: model.profile, holes: args.cache.holes.read_holes, ..Request::cids() };
    let taken = take_in(session, path, Taking { copy: args.copy, cache: args.cache, survey: None }, &request, |manifest| {
        if manifest.cid == wanted {
            return Ok(());
        }
        Err(CommandError::refused(format!("`{}` is {}, the record speaks of {wanted}", path.display(), manifest.cid))
            .hint("`modelmark verify --record` shows which files differ"))
    })?;
    Ok((taken.manifest, taken.reading))
}

/// How a model is taken in.
pub(crate) struct Taking<'s> {
    /// Whether its files are copied.
    pub(crate) copy: bool,
    pub(crate) cache: CacheArgs,
    /// The look at the model, whose sets of weights are compared then.
    pub(crate) survey: Option<&'s mut Survey>,
}

/// A model that was taken in.
pub(crate) struct Taken {
    pub(crate) manifest: Manifest,
    pub(crate) reading: Reading,
    pub(crate) comparisons: Vec<Comparison>,
}

/// Fingerprints the model at `path` and takes it into the store, from one read. Nothing is pinned unless `accept` agrees.
pub(crate) fn take_in(
    session: &Session<'_>,
    path: &Path,
    taking: Taking<'_>,
    request: &Request,
    accept: impl FnOnce(&Manifest) -> Result<()>,
) -> Result<Taken> {
    let Taking { copy, cache, survey } = taking;
    let reading = Reading::default();
    // A path that is not there is the caller's mistake, not the store's: let the fingerprint run say so.
    if !path.exists() {
        return digest::manifest(session, path, request, cache).map(|manifest| Taken { manifest, reading, comparisons: Vec::new() });
    }
    let store = session.store()?;
    let import = store.import(path, if copy { Leaves::Copied } else { Leaves::Referenced }).or_unreachable().map_err(writable_hint)?;
    let (manifest, comparisons) = {
        let progress = Progress::new(session.output, "digest");
        let watching = Both(&progress, &reading);
        let observer = Both(&watching, &import);
        match survey {
            Some(survey) => digest::with_cache(session, cache, |cache| survey.digest_comparing(request, &observer, cache))?,
            None => (digest::observed(session, path, request, &observer, cache)?, Vec::new()),
        }
    };
    accept(&manifest)?;
    import.finish(&manifest).or_unreachable().map_err(writable_hint)?;
    Ok(Taken { manifest, reading, comparisons })
}
