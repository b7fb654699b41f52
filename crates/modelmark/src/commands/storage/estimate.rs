//! `modelmark storage estimate`: what it costs to keep something.

use std::path::{Path, PathBuf};

use clap::Args;
use futures_util::future::join_all;
use modelmark_remote::Address;
use modelmark_verify::exit_codes;
use serde_json::{Value, json};

use crate::credentials;
use crate::error::{CommandError, Result};
use crate::hub;
use crate::output::{bytes, printable};
use crate::places;
use crate::session::Session;

/// Deepest folder that is counted.
const MAX_DEPTH: usize = 64;

/// Ask places what it costs to keep something, before anything is paid
///
/// Nothing is sent. A place without a price of its own says so: object stores and pinning services cost by the month, as one's plan has it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark storage estimate ./my-model --place ar://arweave.net --place s3://models")]
pub(crate) struct EstimateArgs {
    /// File or folder
    #[arg(required_unless_present = "bytes", conflicts_with = "bytes")]
    path: Option<PathBuf>,
    /// So many bytes
    #[arg(long, value_name = "N")]
    bytes: Option<u64>,
    /// Place to ask; repeatable
    #[arg(long = "place", value_name = "URL", env = "MODELMARK_PLACES", hide_env_values = true, value_delimiter = ',', required = true)]
    places: Vec<Address>,
}

pub(super) fn run(session: &Session<'_>, args: &EstimateArgs) -> Result<u8> {
    let size = match (&args.path, args.bytes) {
        (Some(path), _) => count(&hub::locate(session, path)?, MAX_DEPTH)?,
        (None, size) => size.unwrap_or_default(),
    };
    let credentials = credentials::gather()?;
    let opened = args.places.iter().map(|address| modelmark_remote::open(address, &credentials).map_err(places::explain));
    let opened = opened.collect::<Result<Vec<_>>>()?;
    let prices = session.block_on(async { Ok(join_all(opened.iter().map(|place| place.estimate(size))).await) })?;
    let (mut code, mut values, mut lines) = (exit_codes::VERIFIED, Vec::<Value>::new(), vec![bytes(size)]);
    for (place, price) in opened.iter().zip(prices) {
        let name = place.name();
        let (value, line) = match price {
            Ok(Some(cost)) => (json!({"place": name, "cost": cost}), format!("{name}  {} {}", cost.amount, cost.unit)),
            Ok(None) => (json!({"place": name, "cost": null}), format!("{name}  names no price")),
            Err(error) => {
                code = exit_codes::COULD_NOT_LOOK;
                (json!({"place": name, "unreachable": error.to_string()}), format!("{name}  could not ask: {error}"))
            }
        };
        values.push(value);
        lines.push(printable(&line));
    }
    session.output.result(&json!({"bytes": size, "places": values}), || lines.join("\n"))?;
    Ok(code)
}

/// Returns the bytes of a file, or of all files in a folder.
fn count(path: &Path, depth: usize) -> Result<u64> {
    let wrong = |error: std::io::Error| CommandError::usage(format!("cannot read `{}`: {error}", path.display()));
    let metadata = std::fs::metadata(path).map_err(wrong)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let depth = depth.checked_sub(1).ok_or_else(|| CommandError::usage(format!("`{}` lies too deep", path.display())))?;
    let mut total = 0_u64;
    for entry in std::fs::read_dir(path).map_err(wrong)? {
        total = total.saturating_add(count(&entry.map_err(wrong)?.path(), depth)?);
    }
    Ok(total)
}
