//! What storage proves of tokens: the same as the contract answers, and nothing else.

use alloy::primitives::{Address, B256, U256};
use alloy::sol;
use alloy::sol_types::SolCall as _;
use modelmark_chain::{
    Authenticity, Call, CallPlan, Chain, CollectionTerms, Contract, CuratorStep, Deployment, Kind, License, Lineage, Model, ModelInput,
    ProvenTokens, Registry, Relation, Status, TokenId, TokenProof, TokenProofError, TokenRef, Wallet, deploy, judgement,
};
use modelmark_digest::Sha256Digest;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::authentic::send;
use crate::chains::{devnet, on_both_chains};
use crate::samples::{mint, parent, registry, statement, wallet};

sol!(CollectionFactory, "../../contracts/artifacts/CollectionFactory.json");

async fn prove(registry: &Registry, id: TokenId, curators: &[Address]) -> Result<ProvenTokens, TokenProofError> {
    let proof = TokenProof::fetch(registry.chain(), registry.token(id), curators).await?;
    // Through its JSON, as it travels.
    let proof: TokenProof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
    proof.check()
}

async fn send_as(chain: &Chain, wallet: &Wallet, call: Call) {
    CallPlan::new(chain, wallet, vec![call]).await.unwrap().execute(wallet).await.unwrap();
}

/// Holds what was proven of a token against the contract's answers.
async fn compare(registry: &Registry, proven: &ProvenTokens, id: TokenId) {
    let told: Model = registry.model(id).await.unwrap().unwrap();
    let token = &proven.tokens[&id];
    assert_eq!(proven.block, told.seen_at);
    assert_eq!(
        (token.owner, token.creator, token.weights, token.record, token.dataset, token.architecture),
        (told.owner, told.creator, told.weights, told.record, told.dataset, told.architecture)
    );
    assert_eq!(
        (&token.framework, token.metrics, token.license.as_str(), token.kind, token.status, token.royalty, &token.lineage),
        (&told.framework, told.metrics, told.license.spdx(), told.kind, told.status, told.royalty.share, &told.lineage)
    );
    assert_eq!(token.minted_at, Some(told.minted.time));
}

on_both_chains! {
    /// Random statements, some with parents, then lowered, moved on and given away: what is proven is what the views answer.
    async fn what_is_proven_is_what_the_contract_answers(chain: Chain) {
        let registry = registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        let mut minted: Vec<(TokenId, Wallet)> = Vec::new();
        for index in 0..6_usize {
            let creator = wallet(index % 4);
            let parents = minted.iter().rev().take(index % 3).map(|(id, _)| parent(*id, Relation::FineTune, 100)).collect();
            let input = ModelInput { creator: creator.address(), lineage: Lineage::new(parents).unwrap(), ..any_statement(&mut runner) };
            let id = mint(&registry, &creator, &input).await;
            if index % 4 == 1 {
                send_as(&chain, &creator, registry.set_status(id, Status::Deprecated, B256::ZERO)).await;
            }
            minted.push((id, creator));
        }
        for (id, _) in &minted {
            let proven = prove(&registry, *id, &[]).await.unwrap();
            assert_eq!(proven.authenticity, Authenticity::Canonical);
            assert_eq!(proven.priority, None);
            for id in proven.tokens.keys() {
                compare(&registry, &proven, *id).await;
            }
        }
    }

    async fn what_curators_say_is_proven(chain: Chain) {
        let registry = registry(&chain).await;
        let (creator, curator, silent) = (wallet(0), wallet(5), wallet(6));
        let base = mint(&registry, &creator, &statement("base", &creator)).await;
        let lineage = Lineage::new(vec![parent(base, Relation::Quantized, 0)]).unwrap();
        let id = mint(&registry, &creator, &ModelInput { lineage, ..statement("child", &creator) }).await;
        let dispute = CuratorStep::Dispute.call(&registry.token(base), B256::repeat_byte(7));
        send_as(&chain, &curator, dispute).await;
        let proven = prove(&registry, id, &[curator.address(), silent.address()]).await.unwrap();
        for (token, curator) in [(base, curator.address()), (base, silent.address()), (id, curator.address())] {
            let told = judgement(&chain, curator, &registry.token(token)).await.unwrap();
            assert!(proven.tokens[&token].judgements.contains(&told), "{told:?}");
        }
        assert!(proven.tokens[&base].judgements.iter().any(|judgement| judgement.status == Status::Disputed));
    }

    async fn collections_are_known_by_their_addresses(chain: Chain) {
        let admin = wallet(0);
        let what = Deployment::Curated { name: "Lab".into(), symbol: "LAB".into(), admin: admin.address() };
        let lab = Registry::at(&chain, deploy(&chain, &admin, &what).await.unwrap().registry);
        let id = mint(&lab, &admin, &statement("of the lab", &admin)).await;
        let proven = prove(&lab, id, &[]).await.unwrap();
        assert!(matches!(&proven.authenticity, Authenticity::Collection { collection, canonical_license_book: true } if collection.name == "Lab"));

        registry(&chain).await;
        let terms = CollectionTerms { name: "Ada's".into(), symbol: "ADA".into(), authority: Address::ZERO };
        let create = CollectionFactory::createCall { authority: terms.authority, name: terms.name.clone(), symbol: terms.symbol.clone() };
        send(&chain, Contract::CollectionFactory.address(), create.abi_encode().into()).await;
        let own = Registry::at(&chain, terms.address());
        let id = mint(&own, &admin, &statement("of Ada", &admin)).await;
        let proven = prove(&own, id, &[]).await.unwrap();
        assert_eq!(proven.authenticity, Authenticity::FactoryCollection { terms });
        compare(&own, &proven, id).await;
    }

    async fn what_is_not_there_is_not_proven(chain: Chain) {
        let registry = registry(&chain).await;
        let creator = wallet(0);
        let missing = prove(&registry, U256::from(7).into(), &[]).await.unwrap_err();
        assert!(matches!(missing, TokenProofError::NoToken(_)), "{missing}");
        let logged = ModelInput { dataset: None, framework: None, metrics: None, royalty: 0.try_into().unwrap(), ..statement("logged", &creator) };
        for call in registry.mint_log_only(creator.address(), std::slice::from_ref(&logged)) {
            send_as(&chain, &creator, call).await;
        }
        let logged = modelmark_chain::token_id_of(&logged);
        let error = prove(&registry, logged, &[]).await.unwrap_err();
        assert!(matches!(error, TokenProofError::NotStored(_)), "{error}");
        // As an ancestor, it is proven to be there and to say nothing.
        let lineage = Lineage::new(vec![parent(logged, Relation::Merge, 0)]).unwrap();
        let id = mint(&registry, &creator, &ModelInput { lineage, ..statement("child", &creator) }).await;
        let proven = prove(&registry, id, &[]).await.unwrap();
        assert!(proven.logged.contains(&logged) && proven.tokens.len() == 1);
        let foreign = TokenRef::new(chain.id(), Contract::LicenseBook.address(), id);
        let error = TokenProof::fetch(&chain, foreign, &[]).await.unwrap_err();
        assert!(matches!(error, TokenProofError::UnknownCode(_)), "{error}");
    }
}

