//! `modelmark status`: what a token's creator and curators say about how it stands.

use clap::{Args, Subcommand};
use modelmark_chain::{Address, Call, CuratorStep, Judgement, Registry, Status, TokenRef, judgement, parse_address};
use modelmark_digest::Sha256Digest;
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::evidence;
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Say or show how a token stands: deprecated, superseded, recalled, disputed, revoked
#[derive(Debug, Subcommand)]
pub(crate) enum StatusCommand {
    Set(Box<SetArgs>),
    Show(ShowArgs),
}

/// Say how a token stands
///
/// Its creator says `deprecated`, `superseded` or `recalled`, forwards only and for good, also after a sale. Anybody else is a curator, who says in their
/// own list `disputed` (for 90 days), `revoked` (of an own dispute) or `active` (takes it back); it counts for those who follow that curator.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark status set eip155:31337/erc721:0x…/123… recalled --reason why.md\n  \
                        modelmark status set eip155:31337/erc721:0x…/123… disputed --reason findings.pdf --dev-account 3")]
pub(crate) struct SetArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// What to say: deprecated, superseded, recalled; disputed, revoked, active
    status: String,
    /// Document that gives the reason: a file, whose SHA-256 is stated, or 0x and its SHA-256; a curator needs one
    #[arg(long, value_name = "FILE|DIGEST", conflicts_with = "by")]
    reason: Option<String>,
    /// Token that takes its place, for `superseded`
    #[arg(long, value_name = "TOKEN")]
    by: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show how a token stands
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark status show eip155:31337/erc721:0x…/123… --curator 0x…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Curator whose list counts too; repeatable
    #[arg(long, value_name = "ADDRESS")]
    curator: Vec<String>,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &StatusCommand) -> Result<()> {
    match command {
        StatusCommand::Set(args) => session.block_on(set(session, args)),
        StatusCommand::Show(args) => session.block_on(show(session, args)),
    }
}

async fn set(session: &Session<'_>, args: &SetArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let status: Status = args.status.parse().or_usage()?;
    let next = next(args, status)?;
    let reason = match (&args.reason, next) {
        (Some(text), _) => Some(evidence::digest("--reason", text)?),
        (None, next) => next.map(|next| Sha256Digest::from(next.id().get().to_be_bytes::<32>())),
    };
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &token)?;
    let registry = registry_of(&acting.chain, &token);
    if !registry.exists(token.id()).await.map_err(explain)? {
        return Err(CommandError::refused(format!("there is no token {token}; nothing was sent")));
    }
    let curator = |step: CuratorStep| match reason {
        Some(evidence) => Ok(step.call(&token, evidence.as_bytes().into())),
        None => {
            Err(CommandError::usage("a curator's word needs evidence").hint("name the document that gives the reasons with `--reason`"))
        }
    };
    let call: Call = match status {
        Status::Deprecated | Status::Superseded | Status::Recalled => {
            genuine(&registry).await?;
            if let Some(next) = &next {
                check_next(&registry, &token, next).await?;
            }
            registry.set_status(token.id(), status, reason.map_or_else(Default::default, |digest| digest.as_bytes().into()))
        }
        Status::Disputed => curator(CuratorStep::Dispute)?,
        Status::Revoked => curator(CuratorStep::Confirm)?,
        Status::Active => curator(CuratorStep::Withdraw)?,
    };
    acting
        .make_and_tell(session, vec![call], |_| {
            let by = acting.wallet.address();
            Ok((
                json!({"token": token, "status": status, "by": by.to_checksum(None), "reason": reason.map(|digest| digest.to_0x())}),
                format!("{token} is {status}, says {by}"),
            ))
        })
        .await
}

/// Returns the token that takes the place of the one that is superseded.
fn next(args: &SetArgs, status: Status) -> Result<Option<TokenRef>> {
    let Some(by) = &args.by else { return Ok(None) };
    if status != Status::Superseded {
        return Err(CommandError::usage(format!("--by says what takes a token's place, which `{status}` does not mean")));
    }
    by.parse().map(Some).map_err(|error| CommandError::usage(format!("--by: {error}")))
}

/// Refuses what cannot take a token's place: it is said for good, and the contract keeps the id alone.
async fn check_next(registry: &Registry, token: &TokenRef, next: &TokenRef) -> Result<()> {
    if next == token {
        return Err(CommandError::usage("--by: a token does not take its own place"));
    }
    if (next.chain(), next.contract()) != (token.chain(), token.contract()) {
        return Err(CommandError::usage(format!(
            "--by: {next} is of another collection than {token}, and the contract keeps its id alone"
        )));
    }
    match registry.exists(next.id()).await.map_err(explain)? {
        true => Ok(()),
        false => Err(CommandError::refused(format!("--by: there is no token {next}"))),
    }
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let curators: Vec<Address> = args
        .curator
        .iter()
        .map(|text| parse_address(text).map_err(|error| CommandError::usage(format!("--curator: {error}"))))
        .collect::<Result<_>>()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let model = registry_of(&chain, &token).model(token.id()).await.map_err(explain)?;
    let own = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?.status;
    let mut judgements: Vec<Judgement> = Vec::new();
    for curator in curators {
        judgements.push(judgement(&chain, curator, &token).await.map_err(explain)?);
    }
    let worst = judgements.iter().map(|judgement| judgement.status).chain([own]).max_by_key(weight).unwrap_or(own);
    let value = json!({"token": token, "status": worst, "creator": own, "curators": judgements});
    session.output.result(&value, || {
        let mut lines = vec![format!("{worst}"), format!("  {own}, says the creator")];
        lines.extend(judgements.iter().map(line));
        lines.join("\n")
    })
}

/// Returns the order of statuses by weight: that of the contract, but for disputes. A dispute ends by itself and a recall stays, so it must not hide one.
fn weight(status: &Status) -> (Status, bool) {
    match status {
        Status::Disputed => (Status::Recalled, false),
        other => (*other, true),
    }
}

fn line(judgement: &Judgement) -> String {
    let until = judgement.until.map(|time| format!(" until {time} (Unix time)")).unwrap_or_default();
    let evidence = if judgement.evidence.is_zero() { String::new() } else { format!(", evidence {}", judgement.evidence) };
    format!("  {}{until}, says {}{evidence}", judgement.status, judgement.curator)
}
