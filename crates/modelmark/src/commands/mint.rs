//! `modelmark mint`: a token for a stored record.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{
    Address, AddressBook, Authenticity, Chain, ChainError, Contract, Costs, Kind, License, MintPlan, MintReceipt, ModelInput, Patience,
    Registry, ShortText, Wallet, Wei, parse_address,
};
use modelmark_record::{CanonicalRecord, Provenance};
use serde_json::{Value, json};

use crate::chain_source::{self, Connected};
use crate::commands::sign::read_record;
use crate::commands::store::{keep, read_signatures};
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{ChainArgs, PlaceArgs, SendArgs, SignerArgs};
use crate::parents;
use crate::places::{self, Places};
use crate::session::Session;
use crate::signer;

/// Mint a record as a token
///
/// The record is kept in the block store before anything is sent, so that the token never points at nothing, and at the places that `--place` names. A record that has its token already is found, not minted
/// again. On chains other than 31337 the cost is shown and confirmed before anything is sent.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark mint record.json --signature record.sig.json")]
pub(crate) struct MintArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Signature document of the record, to be stored with it
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Owner of the token [default: the creator]
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    places: PlaceArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &MintArgs) -> Result<()> {
    let to = recipient(args.to.as_deref())?;
    let places = Places::open(&args.places)?;
    let record = read_record(&args.record)?;
    let document = args.signature.as_deref().map(|path| read_signatures(path, &record)).transpose()?;
    session.block_on(async {
        let connected = chain_source::connect(session, &args.chain).await?;
        let wallet = signer::wallet(&args.signer, connected.chain.id())?;
        let places = places.signed_by(&wallet)?;
        let keep = async || {
            let stored = keep(session, &record, document.as_deref())?;
            places.keep(session, &places::items(session.store()?, &stored)?, args.send.yes).await.map(drop)
        };
        let minted = mint(session, &connected, &wallet, to, &record, &args.send, keep).await?;
        session.output.result(&minted.value(&record), || minted.token.clone())
    })
}

/// A token, and how it came about.
pub(crate) struct Minting {
    pub(crate) token: String,
    pub(crate) receipt: Option<MintReceipt>,
    pub(crate) spent: Wei,
}

impl Minting {
    pub(crate) fn value(&self, record: &CanonicalRecord) -> Value {
        json!({
            "token": self.token,
            "record": record.id().to_string(),
            "uri": record.id().token_uri(),
            "minted": self.receipt.is_some(),
            "transaction": self.receipt.map(|receipt| receipt.tx.to_string()),
            "block": self.receipt.map(|receipt| receipt.block),
            "spent": self.spent.to_string(),
        })
    }
}

/// Reads who is to own the token.
pub(crate) fn recipient(to: Option<&str>) -> Result<Option<Address>> {
    to.map(parse_address).transpose().map_err(|error| CommandError::usage(format!("--to: {error}")))
}

/// Mints the record, or finds its token. `keep` writes what the token points at: once nothing stands against the mint, and before it is sent.
pub(crate) async fn mint(
    session: &Session<'_>,
    connected: &Connected,
    wallet: &Wallet,
    to: Option<Address>,
    record: &CanonicalRecord,
    send: &SendArgs,
    keep: impl AsyncFnOnce() -> Result<()>,
) -> Result<Minting> {
    let chain = connected.chain.clone().with_patience(Patience { confirmations: send.confirmations, ..Patience::default() });
    let registry = Registry::at(&chain, connected.registry.address());
    genuine(&registry).await?;
    let input = input(session, record, &registry)?;
    let plan = registry.plan_mint(wallet, to.unwrap_or(wallet.address()), &input).await.map_err(explain)?;
    agree(session, &chain, plan.costs(), send)?;
    keep().await?;
    let minted = execute(&plan, wallet).await?;
    Ok(Minting { token: minted.token.to_string(), receipt: minted.by_us, spent: minted.spent })
}

/// Refuses to pay a contract that nobody vouches for: what it says about costs and consent is worth nothing.
pub(crate) async fn genuine(registry: &Registry) -> Result<()> {
    let book = AddressBook::built_in().or_usage()?;
    match modelmark_chain::authenticity(registry.chain(), registry.address(), &book).await.map_err(explain)? {
        known if known.is_our_code() => Ok(()),
        Authenticity::Listed { .. } => Ok(()),
        Authenticity::NoCode => {
            let (address, chain) = (registry.address(), registry.chain().id());
            Err(explain(ChainError::NoContract { contract: Contract::ModelRegistry, address, chain }))
        }
        _ => Err(CommandError::refused(format!("the contract {} is not a modelmark registry; nothing was sent", registry.address()))
            .hint("leave out `--registry` (and `registry` in modelmark.toml) to mint in the canonical registry")),
    }
}

