//! `modelmark consent`: mints that the creator signs and somebody else submits and pays for.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use modelmark_chain::{Registry, SignedMint, token_id_of};
use serde_json::json;

use crate::chain_source;
use crate::commands::mint::{explain, genuine, input, recipient};
use crate::commands::sign::read_record;
use crate::commands::store::{keep, read_signatures};
use crate::error::{CommandError, Result};
use crate::session::{Session, read_input};
use crate::transaction::TransactionArgs;

const MAX_CONSENT_BYTES: u64 = 64 << 10;
const DAY: u64 = 86_400;

/// Consent to a mint that somebody else submits and pays for, and submit one
#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    Sign(Box<SignArgs>),
    Submit(Box<SubmitArgs>),
}

/// Sign a mint for somebody else to submit
///
/// All that the mint stores is signed, and so are the owner and the time: whoever submits it chooses nothing. Minting the record directly makes the consent void.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark consent sign record.json --to 0x… --days 7 > consent.json")]
pub(crate) struct SignArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Owner of the token [default: the creator]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// How long the consent counts
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=3650))]
    days: u64,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Submit a mint that its creator signed
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark consent submit consent.json record.json --dry-run")]
pub(crate) struct SubmitArgs {
    /// What `consent sign` printed, or - for stdin
    consent: PathBuf,
    /// The record that it is about
    record: PathBuf,
    /// Signature document of the record, to be stored with it
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &ConsentCommand) -> Result<()> {
    match command {
        ConsentCommand::Sign(args) => session.block_on(sign(session, args)),
        ConsentCommand::Submit(args) => session.block_on(submit(session, args)),
    }
}

async fn sign(session: &Session<'_>, args: &SignArgs) -> Result<()> {
    let to = recipient(args.to.as_deref())?;
    let record = read_record(&args.record)?;
    let acting = args.transaction.act(session).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let model = input(session, &record, &registry)?;
    let token = registry.token(token_id_of(&model));
    if registry.exists(token.id()).await.map_err(explain)? {
        return Err(CommandError::refused(format!("{token} is minted already; nothing was signed")));
    }
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() + args.days * DAY;
    let consent = registry.authorize_mint(&acting.wallet, to.unwrap_or(model.creator), &model, deadline).map_err(explain)?;
    let document = SignedMint::new(&registry, consent);
    let json = serde_json::to_string_pretty(&document).map_err(|error| CommandError::refused(error.to_string()))?;
    session.output.result(&document, || json)
}

async fn submit(session: &Session<'_>, args: &SubmitArgs) -> Result<()> {
    let bytes = read_input(&args.consent, MAX_CONSENT_BYTES)?;
    let document: SignedMint = serde_json::from_slice(&bytes)
        .map_err(|error| CommandError::usage(format!("`{}` is no creator's consent: {error}", args.consent.display())))?;
    let record = read_record(&args.record)?;
    let signatures = args.signature.as_deref().map(|path| read_signatures(path, &record)).transpose()?;
    let acting = args.transaction.act(session).await?;
    if document.chain != acting.chain.id() {
        return Err(CommandError::usage(format!(
            "the creator signed for {}, and the endpoint serves {}",
            document.chain,
            acting.chain.id()
        )));
    }
    let registry = Registry::at(&acting.chain, document.registry);
    genuine(&registry).await?;
    let token = registry.token(document.token_id());
    let consent = document.about(input(session, &record, &registry)?).ok_or_else(|| {
        CommandError::refused(format!("`{}` is not about this record but about {token}; nothing was sent", args.consent.display()))
    })?;
    let there = registry.exists(token.id()).await.map_err(explain)?;
    let calls = match there {
        true => Vec::new(),
        false => {
            let licence = registry.license_call(&consent.model.license).await.map_err(explain)?;
            licence.into_iter().chain([registry.relay_mint(&consent)]).collect()
        }
    };
    let keep = || keep(session, &record, signatures.as_deref()).map(drop);
    acting
        .keep_make_and_tell(session, calls, keep, |_| {
            let value = json!({"token": token, "record": record.id().to_string(), "owner": consent.to.to_checksum(None), "minted": !there});
            Ok((value, token.to_string()))
        })
        .await
}
