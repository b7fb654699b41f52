//! `modelmark bundle`: everything that a verifier needs beside the model, in one file; and what is in such a file.

mod made;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use modelmark_chain::TokenRef;
use modelmark_verify::{DEADLINE, Look, Scope, Verdict};
use serde_json::json;

use crate::commands::verify::shown;
use crate::error::{CommandError, OrKind as _, Result};
use crate::hub;
use crate::options::{LookArgs, PolicyArgs, SourceArgs};
use crate::output::bytes;
use crate::output_file::{refuse_overlaps, write_whole};
use crate::session::Session;
use crate::verifier::{Subject, Verifier};

pub(crate) use self::made::{Wishes, make};
pub(crate) use self::show::block_hash;

/// Pack everything that a verifier needs into one file: record, signatures, and storage proofs of what the chain says
///
/// Of a model, the bundle is made when it verifies. Of a token whose statement is in the log alone it holds what the token's id binds, and the receipt of the
/// mint. `modelmark verify PATH --bundle FILE --block-hash HASH` needs no network, and believes nobody but who told the hash of the block.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    after_help = "Example:\n  modelmark bundle ./my-model -o my-model.bundle.json\n  modelmark verify ./my-model --bundle my-model.bundle.json --offline"
)]
pub(crate) struct BundleArgs {
    #[command(subcommand)]
    command: Option<BundleCommand>,
    /// Model, as for `verify`, or a token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    #[arg(value_name = "PATH|TOKEN", required = true)]
    subject: Option<String>,
    /// File to write
    #[arg(short, long, value_name = "FILE", required = true)]
    output: Option<PathBuf>,
    /// Token of the model [default: found by the digest of the weights]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Take the records of the model's ancestors along. How they stand is always in the bundle
    #[arg(long)]
    lineage: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    chain: LookArgs,
    #[command(flatten)]
    places: SourceArgs,
}

/// What else can be done with bundles.
#[derive(Debug, Subcommand)]
enum BundleCommand {
    Show(show::ShowArgs),
}

pub(crate) fn run(session: &Session<'_>, args: &BundleArgs) -> Result<u8> {
    if let Some(BundleCommand::Show(args)) = &args.command {
        return show::run(session, args);
    }
    let (Some(subject), Some(output)) = (&args.subject, &args.output) else {
        return Err(CommandError::usage("name a model or a token, and with `-o` the file to write"));
    };
    let policy = args.policy.policy()?;
    let token = match subject.parse::<TokenRef>() {
        Ok(token) => token,
        Err(_) => {
            let path = hub::locate(session, Path::new(subject))?;
            refuse_overlaps(&[Some(output)], &path, "model")?;
            let report = session.block_on(async {
                let verifier = Verifier::open(session, &args.chain, &args.places, policy.clone(), DEADLINE).await?;
                verifier.verify(whole(&path, args.token.as_deref())?).await
            })?;
            if report.verdict != Verdict::Verified {
                session.output.result(&json!({"bundled": false, "report": report}), || shown::text(&report, false))?;
                return Ok(report.verdict.exit_code());
            }
            let token = report.token.as_deref().ok_or_else(|| CommandError::refused("no token was found for the model"))?;
            token.parse().or_refused()?
        }
    };
    let wishes = Wishes { at: None, curators: &policy.curators(), lineage: args.lineage };
    let made = session.block_on(make(session, &args.chain, &args.places, token, wishes))?;
    let (document, proven) = (made.to_bytes().or_refused()?, made.check(&[]).or_refused()?);
    write_whole(output, &document)?;
    session.output.step("wrote", format!("{}, {}", output.display(), bytes(document.len() as u64)));
    let block = &proven.block;
    let told = json!({
        "bundled": true, "token": token, "block": block, "bytes": document.len(), "sha256": made.digest(), "output": output.display().to_string(),
    });
    session
        .output
        .result(&told, || format!("bundle   {}\ntoken    {token}\nblock    {}  {}\n", made.digest(), block.number, block.hash))?;
    Ok(0)
}

/// Returns a whole model of which nothing else is known.
fn whole<'p>(path: &'p Path, token: Option<&str>) -> Result<Subject<'p>> {
    Ok(Subject {
        path: Some(path),
        scope: Scope::Whole,
        full: false,
        cached: false,
        outboard: None,
        token: token.map(str::parse).transpose().or_usage()?,
        record: None,
        signatures: Vec::new(),
        metadata: None,
        oms: Look::NotAsked,
        oms_signatures: Vec::new(),
        fail_fast: false,
    })
}
