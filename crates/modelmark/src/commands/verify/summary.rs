//! `modelmark verify --vsa` and `--attest`: the verdict as a document that another gate can read, unsigned or signed.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_oms::{Envelope, PrivateKey};
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId, Timestamp, Uri};
use modelmark_storage::Store as _;
use modelmark_verify::{Policy, RecordBytes, Report, Verdict, summary};

use crate::commands::{cat, credential, oms};
use crate::error::{CommandError, OrKind as _, Result};
use crate::output_file::{refuse_overlaps, write_whole};
use crate::session::Session;

/// What is to be written, and in whose name.
#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    /// Write a SLSA Verification Summary (in-toto Statement, JSON, unsigned) when the files are those of the record: PASSED, or FAILED when the policy refuses
    /// the model. Of other files none is written
    #[arg(long, value_name = "FILE", group = "summary", requires_all = ["full", "verifier"], conflicts_with_all = ["part", "cached"], help_heading = "Summary")]
    vsa: Option<PathBuf>,
    /// Write the same signed (a DSSE envelope, JSON), so that gates that know the key can accept it instead of reading the files: `--accept-vsa`
    #[arg(long, value_name = "FILE", group = "summary", requires_all = ["full", "verifier", "attest_key"], conflicts_with_all = ["part", "cached"], help_heading = "Summary")]
    attest: Option<PathBuf>,
    /// The verifier's private key (PEM; P-256, P-384 or P-521), which signs the summary. If it is encrypted, its password comes from `MODELMARK_PASSWORD` or a
    /// prompt
    #[arg(long, value_name = "FILE", requires = "attest", help_heading = "Summary")]
    attest_key: Option<PathBuf>,
    /// Who verifies, or for --accept-vsa verified, as the summary names them: a URI
    #[arg(long, value_name = "URI", requires = "summary", help_heading = "Summary")]
    verifier: Option<Uri>,
}

impl SummaryArgs {
    /// Returns the verifier's name.
    pub(super) const fn verifier(&self) -> Option<&Uri> {
        self.verifier.as_ref()
    }

    /// Refuses what would be found wrong only after everything was read: an output in the model, a key that does not sign.
    pub(super) fn check(&self, model: &Path) -> Result<()> {
        refuse_overlaps(&[self.vsa.as_deref(), self.attest.as_deref()], model, "model")?;
        self.key().map(drop)
    }

    fn key(&self) -> Result<Option<PrivateKey>> {
        self.attest_key.as_deref().map(|path| oms::sign::private_key(path, None)).transpose()
    }

    /// Writes the summary that was asked for, if the report allows one.
    pub(super) fn write(&self, session: &Session<'_>, report: &Report, policy: &Policy, record: Option<RecordBytes>) -> Result<()> {
        let (Some(path), Some(verifier)) = (self.vsa.as_ref().or(self.attest.as_ref()), &self.verifier) else { return Ok(()) };
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
        let document = match self.key()? {
            None => format!("{summary:#}\n").into_bytes(),
            Some(key) => {
                let mut envelope = Envelope::sign(summary.to_string().into_bytes(), &key).or_refused()?.bytes();
                envelope.push(b'\n');
                envelope
            }
        };
        write_whole(path, &document)?;
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
