//! `modelmark record --from-token`: what others state of a model in the metadata of their token, once the local files are those that it speaks of.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use modelmark_chain::{AddressBook, TokenRef};
use modelmark_record::foreign::MAX_METADATA_BYTES;
use modelmark_verify::{Code, Look, Policy, RecordBytes, Report, Sources, Status, Verdict, foreign_metadata};

use crate::chain_source;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::facts::Imported;
use crate::options::ChainArgs;
use crate::output::printable;
use crate::progress::Progress;
use crate::session::{Session, read_judged};

/// Which token.
#[derive(Debug, Args)]
#[command(next_help_heading = "Taking over the token of others")]
pub(crate) struct ImportArgs {
    /// Take over what the metadata of this token states, which others minted for the same model in a contract that is no modelmark registry: name,
    /// description, licence, picture, page, version and task. The files have to be those that its digest speaks of; the token stands in the lineage
    #[arg(long, value_name = "TOKEN", conflicts_with = "edit")]
    from_token: Option<String>,
    /// Its metadata [default: the block store, if its URI is `ipfs:`; on chain, if it is `data:`]. Nothing is fetched
    #[arg(long, value_name = "FILE", requires = "from_token")]
    metadata: Option<PathBuf>,
    /// Accept --metadata although nothing binds it to the token
    #[arg(long, requires = "metadata")]
    accept_unbound: bool,
    #[command(flatten)]
    chain: ChainArgs,
}

impl ImportArgs {
    /// Looks at the token, if one is named.
    ///
    /// # Errors
    /// It cannot be looked at, or the files at `path` are not those that its metadata speaks of.
    pub(super) fn look(&self, session: &Session<'_>, path: &Path) -> Result<Option<Imported>> {
        let Some(token) = &self.from_token else { return Ok(None) };
        let token: TokenRef = token.parse().or_usage()?;
        session.block_on(self.taken(session, path, token)).map(Some)
    }

    async fn taken(&self, session: &Session<'_>, path: &Path, token: TokenRef) -> Result<Imported> {
        let connected = chain_source::connect(session, &self.chain).await?;
        let brought = self.metadata.as_deref().map(|path| {
            let bytes = read_judged(path, MAX_METADATA_BYTES)?;
            Ok::<_, CommandError>(RecordBytes { bytes, source: path.display().to_string() })
        });
        let book = AddressBook::built_in().or_usage()?;
        let mut sources = Sources {
            path: Some(path),
            observer: Arc::new(Progress::new(session.output, "verify")),
            token: Some(token),
            metadata: brought.transpose()?,
            ..Sources::new(Ok(&connected.registry), &book, session.store()?)
        };
        let (uri, found) = foreign_metadata(&sources, &connected.chain, token).await.map_err(explain)?;
        let metadata = match found {
            Look::Found(found) => found,
            Look::Absent(why) => return Err(CommandError::refused(why)),
            Look::Unreachable(why) => {
                return Err(CommandError::unreachable(why).hint("`--metadata FILE` brings the metadata along"));
            }
            Look::NotAsked => return Err(CommandError::unreachable("nobody looked for the metadata")),
        };
        // The very bytes that are taken over are the ones that are held against the token and the files.
        sources.metadata = Some(RecordBytes { bytes: metadata.bytes.clone(), source: metadata.source });
        let policy = Policy { accept_unbound: self.accept_unbound, ..Policy::default() };
        let report = modelmark_verify::verify(sources, &policy).await.or_usage()?;
        held(&report, token)?;
        let token = token.to_string().parse().or_usage()?;
        Ok(Imported { token, uri: uri.and_then(|uri| uri.parse().ok()), metadata: metadata.bytes })
    }
}

/// Refuses metadata that does not speak of the local files.
fn held(report: &Report, token: TokenRef) -> Result<()> {
    let is = |code: Code, status: Status| report.check(code).is_some_and(|check| check.status == status);
    if is(Code::ForeignMetadata, Status::Skipped) {
        return Err(CommandError::usage(format!("{token} is of a modelmark registry, and has a record of its own"))
            .hint("`modelmark show TOKEN` shows it; what comes from it is published with `modelmark derive` or `modelmark version`"));
    }
    if is(Code::ForeignWeights, Status::Pass) && report.verdict == Verdict::VerifiedWithoutRecord {
        return Ok(());
    }
    let wrong = report.checks.iter().filter(|check| matches!(check.status, Status::Fail | Status::Unknown));
    let told: Vec<_> = wrong
        .flat_map(|check| std::iter::once(check.message.as_ref()).chain(check.details.iter().map(String::as_str)))
        .map(printable)
        .collect();
    let told = format!("nothing is taken over from {token}: {}", told.join("; "));
    Err(if report.verdict == Verdict::CouldNotLook { CommandError::unreachable(told) } else { CommandError::refused(told) })
}
