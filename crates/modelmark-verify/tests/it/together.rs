//! Many tokens looked at together: each report is the one of a look alone, and the chain is not asked again for what was seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use alloy::rpc::client::RpcClient;
use alloy::rpc::json_rpc::{RequestPacket, ResponsePacket};
use alloy::transports::{TransportError, TransportFut};
use modelmark_chain::{
    AddressBook, CallPlan, Chain, CuratorStep, Deployment, Lineage, ModelInput, Parent, Registry, Relation, TokenId, TokenRef, Wallet,
};
use modelmark_devnet::{Config, Devnet};
use modelmark_storage::MemoryStore;
use modelmark_verify::{Code, DEADLINE, Policy, Report, Sources, Status, Together, Verdict, verify};
use tower::Service;

use crate::fixture::publish;

/// A chain that counts how often it is asked.
#[derive(Clone)]
struct Counted {
    devnet: Devnet,
    asked: Arc<AtomicUsize>,
}

impl Service<RequestPacket> for Counted {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> TransportFut<'static> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.devnet.call(packet)
    }
}

struct World {
    devnet: Devnet,
    asked: Arc<AtomicUsize>,
    registry: Registry,
    tokens: Vec<TokenRef>,
    policy: Policy,
}

async fn do_it(registry: &Registry, wallet: &Wallet, call: modelmark_chain::Call) {
    CallPlan::new(registry.chain(), wallet, vec![call]).await.unwrap().execute(wallet).await.unwrap();
}

