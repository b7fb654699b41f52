//! `modelmark storage`: what the block store keeps and whether it is whole; what places beyond this machine keep, whether they still do, and what it costs.

mod cache;
mod check;
mod collect;
mod estimate;
mod pins;
mod repair;
mod status;
mod subject;

use clap::Subcommand;
use serde::Serialize;

use modelmark_remote::redundancy::{self, Condition, Depth};
use modelmark_remote::{Credentials, Receipt, Remote};
use std::sync::Arc;

use crate::error::Result;
use crate::output::printable;
use crate::session::Session;

/// Look after the block store, and what places beyond this machine keep
#[derive(Debug, Subcommand)]
pub(crate) enum StorageCommand {
    Status(status::StatusArgs),
    Repair(repair::RepairArgs),
    Estimate(estimate::EstimateArgs),
    Pins(pins::PinsArgs),
    Unpin(pins::UnpinArgs),
    Gc(collect::GcArgs),
    Fsck(check::FsckArgs),
    Cache(cache::CacheArgs),
}

pub(crate) fn run(session: &Session<'_>, command: &StorageCommand) -> Result<u8> {
    match command {
        StorageCommand::Status(args) => status::run(session, args),
        StorageCommand::Repair(args) => repair::run(session, args),
        StorageCommand::Estimate(args) => estimate::run(session, args),
        StorageCommand::Pins(args) => pins::run(session, args),
        StorageCommand::Unpin(args) => pins::unpin(session, args),
        StorageCommand::Gc(args) => collect::run(session, args),
        StorageCommand::Fsck(args) => check::run(session, args),
        StorageCommand::Cache(args) => cache::run(session, args),
    }
}

/// A receipt, and how things stand now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Looked {
    /// What it is of the record that was asked about.
    #[serde(skip_serializing_if = "str::is_empty")]
    what: &'static str,
    receipt: Receipt,
    now: Now,
}

/// How things stand at a place.
#[derive(Serialize)]
#[serde(untagged)]
enum Now {
    Known(Condition),
    #[serde(rename_all = "camelCase")]
    Unreachable {
        unreachable: String,
    },
}

impl Now {
    const fn holds(&self) -> bool {
        matches!(self, Self::Known(condition) if condition.holds())
    }

    const fn is_lost(&self) -> bool {
        matches!(self, Self::Known(condition) if condition.is_lost())
    }
}

impl Looked {
    /// Returns one line for a person.
    fn line(&self) -> String {
        let Self { what, receipt, now } = self;
        let (what, gap) = (*what, if what.is_empty() { "" } else { " " });
        let now = match now {
            Now::Known(condition) => condition.to_string(),
            Now::Unreachable { unreachable } => format!("could not look: {unreachable}"),
        };
        let until = receipt.expires.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        let cost = receipt.cost.as_ref().map(|cost| format!(", for {} {}", cost.amount, cost.unit)).unwrap_or_default();
        printable(&format!("{}  {what}{gap}{}  since {}{until}{cost}: {now}", receipt.place, receipt.root, receipt.at))
    }
}

/// Opens the place of a receipt; the error says why it cannot be asked.
fn open(receipt: &Receipt, credentials: &Credentials) -> std::result::Result<Arc<dyn Remote>, String> {
    modelmark_remote::open(&receipt.place.parse()?, credentials).map_err(|error| error.to_string())
}

/// Looks how things stand at the place of a receipt.
async fn look(receipt: &Receipt, credentials: &Credentials, full: bool) -> (Option<Arc<dyn Remote>>, Now) {
    let place = match open(receipt, credentials) {
        Ok(place) => place,
        Err(unreachable) => return (None, Now::Unreachable { unreachable }),
    };
    let depth = if full { Depth::Whole } else { Depth::fitting(receipt.bytes) };
    let now = match redundancy::look(place.as_ref(), receipt, depth).await {
        Ok(condition) => Now::Known(condition),
        Err(error) => Now::Unreachable { unreachable: error.to_string() },
    };
    (Some(place), now)
}
