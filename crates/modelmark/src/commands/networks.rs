//! `modelmark networks`: the chains that are known by name.

use clap::Args;
use modelmark_chain::Network;

use crate::error::Result;
use crate::session::Session;

/// List the networks that `--chain` takes by name
///
/// Their endpoints are open to everybody and limit how much one may ask; name your own with `--rpc-url`. Nothing is asked here.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark networks\n  modelmark show eip155:84532/erc721:0x…/123… --chain base-sepolia")]
pub(crate) struct NetworksArgs {}

pub(crate) fn run(session: &Session<'_>, _args: &NetworksArgs) -> Result<()> {
    session.output.result(&Network::all(), || {
        let line = |network: &Network| {
            let id = network.chain().map(|chain| chain.to_string()).unwrap_or_default();
            let kind = if network.is_test() { "test" } else { "" };
            format!("{:<17} {id:<16} {:<4} {kind:<5} {:<38} {}", network.name(), network.coin(), network.explorer(), network.rpc())
        };
        Network::all().iter().map(line).collect::<Vec<_>>().join("\n")
    })
}
