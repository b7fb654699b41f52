//! `modelmark deploy`: put the contracts on a chain.

use clap::Args;
use modelmark_chain::{DeployPlan, Deployment, Patience, parse_address};
use serde_json::json;

use crate::chain_source;
use crate::commands::mint::{agree, explain};
use crate::error::{CommandError, Result};
use crate::options::{ChainArgs, SendArgs, SignerArgs};
use crate::session::Session;
use crate::signer;

/// Deploy the contracts to a chain
///
/// The addresses are the same on every chain; what is there already is left as it is. Without options this is the licence book and the canonical
/// registry, which is open to every creator and has no administrator. The cost is shown and confirmed first.
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
        let value = json!({
            "chain": chain.id().to_string(),
            "registry": deployed.registry.to_checksum(None),
            "licenseBook": deployed.license_book.to_checksum(None),
            "accessManager": deployed.access_manager.map(|address| address.to_checksum(None)),
            "deployedIn": deployed.deployed_in,
            "spent": format!("{} wei", deployed.spent.get()),
        });
        session.output.result(&value, || {
            let manager = deployed.access_manager.map(|address| format!("\naccess manager  {address}")).unwrap_or_default();
            let news = if deployed.deployed_in.is_some() { "deployed now" } else { "was there already" };
            format!("registry        {}  ({news})\nlicence book    {}{manager}", deployed.registry, deployed.license_book)
        })
    })
}

fn what(args: &DeployArgs) -> Result<Deployment> {
    let (Some(name), Some(symbol), Some(admin)) = (&args.curated, &args.symbol, &args.admin) else { return Ok(Deployment::Canonical) };
    let admin = parse_address(admin).map_err(|error| CommandError::usage(format!("--admin: {error}")))?;
    Ok(Deployment::Curated { name: name.clone(), symbol: symbol.clone(), admin })
}
