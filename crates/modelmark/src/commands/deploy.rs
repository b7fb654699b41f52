//! `modelmark deploy`: put the contracts on a chain.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{AddressBook, ChainId, DeployPlan, Deployed, Deployment, Patience, parse_address};
use serde_json::{Value, json};

use crate::chain_source;
use crate::commands::mint::{agree, explain};
use crate::error::{CommandError, Result};
use crate::on_chain_text::{self, MAX_NAME, MAX_SYMBOL};
use crate::options::{ChainArgs, SendArgs, SignerArgs};
use crate::session::Session;
use crate::signer;

/// Deploy the contracts to a chain
///
/// The addresses are the same on every chain; what is there already is left as it is. Without options these are the canonical registry, which is open to
/// every creator and has no administrator, and all that stands beside it. The cost is shown and confirmed first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark deploy --rpc-url https://rpc.example --keystore deployer.json\n  \
                        modelmark deploy --curated \"Lab models\" --symbol LAB --admin 0x… --rpc-url https://rpc.example")]
pub(crate) struct DeployArgs {
    /// Deploy a curated collection of this name instead: an administrator decides who may submit mints
    #[arg(long, value_name = "NAME", requires_all = ["symbol", "admin"])]
    curated: Option<String>,
    /// ERC-721 symbol of the curated collection
    #[arg(long, requires = "curated")]
    symbol: Option<String>,
    /// First administrator of the curated collection
    #[arg(long, value_name = "ADDRESS", requires = "curated")]
    admin: Option<String>,
    /// Write where the contracts are into a file of DIR that is named for the chain id; other entries in it stay
    #[arg(long, value_name = "DIR")]
    deployments: Option<PathBuf>,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    send: SendArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &DeployArgs) -> Result<()> {
    let what = what(args)?;
    session.block_on(async {
        let connected = chain_source::connect(session, &args.chain).await?;
        let wallet = signer::wallet(&args.signer, connected.chain.id())?;
        let chain = connected.chain.with_patience(Patience { confirmations: args.send.confirmations, ..Patience::default() });
        let plan = DeployPlan::new(&chain, &wallet, &what).await.map_err(explain)?;
        agree(session, &chain, plan.costs(), &args.send)?;
        let deployed = plan.execute(&wallet).await.map_err(explain)?;
        if let Some(folder) = &args.deployments {
            write_book(folder, chain.id(), args.curated.as_deref().unwrap_or("modelmark"), &deployed)?;
        }
        session.output.result(&value(chain.id(), &deployed), || text(&deployed))
    })
}

fn value(chain: ChainId, deployed: &Deployed) -> Value {
    let contracts = deployed.contracts.iter().map(|(contract, address)| (contract.name().to_owned(), json!(address.to_checksum(None))));
    json!({
        "chain": chain.to_string(),
        "registry": deployed.registry.to_checksum(None),
        "licenseBook": deployed.license_book.to_checksum(None),
        "accessManager": deployed.access_manager.map(|address| address.to_checksum(None)),
        "contracts": contracts.collect::<serde_json::Map<_, _>>(),
        "deployedIn": deployed.deployed_in,
        "spent": format!("{} wei", deployed.spent.get()),
    })
}

fn text(deployed: &Deployed) -> String {
    let news = if deployed.deployed_in.is_some() { "deployed now" } else { "was there already" };
    let mut lines = vec![format!("{:<19} {}  ({news})", "registry", deployed.registry)];
    lines.extend(deployed.access_manager.map(|address| format!("{:<19} {address}", "access manager")));
    let others = deployed.contracts.iter().filter(|(_, address)| **address != deployed.registry);
    lines.extend(others.map(|(contract, address)| format!("{:<19} {address}", contract.name())));
    lines.join("\n")
}

/// Adds the deployment to the file of its chain.
fn write_book(folder: &Path, chain: ChainId, name: &str, deployed: &Deployed) -> Result<()> {
    let path = folder.join(format!("{}.json", chain.get()));
    let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("`{}`: {error}", path.display()));
    let mut book = AddressBook::default();
    if path.exists() {
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        book.read(&text).map_err(|error| wrong(&error))?;
    }
    book.add(chain, name, deployed);
    let json = book.to_json(chain).map_err(|error| wrong(&error))?;
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, json)).map_err(|error| wrong(&error))
}

fn what(args: &DeployArgs) -> Result<Deployment> {
    let (Some(name), Some(symbol), Some(admin)) = (&args.curated, &args.symbol, &args.admin) else { return Ok(Deployment::Canonical) };
    on_chain_text::check("--curated", name, MAX_NAME)?;
    on_chain_text::check("--symbol", symbol, MAX_SYMBOL)?;
    let admin = parse_address(admin).map_err(|error| CommandError::usage(format!("--admin: {error}")))?;
    Ok(Deployment::Curated { name: name.clone(), symbol: symbol.clone(), admin })
}
