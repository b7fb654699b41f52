//! Several claims to the same weights: who said it first.

use alloy::rpc::client::RpcClient;
use modelmark_chain::{CallPlan, Chain, Claim, Commitment, Registry, TokenRef, Wallet};
use modelmark_devnet::{Config, Devnet};

use crate::samples::{mint, registry, statement, wallet};

async fn claims(registry: &Registry) -> Vec<(TokenRef, Claim)> {
    let claims = registry.find_by_weights(statement("claimed", &wallet(0)).weights).await.unwrap();
    claims.into_iter().map(|claim| (registry.token(claim.token_id), claim)).collect()
}

async fn send(chain: &Chain, sender: &Wallet, call: modelmark_chain::Call) {
    CallPlan::new(chain, sender, vec![call]).await.unwrap().execute(sender).await.unwrap();
}

/// Three claims, of which the last and the second one are shown to have been committed to before the first: before all, and between.
#[tokio::test]
async fn a_commitment_that_was_shown_goes_before_mints_that_came_after_it() {
    let chain = Chain::over(RpcClient::new(Devnet::in_memory(Config::default()).unwrap(), true), "truth", None).await.unwrap();
    let registry = registry(&chain).await;
    let weights = statement("claimed", &wallet(0)).weights;
    let commitment = |index: usize| Commitment::new(wallet(index).address(), weights).unwrap();
    let (earliest, between) = (commitment(3), commitment(4));
    send(&chain, &wallet(3), earliest.commit()).await;
    let mut tokens = Vec::new();
    for index in [1, 2, 3, 4] {
        if index == 2 {
            send(&chain, &wallet(4), between.commit()).await;
        }
        tokens.push(registry.token(mint(&registry, &wallet(index), &statement("claimed", &wallet(index))).await));
    }
    let order = async || {
        let ranked = registry.ranked(&claims(&registry).await).await.unwrap();
        ranked.iter().map(|ranked| (ranked.claim.creator, ranked.committed.is_some())).collect::<Vec<_>>()
    };
    let of = |order: [(usize, bool); 4]| order.map(|(index, committed)| (wallet(index).address(), committed)).to_vec();
    assert_eq!(order().await, of([(1, false), (2, false), (3, false), (4, false)]), "what was not shown counts for nothing");
    send(&chain, &wallet(0), earliest.reveal(&tokens[2])).await;
    assert_eq!(order().await, of([(3, true), (1, false), (2, false), (4, false)]));
    send(&chain, &wallet(0), between.reveal(&tokens[3])).await;
    assert_eq!(order().await, of([(3, true), (1, false), (4, true), (2, false)]));
}
