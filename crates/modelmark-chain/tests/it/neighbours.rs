//! Offers and entries of anchored lists: Rust against the contracts beside the registry, on many random and hostile values.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolValue as _;
use modelmark_chain::{Chain, Contract, LicenseOffer, TokenRef, mint_entry};
use modelmark_digest::Sha256Digest;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::chains::on_both_chains;
use crate::differential::{abi, any_statement, ask};
use crate::samples::registry;

sol!(BatchAnchor, "../../contracts/artifacts/BatchAnchor.json");
sol!(Licensing, "../../contracts/artifacts/Licensing.json");

on_both_chains! {
    async fn offers_have_the_id_of_the_contract(chain: Chain) {
        registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..64 {
            let (offer, maker) = (any_offer(&chain), any::<[u8; 20]>()).new_tree(&mut runner).unwrap().current();
            let maker = Address::from(maker);
            let call = Licensing::offerIdOfCall { maker, what: abi_offer(&offer) };
            assert_eq!(ask(&chain, Contract::Licensing.address(), call).await, offer.id(maker), "{offer:?}");
        }
    }

    async fn entries_of_mints_are_those_that_can_be_claimed(chain: Chain) {
        registry(&chain).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..64 {
            let (input, to, deadline) = (any_statement(), any::<[u8; 20]>(), any::<u64>()).new_tree(&mut runner).unwrap().current();
            let to = Address::from(to);
            // The same struct under the name that it has in this interface.
            let model = BatchAnchor::ModelInput::abi_decode(&abi(&input).abi_encode()).unwrap();
            let call = BatchAnchor::mintEntryCall { to, model, deadline: U256::from(deadline) };
            let entry = [b"mmb1:mint\0".as_slice(), mint_entry(to, &input, deadline).as_bytes()].concat();
            assert_eq!(ask(&chain, Contract::BatchAnchor.address(), call).await, Bytes::from(entry), "{input:?}");
        }
    }
}

/// Any offer that can be written down, whether anybody could make or take it; numbers are as wide as the contract has them, ends included.
fn any_offer(chain: &Chain) -> impl Strategy<Value = LicenseOffer> + use<> {
    let id = chain.id();
    let time = || prop_oneof![Just(0), Just((1_u64 << 40) - 1), 0_u64..1 << 40];
    let price = prop_oneof![Just(0), Just((1_u128 << 96) - 1), 0_u128..1 << 96];
    let small = any::<(u32, u16, u8, bool)>();
    (any::<[[u8; 20]; 4]>(), any::<[[u8; 32]; 2]>(), price, time(), time(), small).prop_map(
        move |(
            [registry, currency, beneficiary, licensee],
            [token, terms],
            price,
            duration,
            closes_at,
            (copies, seats, scopes, transferable),
        )| {
            LicenseOffer {
                token: TokenRef::new(id, registry.into(), U256::from_be_bytes(token).into()),
                terms: Sha256Digest::from(terms),
                currency: currency.into(),
                price: U256::from(price),
                beneficiary: beneficiary.into(),
                licensee: licensee.into(),
                duration,
                closes_at,
                copies,
                seats,
                scopes,
                transferable,
            }
        },
    )
}

/// Writes an offer down as the ABI has it, a second time and independently of the crate.
fn abi_offer(offer: &LicenseOffer) -> Licensing::Offer {
    Licensing::Offer {
        registry: offer.token.contract(),
        tokenId: offer.token.id().get(),
        terms: offer.terms.as_bytes().into(),
        currency: offer.currency,
        price: offer.price.to(),
        beneficiary: offer.beneficiary,
        licensee: offer.licensee,
        duration: U256::from(offer.duration).to(),
        closesAt: U256::from(offer.closes_at).to(),
        copies: offer.copies,
        seats: offer.seats,
        scopes: offer.scopes,
        transferable: offer.transferable,
    }
}
