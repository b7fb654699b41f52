//! `modelmark anchor check`: does a proof file hold, and who vouches for its root?

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{Anchored, anchored, parse_address};
use modelmark_log::{Entry, LogError, ProofFile, VerifierKey};
use modelmark_verify::exit_codes;
use serde_json::json;

use super::explain;
use crate::chain_source;
use crate::commands::mint::explain as explain_chain;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::{Session, read_input};

const MAX_PROOF: u64 = 512 << 10;

/// Check a proof file: offline, or against what an account anchored
///
/// Without `--log-key` and `--by` nobody vouches for the root: it is only shown that entry and root belong together.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark anchor check record.tlog-proof --record record.json --by 0x…\n  \
                        modelmark anchor check record.tlog-proof --log-key models.example/batch+0123abcd+AQ…")]
pub(crate) struct CheckArgs {
    /// Proof file, or - for stdin
    proof: PathBuf,
    /// Record that the proof should be of
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Entry that the proof should be of: `record:`, `mint:` or `commit:` and 64 hex digits
    #[arg(long, value_name = "ENTRY", conflicts_with = "record")]
    entry: Option<String>,
    /// Public key of the list, as `anchor build` shows it; repeatable
    #[arg(long, value_name = "NAME+ID+KEY")]
    log_key: Vec<String>,
    /// Account that anchored the root
    #[arg(long, value_name = "ADDRESS")]
    by: Option<String>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Returns the exit code.
pub(super) fn run(session: &Session<'_>, args: &CheckArgs) -> Result<u8> {
    let bytes = read_input(&args.proof, MAX_PROOF)?;
    let text = String::from_utf8(bytes).map_err(|_| CommandError::usage("the proof file is not UTF-8 text"))?;
    let proof: ProofFile = text.parse().map_err(explain)?;
    let keys: Vec<VerifierKey> = args.log_key.iter().map(|text| text.parse().map_err(explain)).collect::<Result<_>>()?;
    let head = proof.checkpoint().checkpoint();
    let (entry, mut faults) = included(args, &proof)?;
    if !keys.is_empty() {
        match proof.checkpoint().verify(&keys) {
            Ok(()) => {}
            Err(error @ LogError::Signature(_)) => faults.push(error.to_string()),
            Err(error) => return Err(explain(error)),
        }
    }
    let anchored = on_chain(session, args, &proof)?;
    match (&args.by, anchored) {
        (Some(by), None) => faults.push(format!("{by} never anchored the root {}", head.root().to_0x())),
        (_, Some(anchored)) if anchored.size != head.size() => {
            faults.push(format!("the root was anchored over {} entries, the proof is for {}", anchored.size, head.size()));
        }
        _ => {}
    }
    let holds = faults.is_empty();
    let value = json!({
        "holds": holds,
        "faults": faults,
        "entry": entry.as_ref().map(ToString::to_string),
        "index": proof.proof().index(),
        "size": head.size(),
        "root": head.root().to_0x(),
        "origin": head.origin(),
        "signed": !keys.is_empty() && holds,
        "anchored": anchored,
    });
    session.output.result(&value, || {
        let shown = entry.as_ref().map_or_else(|| "an entry of an unknown kind".to_owned(), ToString::to_string);
        let vouched = match (anchored, keys.is_empty()) {
            (Some(anchored), _) => format!("anchored at {} (Unix time)", anchored.at),
            (None, false) => format!("signed by {}", printable(head.origin())),
            (None, true) => "NOBODY VOUCHES for the root: name --log-key or --by".to_owned(),
        };
        match holds {
            true => format!(
                "HOLDS  {shown} is entry {} of {} under {}\n       {vouched}",
                proof.proof().index(),
                head.size(),
                head.root().to_0x()
            ),
            false => format!("DOES NOT HOLD  {}", faults.join("; ")),
        }
    })?;
    Ok(if holds { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

/// Returns what the proof is of, and what is wrong with that.
fn included(args: &CheckArgs, proof: &ProofFile) -> Result<(Option<Entry>, Vec<String>)> {
    let named: Option<Entry> = match (&args.record, &args.entry) {
        (Some(path), _) => Some(Entry::record(read_record(path)?.id().digest())),
        (None, Some(text)) => Some(text.parse().or_usage()?),
        (None, None) => None,
    };
    let carried = proof.entry();
    let holds = named.map_or(carried.is_some(), |entry| proof.includes(&entry.bytes()));
    let entry = named.or_else(|| carried.and_then(Entry::read));
    let fault = match named {
        Some(entry) => format!("the proof is not of {entry}"),
        None if proof.extra().is_none() => "the file carries no entry; name one with --record or --entry".to_owned(),
        None => "the entry that the file carries does not lead to the root".to_owned(),
    };
    Ok((entry, if holds { Vec::new() } else { vec![fault] }))
}

fn on_chain(session: &Session<'_>, args: &CheckArgs, proof: &ProofFile) -> Result<Option<Anchored>> {
    let Some(by) = &args.by else { return Ok(None) };
    let by = parse_address(by).map_err(|error| CommandError::usage(format!("--by: {error}")))?;
    session.block_on(async {
        let chain = chain_source::connect(session, &args.chain).await?.chain;
        anchored(&chain, by, proof.checkpoint().checkpoint().root()).await.map_err(explain_chain)
    })
}
