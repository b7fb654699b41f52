//! Ids and signing digests: Rust against the contract, on many random statements.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider as _;
use alloy::rpc::types::TransactionRequest;
use alloy::sol;
use alloy::sol_types::SolCall;
use modelmark_chain::{
    Chain, Contract, ExternalRegistry, Goods, License, Lineage, MarketOrder, ModelInput, Parent, Side, mint_auth_hash, token_id_of,
};
use modelmark_digest::{Codec, ContentId, Sha256Digest};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use self::market::ModelMarket;
use crate::chains::on_both_chains;
use crate::samples::{id, registry, statement, wallet};

sol!(ModelRegistry, "../../contracts/artifacts/ModelRegistry.json");

#[expect(clippy::too_many_arguments, reason = "events have as many fields as they have")]
mod market {
    alloy::sol!(ModelMarket, "../../contracts/artifacts/ModelMarket.json");
}

on_both_chains! {
    async fn rust_and_the_contract_agree(chain: Chain) {
        let registry = registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..64 {
            let (input, to, deadline) = (any_statement(), any::<[u8; 20]>(), any::<[u8; 32]>()).new_tree(&mut runner).unwrap().current();
            let (to, deadline) = (Address::from(to), U256::from_be_bytes(deadline));
            let model = abi(&input);
            let on_chain = ask(&chain, registry.address(), ModelRegistry::tokenIdOfCall { model: model.clone() }).await;
            assert_eq!(on_chain, token_id_of(&input).get(), "{input:?}");
            let on_chain = ask(&chain, registry.address(), ModelRegistry::mintAuthDigestCall { to, model, deadline }).await;
            assert_eq!(on_chain, mint_auth_hash(chain.id(), registry.address(), to, &input, deadline), "{input:?}");
        }
    }

    async fn orders_have_the_digest_of_the_market(chain: Chain) {
        registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..64 {
            let order = MarketOrder { chain: chain.id(), ..any_order().new_tree(&mut runner).unwrap().current() };
            let call = ModelMarket::orderHashCall { order: abi_order(&order) };
            assert_eq!(ask(&chain, Contract::ModelMarket.address(), call).await, order.digest(), "{order:?}");
        }
    }
}

/// The digests and addresses that the contracts made, see `vectors/contracts/README.md`.
#[test]
fn licences_and_addresses_are_those_of_the_contracts() {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["cases"].as_array().unwrap().clone();
    for case in read(include_str!("../../../../vectors/contracts/licenses.json")) {
        let license = License::new(case["spdx"].as_str().unwrap(), None).unwrap();
        assert_eq!(license.digest().to_string(), case["license"].as_str().unwrap());
    }
    for case in read(include_str!("../../../../vectors/contracts/uris.json")) {
        let digest: Sha256Digest = case["bytes"].as_str().unwrap().parse().unwrap();
        assert_eq!(format!("ipfs://{}", ContentId::from_digest(Codec::Raw, digest)), case["ipfs"].as_str().unwrap());
    }
}

pub(crate) async fn ask<C: SolCall>(chain: &Chain, to: Address, call: C) -> C::Return {
    let answer = chain.provider().call(TransactionRequest::default().to(to).input(Bytes::from(call.abi_encode()).into())).await.unwrap();
    C::abi_decode_returns(&answer).unwrap()
}

pub(crate) fn any_statement() -> impl Strategy<Value = ModelInput> {
    let words = any::<[[u8; 32]; 4]>();
    let parents = prop::collection::vec((any::<u64>(), any::<Option<(u64, [u8; 20])>>(), 0_u8..8, 0_u16..600, any::<[u8; 32]>()), 0..=16);
    (words, "[ -~]{1,60}", any::<[u8; 20]>(), 0_u8..3, 0_u16..=1_000, "[ -~]{0,31}", parents).prop_map(
        |([weights, record, dataset, metrics], spdx, creator, kind, royalty, framework, parents)| ModelInput {
            weights: Sha256Digest::from(weights),
            record: Sha256Digest::from(record),
            dataset: Some(Sha256Digest::from(dataset)),
            framework: framework.parse().ok(),
            metrics: Some(B256::from(metrics)),
            license: License::new(&spdx, None).unwrap(),
            kind: kind.try_into().unwrap(),
            royalty: royalty.try_into().unwrap(),
            creator: creator.into(),
            lineage: Lineage::new(parents.into_iter().map(any_parent).collect()).unwrap(),
            ..statement("random", &wallet(0))
        },
    )
}

