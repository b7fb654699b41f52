//! Which chain is asked: the one behind `--rpc-url`, else the embedded one, on which the contracts are deployed at first use.

use std::path::Path;
use std::time::{Duration, Instant};

use alloy::rpc::client::RpcClient;
use modelmark_chain::{
    Address, AddressBook, Chain, ChainId, Deployment, HttpLimits, Network, ReadAt, Registry, TokenRef, Wallet, parse_address,
};
use modelmark_devnet::{Config, Devnet, DevnetError};

use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{ChainArgs, LookArgs};
use crate::session::{Session, writable_hint};

/// How long a command waits for another one that is using the embedded chain.
const TURN: Duration = Duration::from_secs(60);
/// The file in which `modelmark devnet` leaves its address for other commands.
pub(crate) const ENDPOINT_FILE: &str = "endpoint";

/// A connected chain and the registry to use on it.
pub(crate) struct Connected {
    pub(crate) chain: Chain,
    pub(crate) registry: Registry,
}

/// Connects to the chain that the options name.
pub(crate) async fn connect(session: &Session<'_>, args: &ChainArgs) -> Result<Connected> {
    connect_for(session, args, Purpose::Sending).await
}

/// What the chain is connected to for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Sending,
    Looking,
}

async fn connect_for(session: &Session<'_>, args: &ChainArgs, purpose: Purpose) -> Result<Connected> {
    let (expected, public) = named(args.chain.as_deref())?;
    let chain = match args.rpc_url.first().map(String::as_str).or(public) {
        Some(url) => Chain::connect_with(url, expected, limits(args)).await.map_err(explain)?,
        None => match to_read(session, expected, purpose).await? {
            Some(chain) => chain,
            None => embedded(session, expected).await?,
        },
    };
    let registry = registry(&chain, args)?;
    Ok(Connected { chain, registry })
}

/// Connects to the chain as what verifies does: to all endpoints that the options name, which have to agree, and at a block that stays, if the chain has any.
pub(crate) async fn connect_to_look(session: &Session<'_>, args: &LookArgs) -> Result<Connected> {
    let connected = match args.chain.rpc_url.as_slice() {
        [] | [_] if args.rpc_agree.is_none_or(|needed| needed == 1) => connect_for(session, &args.chain, Purpose::Looking).await?,
        [] => return Err(CommandError::usage("--rpc-agree: there are no endpoints that could agree").hint("name them with --rpc-url")),
        urls => {
            let quorum = Chain::quorum(urls, args.rpc_agree).or_usage()?;
            let (expected, _) = named(args.chain.chain.as_deref())?;
            let chain = Chain::connect_to_all(urls, quorum, expected, limits(&args.chain)).await.map_err(explain)?;
            let registry = registry(&chain, &args.chain)?;
            Connected { chain, registry }
        }
    };
    let Connected { chain, registry } = connected;
    let id = chain.id();
    let read_at = match args.read_at(id) {
        Some(read_at) => read_at,
        None if chain.clone().at(ReadAt::Finalized).block().await.is_ok() => ReadAt::Finalized,
        // The report says that it was the latest.
        None => ReadAt::Latest,
    };
    let chain = chain.at(read_at).with_max_age(args.max_age(id));
    let registry = registry.on(&chain);
    Ok(Connected { chain, registry })
}

fn limits(args: &ChainArgs) -> HttpLimits {
    HttpLimits { request: Duration::from_secs(args.rpc_timeout), ..HttpLimits::default() }
}

/// Returns the chain that the options demand, for what asks no endpoint.
pub(crate) fn demanded(args: &ChainArgs) -> Result<Option<ChainId>> {
    named(args.chain.as_deref()).map(|(chain, _)| chain)
}

/// Returns which chain was named, by id or by name, and for a name its public endpoint.
fn named(chain: Option<&str>) -> Result<(Option<ChainId>, Option<&'static str>)> {
    match chain {
        None => Ok((None, None)),
        Some(id) if id.contains(':') => Ok((Some(id.parse().or_usage()?), None)),
        Some(name) => {
            let network: &Network = name.parse().or_usage().map_err(|error| error.hint("`modelmark networks` lists those it knows"))?;
            Ok((Some(network.chain().or_usage()?), Some(network.rpc())))
        }
    }
}

