//! `modelmark verify-source`: have Sourcify or Etherscan compile the contracts' sources.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use modelmark_chain::{
    Address, COMPILER, ChainId, Contract, Network, SourceSubmission, SourceVerificationError, SourceVerifier, parse_address, standard_input,
};
use modelmark_verify::exit_codes;
use serde_json::{Value, json};

use crate::error::{CommandError, OrKind as _, Result};
use crate::output::printable;
use crate::session::Session;

/// The largest compiler input that is read; ours has less than a tenth.
const MAX_INPUT: u64 = 16 << 20;

/// Have a verifier compile the contracts' sources and compare them with what is on the chain
///
/// Block explorers show the source of a verified contract. This program has the sources of its contracts within it. Etherscan wants the key of an
/// account in $ETHERSCAN_API_KEY; it serves every chain that it has an explorer for. Sourcify wants none.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark verify-source ModelRegistry --chain base")]
pub(crate) struct VerifySourceArgs {
    /// Name of the contract: ModelRegistry
    contract: String,
    /// The compiler's standard JSON input [default: what the contracts of this program were compiled from]
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Chain that the contract is on: a CAIP-2 id (`eip155:8453`) or a name (`base`)
    #[arg(long, value_name = "CAIP2|NAME")]
    chain: String,
    /// Address of the contract [default: its place on every chain]
    #[arg(long)]
    address: Option<String>,
    /// ABI encoding of the constructor's arguments, in hex [default: those of the contract at its place on every chain]
    #[arg(long, value_name = "HEX", requires = "address")]
    constructor_arguments: Option<String>,
    /// Who compiles
    #[arg(long, value_enum, default_value_t = Service::Sourcify)]
    verifier: Service,
    /// Address of the verifier's API [default: that of the public service]
    #[arg(long, value_name = "URL")]
    verifier_url: Option<String>,
    /// Compiler version with its commit
    #[arg(long, value_name = "VERSION", default_value = COMPILER)]
    compiler: String,
    /// How long to wait for the verdict, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    patience: u64,
    /// Show what would be submitted, and ask nobody
    #[arg(long)]
    dry_run: bool,
}

/// A service that compiles sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Service {
    Sourcify,
    Etherscan,
}

