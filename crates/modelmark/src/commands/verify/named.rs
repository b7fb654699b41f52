//! What `modelmark verify` is pointed at: files, their signature, a token, a CID, or a record.

use std::path::{Path, PathBuf};

use modelmark_chain::TokenRef;
use modelmark_digest::ContentId;
use modelmark_record::MAX_RECORD_BYTES;
use modelmark_verify::RecordBytes;

use super::{VerifyArgs, without_newline};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::FindArgs;
use crate::session::{Session, read_input, read_judged};

/// Longest list of models, in bytes and in lines.
const MAX_LIST_BYTES: u64 = 4 << 20;
const MAX_LISTED: usize = 10_000;
/// The name under which a signature of OpenSSF model signing lies in the folder that it speaks of.
const IN_MODEL: &str = "model.sig";

/// What is to be verified.
pub(super) enum Named {
    /// Local files.
    Files(PathBuf),
    /// Local files, named by the signature of OpenSSF model signing that is to speak for them.
    Signed { model: PathBuf, signature: PathBuf },
    /// A token, and no files.
    Token(TokenRef),
    /// The CID of a record, of a model or of weights, and no files.
    Cid(ContentId),
    /// A record, and no files.
    Record(RecordBytes),
}

impl Named {
    /// Reads an argument. What lies at a path is always taken for a model: whoever can put a record in its place must not get rid of the check of the files.
    /// With a root, paths are those of a container.
    pub(super) fn of(session: &Session<'_>, typed: &Path, find: &FindArgs) -> Result<Self> {
        let here = if find.has_root() { find.within(typed)? } else { typed.to_owned() };
        let nothing = !here.exists() && !here.is_symlink();
        if let Some(text) = typed.to_str().filter(|_| nothing) {
            if text.starts_with("eip155:") {
                return text.parse().map(Self::Token).or_usage();
            }
            if let Some(file) = text.strip_prefix("record:") {
                return Self::record(Path::new(file));
            }
            if let Some(file) = text.strip_prefix("oms:") {
                return Self::signed(find.locate(session, Path::new(file))?);
            }
            if let Ok(cid) = text.strip_prefix("ipfs://").unwrap_or(text).parse() {
                return Ok(Self::Cid(cid));
            }
        }
        let path = find.locate(session, typed)?;
        if !path.exists() && !path.is_symlink() {
            return Err(CommandError::usage(format!("there is nothing at `{}`", path.display())).hint("check the path"));
        }
        // Whoever types the name of a signature means it; what lies there does not decide.
        if path.extension().is_some_and(|extension| extension == "sig") && path.is_file() {
            return Self::signed(path);
        }
        Ok(Self::Files(path))
    }

    /// Takes a signature for what it speaks of: `model.sig` for the folder that it lies in, `NAME.sig` for `NAME` beside it. Only names decide, so that nobody
    /// who puts a file there has other files looked at than those that are meant.
    fn signed(signature: PathBuf) -> Result<Self> {
        let unclear = |told: String| CommandError::usage(told).hint("name the model, and the signature with --oms-signature");
        let folder = signature.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = signature.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".sig").filter(|stem| !stem.is_empty()) else {
            return Err(unclear(format!("`{}` is not named as a signature is: NAME.sig", signature.display())));
        };
        if !signature.is_file() {
            return Err(CommandError::usage(format!("there is no file `{}`", signature.display())).hint("check the path"));
        }
        let beside = signature.with_file_name(stem);
        let there = beside.exists() || beside.is_symlink();
        let model = match (name == IN_MODEL, there) {
            (true, false) => folder.to_owned(),
            (false, true) => beside,
            (true, true) => {
                let (signature, folder, beside) = (signature.display(), folder.display(), beside.display());
                return Err(unclear(format!("`{signature}` may speak of the folder `{folder}` or of `{beside}`")));
            }
            (false, false) => {
                return Err(unclear(format!("there is no `{}` that `{}` could speak of", beside.display(), signature.display())));
            }
        };
        Ok(Self::Signed { model, signature })
    }

    /// Reads a record file.
    pub(super) fn record(path: &Path) -> Result<Self> {
        let bytes = without_newline(read_judged(path, MAX_RECORD_BYTES)?);
        Ok(Self::Record(RecordBytes { bytes, source: path.display().to_string() }))
    }
}

/// Returns what the command line names, in its order, then what stands in the list.
pub(super) fn all(session: &Session<'_>, args: &VerifyArgs) -> Result<Vec<Named>> {
    args.find.check()?;
    let mut all = args.subjects.iter().map(|typed| Named::of(session, typed, &args.find)).collect::<Result<Vec<_>>>()?;
    if let Some(list) = &args.list {
        let text = String::from_utf8(read_input(list, MAX_LIST_BYTES)?)
            .map_err(|_| CommandError::usage(format!("`{}` is not UTF-8 text", list.display())))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(lines.map(|line| Named::of(session, Path::new(line), &args.find)).collect::<Result<Vec<_>>>()?);
    }
    match (all.len(), &args.record) {
        (0, Some(record)) if args.list.is_none() => Ok(vec![Named::record(record)?]),
        (0, _) => Err(CommandError::usage("nothing is named that could be verified").hint("name a model, a token, a CID or a record")),
        (1..=MAX_LISTED, _) => Ok(all),
        (count, _) => Err(CommandError::usage(format!("{count} models are more than the {MAX_LISTED} that one run verifies"))),
    }
}