/// Every place of a proof is changed in turn, and each change is refused, or makes it a proof of another block.
#[tokio::test]
async fn no_part_of_a_proof_can_be_changed() {
    let registry = registry(&devnet().await).await;
    let creator = wallet(0);
    let base = mint(&registry, &creator, &statement("base", &creator)).await;
    let lineage = Lineage::new(vec![parent(base, Relation::FineTune, 0)]).unwrap();
    let id = mint(&registry, &creator, &ModelInput { lineage, ..statement("child", &creator) }).await;
    let proof = TokenProof::fetch(registry.chain(), registry.token(id), &[wallet(5).address()]).await.unwrap();
    let (honest, json) = (proof.check().unwrap(), serde_json::to_value(&proof).unwrap());
    let places = leaves_of(&json);
    assert!(places.len() > 100, "{}", places.len());
    let mut refused = 0;
    for place in &places {
        let mut changed = json.clone();
        alter(changed.pointer_mut(place).unwrap());
        let Ok(proof) = serde_json::from_value::<TokenProof>(changed) else {
            refused += 1;
            continue;
        };
        match proof.check() {
            Err(_) => refused += 1,
            // The chain's name and the block's hash are what the reader compares.
            Ok(proven) => assert!(proven.block.hash != honest.block.hash || proof.token() != registry.token(id), "{place}"),
        }
    }
    assert!(refused + 3 >= places.len(), "{refused} of {}", places.len());
    for part in ["statements", "curators"] {
        let mut changed = json.clone();
        changed[part].as_array_mut().unwrap().pop();
        assert!(serde_json::from_value::<TokenProof>(changed).unwrap().check().is_err(), "{part}");
    }
}

/// The JSON pointers of all strings and numbers.
pub(crate) fn leaves_of(value: &Value) -> Vec<String> {
    let mut places = Vec::new();
    leaves(value, String::new(), &mut places);
    places
}

/// Changes a string or number into another.
pub(crate) fn alter(leaf: &mut Value) {
    *leaf = match &*leaf {
        Value::String(text) => Value::String(altered(text)),
        Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
        other => panic!("{other} is no leaf"),
    };
}

fn leaves(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| leaves(value, format!("{at}/{name}"), into)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| leaves(value, format!("{at}/{index}"), into)),
        _ => into.push(at),
    }
}

/// The text with the character in its middle changed.
fn altered(text: &str) -> String {
    let middle = text.len() / 2;
    let flipped = |c: char| if c == '1' { '2' } else { '1' };
    let altered: String = text.char_indices().map(|(at, c)| if at == middle { flipped(c) } else { c }).collect();
    if altered.is_empty() { "AA==".to_owned() } else { altered }
}

fn any_statement(runner: &mut TestRunner) -> ModelInput {
    let digest = || any::<[u8; 32]>().prop_map(Sha256Digest::from);
    let (weights, record, dataset, architecture) =
        (digest(), digest(), prop::option::of(digest()), prop::option::of(digest())).new_tree(runner).unwrap().current();
    let royalty = (0_u16..=1_000).new_tree(runner).unwrap().current();
    let (framework, metrics) = (prop::option::of("[a-z]{1,31}"), any::<[u8; 32]>()).new_tree(runner).unwrap().current();
    let license = prop::sample::select(vec!["MIT", "Apache-2.0", "ISC", "CC-BY-4.0 OR MIT"]).new_tree(runner).unwrap().current();
    ModelInput {
        weights,
        record,
        dataset,
        architecture,
        framework: framework.map(|text| text.parse().unwrap()),
        metrics: Some(B256::from(metrics)),
        license: License::new(license, None).unwrap(),
        kind: Kind::Model,
        royalty: royalty.try_into().unwrap(),
        creator: Address::ZERO,
        lineage: Lineage::default(),
    }
}
