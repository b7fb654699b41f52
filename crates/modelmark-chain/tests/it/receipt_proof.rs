//! Tokens of which nothing is stored: their ids, their owners and the receipts of their mints prove what storage does not say.

use alloy::eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy::primitives::{B256, Bytes};
use alloy::providers::Provider as _;
use modelmark_chain::{
    CallPlan, Chain, Deployment, Lineage, MintLink, ModelInput, ProvenTokens, Registry, Relation, TokenId, TokenProof, TokenProofError,
    deploy, token_id_of,
};
use serde_json::Value;

use crate::chains::{devnet, on_both_chains};
use crate::samples::{mint, parent, registry, statement, wallet};

/// A statement with nothing that its id does not commit to.
fn bare(name: &str) -> ModelInput {
    ModelInput { royalty: 0.try_into().unwrap(), ..statement(name, &wallet(0)) }.bare().unwrap()
}

async fn log(registry: &Registry, models: &[ModelInput]) -> Vec<TokenId> {
    for call in registry.mint_log_only(wallet(1).address(), models) {
        CallPlan::new(registry.chain(), &wallet(0), vec![call]).await.unwrap().execute(&wallet(0)).await.unwrap();
    }
    models.iter().map(token_id_of).collect()
}

async fn fetch(registry: &Registry, id: TokenId) -> TokenProof {
    let proof = TokenProof::fetch_logged(registry.chain(), registry.token(id), &[wallet(5).address()], "ISC").await.unwrap();
    // Through its JSON, as it travels.
    serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap()
}

/// Whether the chain keeps the hashes of its blocks in its state.
async fn has_history(chain: &Chain) -> bool {
    !chain.provider().get_code_at(HISTORY_STORAGE_ADDRESS).await.unwrap().is_empty()
}

fn is_of(proven: &ProvenTokens, registry: &Registry, input: &ModelInput) -> bool {
    let token = &proven.tokens[&token_id_of(input)];
    proven.token == registry.token(token_id_of(input))
        && (token.stored, token.owner, token.creator) == (false, wallet(1).address(), input.creator)
        && (token.weights, token.record, token.kind) == (input.weights, input.record, input.kind)
        && (token.license.as_str(), &token.lineage) == (input.license.spdx(), &input.lineage)
}

