//! The record of a model that is to be fetched, judged before anything else is.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{AddressBook, TokenRef};
use modelmark_digest::ContentId;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId};
use modelmark_remote::Reader;
use modelmark_storage::{MemoryStore, Store};
use modelmark_verify::{Code, RecordBytes, Report, Sources, Status, Verdict};
use serde_json::json;

use super::FetchArgs;
use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint;
use crate::commands::verify::{shown, signature_file, without_newline};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::PolicyArgs;
use crate::places;
use crate::session::{Session, read_input};

/// Whom the record has to be by.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// Signature document that belongs to the record; repeatable
    #[arg(long, value_name = "FILE")]
    signature: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
}

/// What names the record.
pub(super) enum Source {
    Token(TokenRef),
    Cid(ContentId),
    File(RecordBytes),
}

impl Source {
    pub(super) fn of(text: &str) -> Result<Self> {
        if text == "-" || Path::new(text).is_file() {
            let bytes = without_newline(read_input(Path::new(text), MAX_RECORD_BYTES as u64 + 1)?);
            return Ok(Self::File(RecordBytes { bytes, source: text.to_owned() }));
        }
        if text.starts_with("eip155:") {
            return text.parse().map(Self::Token).or_usage();
        }
        let cid = text.strip_prefix("ipfs://").unwrap_or(text).parse();
        cid.map(Self::Cid).map_err(|_| CommandError::usage(format!("{text:?} is neither a token nor a CID, and there is no such file")))
    }
}

/// What the look at the record came to.
pub(super) enum Looked {
    Good(Box<CanonicalRecord>),
    /// The report was shown; this is its exit code.
    Refused(u8),
}

/// Finds the record, and judges it by itself, or with its token when one is named.
pub(super) async fn look(session: &Session<'_>, args: &FetchArgs, source: Source, reader: &Reader) -> Result<Looked> {
    let policy = args.trust.policy.policy()?;
    let signatures = args.trust.signature.iter().map(|path| signature_file(path)).collect::<Result<Vec<_>>>()?;
    let mut registry = Err("no token was named".to_owned());
    let (record, token) = match source {
        Source::File(record) => (record, None),
        Source::Cid(cid) => (find(reader, cid).await?, None),
        Source::Token(token) => {
            let chain = chain_source::connect(session, &args.chain).await?.chain;
            check_chain(&chain, &token)?;
            let asked = registry_of(&chain, &token);
            let model = asked.model(token.id()).await.map_err(mint::explain)?;
            let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
            registry = Ok(asked);
            (find(reader, RecordId::from(model.record).cid()).await?, Some(token))
        }
    };
    let empty = MemoryStore::new();
    let store: &dyn Store = session.store().map_or(&empty, |store| store as &dyn Store);
    let book = AddressBook::built_in().or_usage()?;
    let sources = Sources {
        token,
        remote: Some(reader),
        record: Some(record.clone()),
        signatures,
        ..Sources::new(registry.as_ref().map_err(Clone::clone), &book, store)
    };
    let report = modelmark_verify::verify(sources, &policy).await.or_usage()?;
    let unsigned = args.trust.policy.takes_any_author() && token.is_none() && lacks_only_a_signature(&report);
    if unsigned {
        session.output.note("nothing says who made the record: no token was named and no signature is at hand; `--signature` brings one");
    } else if report.verdict != Verdict::RecordVerified {
        session.output.result(&json!({"fetched": false, "report": report}), || shown::text(&report, false))?;
        return Ok(Looked::Refused(report.verdict.exit_code()));
    }
    report.notes.iter().for_each(|note| session.output.note(crate::output::printable(note)));
    let parsed = CanonicalRecord::parse(&record.bytes).or_refused()?;
    session.output.step("record", format!("{} by {}", parsed.id(), parsed.record().provenance.creator.account));
    Ok(Looked::Good(Box::new(parsed)))
}

/// Tells whether all that keeps a record from being verified is that nobody's signature is at hand. Who names a record by its content, and not its author,
/// gets what was named.
fn lacks_only_a_signature(report: &Report) -> bool {
    let wrong = |status: Status| matches!(status, Status::Fail | Status::Unknown);
    let mut wrong = report.checks.iter().filter(|check| wrong(check.status)).peekable();
    wrong.peek().is_some() && wrong.all(|check| check.code == Code::CreatorSignature && check.status == Status::Unknown)
}

/// Returns the record behind a CID from the first place that has it.
async fn find(reader: &Reader, cid: ContentId) -> Result<RecordBytes> {
    let bytes = reader.small(&cid, MAX_RECORD_BYTES).await.map_err(|error| {
        places::explain(error).hint("`--place URL` names places that have the record; a record at hand can be given as a file")
    })?;
    Ok(RecordBytes { bytes, source: cid.to_string() })
}
