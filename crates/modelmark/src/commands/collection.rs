//! `modelmark collection`: a collection of one's own, made by the canonical factory.

mod gate;

use clap::{Args, Subcommand};
use modelmark_chain::{Address, AddressBook, Authenticity, CollectionTerms, authenticity, parse_address};
use serde_json::json;

use crate::chain_source;
use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::output::printable;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Make a collection of one's own, see whose code a contract is, or keep derivatives to their parents' terms
#[derive(Debug, Subcommand)]
pub(crate) enum CollectionCommand {
    Create(Box<CreateArgs>),
    Show(ShowArgs),
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
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark collection show 0x…")]
pub(crate) struct ShowArgs {
    /// Address of the collection
    address: String,
    #[command(flatten)]
    chain: ChainArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &CollectionCommand) -> Result<()> {
    match command {
        CollectionCommand::Create(args) => session.block_on(create(session, args)),
        CollectionCommand::Show(args) => session.block_on(show(session, args)),
        CollectionCommand::Gate(command) => gate::run(session, command),
    }
}

async fn create(session: &Session<'_>, args: &CreateArgs) -> Result<()> {
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

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let address = parse_address(&args.address).or_usage()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let known = authenticity(&chain, address, &AddressBook::built_in().or_usage()?).await.map_err(explain)?;
    let value = json!({"collection": address.to_checksum(None), "chain": chain.id(), "contract": known});
    session.output.result(&value, || match &known {
        Authenticity::FactoryCollection { terms } => {
            let rule = if terms.authority.is_zero() { "open".to_owned() } else { format!("ruled by {}", terms.authority) };
            format!("{} ({}), {rule}, made by the canonical factory", printable(&terms.name), printable(&terms.symbol))
        }
        other => crate::commands::show::contract(other),
    })
}