on_both_chains! {
    async fn a_token_of_which_nothing_is_stored_is_proven(chain: Chain) {
        let registry = registry(&chain).await;
        let base = mint(&registry, &wallet(0), &statement("base", &wallet(0))).await;
        let lineage = Lineage::new(vec![parent(base, Relation::FineTune, 0)]).unwrap();
        // One call for three, one for the child.
        let models = [bare("one"), bare("two"), bare("three"), ModelInput { lineage, ..bare("child") }];
        let ids = log(&registry, &models).await;
        let error = TokenProof::fetch(&chain, registry.token(ids[0]), &[]).await.unwrap_err();
        assert!(matches!(error, TokenProofError::NotStored(_)), "{error}");
        for ((id, model), same_block) in ids.iter().zip(&models).zip([false, false, false, true]) {
            let logged = registry.logged(*id).await.unwrap().unwrap();
            assert_eq!((logged.record, logged.weights, logged.creator), (model.record, model.weights, model.creator));
            assert!(logged.clone().under("ISC").is_bound() && !logged.under("MIT").is_bound());
            let proven = fetch(&registry, *id).await.check().unwrap();
            assert!(is_of(&proven, &registry, model), "{proven:?}");
            let mint = proven.mint.unwrap();
            assert_eq!(mint.link, if same_block { MintLink::Same } else { MintLink::Parent });
            assert_eq!(chain.block_by_hash(mint.block.hash).await.unwrap(), mint.block);
        }
        let child = fetch(&registry, ids[3]).await.check().unwrap();
        assert!(child.tokens[&base].stored, "the parent is proven by what is stored");
        let error = TokenProof::fetch_logged(&chain, registry.token(ids[0]), &[], "MIT").await.unwrap_err();
        assert!(matches!(error, TokenProofError::NotBound(_)), "{error}");

        for name in ["later", "still later"] {
            mint(&registry, &wallet(0), &statement(name, &wallet(0))).await;
        }
        let old = fetch(&registry, ids[1]).await;
        let link = if has_history(&chain).await { MintLink::History } else { MintLink::Told };
        assert_eq!(old.check().unwrap().mint.unwrap().link, link);

        // Once it is stored, the storage speaks; what was proven before stays true of its block.
        let call = registry.store_statement(&models[1]);
        CallPlan::new(&chain, &wallet(2), vec![call]).await.unwrap().execute(&wallet(2)).await.unwrap();
        assert_eq!(registry.logged(ids[1]).await.unwrap(), None);
        let stored = TokenProof::fetch(&chain, registry.token(ids[1]), &[]).await.unwrap().check().unwrap();
        assert!(stored.tokens[&ids[1]].stored && stored.mint.is_none());
        assert!(is_of(&old.check().unwrap(), &registry, &models[1]));
    }

    /// Whoever makes up a block with a receipt in it is found out where the state knows the chain's blocks, and else is known to be believed.
    async fn a_block_that_was_made_up_is_refused_or_rests_on_somebodys_word(chain: Chain) {
        let registry = registry(&chain).await;
        // Enters the licence into the book, so that further mints are one transaction each.
        mint(&registry, &wallet(0), &statement("earlier", &wallet(0))).await;
        let ids = log(&registry, &[bare("one")]).await;
        let same = json(&fetch(&registry, ids[0]).await);
        mint(&registry, &wallet(0), &statement("later", &wallet(0))).await;
        let next = json(&fetch(&registry, ids[0]).await);
        mint(&registry, &wallet(0), &statement("still later", &wallet(0))).await;
        let old = json(&fetch(&registry, ids[0]).await);
        let honest = checked(&old).unwrap();
        for proof in [same, next] {
            assert!(matches!(checked(&dated(&proof)), Err(TokenProofError::Mint(_))));
        }
        match checked(&dated(&old)) {
            Err(error) => assert!(matches!(error, TokenProofError::Mint(_)) && has_history(&chain).await, "{error}"),
            Ok(proven) => {
                let mint = proven.mint.unwrap();
                assert!(mint.link == MintLink::Told && mint.block.hash != honest.mint.unwrap().block.hash);
                assert!(!has_history(&chain).await);
                assert_eq!(proven.tokens, honest.tokens, "nothing but the time rests on it");
            }
        }
    }

    async fn a_receipt_of_something_else_is_refused(chain: Chain) {
        let registry = registry(&chain).await;
        let what = Deployment::Curated { name: "Lab".into(), symbol: "LAB".into(), admin: wallet(0).address() };
        let lab = Registry::at(&chain, deploy(&chain, &wallet(0), &what).await.unwrap().registry);
        // The same statement has the same id everywhere, and the same event.
        let elsewhere = log(&lab, &[bare("one")]).await;
        let ids = log(&registry, &[bare("one"), bare("two")]).await;
        let other = log(&registry, &[bare("other")]).await;
        let stored = mint(&registry, &wallet(0), &statement("stored", &wallet(0))).await;
        assert_eq!(elsewhere[0], ids[0]);
        let honest = json(&fetch(&registry, ids[0]).await);
        checked(&honest).unwrap();
        for foreign in [fetch(&lab, elsewhere[0]).await, fetch(&registry, other[0]).await] {
            let mut swapped = honest.clone();
            swapped["mint"] = json(&foreign)["mint"].clone();
            assert!(matches!(checked(&swapped), Err(TokenProofError::Mint(_))), "{swapped}");
        }
        // The receipt of the whole batch proves each of its tokens, and each the token's own log.
        let second = fetch(&registry, ids[1]).await.check().unwrap();
        assert_ne!(checked(&honest).unwrap().mint.unwrap().log, second.mint.unwrap().log);
        // Of a token that is stored, nothing comes from a log.
        let proof = TokenProof::fetch(&chain, registry.token(stored), &[wallet(5).address()]).await.unwrap();
        let mut added = json(&proof);
        added["mint"] = honest["mint"].clone();
        assert!(matches!(checked(&added), Err(TokenProofError::Form(_))));
        let mut words = json(&proof);
        words["statements"][0]["logged"] = honest["statements"][0]["logged"].clone();
        assert!(checked(&words).is_err());
        let mut twice = honest.clone();
        let statement = twice["statements"][0].clone();
        twice["statements"].as_array_mut().unwrap().push(statement);
        assert!(checked(&twice).is_err());
        // Without its receipt a token is proven all the same, but for the time; and what only the receipt is held against may not stay.
        let mut without = honest.clone();
        without.as_object_mut().unwrap().remove("mint");
        match checked(&without) {
            Ok(proven) => assert!(proven.mint.is_none() && !has_history(&chain).await),
            Err(error) => assert!(matches!(error, TokenProofError::Form(_)) && has_history(&chain).await, "{error}"),
        }
    }
}

/// Every place of the proof is changed in turn: it is refused, or speaks of other blocks than the honest one.
#[tokio::test]
async fn no_part_of_a_mint_can_be_changed() {
    let registry = registry(&devnet().await).await;
    let ids = log(&registry, &[bare("one"), bare("two")]).await;
    mint(&registry, &wallet(0), &statement("later", &wallet(0))).await;
    mint(&registry, &wallet(0), &statement("still later", &wallet(0))).await;
    let honest = json(&fetch(&registry, ids[0]).await);
    let proven = checked(&honest).unwrap();
    let places = crate::token_proof::leaves_of(&honest);
    assert!(places.iter().any(|place| place.starts_with("/mint/nodes")) && places.len() > 30, "{}", places.len());
    for place in &places {
        let mut changed = honest.clone();
        crate::token_proof::alter(changed.pointer_mut(place).unwrap());
        let Ok(changed) = serde_json::from_value::<TokenProof>(changed) else { continue };
        if let Ok(other) = changed.check() {
            let same = (other.block, other.token, other.mint.map(|mint| mint.block))
                == (proven.block, proven.token, proven.mint.map(|mint| mint.block));
            assert!(!same, "{place}");
        }
    }
}

fn json(proof: &TokenProof) -> Value {
    serde_json::to_value(proof).unwrap()
}

fn checked(proof: &Value) -> Result<ProvenTokens, TokenProofError> {
    serde_json::from_value::<TokenProof>(proof.clone()).unwrap().check()
}

/// The proof with a mint of another time: a header that nobody made, with the root of receipts that somebody did.
fn dated(proof: &Value) -> Value {
    use alloy::consensus::Header;
    let mut changed = proof.clone();
    let rlp = data_encoding::BASE64.decode(proof["mint"]["header"].as_str().unwrap().as_bytes()).unwrap();
    let header: Header = alloy_rlp::decode_exact(&rlp).unwrap();
    let header = Header { timestamp: header.timestamp - 1, parent_hash: B256::ZERO, ..header };
    changed["mint"]["header"] = data_encoding::BASE64.encode(&Bytes::from(alloy_rlp::encode(header))).into();
    changed
}
