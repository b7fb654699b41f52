//! `modelmark royalty`: what a token earns, who is paid, and taking it out.

mod lower;
mod pay;
mod signed;
mod stack;

use clap::{Args, Subcommand};
use modelmark_chain::{Address, BasisPoints, Chain, Earnings, Model, Payee, Registry, RoyaltyVault, TokenRef, Wei, parse_address};
use serde_json::json;

use crate::chain_source::{self, check_chain, registry_of};
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
use crate::session::Session;
use crate::transaction::TransactionArgs;

/// Show, split and take out what tokens earn, and say who is paid
#[derive(Debug, Subcommand)]
pub(crate) enum RoyaltyCommand {
    Show(ShowArgs),
    Payees(Box<PayeesArgs>),
    Distribute(Box<DistributeArgs>),
    Withdraw(Box<WithdrawArgs>),
    Submit(Box<signed::SubmitArgs>),
    Lower(Box<lower::LowerArgs>),
    Pay(Box<pay::PayArgs>),
    #[command(subcommand)]
    Stack(stack::StackCommand),
}

/// Which money.
#[derive(Debug, Args)]
struct CurrencyArgs {
    /// ERC-20 token [default: the chain's own currency]
    #[arg(long, value_name = "ADDRESS")]
    currency: Option<String>,
}

/// Whose money.
#[derive(Debug, Args)]
struct BeneficiaryArgs {
    /// Account that gets what the lineage does not, as a licence's offer named it [default: the token's payees]
    #[arg(long, value_name = "ADDRESS")]
    beneficiary: Option<String>,
}

/// Show what a token earned and who is paid
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty show eip155:31337/erc721:0x…/123… --account 0x…")]
pub(crate) struct ShowArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Account whose money in the vault is shown too
    #[arg(long, value_name = "ADDRESS")]
    account: Option<String>,
    #[command(flatten)]
    beneficiary: BeneficiaryArgs,
    #[command(flatten)]
    currency: CurrencyArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Say who is paid for a token: contributors and their parts
///
/// Only its creator may. The parts are of what is left after the lineage has its shares; whoever is named last without a part gets the rest.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty payees eip155:31337/erc721:0x…/123… 0xAda…=60% 0xBob…=40% --for-good")]
pub(crate) struct PayeesArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    /// Who is paid which part, 100 % in all; none for the creator alone
    #[arg(value_name = "ADDRESS=PERCENT")]
    payees: Vec<String>,
    /// Never let it be changed again, so that contributors can rely on it
    #[arg(long)]
    for_good: bool,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Split what a token earned among its lineage and payees
