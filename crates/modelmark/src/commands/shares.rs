//! `modelmark shares`: tokens divided into shares.

mod holder;
mod managed;

use alloy::primitives::U256;
use clap::{Args, Subcommand};
use modelmark_chain::{Address, Call, SharesTerms, SharesVault, TokenRef, Wei, parse_address};
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::money;
use crate::on_chain_text::{self, MAX_NAME, MAX_SYMBOL};
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::{Acting, TransactionArgs};

/// Divide a token into shares; claim revenue, vote, bid, manage and redeem
#[derive(Debug, Subcommand)]
pub(crate) enum SharesCommand {
    Create(Box<CreateArgs>),
    Show(ShowArgs),
    Revenue(Box<RevenueArgs>),
    Claim(Box<ClaimArgs>),
    Propose(Box<ProposeArgs>),
    Vote(Box<VoteArgs>),
    Bid(Box<BidArgs>),
    Settle(Box<SettleArgs>),
    Redeem(Box<RedeemArgs>),
    Send(Box<holder::SendSharesArgs>),
    Delegate(Box<holder::DelegateArgs>),
    Withdraw(Box<holder::WithdrawArgs>),
    GiveUp(Box<holder::GiveUpArgs>),
    Sweep(Box<holder::SweepArgs>),
    Metadata(Box<managed::MetadataArgs>),
    #[command(subcommand)]
    License(managed::LicenseCommand),
}

/// Divide a token: a vault takes it, and its owner gets all shares
///
/// The shares are an ERC-20 token, which can be sold like any other. Whoever holds all of them takes the token out again.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark shares create eip155:31337/erc721:0x…/123… --name \"Model shares\" --symbol MDL --supply 1000000 --reserve 20"
)]
pub(crate) struct CreateArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Name of the shares, at most 64 bytes
    #[arg(long)]
    name: String,
    /// Symbol of the shares, at most 16 bytes
    #[arg(long)]
    symbol: String,
    /// How many shares there are, for good
    #[arg(long, value_name = "AMOUNT", default_value = "1000000")]
    supply: String,
    /// Lowest first bid at which the token is for sale, in coins [default: not for sale until the holders decide]
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    reserve: String,
    /// ERC-20 token in which revenue can be divided too, at most three; repeatable
    #[arg(long, value_name = "ADDRESS")]
    currency: Vec<String>,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Show a divided token: shares, reserve, auction
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares show 0x… --account 0x…")]
pub(crate) struct ShowArgs {
    /// Vault
    vault: String,
    /// Account whose shares and revenue are shown
    #[arg(long, value_name = "ADDRESS")]
    account: Option<String>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Which vault, and who acts.
#[derive(Debug, Args)]
struct VaultArgs {
    /// Vault
    vault: String,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Let what came in flow to the holders, over seven days
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares revenue 0x…")]
pub(crate) struct RevenueArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// ERC-20 token [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    currency: Option<String>,
}

/// Take out the revenue of one's shares
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares claim 0x…")]
pub(crate) struct ClaimArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Pay out another account's revenue, to that account
    #[arg(long, value_name = "ADDRESS")]
    of: Option<String>,
    /// ERC-20 token [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    currency: Option<String>,
}

/// Ask the holders for another reserve or manager; a majority of all shares decides within seven days
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark shares propose 0x… --reserve 25\n  modelmark shares propose 0x… --manager 0x…")]
pub(crate) struct ProposeArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Lowest first bid in coins; 0 takes the token off sale
    #[arg(long, value_name = "AMOUNT", required_unless_present = "manager", conflicts_with = "manager")]
    reserve: Option<String>,
    /// Account that says where the metadata is and sells licences
    #[arg(long, value_name = "ADDRESS")]
    manager: Option<String>,
}

/// Vote for a ballot with the votes that one had when it was opened
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares vote 0x… 1")]
pub(crate) struct VoteArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Number of the ballot
    ballot: u64,
}