pub(crate) fn run(session: &Session<'_>, args: &VerifySourceArgs) -> Result<u8> {
    let submission = submission(args)?;
    let verifier = match args.verifier {
        Service::Sourcify => SourceVerifier::Sourcify,
        Service::Etherscan => SourceVerifier::Etherscan { key: key(session, args.dry_run)? },
    };
    let url = args.verifier_url.as_deref().unwrap_or_else(|| verifier.home());
    let mut shown = shown(args, &submission);
    if args.dry_run {
        session.output.result(&shown, || text(&submission, "not submitted"))?;
        return Ok(exit_codes::VERIFIED);
    }
    let patience = Duration::from_secs(args.patience);
    let pause = Duration::from_secs(3).min(patience / 4);
    let verdict = session.block_on(async { verifier.verify(url, &submission, pause, patience).await.map_err(explain) })?;
    if let (Some(shown), Value::Object(verdict)) = (shown.as_object_mut(), json!(verdict)) {
        shown.extend(verdict);
    }
    let word = if verdict.verified { "verified" } else { "NOT VERIFIED" };
    session.output.result(&shown, || text(&submission, &format!("{word}: {}", printable(&verdict.answer))))?;
    Ok(if verdict.verified { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

fn key(session: &Session<'_>, dry_run: bool) -> Result<String> {
    match session.etherscan_key() {
        Some(key) => Ok(key),
        None if dry_run => Ok(String::new()),
        None => Err(CommandError::usage("Etherscan wants an API key").hint("set ETHERSCAN_API_KEY, or use --verifier sourcify")),
    }
}

fn submission(args: &VerifySourceArgs) -> Result<SourceSubmission> {
    let input = args.input.as_deref().map_or_else(|| Ok(standard_input()), read)?;
    let canonical = Contract::ALL.iter().find(|contract| contract.name() == args.contract);
    let (address, arguments) = match (&args.address, canonical) {
        (None, None) => {
            let nowhere = format!("{} has no place of its own on every chain", args.contract);
            return Err(CommandError::usage(nowhere).hint("name its --address, and its --constructor-arguments if it has any"));
        }
        (None, Some(contract)) => (contract.address(), contract.constructor_arguments()),
        (Some(address), _) => {
            let address = parse_address(address).map_err(|error| CommandError::usage(format!("--address: {error}")))?;
            (address, arguments(args, canonical.copied(), address)?)
        }
    };
    Ok(SourceSubmission {
        chain: chain(&args.chain)?,
        address,
        contract: identifier(&input, &args.contract)?,
        compiler: args.compiler.trim_start_matches('v').to_owned(),
        input,
        arguments,
    })
}

fn arguments(args: &VerifySourceArgs, canonical: Option<Contract>, address: Address) -> Result<Vec<u8>> {
    let own = canonical.filter(|contract| contract.address() == address).map(Contract::constructor_arguments).unwrap_or_default();
    let Some(hex) = &args.constructor_arguments else { return Ok(own) };
    alloy::hex::decode(hex).map_err(|error| CommandError::usage(format!("--constructor-arguments: {error}")))
}

fn chain(word: &str) -> Result<ChainId> {
    if word.contains(':') {
        return word.parse().or_usage();
    }
    let network: &Network = word.parse().or_usage()?;
    network.chain().or_usage()
}

fn read(path: &Path) -> Result<Value> {
    let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("`{}`: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| wrong(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_INPUT + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(wrong(&format!("more than {MAX_INPUT} bytes")));
    }
    let input: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(&format!("not JSON: {error}")))?;
    let complete = input.get("language").is_some_and(Value::is_string)
        && ["sources", "settings"].map(|key| input.get(key)).iter().all(|part| part.is_some_and(Value::is_object));
    if complete { Ok(input) } else { Err(wrong(&"not a standard JSON input: it needs `language`, `sources` and `settings`")) }
}

/// Returns file and name of the contract, whose file has its name.
fn identifier(input: &Value, contract: &str) -> Result<String> {
    let file = format!("/{contract}.sol");
    let mut found = sources(input).map(|(path, _)| path).filter(|path| path.ends_with(&file));
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(format!("{path}:{contract}")),
        (None, _) => Err(CommandError::usage(format!("the compiler's input has no file {contract}.sol"))),
        (Some(_), Some(_)) => Err(CommandError::usage(format!("the compiler's input has several files {contract}.sol"))),
    }
}

fn sources(input: &Value) -> impl Iterator<Item = (&String, &Value)> {
    input.get("sources").and_then(Value::as_object).into_iter().flatten()
}

fn shown(args: &VerifySourceArgs, submission: &SourceSubmission) -> Value {
    json!({
        "chain": submission.chain.to_string(),
        "address": submission.address.to_checksum(None),
        "contract": submission.contract,
        "compiler": submission.compiler,
        "constructorArguments": alloy::hex::encode_prefixed(&submission.arguments),
        "sources": sources(&submission.input).count(),
        "verifier": args.verifier.to_possible_value().map(|value| value.get_name().to_owned()),
    })
}

fn text(submission: &SourceSubmission, news: &str) -> String {
    format!("{} at {} on {}\n{news}", printable(&submission.contract), submission.address, submission.chain)
}

fn explain(error: SourceVerificationError) -> CommandError {
    match error {
        SourceVerificationError::Url(_) => CommandError::usage(error),
        SourceVerificationError::Pending { .. } => CommandError::unreachable(error).hint("ask again later: what was submitted is not lost"),
        other => CommandError::unreachable(other),
    }
}