///
/// Anybody may, and gets half a percent of it. Parents get their shares as revenue of their own: distribute theirs too to pass it on.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty distribute eip155:31337/erc721:0x…/123…")]
pub(crate) struct DistributeArgs {
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>`
    token: String,
    #[command(flatten)]
    beneficiary: BeneficiaryArgs,
    #[command(flatten)]
    currency: CurrencyArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Take out what the account is owed
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark royalty withdraw --to 0x…\n  modelmark royalty withdraw --to 0x… --sign > word.json")]
pub(crate) struct WithdrawArgs {
    /// Where the money goes [default: the account itself]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "of")]
    to: Option<String>,
    /// Send what a contract is owed to that contract, instead of one's own money
    #[arg(long, value_name = "ADDRESS")]
    of: Option<String>,
    /// Send nothing: sign it, and print what `royalty submit` takes, so that somebody else pays the gas
    #[arg(long, conflicts_with = "of")]
    sign: bool,
    /// How long the signature counts
    #[arg(long, value_name = "DAYS", requires = "sign", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=3650))]
    days: u64,
    #[command(flatten)]
    currency: CurrencyArgs,
    #[command(flatten)]
    transaction: TransactionArgs,
}

pub(crate) fn run(session: &Session<'_>, command: &RoyaltyCommand) -> Result<()> {
    match command {
        RoyaltyCommand::Show(args) => session.block_on(show(session, args)),
        RoyaltyCommand::Payees(args) => session.block_on(payees(session, args)),
        RoyaltyCommand::Distribute(args) => session.block_on(distribute(session, args)),
        RoyaltyCommand::Withdraw(args) => session.block_on(withdraw(session, args)),
        RoyaltyCommand::Submit(args) => session.block_on(signed::submit(session, args)),
        RoyaltyCommand::Lower(args) => session.block_on(lower::run(session, args)),
        RoyaltyCommand::Pay(args) => session.block_on(pay::run(session, args)),
        RoyaltyCommand::Stack(command) => stack::run(session, command),
    }
}

impl BeneficiaryArgs {
    fn address(&self) -> Result<Address> {
        self.beneficiary.as_deref().map_or(Ok(Address::ZERO), |text| address("--beneficiary", text))
    }
}

impl CurrencyArgs {
    fn address(&self) -> Result<Address> {
        self.currency.as_deref().map_or(Ok(Address::ZERO), |text| address("--currency", text))
    }

    /// Names an amount: coins of the chain, or units of a token whose decimals nobody asked for.
    fn amount(&self, chain: &Chain, amount: Wei) -> String {
        match &self.currency {
            None => format!("{} {}", amount.coins(), chain.id().coin()),
            Some(token) => format!("{} units of {token}", amount.get()),
        }
    }
}

async fn show(session: &Session<'_>, args: &ShowArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let account = args.account.as_deref().map(|text| address("--account", text)).transpose()?;
    let currency = args.currency.address()?;
    let chain = chain_source::connect(session, &args.chain).await?.chain;
    let (vault, model) = look(&chain, &token).await?;
    let earnings = vault.earnings_for(token.id(), currency, args.beneficiary.address()?).await.map_err(explain)?;
    let owed = match account {
        Some(account) => Some(vault.balance(account, currency).await.map_err(explain)?),
        None => None,
    };
    let value = json!({"token": token, "royalty": model.royalty, "earnings": earnings, "account": account.map(|it| it.to_checksum(None)), "owed": owed});
    session.output.result(&value, || {
        let amount = |wei| args.currency.amount(&chain, wei);
        let mut lines = vec![
            format!("royalty   {} of each sale, to {}", model.royalty.share, earnings.receiver),
            format!("waiting   {}", amount(earnings.waiting)),
            format!("to split  {}", amount(earnings.credit)),
        ];
        match earnings.beneficiary.is_zero() {
            true => lines.push(format!("payees    {}", paid(&earnings, &model))),
            false => lines.push(format!("payees    {}", earnings.beneficiary)),
        }
        lines.extend(earnings.stack.then(|| "stack     each ancestor gets a fixed part".to_owned()));
        lines.extend(owed.map(|owed| format!("owed      {}", amount(owed))));
        lines.join("\n")
    })
}

fn paid(earnings: &Earnings, model: &Model) -> String {
    let lock = if earnings.payees_for_good { ", for good" } else { "" };
    if earnings.payees.is_empty() {
        return format!("{} (the creator){lock}", model.creator);
    }
    let parts: Vec<_> = earnings.payees.iter().map(|payee| format!("{} {}", payee.part, payee.account)).collect();
    format!("{}{lock}", parts.join(", "))
}

async fn payees(session: &Session<'_>, args: &PayeesArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let payees: Vec<Payee> = args.payees.iter().map(|text| payee(text)).collect::<Result<_>>()?;
    let whole: u32 = payees.iter().map(|payee| u32::from(payee.part.get())).sum();
    if !payees.is_empty() && whole != 10_000 {
        return Err(CommandError::usage(format!("the parts are {}.{:02} % in all, not 100 %", whole / 100, whole % 100)));
    }
    let acting = args.transaction.act(session).await?;
    let (vault, _) = look(&acting.chain, &token).await?;
    acting
        .make_and_tell(session, vec![vault.set_payees(token.id(), &payees, args.for_good)], |_| {
            let value = json!({"token": token, "payees": payees, "forGood": args.for_good});
            Ok((value, format!("{token} pays {}", if payees.is_empty() { "its creator".to_owned() } else { args.payees.join(", ") })))
        })
        .await
}

async fn distribute(session: &Session<'_>, args: &DistributeArgs) -> Result<()> {
    let token: TokenRef = args.token.parse().or_usage()?;
    let currency = args.currency.address()?;
    let acting = args.transaction.act(session).await?;
    let (vault, model) = look(&acting.chain, &token).await?;
    let earnings = vault.earnings_for(token.id(), currency, args.beneficiary.address()?).await.map_err(explain)?;
    let amount = earnings.waiting.saturating_add(earnings.credit);
    if amount == Wei::default() {
        return Err(CommandError::refused(format!("{token} has earned nothing that is not split yet")));
    }
    acting
        .make_and_tell(session, vault.distribute(&model, &earnings), |_| {
            Ok((
                json!({"token": token, "currency": currency.to_checksum(None), "amount": amount}),
                args.currency.amount(&acting.chain, amount) + " split",
            ))
        })
        .await
}

async fn withdraw(session: &Session<'_>, args: &WithdrawArgs) -> Result<()> {
    let currency = args.currency.address()?;
    let other = args.of.as_deref().map(|text| address("--of", text)).transpose()?;
    let acting = args.transaction.act(session).await?;
    let account = other.unwrap_or(acting.wallet.address());
    let to = args.to.as_deref().map(|text| address("--to", text)).transpose()?.unwrap_or(account);
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    let vault = vault(&registry).await?;
    if args.sign {
        return signed::sign(session, &acting, &vault, (currency, to), args.days).await;
    }
    let owed = owed(&vault, account, currency).await?;
    let call = if other.is_some() { vault.withdraw_for(account, currency) } else { vault.withdraw(currency, to) };
    acting
        .make_and_tell(session, vec![call], |_| {
            let value = json!({"account": account.to_checksum(None), "to": to.to_checksum(None), "currency": currency.to_checksum(None), "amount": owed});
            Ok((value, format!("{} to {to}", args.currency.amount(&acting.chain, owed))))
        })
        .await
}

/// Returns what an account is owed, which has to be something.
async fn owed(vault: &RoyaltyVault, account: Address, currency: Address) -> Result<Wei> {
    let owed = vault.balance(account, currency).await.map_err(explain)?;
    match owed == Wei::default() {
        true => Err(CommandError::refused(format!("the vault owes {account} nothing"))
            .hint("what tokens earned is owed once it is split: `modelmark royalty distribute TOKEN`")),
        false => Ok(owed),
    }
}

/// Returns the vault of a token's registry, and the token.
async fn look(chain: &Chain, token: &TokenRef) -> Result<(RoyaltyVault, Model)> {
    check_chain(chain, token)?;
    let registry = registry_of(chain, token);
    genuine(&registry).await?;
    let model = registry.model(token.id()).await.map_err(explain)?;
    let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
    Ok((vault(&registry).await?, model))
}

async fn vault(registry: &Registry) -> Result<RoyaltyVault> {
    let vault = registry.royalty_vault().await.map_err(explain)?;
    vault
        .ok_or_else(|| CommandError::refused(format!("the registry {} has no vault: its royalties go to the creators", registry.address())))
}

fn payee(text: &str) -> Result<Payee> {
    let wrong = || CommandError::usage(format!("{text}: write ADDRESS=PERCENT, such as 0x…=60%"));
    let (account, part) = text.split_once('=').ok_or_else(wrong)?;
    let part: modelmark_record::ShareBps = part.parse().map_err(|error| CommandError::usage(format!("{account}: {error}")))?;
    let part: BasisPoints = part.get().try_into().or_usage()?;
    Ok(Payee { account: address("a payee", account)?, part })
}

fn address(option: &str, text: &str) -> Result<Address> {
    parse_address(text).map_err(|error| CommandError::usage(format!("{option}: {error}")))
}