/// Bid for the token: the first at least the reserve, each later one 5 % more
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares bid 0x… 25")]
pub(crate) struct BidArgs {
    #[command(flatten)]
    at: VaultArgs,
    /// Coins
    amount: String,
}

/// End an auction whose time is over: the token goes to the winner, the money to the holders
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares settle 0x…")]
pub(crate) struct SettleArgs {
    #[command(flatten)]
    at: VaultArgs,
}

/// Take the token out; only who holds all shares
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark shares redeem 0x…")]
pub(crate) struct RedeemArgs {
    #[command(flatten)]
    at: VaultArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &SharesCommand) -> Result<()> {
    session.block_on(async {
        match command {
            SharesCommand::Create(args) => create(session, args).await,
            SharesCommand::Show(args) => show(session, args).await,
            SharesCommand::Revenue(args) => {
                let currency = currency(args.currency.as_deref())?;
                act(session, &args.at, |vault, _| vault.start_revenue(currency), "the revenue flows").await
            }
            SharesCommand::Claim(args) => {
                let currency = currency(args.currency.as_deref())?;
                let of = args.of.as_deref().map(|text| address("--of", text)).transpose()?;
                let call =
                    |vault: &SharesVault, account| of.map_or_else(|| vault.claim(currency, account), |of| vault.claim_for(of, currency));
                act(session, &args.at, call, "the revenue is paid out").await
            }
            SharesCommand::Propose(args) => propose(session, args).await,
            SharesCommand::Vote(args) => act(session, &args.at, |vault, _| vault.vote(U256::from(args.ballot)), "voted").await,
            SharesCommand::Bid(args) => {
                let amount = coins("the bid", &args.amount)?;
                act(session, &args.at, |vault, _| vault.bid(amount), "the bid stands").await
            }
            SharesCommand::Settle(args) => settle(session, args).await,
            SharesCommand::Send(args) => holder::send(session, args).await,
            SharesCommand::Delegate(args) => holder::delegate(session, args).await,
            SharesCommand::Withdraw(args) => holder::withdraw(session, args).await,
            SharesCommand::GiveUp(args) => {
                act(session, &args.at, |vault, _| vault.give_up(), "the winner can take the money out: `shares withdraw`").await
            }
            SharesCommand::Sweep(args) => holder::sweep(session, args).await,
            SharesCommand::Metadata(args) => managed::metadata(session, args).await,
            SharesCommand::License(command) => managed::license(session, command).await,
            SharesCommand::Redeem(args) => act(session, &args.at, SharesVault::redeem, "the token is taken out").await,
        }
    })
}

async fn create(session: &Session<'_>, args: &CreateArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let currencies = args.currency.iter().map(|text| address("--currency", text)).collect::<Result<_>>()?;
    on_chain_text::check("--name", &args.name, MAX_NAME)?;
    on_chain_text::check("--symbol", &args.symbol, MAX_SYMBOL)?;
    // A share has 18 decimals, as a coin has.
    let supply = coins("--supply", &args.supply)?.get();
    let terms = SharesTerms { token, supply, name: args.name.clone(), symbol: args.symbol.clone(), currencies };
    let reserve = coins("--reserve", &args.reserve)?;
    let acting = args.transaction.act(session).await?;
    check_chain(&acting.chain, &token)?;
    let registry = registry_of(&acting.chain, &token);
    genuine(&registry).await?;
    for currency in &terms.currencies {
        money::check_currency(&acting.chain, "--currency", *currency).await?;
    }
    acting
        .make_and_tell(session, terms.divide(&registry, acting.wallet.address(), reserve), |receipts| {
            let vault = SharesVault::made_by(receipts).ok_or_else(|| CommandError::unreachable("the receipt does not name the vault"))?;
            let value = json!({"vault": vault.to_checksum(None), "terms": terms, "reserve": reserve});
            Ok((value, format!("vault {vault}")))
        })
        .await
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let account = args.account.as_deref().map(|text| address("--account", text)).transpose()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let vault = vault(&chain, &args.vault).await?;
    let state = vault.state().await.map_err(explain)?;
    let holding = match account {
        Some(account) => Some(vault.holding(account, Address::ZERO).await.map_err(explain)?),
        None => None,
    };
    let value = json!({
        "state": state,
        "account": account.map(|account| account.to_checksum(None)),
        "shares": holding.map(|(shares, _)| shares.to_string()),
        "claimable": holding.map(|(_, claimable)| claimable),
    });
    session.output.result(&value, || {
        let coin = chain.id().coin();
        let sale =
            if state.reserve == Wei::default() { "not for sale".to_owned() } else { format!("from {} {coin}", state.reserve.coins()) };
        let name = crate::output::printable(&state.terms.name);
        let mut lines = vec![
            format!("token     {}", state.terms.token),
            format!("shares    {} {name}", Wei::new(state.terms.supply).coins()),
            format!("phase     {}", json!(state.phase).as_str().unwrap_or_default()),
            format!("sale      {sale}"),
        ];
        if state.ends_at != 0 {
            lines.push(format!("auction   {} {coin} by {}, until {} (Unix time)", state.bid.coins(), state.bidder, state.ends_at));
        }
        if let Some((shares, claimable)) = holding {
            lines.push(format!("holds     {} shares, can claim {} {coin}", Wei::new(shares).coins(), claimable.coins()));
        }
        lines.join("\n")
    })
}

