//! `modelmark credential verify`: does a credential hold, and whose is it?

use std::path::PathBuf;

use clap::Args;
use modelmark_credential::{Against, Finding, Instant, MAX_CREDENTIAL_BYTES, Report, Status, Verdict, verify};
use modelmark_verify::exit_codes;

use super::{MAX_DOCUMENT_BYTES, now, read_key};
use crate::commands::sign::read_record;
use crate::error::Result;
use crate::output::{Tone, paint, printable};
use crate::session::{Session, read_input, read_judged};

/// Verify a credential, ours or another's
///
/// Exits with 0 when it verifies, with 1 when it does not, and with 3 when that cannot be told here: a suite that is not verified, a key or a status that
/// stands elsewhere. Nothing is fetched.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark credential verify credential.json --record record.json\n  \
                        modelmark credential verify credential.json --did-document did.json --at 2026-12-31T00:00:00Z --json\n  \
                        modelmark credential verify shown.sd-jwt --audience https://verifier.example --nonce n-0S6_WzA2Mj")]
pub(crate) struct VerifyArgs {
    /// Credential file, or - for stdin
    credential: PathBuf,
    /// The record that it should be about
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// DID document of the issuer, such as of a did:web, from a source that you trust
    #[arg(long, value_name = "FILE")]
    did_document: Option<PathBuf>,
    /// Public key of the issuer, from a source that you trust: a JSON Web Key, a multikey or a did:key
    #[arg(long, value_name = "FILE", conflicts_with = "did_document")]
    issuer_key: Option<PathBuf>,
    /// Who you are, for a token that is meant for somebody: the text that its `aud` has to name
    #[arg(long, value_name = "TEXT")]
    audience: Option<String>,
    /// What you gave the holder to sign, once: without their signature over it the credential does not verify
    #[arg(long, value_name = "TEXT", requires = "audience")]
    nonce: Option<String>,
    /// Time of the check (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
}

pub(super) fn run(session: &Session<'_>, args: &VerifyArgs) -> Result<u8> {
    let record = args.record.as_deref().map(read_record).transpose()?;
    let document = args.did_document.as_deref().map(|path| read_input(path, MAX_DOCUMENT_BYTES)).transpose()?;
    let issuer_key = args.issuer_key.as_deref().map(read_key).transpose()?;
    // One byte more than is read at all, so that the reader sees that the file is too long and says so.
    let credential = read_judged(&args.credential, MAX_CREDENTIAL_BYTES)?;
    let against = Against {
        at: args.at.map_or_else(now, Ok)?,
        did_document: document.as_deref(),
        issuer_key: issuer_key.as_ref(),
        record: record.as_ref(),
        audience: args.audience.as_deref(),
        nonce: args.nonce.as_deref(),
    };
    let report = verify(&credential, &against);
    session.output.result(&report, || told(&report))?;
    Ok(match report.verdict {
        Verdict::Verified => exit_codes::VERIFIED,
        Verdict::DoesNotVerify => exit_codes::DOES_NOT_VERIFY,
        Verdict::CouldNotLook => exit_codes::COULD_NOT_LOOK,
    })
}

fn told(report: &Report) -> String {
    let (tone, verdict) = match report.verdict {
        Verdict::Verified => (Tone::Good, "VERIFIED"),
        Verdict::DoesNotVerify => (Tone::Bad, "DOES NOT VERIFY"),
        Verdict::CouldNotLook => (Tone::Doubt, "COULD NOT LOOK"),
    };
    let mut lines = vec![paint(tone, verdict)];
    lines.extend(report.issuer.as_deref().map(|issuer| format!("issuer   {}", printable(issuer))));
    lines.extend(report.suite.as_deref().map(|suite| format!("suite    {}", printable(suite))));
    lines.extend(about(report).map(|record| format!("record   {}", printable(record))));
    lines.push(String::new());
    lines.extend(report.checks.iter().map(line));
    lines.join("\n")
}

/// Returns the digest of the record that the credential is about.
fn about(report: &Report) -> Option<&str> {
    report
        .credential
        .as_ref()
        .and_then(|credential| credential.pointer("/credentialSubject/recordDigest").or_else(|| credential.get("recordDigest")))?
        .as_str()
}

fn line(finding: &Finding) -> String {
    let (tone, word) = match finding.status {
        Status::Passed => (Tone::Good, "passed"),
        Status::Failed => (Tone::Bad, "failed"),
        Status::Unknown => (Tone::Doubt, "unknown"),
        Status::Skipped => (Tone::Faint, "skipped"),
    };
    let check = word_of(&finding.check);
    let code = finding.code.map(|code| format!("{}: ", word_of(&code))).unwrap_or_default();
    format!("{} {check:<21} {code}{}", paint(tone, &format!("{word:<8}")), printable(&finding.detail))
}

/// Returns the word that the JSON of the report has.
fn word_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