/// Any order that can be written down, whether the market would fill it or not; times are as wide as the market has them.
fn any_order() -> impl Strategy<Value = MarketOrder> {
    let words = any::<[[u8; 32]; 4]>();
    (any::<[[u8; 20]; 4]>(), words, any::<(bool, bool, bool, u16)>(), 0_u64..1 << 40, 0_u64..1 << 40).prop_map(
        |([maker, taker, registry, currency], [token, price, nonce, counter], (sells, any, copy, max_royalty_bps), starts_at, ends_at)| {
            let word = U256::from_be_bytes::<32>;
            MarketOrder {
                chain: modelmark_chain::ChainId::DEVELOPMENT,
                maker: maker.into(),
                taker: taker.into(),
                side: if sells { Side::Ask } else { Side::Bid },
                goods: if copy { Goods::Copy } else { Goods::Token },
                registry: registry.into(),
                any_of: None,
                token_id: (!any).then(|| word(token).into()),
                currency: currency.into(),
                price: word(price),
                max_royalty_bps,
                starts_at,
                ends_at,
                nonce: word(nonce),
                counter: word(counter),
            }
        },
    )
}

/// Writes an order down as the ABI has it, a second time and independently of the crate.
fn abi_order(order: &MarketOrder) -> ModelMarket::Order {
    ModelMarket::Order {
        maker: order.maker,
        taker: order.taker,
        side: u8::from(order.side == Side::Bid),
        selection: u8::from(order.token_id.is_none()),
        goods: u8::from(order.goods == Goods::Copy),
        registry: order.registry,
        item: order.token_id.map_or(U256::ZERO, |id| id.get()),
        size: 0,
        currency: order.currency,
        price: order.price,
        maxRoyaltyBps: order.max_royalty_bps,
        startsAt: order.starts_at.try_into().unwrap(),
        endsAt: order.ends_at.try_into().unwrap(),
        nonce: order.nonce,
        counter: order.counter,
    }
}

/// Token, chain and contract of an external one, relation, share, evidence.
type RandomParent = (u64, Option<(u64, [u8; 20])>, u8, u16, [u8; 32]);

fn any_parent((token, external, relation, share, evidence): RandomParent) -> Parent {
    let external =
        external.map(|(chain, contract)| ExternalRegistry { chain: chain.max(1).try_into().unwrap(), contract: contract.into() });
    let (relation, share) = (relation.try_into().unwrap(), share.try_into().unwrap());
    Parent { external, token_id: id(token), relation, share, evidence: evidence.into() }
}

/// Writes a statement down as the ABI has it, a second time and independently of the crate.
pub(crate) fn abi(input: &ModelInput) -> ModelRegistry::ModelInput {
    let word = |digest: Sha256Digest| B256::from(*digest.as_bytes());
    let parents = input.lineage.parents().iter().map(|parent| ModelRegistry::Parent {
        chainId: parent.external.map_or(0, |registry| registry.chain.get()),
        registry: parent.external.map_or(Address::ZERO, |registry| registry.contract),
        tokenId: parent.token_id.get(),
        relation: parent.relation.number(),
        shareBps: parent.share.get(),
        evidence: parent.evidence,
    });
    ModelRegistry::ModelInput {
        weightsDigest: word(input.weights),
        recordDigest: word(input.record),
        datasetDigest: input.dataset.map_or(B256::ZERO, word),
        architectureDigest: input.architecture.map_or(B256::ZERO, word),
        framework: input.framework.as_ref().map_or(B256::ZERO, |text| text.to_word()),
        metrics: input.metrics.unwrap_or_default(),
        license: input.license.digest(),
        kind: input.kind.number(),
        royaltyBps: input.royalty.get(),
        creator: input.creator,
        parents: parents.collect(),
    }
}
