//! `modelmark gateway`: the block store over HTTP, for any client of the trustless gateway specification.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_digest::{ContentId, Sha256Digest};
use modelmark_gateway::{Settings, router};
use serde_json::json;
use tokio::net::TcpListener;

use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::serving::{GRACE, serve};
use crate::session::{Session, read_input};

/// Largest list of denied blocks.
const MAX_DENIED_BYTES: u64 = 16 << 20;

/// Serve the block store as an IPFS trustless gateway
///
/// Records and stored models can be read at `/ipfs/` as blocks (`?format=raw`), as streams of blocks (`?format=car`) and as files, by Kubo, Helia, browsers
/// and `modelmark` itself. Nothing is fetched from elsewhere, and nothing can be written. Whoever reaches the address and knows a CID can read what it names,
/// web pages in a local browser included. Runs until it is interrupted.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark gateway --listen 127.0.0.1:8080")]
pub(crate) struct GatewayArgs {
    /// Address and port to listen on; port 0 takes a free one; anything but loopback needs `--allow-remote`
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    listen: SocketAddr,
    /// Let other machines in
    #[arg(long)]
    allow_remote: bool,
    /// File with CIDs that are not given out, one a line; lines that begin with # say why
    #[arg(long, value_name = "FILE")]
    deny: Option<PathBuf>,
}

pub(crate) fn run(session: &Session<'_>, args: &GatewayArgs) -> Result<()> {
    if !args.listen.ip().is_loopback() && !args.allow_remote {
        let told = CommandError::usage(format!("{} can be reached from other machines", args.listen));
        return Err(told.hint("pass `--allow-remote` if that is what you want"));
    }
    let mut settings = Settings::default();
    if let Some(path) = &args.deny {
        settings.denied = denied(path)?;
    }
    let app = router(session.shared_store()?, settings);
    session.block_on(async {
        let listener = TcpListener::bind(args.listen).await.map_err(|error| {
            let told = CommandError::new(Kind::Unreachable, error);
            told.hint(format!("cannot listen on {}: choose another with `--listen`; port 0 takes a free one", args.listen))
        })?;
        let url = format!("http://{}", listener.local_addr().or_unreachable()?);
        session.output.result(&json!({"url": url}), || format!("listening  {url}/ipfs/"))?;
        serve(listener, app, GRACE).await
    })
}

fn denied(path: &Path) -> Result<BTreeSet<Sha256Digest>> {
    let text = String::from_utf8(read_input(path, MAX_DENIED_BYTES)?).or_usage()?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| Ok(ContentId::from_any_version(line).or_usage()?.digest())).collect()
}