async fn propose(session: &Session<'_>, args: &ProposeArgs) -> Result<()> {
    let reserve = args.reserve.as_deref().map(|text| coins("--reserve", text)).transpose()?;
    let manager = args.manager.as_deref().map(|text| address("--manager", text)).transpose()?;
    let acting = args.at.transaction.act(session).await?;
    let vault = vault(&acting.chain, &args.at.vault).await?;
    let call = match manager {
        Some(manager) => vault.propose_manager(manager),
        None => vault.propose_reserve(reserve.unwrap_or_default()),
    };
    acting
        .make_and_tell(session, vec![call], |receipts| {
            let ballot = vault.ballot_in(receipts).ok_or_else(|| CommandError::unreachable("the receipt does not name the ballot"))?;
            let manager = manager.map(|account| account.to_checksum(None));
            let value = json!({"vault": args.at.vault, "ballot": ballot.to_string(), "reserve": reserve, "manager": manager});
            Ok((value, format!("ballot {ballot}")))
        })
        .await
}

async fn settle(session: &Session<'_>, args: &SettleArgs) -> Result<()> {
    let chain = chain_source::connect(session, &args.at.transaction.chain).await?.chain;
    let winner = vault(&chain, &args.at.vault).await?.state().await.map_err(explain)?.bidder;
    // An embedded chain is let go, so that the call can have it.
    drop(chain);
    act(session, &args.at, |vault, _| vault.settle(winner), "the auction is over").await
}

/// Makes one call of a vault.
async fn act(session: &Session<'_>, args: &VaultArgs, call: impl FnOnce(&SharesVault, Address) -> Call, done: &str) -> Result<()> {
    let acting: Acting<'_> = args.transaction.act(session).await?;
    let vault = vault(&acting.chain, &args.vault).await?;
    let account = acting.wallet.address();
    acting
        .make_and_tell(session, vec![call(&vault, account)], |_| {
            Ok((json!({"vault": args.vault, "account": account.to_checksum(None)}), done.to_owned()))
        })
        .await
}

/// Returns the vault at an address, which has to be of the canonical factory.
async fn vault(chain: &modelmark_chain::Chain, text: &str) -> Result<SharesVault> {
    let vault = SharesVault::at(chain, address("the vault", text)?).await.map_err(explain)?;
    vault.ok_or_else(|| {
        CommandError::refused(format!("{text} is no vault of the canonical factory on {}", chain.id()))
            .hint("`modelmark shares create` prints a vault's address")
    })
}

fn coins(option: &str, text: &str) -> Result<Wei> {
    money::amount(option, text, Address::ZERO).map(Wei::new)
}

fn currency(text: Option<&str>) -> Result<Address> {
    text.map_or(Ok(Address::ZERO), |text| address("--currency", text))
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
