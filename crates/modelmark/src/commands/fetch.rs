//! `modelmark fetch`: a model from its record, verified while it streams.

mod encrypted;
mod glob;
mod record;
mod tensors;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use modelmark_digest::{ContentId, ManifestKind, Observer as _, Request};
use modelmark_record::CanonicalRecord;
use modelmark_remote::fetch::{self, FetchError, Fetched, Wanted, WantedFile};
use modelmark_remote::{Address, Limits, Reader, Remote, SecondStore};
use modelmark_verify::exit_codes;
use serde_json::json;
use tokio::runtime::Runtime;

use self::glob::Glob;
use crate::commands::digest::files;
use crate::credentials;
use crate::error::{CommandError, Kind, Result};
use crate::identities::IdentityArgs;
use crate::options::{CacheArgs, ChainArgs};
use crate::output::bytes;
use crate::places;
use crate::progress::Progress;
use crate::session::Session;

/// Bring a model from its record, verified while it streams
///
/// The record is looked for in the block store and at the places, and judged as `verify` does, before anything of the model is fetched. One that is named by
/// its CID or brought as a file is taken without a signature too, unless --creator or another policy asks for one. Every block is held
/// against its CID as it arrives. The directory appears when it is whole; until then what has come stays in DIR.part, and a fetch that broke off goes on there
/// when it is repeated. Nothing that is there is replaced.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all that was asked for is there, 1 the record does not verify or the model is not as it says, 2 usage, 3 out of reach, \
                        4 refused by policy.\n\n\
                        Examples:\n  modelmark fetch eip155:31337/erc721:0x…/123… ./my-model --place ipfs+http://127.0.0.1:5001\n  \
                        modelmark fetch record.json ./part --only '*.json' --place https://gateway.example.org\n  \
                        modelmark fetch bafkrei… head.safetensors --tensor lm_head.weight --place s3://bucket/models"
)]
pub(crate) struct FetchArgs {
    /// What: a token as CAIP-19, the CID of a record, or a record file
    model: String,
    /// New directory; with --tensor a file
    out: PathBuf,
    /// Fetch only files whose name matches, or whose path if the pattern has a slash: `*` any characters but slashes, `?` one; repeatable
    #[arg(long, value_name = "GLOB")]
    only: Vec<Glob>,
    /// Fetch only this tensor, into a safetensors file when OUT is called so, else as raw bytes (row-major, low byte first); repeatable
    #[arg(long, value_name = "NAME", conflicts_with = "only")]
    tensor: Vec<String>,
    /// Fetch the encrypted form of the model, a directory that `encrypt` made and that has this CID, and decrypt it. A fetch that broke off goes on
    /// with what was decrypted
    #[arg(long, value_name = "CID", conflicts_with = "only")]
    encrypted: Option<String>,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    trust: record::TrustArgs,
    /// Place beyond this machine that keeps it too, such as `ipfs+http://127.0.0.1:5001`, `s3://bucket/folder` or `file:///mnt/backup`; repeatable
    #[arg(
        long = "place",
        value_name = "URL",
        env = "MODELMARK_PLACES",
        hide_env_values = true,
        value_delimiter = ',',
        help_heading = "Places"
    )]
    places: Vec<Address>,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &FetchArgs) -> Result<u8> {
    let source: record::Source = record::Source::of(&args.model)?;
    let runtime = session.runtime()?;
    let reader = Arc::new(reader(session, &args.places)?);
    let looked = runtime.block_on(record::look(session, args, source, &reader))?;
    let record = match looked {
        record::Looked::Good(record) => record,
        record::Looked::Refused(code) => return Ok(code),
    };
    if let Some(root) = &args.encrypted {
        return encrypted::run(session, &runtime, &reader, &record, root, args);
    }
    if args.tensor.is_empty() {
        model(session, &runtime, &reader, &record, args)
    } else {
        tensors::run(session, &runtime, &reader, &record, args)
    }
}

/// Returns a reader of the block store and of the places.
fn reader(session: &Session<'_>, named: &[Address]) -> Result<Reader> {
    let mut sources = Vec::new();
    let own = session.data_dir()?.join("store");
    if own.is_dir() {
        sources.push(Arc::new(SecondStore::over(session.shared_store()?)) as Arc<dyn Remote>);
    }
    if !named.is_empty() {
        let credentials = credentials::gather()?;
        for address in named {
            sources.push(modelmark_remote::open(address, &credentials).map_err(places::explain)?);
        }
    }
    Ok(Reader::new(sources, Limits::MODEL).with_receipts(places::noted(session)?))
}

