//! `modelmark storage repair`: puts again what a place lost, from this machine or from another place.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use modelmark_chain::ChainId;
use modelmark_digest::{Codec, ContentId};
use modelmark_remote::redundancy::{self, Condition, Depth};
use modelmark_remote::{Address, Item, Receipt, Remote, RemoteError, SecondStore};
use modelmark_storage::{LocalStore, Store as _};
use modelmark_verify::exit_codes;
use serde::Serialize;
use serde_json::json;

use super::{Now, look, subject};
use crate::credentials;
use crate::error::{CommandError, Result};
use crate::options::{ChainArgs, SignerArgs};
use crate::output::printable;
use crate::places;
use crate::progress::Transfer;
use crate::session::Session;
use crate::signer;

/// Put again what places have lost
///
/// It is taken from the block store of this machine; what that does not have, or has damaged, from another place that has it. Every block is held against
/// its CID on the way. Exit code 0: all of it is where it was; 1: it is nowhere any more, or a place does not take it; 3: a place could not be asked.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage repair record.json")]
pub(crate) struct RepairArgs {
    /// Record file, CID, or token [default: everything that any place has taken]
    #[arg(value_name = "RECORD|CID|TOKEN")]
    named: Option<String>,
    /// Read all of what is large to see whether it is there
    #[arg(long)]
    full: bool,
    /// Do not ask before paying a place
    #[arg(short, long)]
    yes: bool,
    /// How long a place that is still working on it is asked again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=86_400))]
    place_wait: u64,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    signer: SignerArgs,
}

/// What came of one receipt.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mended {
    root: ContentId,
    place: String,
    outcome: Outcome,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    /// It was there.
    There,
    /// It is there again.
    Mended,
    /// It is not there.
    Lost,
    /// The place could not be asked.
    Unreachable,
}

/// A place as it was found.
struct Found {
    receipt: Receipt,
    place: Option<Arc<dyn Remote>>,
    now: Now,
}

pub(super) fn run(session: &Session<'_>, args: &RepairArgs) -> Result<u8> {
    let receipts = subject::receipts(session, args.named.as_deref(), &args.chain)?;
    let mut credentials = credentials::gather()?;
    for (_, receipt) in &receipts {
        // A place that cannot be read as one is told below.
        if let Ok(place) = receipt.place.parse::<Address>()
            && credentials.ethereum.is_none()
            && credentials::wants_account(&credentials, &place)
        {
            credentials = credentials::with_account(&credentials, &place, &signer::wallet(&args.signer, ChainId::DEVELOPMENT)?)?;
        }
    }
    let mended = session.block_on(async {
        let mut found = Vec::new();
        for (_, receipt) in receipts {
            let (place, now) = look(&receipt, &credentials, args.full).await;
            found.push(Found { receipt, place, now });
        }
        let mut mended = Vec::new();
        for at in &found {
            let others: Vec<&Found> = found.iter().filter(|other| other.receipt.root == at.receipt.root && other.now.holds()).collect();
            mended.push(mend(session, args, at, &others).await?);
        }
        mended.extend(here(session, args, &found).await?);
        Ok(mended)
    })?;
    let lines: Vec<String> = mended.iter().map(Mended::line).collect();
    session.output.result(&json!({"places": mended}), || lines.join("\n"))?;
    let any = |outcome| mended.iter().any(|mended| mended.outcome == outcome);
    Ok(if any(Outcome::Lost) {
        exit_codes::DOES_NOT_VERIFY
    } else if any(Outcome::Unreachable) {
        exit_codes::COULD_NOT_LOOK
    } else {
        exit_codes::VERIFIED
    })
}

impl Mended {
    fn new(receipt: &Receipt, outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { root: receipt.root, place: receipt.place.clone(), outcome, reason: reason.into() }
    }

    fn line(&self) -> String {
        let outcome = match self.outcome {
            Outcome::There => "there",
            Outcome::Mended => "put again",
            Outcome::Lost => "lost",
            Outcome::Unreachable => "could not look",
        };
        let gap = if self.reason.is_empty() { "" } else { ": " };
        printable(&format!("{}  {}  {outcome}{gap}{}", self.place, self.root, self.reason))
    }
}

