//! `modelmark verify --report`: the report in the forms that other programs read.

use std::path::{Path, PathBuf};

use modelmark_report::Form;
use modelmark_verify::Report;

use crate::error::{OrKind as _, Result};
use crate::output_file::{refuse_overlaps, write_whole};
use crate::session::Session;

/// Reads from the names which forms are wanted, before anything is verified; none may lie in the model.
pub(super) fn forms<'a>(files: &'a [PathBuf], model: &Path) -> Result<Vec<(Form, &'a Path)>> {
    let outputs: Vec<_> = files.iter().map(|file| Some(file.as_path())).collect();
    refuse_overlaps(&outputs, model, "model")?;
    files.iter().map(|file| Ok((Form::of(file).or_usage()?, file.as_path()))).collect()
}

/// Writes the report in each of the forms.
pub(super) fn write(session: &Session<'_>, forms: &[(Form, &Path)], report: &Report) -> Result<()> {
    for (form, file) in forms {
        let text = form.write(std::slice::from_ref(report), concat!("modelmark ", env!("CARGO_PKG_VERSION"))).or_refused()?;
        write_whole(file, text.as_bytes())?;
        session.output.step("wrote", file.display());
    }
    Ok(())
}
