//! The digest over the files of the tokenizer beside the weights.

use modelmark_digest::{Sha256Digest, TokenizerFiles};

use crate::value::Label;

use super::intake::Intake;
use super::{Claims, FindingCode};

/// Returns the digest, or says why there is none.
pub(super) fn read(files: &TokenizerFiles, intake: &mut Intake<'_>) -> Claims {
    if files.sha256.is_none() {
        let reason = format_args!("{} is no file of a tokenizer that is downloaded and not too large; no digest is stated", name(files));
        intake.report(FindingCode::Unreadable, "tokenizer", reason);
    }
    Claims { tokenizer: files.sha256, ..Claims::default() }
}

/// The names of the files in one line.
pub(super) fn name(files: &TokenizerFiles) -> String {
    files.files.iter().map(|(file, _)| file.as_str()).collect::<Vec<_>>().join(", ")
}

/// The files, each with its digest.
pub(super) fn origins(files: &TokenizerFiles) -> Vec<(Label, Sha256Digest)> {
    files.files.iter().filter_map(|(file, sha256)| Some((file.as_str().parse().ok()?, (*sha256)?))).collect()
}
