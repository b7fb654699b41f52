//! `modelmark proof-key`: keys that proofs about a model are checked with.

use alloy::primitives::{B256, Bytes};
use clap::{Args, Subcommand};
use modelmark_chain::{
    ChainError, NewProofKey, ProofKey, TokenId, TokenRef, check_proof, deprecate_proof_key, parse_address, proof_key, proof_keys,
};
use modelmark_verify::exit_codes;
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::evidence;
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::{Session, read_input};
use crate::transaction::TransactionArgs;

const MAX_PROOF_BYTES: u64 = 1 << 20;
const MAX_URI: usize = 255;

/// Add keys that proofs about a model are checked with, show them, and check proofs
#[derive(Debug, Subcommand)]
pub(crate) enum ProofKeyCommand {
    Add(Box<AddArgs>),
    Show(ShowArgs),
    Check(CheckArgs),
    Deprecate(Box<DeprecateArgs>),
}

/// Add a key to a token: a circuit, a verifying key, and the contract that checks proofs
///
/// Only the token's creator may, and nothing about a key ever changes. A key says that the creator vouches for circuit and verifier; whether the circuit has
/// the token's weights in it is for its author to show.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark proof-key add eip155:31337/erc721:0x…/123… --circuit circuit.bin --verifying-key vk.bin --system groth16-bn254-v1 --verifier 0x…"
)]
pub(crate) struct AddArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Circuit: a file, whose SHA-256 is stated, or 0x and its digest
    #[arg(long, value_name = "FILE|DIGEST")]
    circuit: String,
    /// Verifying key: a file, whose SHA-256 is stated, or 0x and its digest
    #[arg(long, value_name = "FILE|DIGEST")]
    verifying_key: String,
    /// Name of the proof system, such as groth16-bn254-v1
    #[arg(long, value_name = "NAME")]
    system: String,
    /// Contract that checks proofs of this system
    #[arg(long, value_name = "ADDRESS")]
    verifier: String,
    /// Where circuit and key are, at most 255 bytes
    #[arg(long, value_name = "URI", default_value = "", hide_default_value = true)]
    uri: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show the keys of a token
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark proof-key show eip155:31337/erc721:0x…/123…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Check with a key's verifier that a model gave an output for a committed input
///
/// Nothing is sent. The exit code is 1 when the proof does not hold, or its creator took the key out of use.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark proof-key check 123… --input 0x… --output answer.bin --proof proof.bin")]
pub(crate) struct CheckArgs {
    /// Id of the key, as `proof-key show` prints it
    key: String,
    /// Commitment to the input, 0x and 64 hex digits
    #[arg(long, value_name = "COMMITMENT")]
    input: String,
    /// File with the output
    #[arg(long, value_name = "FILE")]
    output: std::path::PathBuf,
    /// File with the proof
    #[arg(long, value_name = "FILE")]
    proof: std::path::PathBuf,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Say for good that nobody should rely on a key any more
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark proof-key deprecate 123…")]
pub(crate) struct DeprecateArgs {
    /// Id of the key, as `proof-key show` prints it
    key: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Returns the exit code.
pub(crate) fn run(session: &Session<'_>, command: &ProofKeyCommand) -> Result<u8> {
    let done = exit_codes::VERIFIED;
    match command {
        ProofKeyCommand::Add(args) => session.block_on(add(session, args)).map(|()| done),
        ProofKeyCommand::Show(args) => session.block_on(show(session, args)).map(|()| done),
        ProofKeyCommand::Check(args) => session.block_on(check(session, args)),
        ProofKeyCommand::Deprecate(args) => session.block_on(deprecate(session, args)).map(|()| done),
    }
}

async fn add(session: &Session<'_>, args: &AddArgs) -> Result<()> {
    let key = NewProofKey {
        token: args.token.parse().or_usage()?,
        verifier: parse_address(&args.verifier).map_err(|error| CommandError::usage(format!("--verifier: {error}")))?,
        circuit: evidence::digest("--circuit", &args.circuit)?,
        verifying_key: evidence::digest("--verifying-key", &args.verifying_key)?,
        system: args.system.clone(),
        uri: args.uri.clone(),
    };
    if key.uri.len() > MAX_URI {
        return Err(CommandError::usage(format!("--uri has {} bytes; at most {MAX_URI} fit", key.uri.len())));
    }
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &key.token)?;
    genuine(&registry_of(&acting.chain, &key.token)).await?;
    acting
        .make_and_tell(session, vec![key.add()], |_| Ok((json!({"key": key.id().to_string(), "token": key.token}), key.id().to_string())))
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    check_chain(&chain, &token)?;
    let keys = proof_keys(&chain, &token).await.map_err(explain)?;
    session.output.result(&json!({"token": token, "keys": keys}), || match keys.is_empty() {
        true => "no keys".to_owned(),
        false => keys.iter().map(lines).collect::<Vec<_>>().join("\n"),
    })
}

fn lines(key: &ProofKey) -> String {
    let state = if key.deprecated { "OUT OF USE" } else { "in use" };
    let uri = if key.uri.is_empty() { String::new() } else { format!("\n  at             {}", printable(&key.uri)) };
    format!(
        "key {}  {state}\n  system         {}\n  verifier       {}\n  circuit        {}\n  verifying key  {}{uri}",
        key.id,
        key.system,
        key.verifier,
        key.circuit.to_0x(),
        key.verifying_key.to_0x()
    )
}

async fn check(session: &Session<'_>, args: &CheckArgs) -> Result<u8> {
    let id: TokenId = args.key.parse().or_usage()?;
    let input: B256 = args.input.parse().map_err(|_| CommandError::usage("--input: write 0x and 64 hex digits"))?;
    let output = Bytes::from(read_input(&args.output, MAX_PROOF_BYTES)?);
    let proof = Bytes::from(read_input(&args.proof, MAX_PROOF_BYTES)?);
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let fault = match check_proof(&chain, id, input, output, proof).await {
        Ok(()) => None,
        // A key that is not there is no proof that does not hold.
        Err(ChainError::Reverted { reason, .. }) if proof_key(&chain, id).await.is_ok() => Some(reason.to_string()),
        Err(error) => return Err(explain(error)),
    };
    session.output.result(&json!({"key": id.to_string(), "holds": fault.is_none(), "fault": fault}), || match &fault {
        None => "HOLDS".to_owned(),
        Some(fault) => format!("DOES NOT HOLD  {}", printable(fault)),
    })?;
    Ok(if fault.is_none() { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

async fn deprecate(session: &Session<'_>, args: &DeprecateArgs) -> Result<()> {
    let id: TokenId = args.key.parse().or_usage()?;
    let acting = args.transaction.act(session).await?;
    acting
        .make_and_tell(session, vec![deprecate_proof_key(id)], |_| {
            Ok((json!({"key": id.to_string(), "deprecated": true}), format!("key {id} is out of use")))
        })
        .await
}
