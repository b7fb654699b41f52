//! `modelmark devnet`: the embedded chain as a JSON-RPC server.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::Collection;
use modelmark_devnet::{Config, DEV_ACCOUNTS, DEV_MNEMONIC, Devnet, DevnetError, ServeOptions, serve};
use serde_json::json;

use crate::chain_source::{ENDPOINT_FILE, over, served_at};
use crate::error::{CommandError, OrKind as _, Result};
use crate::output::printable;
use crate::session::{Session, writable_hint};

/// Serve the embedded chain as JSON-RPC
///
/// The same chain that the other commands use without `--rpc-url`, with the contracts deployed and ten funded accounts whose keys everybody knows.
/// `cast`, viem, ethers and web3.py can talk to it. Runs until it is interrupted; blocks and state stay on disk.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark devnet --port 8545 &\n  cast chain-id --rpc-url http://127.0.0.1:8545")]
pub(crate) struct DevnetArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8545)]
    port: u16,
    /// Address to listen on; anything but loopback needs `--allow-remote`
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Let other machines in: whoever reaches the server can spend the development accounts
    #[arg(long)]
    allow_remote: bool,
}

pub(crate) fn run(session: &Session<'_>, args: &DevnetArgs) -> Result<()> {
    let dir = session.devnet_dir()?;
    let devnet = open(&dir)?;
    session.block_on(async {
        over(&devnet, None).await?;
        let mut options = ServeOptions::from(SocketAddr::new(args.host, args.port));
        options.remote = args.allow_remote;
        let server = serve(devnet.clone(), options, interrupted()).await.map_err(explain)?;
        let url = format!("http://{}", server.addr());
        let _endpoint = Endpoint::write(&dir, &url)?;
        announce(session, &url)?;
        server.stopped().await.or_unreachable()
    })
}

fn open(dir: &Path) -> Result<Devnet> {
    Devnet::open(dir, Config::default()).map_err(|error| match error {
        DevnetError::Locked { .. } => {
            let hint = match served_at(dir) {
                Some(url) => {
                    format!("another `modelmark devnet` serves it at {}; use that one, or choose another --data-dir", printable(&url))
                }
                None => "another `modelmark devnet` or a command is using it; wait for it, or choose another --data-dir".to_owned(),
            };
            CommandError::unreachable(error).hint(hint)
        }
        other => writable_hint(CommandError::unreachable(other)),
    })
}

fn explain(error: DevnetError) -> CommandError {
    match &error {
        DevnetError::NotLoopback(_) => CommandError::usage(error).hint("pass `--allow-remote` if that is what you want"),
        DevnetError::Listen { .. } => {
            CommandError::new(crate::error::Kind::Unreachable, error).hint("choose another `--port`; 0 takes a free one")
        }
        _ => CommandError::new(crate::error::Kind::Unreachable, error),
    }
}

fn announce(session: &Session<'_>, url: &str) -> Result<()> {
    let accounts: Vec<_> = DEV_ACCOUNTS.iter().map(|account| account.address.to_checksum(None)).collect();
    let registry = Collection::canonical().address().to_checksum(None);
    let value = json!({"url": url, "chain": "eip155:31337", "registry": registry, "mnemonic": DEV_MNEMONIC, "accounts": accounts});
    session.output.result(&value, || {
        format!("listening  {url}\nchain      eip155:31337\nregistry   {registry}\naccounts   {} with 10000 ETH each, mnemonic \"{DEV_MNEMONIC}\"\n           {}", accounts.len(), accounts.join("\n           "))
    })
}

/// Resolves at Ctrl-C or SIGTERM.
pub(crate) async fn interrupted() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// The file that tells other commands where the chain is served; gone when the server is. After a kill it is stale, which does no harm: it is read only
/// while somebody holds the chain.
struct Endpoint(PathBuf);

impl Endpoint {
    fn write(dir: &Path, url: &str) -> Result<Self> {
        let path = dir.join(ENDPOINT_FILE);
        let written = tempfile::NamedTempFile::new_in(dir).and_then(|mut file| {
            file.write_all(url.as_bytes())?;
            file.persist(&path).map_err(|error| error.error)
        });
        written.map_err(|error| writable_hint(CommandError::unreachable(format!("cannot write `{}`: {error}", path.display()))))?;
        Ok(Self(path))
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // A file that is gone already is as good.
        let _ = std::fs::remove_file(&self.0);
    }
}
