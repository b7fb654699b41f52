//! `modelmark policy`: policy files, looked at before a gate relies on them.

mod trial;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use modelmark_chain::TokenRef;
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordId};
use modelmark_storage::Store as _;
use modelmark_verify::{Example, Problem, exit_codes, template};
use serde_json::json;

use self::trial::TryArgs;
use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::explain;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{ChainArgs, policy_file};
use crate::output::printable;
use crate::session::Session;

/// Check, explain and begin policy files, which say what a gate demands of a model
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    Check(FileArgs),
    Explain(ExplainArgs),
    Init(InitArgs),
    Try(TryArgs),
}

/// Say whether a file is a policy, and what in it is contradictory or can never pass
///
/// Exit code 0: it is one that models can meet; 1: no model can; 2: it is no policy.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark policy check gate.toml")]
pub(crate) struct FileArgs {
    /// Policy file, TOML or YAML by its name's end
    file: PathBuf,
}

/// Say what a policy demands, one plain sentence a rule
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark policy explain gate.toml")]
pub(crate) struct ExplainArgs {
    /// Policy file, TOML or YAML by its name's end
    file: PathBuf,
}

/// Print a policy file to begin with: every rule with a comment, in TOML
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark policy init --for record.json > gate.toml")]
pub(crate) struct InitArgs {
    /// Fill in what this model has: creator and licence of a record file, and contract and chain of a token
    #[arg(long = "for", value_name = "TOKEN|RECORD")]
    model: Option<String>,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &PolicyCommand) -> Result<u8> {
    match command {
        PolicyCommand::Check(args) => check(session, &args.file),
        PolicyCommand::Explain(args) => say(session, &args.file),
        PolicyCommand::Init(args) => init(session, args),
        PolicyCommand::Try(args) => trial::run(session, args),
    }
}

fn check(session: &Session<'_>, file: &Path) -> Result<u8> {
    let rules = policy_file(file)?;
    let problems = rules.problems();
    let digest = rules.digest();
    let never = problems.iter().any(|problem| problem.never_passes);
    session.output.result(&json!({"canPass": !never, "digest": digest.to_0x(), "problems": problems}), || {
        let verdict = if never { "no model can meet this policy" } else { "a policy that models can meet" };
        let lines = problems.iter().map(line);
        std::iter::once(format!("{verdict} (SHA-256 of its canonical form {})", digest.to_0x())).chain(lines).collect::<Vec<_>>().join("\n")
    })?;
    Ok(if never { exit_codes::DOES_NOT_VERIFY } else { exit_codes::VERIFIED })
}

fn line(problem: &Problem) -> String {
    let kind = if problem.never_passes { "never passes" } else { "doubtful" };
    format!("  {kind:<12}  {}: {}", problem.key, printable(&problem.message))
}

fn say(session: &Session<'_>, file: &Path) -> Result<u8> {
    let rules = policy_file(file)?;
    let said = rules.explain();
    session.output.result(&json!({"title": rules.title, "rules": said, "policy": rules.canonical()}), || {
        let title = rules.title.iter().map(|title| printable(title.as_str()));
        title.chain(said.iter().map(|sentence| format!("- {}", printable(sentence)))).collect::<Vec<_>>().join("\n")
    })?;
    Ok(exit_codes::VERIFIED)
}

fn init(session: &Session<'_>, args: &InitArgs) -> Result<u8> {
    let (record, token) = match args.model.as_deref() {
        None => (None, None),
        Some(text) if text.contains("/erc721:") => {
            let token: TokenRef = text.parse().or_usage()?;
            (Some(record_of(session, args, token)?), Some(token))
        }
        Some(path) => (Some(read_record(Path::new(path))?), None),
    };
    let text = template(&Example { record: record.as_ref(), token });
    session.output.result(&json!({"template": text}), || text.trim_end().to_owned())?;
    Ok(exit_codes::VERIFIED)
}

/// Returns the record of a token, by the chain and from the store.
fn record_of(session: &Session<'_>, args: &InitArgs, token: TokenRef) -> Result<CanonicalRecord> {
    let id = session.block_on(async {
        let chain = chain_source::connect(session, &args.chain).await?.chain;
        check_chain(&chain, &token)?;
        let model = registry_of(&chain, &token).model(token.id()).await.map_err(explain)?;
        model.map(|model| RecordId::from(model.record)).ok_or_else(|| CommandError::refused(format!("there is no token {token}")))
    })?;
    let found = session.store()?.get(&id.cid(), MAX_RECORD_BYTES).or_unreachable()?;
    let bytes = found.ok_or_else(|| {
        CommandError::unreachable(format!("the record {id} is not in the block store"))
            .hint("name its file instead of the token: --for record.json")
    })?;
    CanonicalRecord::parse(&bytes).or_refused()
}
