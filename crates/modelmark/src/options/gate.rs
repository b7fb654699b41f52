//! What the verbs that stand before a model are told: which token and record it has to be, and what is accepted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use modelmark_chain::TokenRef;
use modelmark_record::MAX_RECORD_BYTES;
use modelmark_remote::TokenIndex;
use modelmark_verify::{DEADLINE, Look, Policy, RecordBytes, Report, Scope, SignatureFile};

use super::{FindArgs, LookArgs, PolicyArgs, SourceArgs};
use crate::commands::verify::{signature_file, without_newline};
use crate::error::{OrKind as _, Result};
use crate::session::{Session, read_judged};
use crate::verifier::{Subject, Verifier};

/// What a model has to be, as options.
#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    #[command(flatten)]
    pub(crate) find: FindArgs,
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>` [default: found by the digest of the weights]
    #[arg(long, value_name = "TOKEN", conflicts_with = "index")]
    token: Option<String>,
    /// Compute everything that the record states, also the SHA-256 of every file and the tensors; CIDs, which are always compared, bind every byte alone
    #[arg(long)]
    full: bool,
    /// Record file to use instead of looking in the block store
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Signature document that belongs to the record; repeatable
    #[arg(long, value_name = "FILE")]
    signature: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Policy: refuse a model that runs code when it is loaded, or may for all that can be seen
    #[arg(long, help_heading = "Policy")]
    deny_code: bool,
    #[command(flatten)]
    chain: LookArgs,
    #[command(flatten)]
    places: SourceArgs,
}

/// The same, read and checked.
pub(crate) struct Gate<'g> {
    args: &'g GateArgs,
    token: Option<TokenRef>,
    index: Option<Arc<TokenIndex>>,
    record: Option<RecordBytes>,
    signatures: Vec<SignatureFile>,
    policy: Policy,
}

impl GateArgs {
    /// Reads what the options name, once: what is demanded does not change later.
    pub(crate) fn read(&self) -> Result<Gate<'_>> {
        let record = self.record.as_deref().map(|path| {
            let bytes = without_newline(read_judged(path, MAX_RECORD_BYTES)?);
            Ok(RecordBytes { bytes, source: path.display().to_string() })
        });
        self.find.check()?;
        Ok(Gate {
            args: self,
            token: self.token.as_deref().map(str::parse).transpose().or_usage()?,
            index: self.find.index()?,
            record: record.transpose()?,
            signatures: self.signature.iter().map(|path| signature_file(path)).collect::<Result<_>>()?,
            policy: Policy { deny_code: self.deny_code, ..self.policy.policy()? },
        })
    }
}

impl Gate<'_> {
    /// Verifies the files at `path`, which the report names as `shown`. Everything is read, nothing comes from the digest cache, and when it is done the
    /// chain is free for others.
    pub(crate) fn verify(&self, session: &Session<'_>, path: &Path, shown: &Path) -> Result<Report> {
        let subject = Subject {
            path: Some(path),
            scope: Scope::Whole,
            full: self.args.full,
            cached: false,
            outboard: None,
            token: self.token,
            record: self.record.clone(),
            signatures: self.signatures.clone(),
            metadata: None,
            oms: Look::NotAsked,
            oms_signatures: Vec::new(),
            fail_fast: false,
        };
        let mut report = session.block_on(async {
            let verifier = Verifier::unconnected(session, &self.args.places, self.policy.clone(), DEADLINE)?.with_index(self.index.clone());
            Ok(verifier.connect_and_gather(&self.args.chain, subject).await?.report)
        })?;
        report.path = Some(shown.display().to_string());
        Ok(report)
    }
}
