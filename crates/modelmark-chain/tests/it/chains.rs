//! The chains that tests run on: each test gets a fresh one.

use std::process::Stdio;

use alloy::primitives::B256;
use alloy::providers::Provider as _;
use alloy::rpc::client::RpcClient;
use modelmark_chain::{Chain, ChainId};
use modelmark_devnet::{Config, Devnet};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A fresh embedded chain in memory.
pub(crate) async fn devnet() -> Chain {
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    Chain::over(RpcClient::new(devnet, true), "the embedded chain", Some(ChainId::DEVELOPMENT)).await.unwrap()
}

/// A fresh anvil, killed when dropped; `None` when the tests were not given one.
pub(crate) struct Anvil {
    pub(crate) chain: Chain,
    _process: Child,
}

impl Anvil {
    pub(crate) async fn start(arguments: &[&str]) -> Option<Self> {
        let Ok(binary) = std::env::var("MODELMARK_ANVIL") else {
            eprintln!("skipped on anvil: MODELMARK_ANVIL does not name its binary");
            return None;
        };
        let mut command = Command::new(binary);
        command.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().expect("MODELMARK_ANVIL runs");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("anvil says where it listens");
            if let Some(address) = line.strip_prefix("Listening on ") {
                break address.to_owned();
            }
        };
        // Whoever stops reading a pipe stops its writer.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let chain = Chain::connect(&format!("http://{address}"), None).await.unwrap();
        Some(Self { chain, _process: process })
    }
}

/// Returns the receipt of a transaction that the chain took. Anvil mines a moment later, and calls the transaction pending for another moment.
pub(crate) async fn mined(chain: &Chain, hash: B256) -> Value {
    loop {
        let sent: Value = chain.provider().raw_request("eth_getTransactionByHash".into(), (hash,)).await.unwrap();
        if !sent["blockHash"].is_null() {
            let receipt: Value = chain.provider().raw_request("eth_getTransactionReceipt".into(), (hash,)).await.unwrap();
            if !receipt.is_null() {
                return receipt;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Defines a test that runs on both chains.
macro_rules! on_both_chains {
    ($($(#[$doc:meta])* async fn $name:ident($chain:ident: Chain) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn body($chain: Chain) $body

            #[tokio::test]
            async fn embedded() {
                body(crate::chains::devnet().await).await;
            }

            #[tokio::test]
            async fn anvil() {
                if let Some(anvil) = crate::chains::Anvil::start(&[]).await {
                    body(anvil.chain.clone()).await;
                }
            }
        }
    )*};
}
pub(crate) use on_both_chains;