/// Puts it again where it was lost.
async fn mend(session: &Session<'_>, args: &RepairArgs, at: &Found, others: &[&Found]) -> Result<Mended> {
    let receipt = &at.receipt;
    let Some(place) = at.place.as_ref().filter(|_| at.now.is_lost()) else {
        let outcome = if at.now.holds() { Outcome::There } else { Outcome::Unreachable };
        return Ok(Mended::new(receipt, outcome, if at.now.holds() { String::new() } else { at.now.reason() }));
    };
    if let Ok(Some(cost)) = place.estimate(receipt.bytes).await {
        let price = printable(&format!("{} {} at {}", cost.amount, cost.unit, receipt.place));
        if !args.yes && !session.output.confirm(&format!("Pay {price}?")) {
            return Err(CommandError::usage(format!("nothing was sent: it would cost {price}, and nobody agreed"))
                .hint("agree on the terminal, or pass `--yes`"));
        }
    }
    let mut put = put(session, args, receipt, place.as_ref()).await;
    if let Err(RemoteError::Store(missing)) = &put {
        session.output.note(printable(&format!("{missing}; looking for it elsewhere")));
        if bring(session, others).await? {
            put = self::put(session, args, receipt, place.as_ref()).await;
        }
    }
    Ok(match put {
        Ok(condition) if condition.holds() => Mended::new(receipt, Outcome::Mended, ""),
        Ok(condition) => Mended::new(receipt, Outcome::Lost, condition.to_string()),
        Err(error @ (RemoteError::Unreachable { .. } | RemoteError::Timeout { .. } | RemoteError::Busy { .. })) => {
            Mended::new(receipt, Outcome::Unreachable, error.to_string())
        }
        Err(error) => Mended::new(receipt, Outcome::Lost, error.to_string()),
    })
}

async fn put(
    session: &Session<'_>,
    args: &RepairArgs,
    receipt: &Receipt,
    place: &dyn Remote,
) -> std::result::Result<Condition, RemoteError> {
    let store =
        session.shared_store().map_err(|error| RemoteError::Unreachable { place: receipt.place.clone(), reason: error.to_string() })?;
    let item = item(&store, receipt)?;
    let progress = Transfer::new(session.output, "upload", item.bytes);
    let note = |receipt: &Receipt| redundancy::note(&store, receipt);
    let wait = Duration::from_secs(args.place_wait);
    redundancy::keep(place, &item, Arc::clone(&store) as Arc<_>, &progress, wait, note).await.map(|(_, condition)| condition)
}

fn item(store: &LocalStore, receipt: &Receipt) -> std::result::Result<Item, RemoteError> {
    if receipt.root.codec() == Codec::DagPb {
        return Ok(Item { alone: receipt.alone, ..places::tree(receipt.root, receipt.bytes) });
    }
    let missing = || modelmark_storage::StorageError::Missing { id: receipt.root, store: store.name().to_owned() };
    if store.get(&receipt.root, modelmark_storage::MAX_BLOCK_BYTES)?.is_none() {
        return Err(missing().into());
    }
    places::item(store, receipt.root).map_err(|_| missing().into())
}

/// Brings it to this machine from the first place that gives all of it.
async fn bring(session: &Session<'_>, others: &[&Found]) -> Result<bool> {
    let store = session.shared_store()?;
    for other in others {
        let Some(place) = &other.place else { continue };
        match redundancy::bring(place.as_ref(), &other.receipt, Arc::clone(&store) as Arc<_>).await {
            Ok(()) => return Ok(true),
            Err(error) => session.output.note(printable(&error.to_string())),
        }
    }
    Ok(false)
}

/// Mends what this machine itself has damaged, where a place still has it whole.
async fn here(session: &Session<'_>, args: &RepairArgs, found: &[Found]) -> Result<Vec<Mended>> {
    let store = session.shared_store()?;
    let own = SecondStore::over(Arc::clone(&store));
    let mut mended: Vec<Mended> = Vec::new();
    for at in found {
        let root = at.receipt.root;
        if mended.iter().any(|mended| mended.root == root) || !store.has(&root).map_err(|error| places::explain(error.into()))? {
            continue;
        }
        let receipt = Receipt { place: own.name().to_owned(), ..at.receipt.clone() };
        let depth = if args.full { Depth::Whole } else { Depth::fitting(receipt.bytes) };
        let condition = redundancy::read(&own, &receipt, depth).await.map_err(places::explain)?;
        if !condition.is_lost() {
            continue;
        }
        let others: Vec<&Found> = found.iter().filter(|other| other.receipt.root == root && other.now.holds()).collect();
        let outcome = if bring(session, &others).await? { Outcome::Mended } else { Outcome::Lost };
        mended.push(Mended::new(&receipt, outcome, if outcome == Outcome::Lost { condition.to_string() } else { String::new() }));
    }
    Ok(mended)
}