async fn execute(plan: &MintPlan, wallet: &Wallet) -> Result<modelmark_chain::Minted> {
    plan.execute(wallet).await.map_err(explain)
}

/// Says what to do about a chain that does not play along.
pub(crate) fn explain(error: modelmark_chain::ChainError) -> CommandError {
    use modelmark_chain::ChainError as E;
    let kind = match &error {
        E::Address(_) | E::Wallet(_) | E::Model(_) | E::Funds { .. } => crate::error::Kind::Usage,
        E::Reverted { .. } | E::CostGrew { .. } => crate::error::Kind::Refused,
        _ => crate::error::Kind::Unreachable,
    };
    let hints = match &error {
        E::NoContract { .. } => vec!["`modelmark deploy --rpc-url URL` puts the contracts there".to_owned()],
        E::Funds { account, chain, .. } if chain.is_development() => funding(*account),
        _ => Vec::new(),
    };
    hints.into_iter().fold(CommandError::new(kind, error), CommandError::hint)
}

/// Says how to get play money.
fn funding(account: Address) -> Vec<String> {
    let send = "cast send --rpc-url http://127.0.0.1:8545 --private-key <key of a development account> --value 1ether";
    vec![
        format!("on the embedded chain money is free: start `modelmark devnet`, then `{send} {account}`"),
        "or sign with a development account: leave `--keystore` and MODELMARK_PRIVATE_KEY out".to_owned(),
    ]
}

/// Shows what the transactions may cost and asks, unless they cost play money or the caller agreed beforehand.
pub(crate) fn agree(session: &Session<'_>, chain: &Chain, costs: &Costs, send: &SendArgs) -> Result<()> {
    if costs.steps.is_empty() || chain.id().is_development() {
        return Ok(());
    }
    let coin = chain.id().coin();
    for step in &costs.steps {
        session.output.step("will", format!("{} for at most {} {coin} ({} gas)", step.what, step.cost.coins(), step.gas.get()));
    }
    let total = format!(
        "at most {} {coin} on {}, paid by {} (has {} {coin})",
        costs.total.coins(),
        chain.id(),
        costs.account,
        costs.balance.coins()
    );
    if send.yes {
        session.output.step("cost", total);
        return Ok(());
    }
    if session.output.confirm(&format!("Send {} transactions, {total}?", costs.steps.len())) {
        return Ok(());
    }
    Err(CommandError::usage(format!("nothing was sent: it would cost {total}, and nobody agreed"))
        .hint("agree on the terminal, or pass `--yes`"))
}

/// Returns what the record states, as the registry takes it.
pub(crate) fn input(session: &Session<'_>, record: &CanonicalRecord, registry: &Registry) -> Result<ModelInput> {
    let provenance = &record.record().provenance;
    Ok(ModelInput {
        weights: provenance.weights.cid.digest(),
        record: record.id().digest(),
        dataset: provenance.dataset_cid.map(|cid| cid.digest()),
        architecture: provenance.architecture.as_ref().and_then(|architecture| architecture.config_sha256),
        framework: provenance.framework.as_ref().and_then(framework),
        metrics: metrics(provenance).map(|text| text.to_word()),
        license: License::new(provenance.license.spdx.as_str(), provenance.license.uri.as_ref().map(|uri| uri.as_str())).or_refused()?,
        kind: Kind::Model,
        royalty: provenance.royalty.map_or(0, |royalty| royalty.bps.get()).try_into().or_refused()?,
        creator: provenance.creator.account.address(),
        lineage: parents::lineage(session, &provenance.lineage, registry)?,
    })
}

/// The framework and its version, when both fit one word on chain, else its name alone.
fn framework(framework: &modelmark_record::Framework) -> Option<ShortText> {
    let both = framework.version.as_ref().and_then(|version| format!("{} {version}", framework.name).parse().ok());
    both.or_else(|| framework.name.as_str().parse().ok())
}

/// As many evaluation results as fit one word on chain, as `accuracy=0.93,f1=0.92`.
fn metrics(provenance: &Provenance) -> Option<ShortText> {
    let mut fits = None;
    let mut text = String::new();
    for evaluation in &provenance.evaluations {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&format!("{}={}", evaluation.metric, evaluation.value));
        match text.parse() {
            Ok(short) => fits = Some(short),
            Err(_) => break,
        }
    }
    fits
}
