//! The record of a model that is to be fetched, judged before anything else is.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{AddressBook, TokenRef};
use modelmark_digest::{ContentId, Request};
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId, Spdx};
use modelmark_remote::Reader;
use modelmark_storage::{MemoryStore, Store};
use modelmark_verify::{Code, Look, Policy, RecordBytes, Report, RequiredSigner, Scope, Sources, Status, Verdict};
use serde_json::json;

use super::FetchArgs;
use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint;
use crate::commands::verify::{account, required_signer, shown, signature_file, without_newline};
use crate::error::{CommandError, OrKind as _, Result};
use crate::places;
use crate::session::{Session, read_input};

/// Whom the record has to be by.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// Signature document that belongs to the record; repeatable
    #[arg(long, value_name = "FILE")]
    signature: Vec<PathBuf>,
    /// Policy: accept this creator only; repeatable
    #[arg(long, value_name = "ADDRESS", help_heading = "Policy")]
    creator: Vec<String>,
    /// Policy: demand signatures over the record by so many of the accounts that it names, its creator and contributors
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, help_heading = "Policy")]
    require_signatures: usize,
    /// Policy: demand the signature over the record of `creator`, of all `contributors`, or of an account; repeatable
    #[arg(long, value_name = "SIGNER", value_parser = required_signer, help_heading = "Policy")]
    require_signature: Vec<RequiredSigner>,
    /// Policy: accept this licence only; repeatable
    #[arg(long, value_name = "SPDX", help_heading = "Policy")]
    license: Vec<String>,
    /// Policy: follow this curator too, whose disputes and revocations refuse the model; repeatable
    #[arg(long, value_name = "ADDRESS", help_heading = "Policy")]
    curator: Vec<String>,
    /// Policy: accept a model although it, or one that it comes from, was recalled, or is disputed or revoked by a followed curator
    #[arg(long, help_heading = "Policy")]
    accept_recalled: bool,
}

impl TrustArgs {
    /// Tells whether nobody was named whom the record has to be by.
    const fn takes_any_author(&self) -> bool {
        self.creator.is_empty() && self.require_signatures == 0 && self.require_signature.is_empty()
    }

    fn policy(&self) -> Result<Policy> {
        let licenses =
            self.license.iter().map(|text| text.parse::<Spdx>().map_err(|error| CommandError::usage(format!("--license: {error}"))));
        let curators = self
            .curator
            .iter()
            .map(|text| modelmark_chain::parse_address(text).map_err(|error| CommandError::usage(format!("--curator: {error}"))));
        Ok(Policy {
            creators: self.creator.iter().map(|text| account(text)).collect::<Result<_>>()?,
            licenses: licenses.collect::<Result<_>>()?,
            signatures: self.require_signatures,
            signers: self.require_signature.clone(),
            curators: curators.collect::<Result<_>>()?,
            accept_recalled: self.accept_recalled,
            ..Policy::default()
        })
    }
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
    let policy = args.trust.policy()?;
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
    let sources = Sources {
        path: None,
        scope: Scope::Whole,
        outboard: None,
        request: Request::cids(),
        observer: &(),
        cache: None,
        registry: registry.as_ref().map_err(Clone::clone),
        address_book: &AddressBook::built_in().or_usage()?,
        token,
        store,
        remote: Some(reader),
        web: None,
        record: Some(record.clone()),
        signatures,
        metadata: None,
        oms: Look::NotAsked,
    };
    let report = modelmark_verify::verify(sources, &policy).await.or_usage()?;
    let unsigned = args.trust.takes_any_author() && token.is_none() && lacks_only_a_signature(&report);
    if unsigned {
        session.output.note("nothing says who made the record: no token was named and no signature is at hand; `--signature` brings one");
    } else if report.verdict != Verdict::Verified {
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
