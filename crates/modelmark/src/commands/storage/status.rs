//! `modelmark storage status`: whether places still have what they took.

use clap::Args;
use futures_util::future::join_all;
use modelmark_remote::{Address, Policy};
use modelmark_verify::exit_codes;
use serde_json::json;

use super::{Looked, Now, look, subject};
use crate::credentials;
use crate::error::Result;
use crate::options::ChainArgs;
use crate::session::Session;

/// Show where something is kept, and look whether it still is
///
/// What is small is read whole, what is large in random samples, and every block is held against its CID. Exit code 0: all of it is there; 1: a place lost
/// something, or altered it, or the policy is not met; 3: a place could not be asked, or is not done yet.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage status record.json --keep \"2 of {ipfs, arweave, s3}\"")]
pub(crate) struct StatusArgs {
    /// Record file, CID, or token [default: everything that any place has taken]
    #[arg(value_name = "RECORD|CID|TOKEN")]
    named: Option<String>,
    /// Read all of what is large too
    #[arg(long)]
    full: bool,
    /// How many places have to have each part of it
    #[arg(long, value_name = "POLICY", env = "MODELMARK_KEEP", hide_env_values = true)]
    keep: Option<Policy>,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(super) fn run(session: &Session<'_>, args: &StatusArgs) -> Result<u8> {
    let receipts = subject::receipts(session, args.named.as_deref(), &args.chain)?;
    let credentials = credentials::gather()?;
    let looked: Vec<Looked> = session.block_on(async {
        let looks = receipts.into_iter().map(|(what, receipt)| {
            let credentials = &credentials;
            async move {
                let (_, now) = look(&receipt, credentials, args.full).await;
                Looked { what, receipt, now }
            }
        });
        Ok(join_all(looks).await)
    })?;
    let missing = args.keep.as_ref().map(|policy| missing(policy, &looked)).unwrap_or_default();
    let mut lines: Vec<String> = looked.iter().map(Looked::line).collect();
    lines.extend(missing.iter().map(|missing| format!("policy not met: {missing}")));
    if lines.is_empty() {
        lines.push("no place has taken anything, as far as this machine knows".to_owned());
    }
    session.output.result(&json!({"places": looked, "missing": missing}), || lines.join("\n"))?;
    Ok(if looked.iter().any(|looked| looked.now.is_lost()) || !missing.is_empty() {
        exit_codes::DOES_NOT_VERIFY
    } else if looked.iter().all(|looked| looked.now.holds()) {
        exit_codes::VERIFIED
    } else {
        exit_codes::COULD_NOT_LOOK
    })
}

/// Returns what the policy misses, for each root that places have.
fn missing(policy: &Policy, looked: &[Looked]) -> Vec<String> {
    let mut roots: Vec<_> = looked.iter().map(|looked| looked.receipt.root).collect();
    roots.sort_unstable();
    roots.dedup();
    let at = |looked: &Looked| looked.receipt.place.parse::<Address>().ok();
    let of = |root| looked.iter().filter(move |looked| looked.receipt.root == root);
    let each = roots.into_iter().flat_map(|root| {
        let named: Vec<Address> = of(root).filter_map(at).collect();
        let kept: Vec<Address> = of(root).filter(|looked| looked.now.holds()).filter_map(at).collect();
        policy.missing(&named, &kept).into_iter().map(move |missing| format!("{root}: {missing}"))
    });
    each.collect()
}

impl Now {
    /// Returns what is wrong, for messages.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Known(condition) => condition.to_string(),
            Self::Unreachable { unreachable } => unreachable.clone(),
        }
    }
}