/// Returns the registry that the options name, the canonical one by default.
pub(crate) fn registry(chain: &Chain, args: &ChainArgs) -> Result<Registry> {
    let Some(text) = &args.registry else { return Ok(known(chain, Registry::canonical(chain))) };
    let address: Address = parse_address(text).map_err(|error| CommandError::usage(format!("--registry: {error}")))?;
    Ok(known(chain, Registry::at(chain, address)))
}

/// Adds what the address book knows: from which block on there can be logs.
fn known(chain: &Chain, registry: Registry) -> Registry {
    let entry = AddressBook::built_in().ok().and_then(|book| book.get(chain.id(), registry.address()).and_then(|entry| entry.deployed_in));
    match entry {
        Some(block) => registry.since(block),
        None => registry,
    }
}

/// Returns the registry that a token is in.
pub(crate) fn registry_of(chain: &Chain, token: &TokenRef) -> Registry {
    known(chain, Registry::at(chain, token.contract()))
}

/// Checks that a token is on the chain that is asked.
pub(crate) fn check_chain(chain: &Chain, token: &TokenRef) -> Result<()> {
    if chain.id() == token.chain() {
        return Ok(());
    }
    let message = format!("the token is on {}, the endpoint serves {}", token.chain(), chain.id());
    Err(CommandError::unreachable(message).hint(format!("name an endpoint of {} with `--rpc-url`", token.chain())))
}

/// Opens the embedded chain for questions alone, when that is all that is wanted, it is free, and the contracts are there.
async fn to_read(session: &Session<'_>, expected: Option<ChainId>, purpose: Purpose) -> Result<Option<Chain>> {
    let dir = session.devnet_dir()?;
    let Some(devnet) = (purpose == Purpose::Looking).then(|| Devnet::open_to_read(&dir, Config::default())).flatten() else {
        return Ok(None);
    };
    let chain = Chain::over(RpcClient::new(devnet, true), "the embedded chain", expected).await.or_unreachable()?;
    Ok(if modelmark_chain::is_deployed(&chain).await { Some(chain) } else { None })
}

/// Opens the embedded chain, or reaches the `modelmark devnet` that has it open, and makes sure that the contracts are there.
async fn embedded(session: &Session<'_>, expected: Option<ChainId>) -> Result<Chain> {
    let dir = session.devnet_dir()?;
    let started = Instant::now();
    loop {
        match Devnet::open(&dir, Config::default()) {
            Ok(devnet) => return over(&devnet, expected).await,
            Err(DevnetError::Locked { .. }) => {}
            Err(error) => return Err(error).or_unreachable().map_err(writable_hint),
        }
        if let Some(chain) = served(&dir, expected).await {
            return Ok(chain);
        }
        if started.elapsed() > TURN {
            return Err(CommandError::unreachable(format!("the embedded chain in `{}` is in use by another command", dir.display()))
                .hint("try again when that one is done, or use another data directory"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Uses an embedded chain in this process.
pub(crate) async fn over(devnet: &Devnet, expected: Option<ChainId>) -> Result<Chain> {
    let client = RpcClient::new(devnet.clone(), true);
    let chain = Chain::over(client, "the embedded chain", expected).await.or_unreachable()?;
    // Asking for all of their code, and making a key to deploy with, would take longer than most commands.
    if modelmark_chain::is_deployed(&chain).await {
        return Ok(chain);
    }
    let deployer = Wallet::development(chain.id(), 0).or_usage()?;
    modelmark_chain::deploy(&chain, &deployer, &Deployment::Canonical).await.or_unreachable()?;
    Ok(chain)
}

/// Returns the address that a `modelmark devnet` left in `dir`; it is current only while somebody holds the chain.
pub(crate) fn served_at(dir: &Path) -> Option<String> {
    std::fs::read_to_string(dir.join(ENDPOINT_FILE)).ok().map(|url| url.trim().to_owned())
}

/// Connects to the server that left its address in `dir`, if it answers.
async fn served(dir: &Path, expected: Option<ChainId>) -> Option<Chain> {
    Chain::connect(&served_at(dir)?, Some(expected.unwrap_or(ChainId::DEVELOPMENT))).await.ok()
}
