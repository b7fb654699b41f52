//! `modelmark anchor commit`: a commitment to weights that are shown later.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{Commitment, committed_at};
use modelmark_digest::Sha256Digest;
use modelmark_log::{Entry, EntryKind};
use serde_json::json;

use super::secret;
use crate::commands::mint::explain as explain_chain;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::output::printable;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Commit to a model's weights without showing them, to prove the time later
///
/// What is published is a hash of creator, weights and a random salt. The salt is kept in a file that only you can read: without it nothing can ever be
/// shown, so keep a copy. Running it again with the same file goes on where it ended. An earlier time is an earlier claim and nothing more.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  modelmark record ./my-model > record.json\n  modelmark anchor commit record.json --secret my-model.secret\n  \
                        modelmark anchor commit record.json --secret my-model.secret --entry > entries.txt"
)]
pub(crate) struct CommitArgs {
    /// Record file, of which creator and weights count, or - for stdin
    record: PathBuf,
    /// File for the salt, made when it is not there
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Send nothing: print the commitment as an entry for `anchor build --list`, so that one anchor dates any number of them
    #[arg(long)]
    entry: bool,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(super) fn run(session: &Session<'_>, args: &CommitArgs) -> Result<()> {
    let record = read_record(&args.record)?;
    let provenance = &record.record().provenance;
    let (creator, weights) = (provenance.creator.account.address(), provenance.weights.cid.digest());
    let found = secret::find(&args.secret)?;
    if found.as_ref().is_some_and(|found| (found.creator, found.weights) != (creator, weights)) {
        return Err(CommandError::usage(format!("`{}` is the secret of another model's commitment", args.secret.display()))
            .hint("name a file of its own for each model"));
    }
    let is_new = found.is_none();
    let commitment = found.map_or_else(|| Commitment::new(creator, weights).or_usage(), Ok)?;
    if args.entry {
        keep(session, args, &commitment, is_new)?;
        let entry = Entry::new(EntryKind::Commit, Sha256Digest::from(commitment.digest().0));
        return session.output.result(&json!({"commitment": commitment.digest(), "entry": entry.to_string()}), || entry.to_string());
    }
    session.block_on(async {
        let acting = args.transaction.act(session).await?;
        let before = committed_at(&acting.chain, &commitment).await.map_err(explain_chain)?;
        match args.transaction.is_dry_run() {
            true if is_new => session.output.note("no file was written: the salt of this dry run is thrown away"),
            true => {}
            // What is published before its salt is kept can never be shown.
            false => keep(session, args, &commitment, is_new)?,
        }
        let calls = if before.is_some() { Vec::new() } else { vec![commitment.commit()] };
        acting
            .make_and_tell(session, calls, |_| {
                let news = if before.is_some() { "was made before" } else { "is made" };
                let value = json!({
                    "chain": acting.chain.id(),
                    "commitment": commitment.digest(),
                    "creator": creator.to_checksum(None),
                    "committedBefore": before,
                });
                Ok((value, format!("commitment {} {news}; show it with `modelmark anchor reveal`", commitment.digest())))
            })
            .await
    })
}

fn keep(session: &Session<'_>, args: &CommitArgs, commitment: &Commitment, is_new: bool) -> Result<()> {
    if !is_new {
        return Ok(());
    }
    secret::write(&args.secret, commitment)?;
    let path = printable(&args.secret.display().to_string());
    session.output.note(format!("the salt was written to `{path}`; who loses it cannot show the commitment"));
    Ok(())
}
