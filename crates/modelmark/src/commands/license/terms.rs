//! `modelmark license terms`: what licences permit and demand, in somebody's reading.

use clap::{Args, Subcommand};
use modelmark_chain::{LICENSE_DEMANDS, LICENSE_FLAGS, LICENSE_PERMITS, License, LicenseReading, license_conflict, license_reading};
use serde_json::json;

use super::address;
use crate::chain_source;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// State how one reads a licence, show somebody's reading, and check a licence against its parent's
///
/// No contract can read a licence. Gates of curated collections follow a reader whom they name. A reading is an opinion and no legal advice.
#[derive(Debug, Subcommand)]
pub(crate) enum TermsCommand {
    Set(Box<SetArgs>),
    Show(ShowArgs),
    Check(CheckArgs),
}

/// State what a licence permits and demands, once and for good
///
/// What is not named is not permitted and not demanded.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark license terms set Apache-2.0 --permits commercial,derivatives,redistribution --demands attribution"
)]
pub(crate) struct SetArgs {
    /// SPDX expression, letter for letter as records spell it
    license: String,
    /// What it permits, with commas: commercial, derivatives, redistribution
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    permits: Vec<String>,
    /// What it demands, with commas: attribution, share-alike, use-restricted
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    demands: Vec<String>,
    /// Its giver can take it back
    #[arg(long)]
    revocable: bool,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show how somebody reads a licence
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license terms show Apache-2.0 --reader 0x…")]
pub(crate) struct ShowArgs {
    /// SPDX expression, letter for letter as records spell it
    license: String,
    /// Whose reading
    #[arg(long, value_name = "ADDRESS")]
    reader: String,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Check whether a model under one licence may come from a model under another, by somebody's reading of both
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark license terms check --parent Apache-2.0 --child MIT --reader 0x…")]
pub(crate) struct CheckArgs {
    /// SPDX expression of the model that it comes from
    #[arg(long, value_name = "SPDX")]
    parent: String,
    /// SPDX expression of the model that comes from it
    #[arg(long, value_name = "SPDX")]
    child: String,
    /// Whose reading
    #[arg(long, value_name = "ADDRESS")]
    reader: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(super) fn run(session: &Session<'_>, command: &TermsCommand) -> Result<()> {
    match command {
        TermsCommand::Set(args) => session.block_on(set(session, args)),
        TermsCommand::Show(args) => session.block_on(show(session, args)),
        TermsCommand::Check(args) => session.block_on(check(session, args)),
    }
}

async fn set(session: &Session<'_>, args: &SetArgs) -> Result<()> {
    let license = license("the licence", &args.license)?;
    let reading = reading(args)?;
    let acting = args.transaction.act(session).await?;
    let reader = acting.wallet.address();
    let before = license_reading(&acting.chain, reader, &license).await.map_err(explain)?;
    if let Some(other) = before.filter(|before| *before != reading) {
        return Err(CommandError::refused(format!(
            "{reader} has read {} before, as {}, which is for good; nothing was sent",
            printable(license.spdx()),
            words(other)
        )));
    }
    let calls = if before.is_some() { Vec::new() } else { vec![reading.state(&license)] };
    acting
        .make_and_tell(session, calls, |_| {
            let value =
                json!({"license": license.spdx(), "reader": reader.to_checksum(None), "reading": reading, "changed": before.is_none()});
            Ok((value, format!("{}: {}, says {reader}", printable(license.spdx()), words(reading))))
        })
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let license = license("the licence", &args.license)?;
    let reader = address("--reader", &args.reader)?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let reading = license_reading(&chain, reader, &license).await.map_err(explain)?;
    let value = json!({"license": license.spdx(), "reader": reader.to_checksum(None), "reading": reading});
    session.output.result(&value, || match reading {
        Some(reading) => format!("{}: {}, says {reader}", printable(license.spdx()), words(reading)),
        None => format!("{reader} has not read {}", printable(license.spdx())),
    })
}

async fn check(session: &Session<'_>, args: &CheckArgs) -> Result<()> {
    let (parent, child) = (license("--parent", &args.parent)?, license("--child", &args.child)?);
    let reader = address("--reader", &args.reader)?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let conflict = license_conflict(&chain, reader, &parent, &child).await.map_err(explain)?;
    let value = json!({
        "parent": parent.spdx(),
        "child": child.spdx(),
        "reader": reader.to_checksum(None),
        "allowed": conflict.is_none(),
        "conflict": conflict,
    });
    session.output.result(&value, || match conflict {
        None => format!("ALLOWED  by the reading of {reader}"),
        Some(reason) => format!("NOT ALLOWED  {reason}, says {reader}"),
    })
}

/// Returns the reading that the options name.
fn reading(args: &SetArgs) -> Result<LicenseReading> {
    let (permits, rest) = LICENSE_FLAGS.split_at(LICENSE_PERMITS);
    let (demands, _) = rest.split_at(LICENSE_DEMANDS);
    for (option, given, known) in [("--permits", &args.permits, permits), ("--demands", &args.demands, demands)] {
        if let Some(other) = given.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(CommandError::usage(format!("{option} {other}: the names are {}", known.join(", "))));
        }
    }
    let named = args.permits.iter().chain(&args.demands).map(String::as_str).chain(args.revocable.then_some("revocable"));
    LicenseReading::named(named).ok_or_else(|| CommandError::usage("a name that no licence has"))
}

/// Says what a licence permits, demands and keeps.
fn words(reading: LicenseReading) -> String {
    let names = reading.names();
    let of = |place: std::ops::Range<usize>| {
        let of: Vec<_> =
            names.iter().copied().filter(|name| LICENSE_FLAGS.get(place.clone()).is_some_and(|part| part.contains(name))).collect();
        if of.is_empty() { "nothing".to_owned() } else { of.join(", ") }
    };
    let demands = LICENSE_PERMITS..LICENSE_PERMITS + LICENSE_DEMANDS;
    let kept = if names.contains(&"revocable") { "; can be taken back" } else { "" };
    format!("permits {}; demands {}{kept}", of(0..LICENSE_PERMITS), of(demands))
}

fn license(option: &str, text: &str) -> Result<License> {
    License::new(text, None).or_usage().map_err(|error| error.hint(format!("{option} is an SPDX expression, such as Apache-2.0")))
}
