//! `modelmark verify --vsa`: the verdict as a document that another gate can read.

use std::path::PathBuf;

use clap::Args;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId, Timestamp, Uri};
use modelmark_storage::Store as _;
use modelmark_verify::{Policy, RecordBytes, Report, Verdict, summary};

use crate::commands::{cat, credential};
use crate::error::{CommandError, OrKind as _, Result};
use crate::output_file::write_whole;
use crate::session::Session;

/// What is to be written, and in whose name.
#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    /// Write a SLSA Verification Summary (in-toto Statement, JSON, unsigned) when the files are those of the record: PASSED, or FAILED when the policy refuses
    /// the model. Of other files none is written
    #[arg(long, value_name = "FILE", requires_all = ["full", "verifier"], conflicts_with_all = ["part", "cached"], help_heading = "Summary")]
    vsa: Option<PathBuf>,
    /// Who verifies, as the summary names them: a URI
    #[arg(long, value_name = "URI", requires = "vsa", help_heading = "Summary")]
    verifier: Option<Uri>,
}

impl SummaryArgs {
    /// Writes the summary that was asked for, if the report allows one.
    pub(super) fn write(&self, session: &Session<'_>, report: &Report, policy: &Policy, record: Option<RecordBytes>) -> Result<()> {
        let (Some(path), Some(verifier)) = (&self.vsa, &self.verifier) else { return Ok(()) };
        if matches!(report.verdict, Verdict::DoesNotVerify | Verdict::CouldNotLook) {
            session.output.note(format!("no summary was written to {}: the files are not known to be those of a record", path.display()));
            return Ok(());
        }
        let record = match record {
            Some(record) => record.bytes,
            None => stored(session, report)?,
        };
        let record = CanonicalRecord::parse(&record).or_refused()?;
        let time: Timestamp = credential::now()?.to_string().parse().or_refused()?;
        let summary = summary(report, &record, policy, verifier, &time).or_refused()?;
        write_whole(path, format!("{summary:#}\n").as_bytes())?;
        session.output.step("wrote", path.display());
        Ok(())
    }
}

/// Returns the record of a report out of the block store, where the verification found it.
fn stored(session: &Session<'_>, report: &Report) -> Result<Vec<u8>> {
    let missing = || CommandError::refused("there is no summary of a verification without a record").hint("bring the record with --record");
    let id: RecordId = report.record.as_deref().and_then(|id| id.parse().ok()).ok_or_else(missing)?;
    session.store()?.get(&id.cid(), MAX_RECORD_BYTES).map_err(cat::explain)?.ok_or_else(missing)
}