/// A line of four tokens of which a curator disputes the second, a token without parents, one that is not there, and one of a contract that is not there.
async fn world() -> World {
    let (devnet, asked) = (Devnet::in_memory(Config::default()).unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Counted { devnet: devnet.clone(), asked: Arc::clone(&asked) };
    let chain = Chain::over(RpcClient::new(counted, true), "devnet", None).await.unwrap();
    modelmark_chain::deploy(&chain, &Wallet::development(chain.id(), 9).unwrap(), &Deployment::Canonical).await.unwrap();
    let (registry, published, curator) = (Registry::canonical(&chain), publish("line", 0), Wallet::development(chain.id(), 5).unwrap());
    let mut tokens: Vec<TokenRef> = Vec::new();
    for _ in 0..4 {
        let parent = |token: &TokenRef| Parent {
            external: None,
            token_id: token.id(),
            relation: Relation::FineTune,
            share: 0.try_into().unwrap(),
            evidence: Default::default(),
        };
        let lineage = Lineage::new(tokens.last().map(parent).into_iter().collect()).unwrap();
        let input = ModelInput { lineage, ..published.input() };
        let plan = registry.plan_mint(&published.wallet, published.wallet.address(), &input).await.unwrap();
        tokens.push(plan.execute(&published.wallet).await.unwrap().token);
    }
    do_it(&registry, &curator, CuratorStep::Dispute.call(&tokens[1], alloy::primitives::B256::repeat_byte(1))).await;
    let other = publish("other", 1);
    let plan = registry.plan_mint(&other.wallet, other.wallet.address(), &other.input()).await.unwrap();
    tokens.push(plan.execute(&other.wallet).await.unwrap().token);
    tokens.push(TokenRef::new(chain.id(), registry.address(), TokenId::from(alloy::primitives::U256::from(1))));
    tokens.push(TokenRef::new(chain.id(), alloy::primitives::Address::repeat_byte(7), tokens[0].id()));
    let policy = Policy { curators: vec![curator.address()], ..Policy::default() };
    World { devnet, asked, registry, tokens, policy }
}

impl World {
    async fn together(&self, tokens: &[TokenRef]) -> Together {
        Together::look(&self.registry, &AddressBook::default(), tokens, &self.policy, DEADLINE).await.unwrap()
    }

    /// Verifies, and counts how often the chain is asked for that.
    async fn counted(&self, token: TokenRef, together: Option<&Together>) -> (Report, usize) {
        let before = self.asked.load(Ordering::SeqCst);
        let report = self.verify(token, together).await;
        (report, self.asked.load(Ordering::SeqCst) - before)
    }

    async fn verify(&self, token: TokenRef, together: Option<&Together>) -> Report {
        let (book, store) = (AddressBook::default(), MemoryStore::new());
        let of_others = token == self.tokens[4];
        let published = if of_others { publish("other", 1) } else { publish("line", 0) };
        let record = Some(modelmark_verify::RecordBytes { bytes: published.record.bytes().to_vec(), source: "memory".to_owned() });
        let sources = Sources { token: Some(token), together, record, ..Sources::new(Ok(&self.registry), &book, &store) };
        verify(sources, &self.policy).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_looked_at_together_is_what_each_is_alone() {
    let world = world().await;
    let together = world.together(&world.tokens).await;
    for (place, token) in world.tokens.iter().enumerate() {
        let (alone, often) = world.counted(*token, None).await;
        let (report, seldom) = world.counted(*token, Some(&together)).await;
        assert_eq!(report, alone, "{place}");
        let there = place < 5;
        assert!(seldom < often, "{place}: the chain was asked {seldom} times instead of {often}");
        assert_eq!(there && place != 4 && place > 0, report.verdict == Verdict::PolicyRefused, "{place}: {report:#?}");
    }
    assert!(together.stands().await);
}

/// Who else claims the weights of the tokens of a list is asked once for all of them.
#[tokio::test]
async fn rivals_are_looked_for_together() {
    let mut world = world().await;
    let copied = publish("line", 2);
    let plan = world.registry.plan_mint(&copied.wallet, copied.wallet.address(), &copied.input()).await.unwrap();
    world.tokens.push(plan.execute(&copied.wallet).await.unwrap().token);
    let without = world.together(&world.tokens).await;
    world.policy.first_claim = true;
    let together = world.together(&world.tokens).await;
    for (place, token) in world.tokens.iter().enumerate() {
        let alone = world.verify(*token, None).await;
        let (report, seldom) = world.counted(*token, Some(&together)).await;
        assert_eq!(report, alone, "{place}");
        let (_, often) = world.counted(*token, Some(&without)).await;
        world.policy.first_claim = false;
        let (_, unasked) = world.counted(*token, Some(&together)).await;
        world.policy.first_claim = true;
        assert_eq!(seldom, unasked, "{place}: rivals were looked for again");
        let there = !matches!(place, 5 | 6);
        assert_eq!(seldom < often, there, "{place}");
        let status = report.check(Code::ClaimFirst).unwrap().status;
        let expected =
            [Status::Pass, Status::Pass, Status::Pass, Status::Pass, Status::Pass, Status::Unknown, Status::Unknown, Status::Fail];
        assert_eq!(status, expected[place], "{place}");
    }
    let rivals = world.verify(world.tokens[7], Some(&together)).await.rivals.unwrap();
    assert_eq!((rivals.earlier, rivals.later), (4, 0));
}

/// Ancestors that nobody named are looked at with those who come from them.
#[tokio::test]
async fn what_tokens_come_from_is_looked_at_with_them() {
    let world = world().await;
    let (alone, often) = world.counted(world.tokens[3], None).await;
    let together = world.together(&world.tokens[3..4]).await;
    let (report, seldom) = world.counted(world.tokens[3], Some(&together)).await;
    assert_eq!(report, alone);
    // Three ancestors, of which each costs a statement, a licence, the logs of the mint and a curator's word; the first has no parents.
    assert!(seldom + 11 <= often, "the chain was asked {seldom} times instead of {often}");
}

#[tokio::test]
async fn a_block_that_is_gone_is_noticed() {
    let world = world().await;
    let ask = |method: &str, params| world.devnet.request(method, params).unwrap();
    let before = ask("evm_snapshot", serde_json::json!([]));
    ask("evm_mine", serde_json::json!([]));
    let together = world.together(&world.tokens).await;
    assert_eq!(ask("evm_revert", serde_json::json!([before])), true);
    ask("evm_increaseTime", serde_json::json!([100]));
    ask("evm_mine", serde_json::json!([]));
    assert!(!together.stands().await);
}
