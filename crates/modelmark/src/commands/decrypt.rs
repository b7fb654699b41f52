//! `modelmark decrypt`: an encrypted model back, or a tensor of it.

use std::path::PathBuf;

use clap::Args;
use modelmark_crypt::{CryptError, Folder, Objects, Opened, decrypt};
use modelmark_digest::outboard::VerifyingFile;
use modelmark_digest::{ContentId, ModelPath, Observer as _};
use modelmark_formats::ReadAt;
use serde_json::json;

use crate::commands::digest::files;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::identities::{IdentityArgs, explain};
use crate::output::{bytes, printable};
use crate::output_file::refuse_overlaps;
use crate::progress::Progress;
use crate::session::Session;
use crate::tensor_file::{self, ModelFiles};

/// Decrypt a model, or a tensor of it
///
/// Every piece is authenticated and held against the digest of its leaf before it is written, and what is written appears when it is whole. age does not say
/// who encrypted: with --record or --cid it is made sure that the model is the one on a record.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark decrypt ./my-model.encrypted ./my-model --identity key.txt --record record.json\n  \
                        modelmark decrypt ./my-model.encrypted head.safetensors --tensor lm_head.weight --identity key.txt")]
pub(crate) struct DecryptArgs {
    /// Directory with the encrypted model
    path: PathBuf,
    /// Where the model goes: a new directory, or a new file for a model that is one file; with --tensor a file
    out: PathBuf,
    /// Record of the model, or - for stdin: what is encrypted has to be its model
    #[arg(long, value_name = "FILE", conflicts_with = "cid")]
    record: Option<PathBuf>,
    /// CID of the model: what is encrypted has to be it
    #[arg(long)]
    cid: Option<String>,
    /// Decrypt only this tensor, into a safetensors file when OUT is called so, else as raw bytes (row-major, low byte first); repeatable
    #[arg(long, value_name = "NAME")]
    tensor: Vec<String>,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &DecryptArgs) -> Result<()> {
    let wanted: Option<ContentId> = match (&args.record, &args.cid) {
        (Some(path), _) => Some(read_record(path)?.record().provenance.model.cid),
        (None, Some(text)) => Some(text.strip_prefix("ipfs://").unwrap_or(text).parse().or_usage()?),
        (None, None) => None,
    };
    refuse_overlaps(&[Some(&args.out)], &args.path, "encrypted model")?;
    if !args.path.is_dir() {
        return Err(CommandError::usage(format!("there is no directory at `{}`", args.path.display())));
    }
    let mut opened = Opened::open(Folder(args.path.clone()), &args.identity.read()?).map_err(explain)?;
    match wanted {
        Some(wanted) => opened = opened.check(&wanted).map_err(explain)?,
        None => session.output.note("nothing says that this is the model you want: `--record` or `--cid` makes sure"),
    }
    if args.tensor.is_empty() { whole(session, &opened, args) } else { tensors(session, &opened, args) }
}

fn whole(session: &Session<'_>, opened: &Opened<Folder>, args: &DecryptArgs) -> Result<()> {
    let (count, size) = (opened.lists().files().len(), opened.lists().files().map(|(_, list)| list.size()).sum());
    {
        let progress = Progress::new(session.output, "decrypt");
        progress.planned(count as u64, size);
        decrypt(opened, &args.out, &|count| progress.advanced(count)).map_err(explain)?;
    }
    let value = json!({"model": opened.cid(), "files": count, "bytes": size, "out": args.out});
    session.output.result(&value, || format!("{}  {}, {}", opened.cid(), files(count), bytes(size)))
}

fn tensors(session: &Session<'_>, opened: &Opened<Folder>, args: &DecryptArgs) -> Result<()> {
    let model = Decrypted(opened);
    // The name of a model that is one file is not known; what it is says its content.
    let weights: Vec<String> = opened.lists().files().map(|(path, _)| path.map_or("model", ModelPath::as_str).to_owned()).collect();
    let found = tensor_file::find(&model, &weights, &args.tensor)?;
    let written = tensor_file::write(&model, &found, &args.out)?;
    let names: Vec<_> = found.iter().map(|found| json!({"name": found.tensor.name, "file": found.file})).collect();
    let value = json!({"model": opened.cid(), "tensors": names, "bytes": written, "out": args.out});
    session.output.result(&value, || {
        let told = |found: &tensor_file::Found| printable(&format!("{}  of {}", found.tensor.name, found.file));
        found.iter().map(told).collect::<Vec<_>>().join("\n")
    })
}

/// The files of the encrypted model, decrypted where they are read and held against their leaves.
pub(crate) struct Decrypted<'o, O>(pub(crate) &'o Opened<O>);

impl<O: Objects> ModelFiles for Decrypted<'_, O> {
    fn open(&self, path: &str) -> Result<Option<Box<dyn ReadAt + '_>>> {
        match self.0.file(path) {
            Ok((file, list)) => Ok(Some(Box::new(VerifyingFile::new(file, list)))),
            Err(CryptError::NoFile(_)) => Ok(None),
            Err(error) => Err(explain(error)),
        }
    }
}
