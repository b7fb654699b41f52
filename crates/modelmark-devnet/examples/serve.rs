//! Serves a chain over HTTP: `cargo run -p modelmark-devnet --example serve -- [directory] [port]`. Without a directory the chain lives in memory.
#![expect(clippy::print_stdout, reason = "an example tells where it listens")]

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;

use modelmark_devnet::{Config, DEV_MNEMONIC, Devnet, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let devnet = match arguments.first() {
        Some(directory) => Devnet::open(Path::new(directory), Config::default())?,
        None => Devnet::in_memory(Config::default())?,
    };
    let port = arguments.get(1).map_or(Ok(8545), |port| port.parse())?;
    let server = serve(devnet, SocketAddr::from(([127, 0, 0, 1], port)), async {
        tokio::signal::ctrl_c().await.ok();
    })
    .await?;
    println!("listening on http://{} (mnemonic: {DEV_MNEMONIC})", server.addr());
    server.stopped().await?;
    Ok(())
}
