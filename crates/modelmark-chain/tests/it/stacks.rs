//! Stacks of ancestors: Rust against the vault, on a random family of tokens.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use alloy::sol;
use modelmark_chain::{
    Ancestor, CallPlan, Chain, ChainError, ChainId, Contract, ExternalRegistry, Lineage, ModelInput, Parent, Registry, Relation, TokenId,
    ancestor_key, stack_commitment,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::chains::on_both_chains;
use crate::differential::ask;
use crate::samples::{id, mint, registry, statement, wallet};

sol!(LineageVault, "../../contracts/artifacts/LineageVault.json");

const TOKENS: usize = 40;
/// The most that ancestors get in all, in 1/10 000.
const MOST: u32 = 5_000;

/// Parts in 1/10 000 by ancestor and whether they are settled: what the vault has to make of a lineage, reckoned in another way than it does.
type Parts = BTreeMap<(B256, bool), u32>;

on_both_chains! {
    async fn stacks_and_their_commitments_are_those_of_the_vault(chain: Chain) {
        let (registry, creator) = (registry(&chain).await, wallet(1));
        let vault = registry.royalty_vault().await.unwrap().unwrap();
        let mut runner = TestRunner::deterministic();
        let (mut tokens, mut declared) = (Vec::new(), BTreeMap::<B256, Parts>::new());
        let (mut made, mut refused) = (0, 0);
        for number in 0..TOKENS {
            let (picked, declares) = (any_parents(), 0..4_u8).new_tree(&mut runner).unwrap().current();
            let input = ModelInput { lineage: lineage(&chain, &tokens, picked), ..statement(&format!("token {number}"), &creator) };
            let token = mint(&registry, &creator, &input).await;
            tokens.push(token);
            if declares == 0 {
                continue;
            }
            let wanted = reckon(&registry, &input, &declared);
            let model = registry.model(token).await.unwrap().unwrap();
            let plan = CallPlan::new(&chain, &creator, vec![vault.declare_stack(&model).await.unwrap()]).await;
            if wanted.values().sum::<u32>() > MOST || wanted.len() > 64 {
                assert!(matches!(plan, Err(ChainError::Reverted { reason, .. }) if reason.error == Some("LineageVaultStackTooHigh")));
                refused += 1;
                continue;
            }
            plan.unwrap().execute(&creator).await.unwrap();
            let stack = stack(&wanted);
            assert_eq!(vault.stack(token).await.unwrap().as_ref(), Some(&stack), "token {number}");
            let call = LineageVault::stackOfCall { registry: registry.address(), tokenId: token.get() };
            assert_eq!(ask(&chain, Contract::LineageVault.address(), call).await, stack_commitment(&stack), "token {number}");
            declared.insert(ancestor_key(registry.address(), token), wanted);
            made += 1;
        }
        assert!(made > TOKENS / 3 && refused > 0, "{made} stacks and {refused} refusals say little");
        assert!(declared.values().any(|parts| parts.keys().any(|(_, settled)| *settled)), "no stack has another in it");
    }
}

/// Which of the tokens before, or none of them and what place instead; the share.
type Picked = (prop::sample::Index, Option<(bool, u8)>, u16);

fn any_parents() -> impl Strategy<Value = Vec<Picked>> {
    let elsewhere = prop_oneof![3 => Just(None), 1 => any::<(bool, u8)>().prop_map(Some)];
    prop::collection::vec((any::<prop::sample::Index>(), elsewhere, prop_oneof![1 => Just(0), 5 => 1_u16..900]), 0..=8)
}

fn lineage(chain: &Chain, tokens: &[TokenId], picked: Vec<Picked>) -> Lineage {
    let mut parents: Vec<Parent> = Vec::new();
    for (index, elsewhere, share) in picked {
        let external = elsewhere.map(|(here, contract)| ExternalRegistry {
            chain: if here { chain.id() } else { ChainId::try_from(1_u64).unwrap() },
            contract: [contract | 1; 20].into(),
        });
        let token_id = match external {
            Some(_) => id(u64::from(share % 4)),
            None if tokens.is_empty() => continue,
            None => *index.get(tokens),
        };
        let is_new = parents.iter().all(|parent| (parent.external, parent.token_id) != (external, token_id));
        if is_new {
            let share = share.try_into().unwrap();
            parents.push(Parent { external, token_id, relation: Relation::Merge, share, evidence: B256::ZERO });
        }
    }
    Lineage::new(parents).unwrap()
}

fn reckon(registry: &Registry, input: &ModelInput, declared: &BTreeMap<B256, Parts>) -> Parts {
    let mut parts = Parts::new();
    for parent in input.lineage.parents() {
        let contract = match parent.external {
            None => registry.address(),
            Some(place) if place.chain == registry.chain().id() => place.contract,
            // Money does not cross chains.
            Some(_) => continue,
        };
        let key = ancestor_key(contract, parent.token_id);
        let inherited = declared.get(&key);
        for (ancestor, part) in inherited.into_iter().flatten() {
            *parts.entry(*ancestor).or_default() += part;
        }
        if parent.share.get() > 0 {
            *parts.entry((key, inherited.is_some())).or_default() += u32::from(parent.share.get());
        }
    }
    parts
}

fn stack(parts: &Parts) -> Vec<Ancestor> {
    let ancestor = |((token, settled), part): (&(B256, bool), &u32)| Ancestor {
        token: *token,
        part: u16::try_from(*part).unwrap().try_into().unwrap(),
        settled: *settled,
    };
    parts.iter().map(ancestor).collect()
}
