//! Which chain is asked: the one behind `--rpc-url`, else the embedded one, on which the contracts are deployed at first use.

use std::path::Path;
use std::time::{Duration, Instant};

use alloy::rpc::client::RpcClient;
use modelmark_chain::{Address, AddressBook, Chain, ChainId, Deployment, HttpLimits, Network, Registry, TokenRef, Wallet, parse_address};
use modelmark_devnet::{Config, Devnet, DevnetError};

use crate::commands::mint::explain;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::ChainArgs;
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
    let (expected, public) = named(args.chain.as_deref())?;
    let chain = match args.rpc_url.as_deref().or(public) {
        Some(url) => {
            let limits = HttpLimits { request: Duration::from_secs(args.rpc_timeout), ..HttpLimits::default() };
            Chain::connect_with(url, expected, limits).await.map_err(explain)?
        }
        None => embedded(session, expected).await?,
    };
    let registry = registry(&chain, args)?;
    Ok(Connected { chain, registry })
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
