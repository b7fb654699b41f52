//! The nodes that the suite runs on.

use std::process::Stdio;

use alloy::network::{EthereumWallet, NetworkTransactionBuilder as _, TransactionBuilder as _};
use alloy::primitives::{Address, B256, Bytes};
use alloy::providers::{DynProvider, Provider as _, ProviderBuilder};
use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::RpcError;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::TransportError;
use modelmark_devnet::{Config, DEV_ACCOUNTS, Devnet, serve};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

/// The variable that names the binary of a real anvil.
const ANVIL: &str = "MODELMARK_ANVIL";

/// A running node with a provider that fills in nothing by itself.
pub(crate) struct Node {
    pub(crate) provider: DynProvider,
    /// What keeps the node alive.
    _alive: Alive,
}

enum Alive {
    InProcess,
    Http { _shutdown: oneshot::Sender<()> },
    Anvil { _process: Child },
}

impl Node {
    pub(crate) fn in_process() -> Self {
        let client = RpcClient::new(Devnet::in_memory(Config::default()).unwrap(), true);
        Self { provider: ProviderBuilder::default().connect_client(client).erased(), _alive: Alive::InProcess }
    }

    pub(crate) async fn over_http() -> Self {
        let devnet = Devnet::in_memory(Config::default()).unwrap();
        let (shutdown, stopped) = oneshot::channel::<()>();
        let addr: std::net::SocketAddr = ([127, 0, 0, 1], 0).into();
        let server = serve(devnet, addr, async move { drop(stopped.await) }).await.unwrap();
        Self { provider: connect(&format!("http://{}", server.addr())), _alive: Alive::Http { _shutdown: shutdown } }
    }

    /// Starts a real anvil; `None`, with a note, when none is named.
    #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
    pub(crate) async fn anvil() -> Option<Self> {
        let Some(binary) = std::env::var_os(ANVIL) else {
            eprintln!("SKIPPED: set {ANVIL} to the path of an anvil binary to run this test against it");
            return None;
        };
        let mut process =
            Command::new(binary).args(["--port", "0", "--hardfork", "prague"]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if let Some(addr) = line.strip_prefix("Listening on ") {
                break format!("http://{addr}");
            }
        };
        // Somebody has to read on, or the node stops when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { provider: connect(&url), _alive: Alive::Anvil { _process: process } })
    }

    /// Asks without any help of the client library.
    pub(crate) async fn ask(&self, method: &'static str, params: Value) -> Result<Value, TransportError> {
        self.provider.raw_request::<_, Value>(method.into(), params).await
    }

    /// Returns a request that lacks nothing but a price, from a development account.
    pub(crate) async fn request(&self, account: usize) -> TransactionRequest {
        let from = DEV_ACCOUNTS[account].address;
        TransactionRequest::default()
            .with_from(from)
            .with_nonce(self.provider.get_transaction_count(from).await.unwrap())
            .with_chain_id(31337)
            .with_gas_limit(1_000_000)
    }

    /// Signs and sends, and returns the receipt.
    pub(crate) async fn send(&self, request: TransactionRequest) -> TransactionReceipt {
        let raw = sign(request).await;
        self.receipt(self.send_raw(raw).await.unwrap()).await
    }

    pub(crate) async fn send_raw(&self, raw: Bytes) -> Result<B256, TransportError> {
        self.provider.send_raw_transaction(&raw).await.map(|pending| *pending.tx_hash())
    }

    /// Returns the receipt of a transaction that was just sent; anvil mines a moment later, and calls the transaction pending for
    /// another moment.
    pub(crate) async fn receipt(&self, hash: B256) -> TransactionReceipt {
        for _ in 0..3_000 {
            let mined = self.provider.get_transaction_by_hash(hash).await.unwrap().is_some_and(|sent| sent.block_hash.is_some());
            if mined && let Some(receipt) = self.provider.get_transaction_receipt(hash).await.unwrap() {
                return receipt;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{hash} was not mined");
    }
}

/// Puts ordinary EIP-1559 fees on a request.
pub(crate) fn priced(request: TransactionRequest) -> TransactionRequest {
    request.with_max_fee_per_gas(20_000_000_000).with_max_priority_fee_per_gas(1_000_000_000)
}

/// Signs with the key of the development account that the request is from.
pub(crate) async fn sign(request: TransactionRequest) -> Bytes {
    let wallet = EthereumWallet::from(key(request.from.unwrap()));
    let envelope = request.build(&wallet).await.unwrap();
    alloy::eips::Encodable2718::encoded_2718(&envelope).into()
}

pub(crate) fn key(address: Address) -> PrivateKeySigner {
    let account = DEV_ACCOUNTS.iter().find(|account| account.address == address).unwrap();
    PrivateKeySigner::from_bytes(&account.private_key).unwrap()
}

/// Returns code, message and revert data of an error that the node answered with.
pub(crate) fn refusal(error: &TransportError) -> (i64, String, Option<Bytes>) {
    match error {
        RpcError::ErrorResp(payload) => (payload.code, payload.message.to_lowercase(), payload.as_revert_data()),
        other => panic!("not an answer of the node: {other}"),
    }
}

fn connect(url: &str) -> DynProvider {
    // Built with the whole workspace, reqwest comes without a TLS provider of its own and refuses to start, although this is plain HTTP.
    // A second installation fails, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = RpcClient::new_http(url.parse().unwrap());
    ProviderBuilder::default().connect_client(client).erased()
}