/// Fetches the files.
fn model(session: &Session<'_>, runtime: &Runtime, reader: &Arc<Reader>, record: &CanonicalRecord, args: &FetchArgs) -> Result<u8> {
    let model = &record.record().provenance.model;
    let all: Vec<WantedFile> =
        model.files.iter().map(|file| WantedFile { path: file.path.clone(), size: file.size.get(), cid: file.cid }).collect();
    let chosen: Vec<WantedFile> =
        all.iter().filter(|file| args.only.is_empty() || args.only.iter().any(|glob| glob.matches(file.path.as_str()))).cloned().collect();
    if chosen.is_empty() {
        return Err(CommandError::usage("no file of the model matches `--only`").hint(format!("it has {}", shown(&all))));
    }
    let part = chosen.len() < all.len();
    if args.out.symlink_metadata().is_ok() {
        return there(session, args, model.cid, model.kind, &chosen, part);
    }
    let empty_folders = if part || model.kind == ManifestKind::File {
        Vec::new()
    } else {
        runtime.block_on(fetch::empty_folders(reader, model.profile, &model.cid, &all)).map_err(explain)?
    };
    let wanted = Wanted { model: model.cid, files: chosen, empty_folders };
    let size: u64 = wanted.files.iter().map(|file| file.size).sum();
    let fetched = {
        let progress = Arc::new(Progress::new(session.output, "fetch"));
        progress.planned(wanted.files.len() as u64, size);
        runtime.block_on(fetch::fetch(reader, &wanted, &args.out, progress)).map_err(explain)?
    };
    tell(session, reader, args, &wanted, all.len(), fetched, false)?;
    Ok(exit_codes::VERIFIED)
}

/// Finds out whether what is there already is what was to be fetched.
fn there(session: &Session<'_>, args: &FetchArgs, cid: ContentId, kind: ManifestKind, chosen: &[WantedFile], part: bool) -> Result<u8> {
    let exists = || {
        CommandError::usage(format!("there is something else at `{}` already", args.out.display()))
            .hint("choose another directory: nothing is replaced")
    };
    if !args.out.is_dir() {
        return Err(exists());
    }
    for profile in modelmark_digest::CidProfile::ALL {
        let request = Request { profile, ..Request::cids() };
        let Ok(manifest) = crate::commands::digest::manifest(session, &args.out, &request, CacheArgs::default()) else {
            return Err(exists());
        };
        let names = manifest.files.iter().map(|file| (&file.path, file.cid)).eq(chosen.iter().map(|file| (&file.path, file.cid)));
        if if part || kind == ManifestKind::File { names } else { manifest.cid == cid } {
            let value = json!({"model": cid, "out": args.out, "there": true, "part": part});
            session.output.result(&value, || format!("{cid}  there already"))?;
            return Ok(exit_codes::VERIFIED);
        }
    }
    Err(exists())
}

fn tell(
    session: &Session<'_>,
    reader: &Reader,
    args: &FetchArgs,
    wanted: &Wanted,
    all: usize,
    fetched: Fetched,
    there: bool,
) -> Result<()> {
    let (count, size) = (wanted.files.len(), wanted.files.iter().map(|file| file.size).sum());
    let part = count < all;
    let served: Vec<_> = reader
        .served()
        .iter()
        .map(|served| json!({"place": served.place, "blocks": served.blocks, "dismissed": served.dismissed}))
        .collect();
    let value = json!({
        "model": wanted.model, "out": args.out, "files": count, "bytes": size, "part": part, "there": there,
        "received": fetched.received, "kept": fetched.kept, "places": served,
    });
    session.output.result(&value, || {
        let of = if part { format!(" of {all}: A PART OF THE MODEL") } else { String::new() };
        let kept = if fetched.kept > 0 { format!(", {} of it from an earlier fetch", bytes(fetched.kept)) } else { String::new() };
        format!("{}  {}{of}, {}{kept}", wanted.model, files(count), bytes(size))
    })
}

fn shown(all: &[WantedFile]) -> String {
    let names: Vec<_> = all.iter().take(8).map(|file| file.path.as_str()).collect();
    format!("{}{}", names.join(", "), if all.len() > names.len() { ", …" } else { "" })
}

/// Returns the files with these paths.
fn find<'r>(record: &'r CanonicalRecord, path: &str) -> Option<&'r modelmark_record::ModelFile> {
    record.record().provenance.model.files.iter().find(|file| file.path.as_str() == path)
}

/// Says what kind of obstacle it was.
pub(crate) fn explain(error: FetchError) -> CommandError {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    match error {
        FetchError::Remote(error) => {
            let missing = matches!(error, modelmark_remote::RemoteError::Missing { .. });
            let explained = places::explain(error);
            if missing { explained.hint("`--place URL` names further places; what has come is kept for the next try") } else { explained }
        }
        error @ FetchError::Io { .. } => {
            let ours = matches!(&error, FetchError::Io { source, .. } if matches!(source.kind(), NotFound | NotADirectory | PermissionDenied | ReadOnlyFilesystem));
            CommandError::new(if ours { Kind::Usage } else { Kind::Unreachable }, error)
        }
        error @ (FetchError::Exists(_) | FetchError::Foreign { .. }) => {
            CommandError::new(Kind::Usage, error).hint("nothing is replaced or removed")
        }
        error @ FetchError::Busy(_) => CommandError::new(Kind::Unreachable, error).hint("wait for it"),
        error @ FetchError::Space { .. } => {
            CommandError::new(Kind::Unreachable, error).hint("free some space, or fetch a part with `--only`")
        }
        error @ (FetchError::Name(_) | FetchError::Untrue { .. }) => CommandError::new(Kind::Refused, error),
        error => CommandError::new(Kind::Unreachable, error),
    }
}
