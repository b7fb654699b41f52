//! `modelmark collection`: a collection of one's own, made by the canonical factory.

mod gate;

use clap::{Args, Subcommand};
use modelmark_chain::{Address, AddressBook, Authenticity, CollectionTerms, authenticity, parse_address};
use modelmark_verify::exit_codes;
use serde_json::json;

use crate::chain_source;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::on_chain_text::{self, MAX_NAME, MAX_SYMBOL};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Make a collection of one's own, see whose code a contract is, or keep derivatives to their parents' terms
#[derive(Debug, Subcommand)]
pub(crate) enum CollectionCommand {
    Create(Box<CreateArgs>),
    Show(ShowArgs),
    Validator(Box<ValidatorArgs>),
    #[command(subcommand)]
    Gate(gate::GateCommand),
}

/// Create a collection: a contract with the registry's code under a name of one's own
///
/// Its address follows from name, symbol and authority: the same terms give the same collection on every chain, and creating it twice finds the first.
/// `verify` knows such collections for ours. Use it with `--registry`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection create \"Ada's models\" --symbol ADA")]
pub(crate) struct CreateArgs {
    /// ERC-721 name, at most 64 bytes
    name: String,
    /// ERC-721 symbol, at most 16 bytes
    #[arg(long)]
    symbol: String,
    /// Access manager that decides who may submit mints [default: none, every creator may mint]
    #[arg(long, value_name = "ADDRESS")]
    authority: Option<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show what a collection is and whether its code is ours
///
/// Exits with 1 when it is not: nothing that such a contract says is to be relied on.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection show 0x…")]
pub(crate) struct ShowArgs {
    /// Address of the collection
    address: String,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Set the contract that is asked about each transfer in the curated collection that --registry names (ERC-721C), or none
///
/// Only whom the collection's access manager lets may. It can stop sales, and never move a token.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection validator 0x… --registry 0x…")]
pub(crate) struct ValidatorArgs {
    /// Address of the validator, or none
    validator: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Returns the exit code.
pub(crate) fn run(session: &Session<'_>, command: &CollectionCommand) -> Result<u8> {
    let done = exit_codes::VERIFIED;
    match command {
        CollectionCommand::Create(args) => session.block_on(create(session, args)).map(|()| done),
        CollectionCommand::Show(args) => session.block_on(show(session, args)),
        CollectionCommand::Validator(args) => session.block_on(validator(session, args)).map(|()| done),
        CollectionCommand::Gate(command) => gate::run(session, command).map(|()| done),
    }
}

async fn validator(session: &Session<'_>, args: &ValidatorArgs) -> Result<()> {
    let wanted = match args.validator.as_str() {
        "none" => None,
        text => Some(parse_address(text).map_err(|error| CommandError::usage(format!("the validator: {error}")))?),
    };
    let acting = args.transaction.act(session).await?;
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    crate::commands::mint::genuine(&registry).await?;
    let is_so = registry.transfer_validator().await.map_err(explain)? == wanted;
    let calls = if is_so { Vec::new() } else { vec![registry.set_transfer_validator(wanted.unwrap_or_default())] };
    acting
        .make_and_tell(session, calls, |_| {
            let shown = wanted.map(|address| address.to_checksum(None));
            let value = json!({"collection": registry.address().to_checksum(None), "validator": shown, "changed": !is_so});
            let who = shown.as_deref().unwrap_or("nobody");
            Ok((value, format!("{who} is asked about transfers in {}", registry.address())))
        })
        .await
}

async fn create(session: &Session<'_>, args: &CreateArgs) -> Result<()> {
    on_chain_text::check("the name", &args.name, MAX_NAME)?;
    on_chain_text::check("--symbol", &args.symbol, MAX_SYMBOL)?;
    let authority = args.authority.as_deref().map_or(Ok(Address::ZERO), parse_address);
    let authority = authority.map_err(|error| CommandError::usage(format!("--authority: {error}")))?;
    let terms = CollectionTerms { name: args.name.clone(), symbol: args.symbol.clone(), authority };
    let acting = args.transaction.act(session).await?;
    let there = terms.exists(&acting.chain).await.map_err(explain)?;
    let calls = if there { Vec::new() } else { vec![terms.create()] };
    acting
        .make_and_tell(session, calls, |receipts| {
            let address = terms.address();
            let value = json!({"collection": address.to_checksum(None), "chain": acting.chain.id(), "terms": terms, "created": !receipts.is_empty()});
            let news = if there { "was there already" } else { "created now" };
            Ok((value, format!("collection {address}  ({news})")))
        })
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<u8> {
    let address = parse_address(&args.address).or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let known = authenticity(&chain, address, &AddressBook::built_in().or_usage()?).await.map_err(explain)?;
    let ours = known.is_our_code() || matches!(known, Authenticity::Listed { .. });
    let value = json!({"collection": address.to_checksum(None), "chain": chain.id(), "ours": ours, "contract": known});
    session.output.result(&value, || match &known {
        Authenticity::FactoryCollection { terms } => {
            let rule = if terms.authority.is_zero() { "open".to_owned() } else { format!("ruled by {}", terms.authority) };
            // What the stranger says comes last: a line that begins with it may say anything.
            format!("made by the canonical factory, {rule}: {} ({})", printable(&terms.name), printable(&terms.symbol))
        }
        Authenticity::NoCode => format!("NOT OURS: there is no contract at {address} on {}", chain.id()),
        other => crate::commands::show::contract(other),
    })?;
    Ok(if ours { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}
