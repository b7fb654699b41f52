//! `modelmark storage fsck`: whether every byte is what its CID says, and mending what is not from elsewhere.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use modelmark_digest::ContentId;
use modelmark_remote::{Address, Remote};
use modelmark_storage::{Damage, Fsck, LocalStore, MAX_BLOCK_BYTES, Store as _, car};
use modelmark_verify::exit_codes;

use crate::commands::cat::explain;
use crate::credentials;
use crate::error::{CommandError, OrKind as _, Result};
use crate::output::bytes;
use crate::places;
use crate::session::{Session, writable_hint};

/// Re-hash everything in the block store and follow every record and model to its last leaf
///
/// With `--repair` blocks that are damaged or lost are fetched from CAR files and places, re-hashed, and put where they belong. Files that are referenced
/// where they lie are never written to: a leaf that such a file lost is kept in the store. Exits with 1 when damage is left.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage fsck --repair --from backup.car --place file:///mnt/backup")]
pub(crate) struct FsckArgs {
    /// Mend what is damaged or lost
    #[arg(long)]
    repair: bool,
    /// CAR file that may have what is damaged or lost; repeatable
    #[arg(long, value_name = "CAR", requires = "repair")]
    from: Vec<PathBuf>,
    /// Place that may have what is damaged or lost, such as `ipfs+http://127.0.0.1:5001` or `file:///mnt/backup`; repeatable
    #[arg(long, value_name = "URL", requires = "repair")]
    place: Vec<Address>,
}

pub(crate) fn run(session: &Session<'_>, args: &FsckArgs) -> Result<u8> {
    let store = session.store()?;
    let found = if args.repair {
        let archives = Archives::read(&args.from)?;
        let credentials = if args.place.is_empty() { Default::default() } else { credentials::gather()? };
        let places: Vec<Arc<dyn Remote>> = args
            .place
            .iter()
            .map(|address| modelmark_remote::open(address, &credentials).map_err(places::explain))
            .collect::<Result<_>>()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().or_unreachable()?;
        let spare = |id: &ContentId| archives.get(id).or_else(|| runtime.block_on(ask(session, &places, id)));
        store.repair(spare).or_unreachable().map_err(writable_hint)?
    } else {
        store.fsck().or_unreachable()?
    };
    session.output.result(&found, || shown(&found))?;
    Ok(if found.is_clean() { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

/// Asks the places one after another; one that cannot be asked is said to be so and passed over.
async fn ask(session: &Session<'_>, places: &[Arc<dyn Remote>], id: &ContentId) -> Option<Vec<u8>> {
    for place in places {
        match place.block(id, None).await {
            Ok(Some(block)) => match block.verify(id) {
                Some(bytes) => return Some(bytes.to_vec()),
                None => session.output.note(format!("{} sent other bytes for {id}", place.name())),
            },
            Ok(None) => {}
            Err(error) => session.output.note(format!("{} cannot be asked for {id}: {error}", place.name())),
        }
    }
    None
}

/// The blocks of CAR files, in a store of their own for as long as the repair takes.
struct Archives {
    store: Option<(LocalStore, tempfile::TempDir)>,
}

impl Archives {
    fn read(files: &[PathBuf]) -> Result<Self> {
        if files.is_empty() {
            return Ok(Self { store: None });
        }
        let dir = tempfile::tempdir().or_unreachable()?;
        let store = LocalStore::open(dir.path()).or_unreachable()?;
        files.iter().try_for_each(|file| take_in(&store, file))?;
        Ok(Self { store: Some((store, dir)) })
    }

    fn get(&self, id: &ContentId) -> Option<Vec<u8>> {
        self.store.as_ref().and_then(|(store, _)| store.get(id, MAX_BLOCK_BYTES).ok().flatten())
    }
}

fn take_in(store: &LocalStore, path: &Path) -> Result<()> {
    let file = File::open(path).map_err(|error| CommandError::usage(format!("cannot read `{}`: {error}", path.display())))?;
    car::import(store, file, car::Limits::MODEL).map(drop).map_err(explain)
}

fn shown(found: &Fsck) -> String {
    let mut lines = vec![format!("{} blocks and leaves, {}", found.blocks, bytes(found.bytes))];
    if found.repaired > 0 {
        lines.push(format!("repaired  {}", found.repaired));
    }
    lines.extend(found.damage.iter().map(|damage| match damage {
        Damage::Index { detail } => format!("index     {detail}"),
        Damage::Block { id } => format!("damaged   {id}"),
        Damage::File { path, leaves, lost } => {
            format!("altered   {}: {leaves} leaves are no longer there, {lost} of them needed and nowhere else", path.display())
        }
        Damage::Missing { id } => format!("missing   {id}"),
        Damage::Malformed { id } => format!("malformed {id}"),
        other => format!("{other:?}"),
    }));
    if found.unlisted > 0 {
        lines.push(format!("and {} more", found.unlisted));
    }
    if found.is_clean() {
        lines.push("all is well".to_owned());
    }
    lines.join("\n")
}
