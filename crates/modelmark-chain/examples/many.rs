//! A thousand tokens at once against twenty one by one, over HTTP from an endpoint on this machine that has Multicall3.
//!
//!     cargo run --release --package modelmark-chain --example many -- [PAIRS]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement fails by panicking, and prints what it measured"
)]

use std::net::SocketAddr;
use std::time::Instant;

use modelmark_chain::{
    AddressBook, BasisPoints, Chain, Deployment, Kind, License, Lineage, ModelInput, Registry, TokenId, Wallet, authenticity, deploy,
    token_id_of,
};
use modelmark_devnet::{Config, Devnet, serve};
use modelmark_digest::Sha256Digest;

const TOKENS: u32 = 1_000;
const SINGLY: usize = 20;

#[tokio::main]
async fn main() {
    let pairs: usize = std::env::args().nth(1).map_or(9, |text| text.parse().unwrap());
    let devnet = Devnet::in_memory(Config::default()).unwrap();
    let server = serve(devnet, SocketAddr::from(([127, 0, 0, 1], 0)), std::future::pending()).await.unwrap();
    let url = format!("http://{}", server.addr());
    let chain = Chain::connect(&url, None).await.unwrap();
    let wallet = Wallet::development(chain.id(), 0).unwrap();
    deploy(&chain, &wallet, &Deployment::Canonical).await.unwrap();
    let registry = Registry::canonical(&chain);
    let ids = minted(&registry, &wallet).await;

    let (mut ratios, mut many, mut twenty) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..=pairs {
        let mut times = [0.0; 2];
        for side in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let start = Instant::now();
            match side {
                0 => at_once(&registry, &ids).await,
                _ => one_by_one(&registry, &ids).await,
            }
            times[side] = start.elapsed().as_secs_f64();
        }
        // The first pair warms up.
        if pair > 0 {
            many.push(times[0]);
            twenty.push(times[1]);
            ratios.push(times[0] / times[1]);
        }
    }
    println!("{{\"ratio\":{},\"many\":{},\"twenty\":{}}}", median(ratios), median(many), median(twenty));
}

/// Mints each token by itself, with its statement in storage.
async fn minted(registry: &Registry, wallet: &Wallet) -> Vec<TokenId> {
    let statement = |number: u32| ModelInput {
        weights: Sha256Digest::of(&number.to_le_bytes()),
        record: Sha256Digest::of(format!("record {number}").as_bytes()),
        dataset: None,
        architecture: None,
        framework: None,
        metrics: None,
        license: License::new("Apache-2.0", None).unwrap(),
        kind: Kind::Model,
        royalty: BasisPoints::default(),
        creator: wallet.address(),
        lineage: Lineage::default(),
    };
    let statements: Vec<_> = (0..TOKENS).map(statement).collect();
    for statement in &statements {
        registry.plan_mint(wallet, wallet.address(), statement).await.unwrap().execute(wallet).await.unwrap();
    }
    statements.iter().map(token_id_of).collect()
}

/// What a check of many tokens asks of the chain: which block is the newest, what the contract is, what the tokens state, and whether the block still stands.
async fn at_once(registry: &Registry, ids: &[TokenId]) {
    let sight = registry.chain().sight().await.unwrap();
    let registry = Registry::at(&sight.chain, registry.address());
    authenticity(registry.chain(), registry.address(), &AddressBook::default()).await.unwrap();
    let all = registry.all_stated(ids).await.unwrap();
    assert!(all.iter().all(|stated| matches!(stated, Ok(Some(stated)) if stated.is_bound())));
    assert!(sight.chain.still_has(&sight.block).await.unwrap());
}

/// What checks of single tokens ask of the chain: the same, of each.
async fn one_by_one(registry: &Registry, ids: &[TokenId]) {
    for id in ids.iter().take(SINGLY) {
        let sight = registry.chain().sight().await.unwrap();
        let registry = Registry::at(&sight.chain, registry.address());
        authenticity(registry.chain(), registry.address(), &AddressBook::default()).await.unwrap();
        assert!(registry.stated(*id).await.unwrap().unwrap().is_bound());
        assert!(sight.chain.still_has(&sight.block).await.unwrap());
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
