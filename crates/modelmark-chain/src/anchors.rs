//! Lists of records under one root: anchored by one transaction, shown later, and turned into tokens.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolStruct as _;
use modelmark_digest::Sha256Digest;
use serde::Serialize;

use crate::bindings::{BatchAnchor as abi, LicenseBook};
use crate::identity::mint_auth;
use crate::model::word;
use crate::{Call, Chain, ChainError, Contract, License, ModelInput, Registry};

/// More gas than a claim takes at any depth, with every descriptive field and 16 parents.
const CLAIM_GAS: u64 = 1_500_000;

/// When an account committed itself to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Anchored {
    /// Unix time in seconds.
    pub at: u64,
    /// How many entries the account said there are.
    pub size: u64,
}

/// Where an entry stands in an anchored list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchoredEntry {
    /// The list's root.
    pub root: Sha256Digest,
    /// The entry's place, from 0.
    pub index: u64,
    /// The siblings from the leaf to the root.
    pub hashes: Vec<Sha256Digest>,
}

/// Returns the call that commits the sender to a list of `size` entries.
///
/// `manifest` is SHA-256 of the document that says what the entries are and where they lie.
#[must_use]
pub fn anchor(root: Sha256Digest, size: u64, manifest: Sha256Digest) -> Call {
    let call = abi::anchorCall { root: word(root), size, manifest: word(manifest) };
    Call::new("anchor the list", Contract::BatchAnchor.interface(), Contract::BatchAnchor.address(), &call)
}

/// Returns when `by` anchored a root; `None` when it did not.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn anchored(chain: &Chain, by: Address, root: Sha256Digest) -> Result<Option<Anchored>, ChainError> {
    let block = chain.block().await?;
    let told = chain.view_of(Contract::BatchAnchor, abi::anchorOfCall { by, root: word(root) }, &block).await?;
    let at: u64 = told.anchoredAt.to();
    Ok((at != 0).then_some(Anchored { at, size: told.size }))
}

/// Returns what stands in a list for a mint that can be claimed until `deadline` (Unix time in seconds): the struct hash of its authorisation.
/// It names no chain, so that it can be claimed wherever the creator anchored the list.
#[must_use]
pub fn mint_entry(to: Address, model: &ModelInput, deadline: u64) -> Sha256Digest {
    Sha256Digest::from(mint_auth(to, model.to_abi(), U256::from(deadline)).eip712_hash_struct().0)
}

impl Registry {
    /// Tells whether the anchors' contract may mint for a creator.
    ///
    /// # Errors
    /// As [`Registry::acts_for`].
    pub async fn anchors_act_for(&self, creator: Address) -> Result<bool, ChainError> {
        self.acts_for(Contract::BatchAnchor.address(), creator).await
    }

    /// Returns the call that turns an entry of a creator's own list into a token. The creator has let the contract act for them before.
    #[must_use]
    pub fn claim_anchored(&self, to: Address, model: &ModelInput, deadline: u64, entry: &AnchoredEntry) -> Call {
        let anchors = Contract::BatchAnchor.address();
        let call = abi::claimCall {
            registry: self.address(),
            to,
            model: model.to_abi().into(),
            deadline: U256::from(deadline),
            root: word(entry.root),
            index: entry.index,
            proof: entry.hashes.iter().map(|hash| word(*hash)).collect::<Vec<B256>>(),
        };
        Call::new("claim the token", Contract::BatchAnchor.interface(), anchors, &call).taking_at_most(CLAIM_GAS)
    }

    /// Returns the call that enters a licence into this registry's book; `None` when it is there.
    ///
    /// # Errors
    /// The book has other terms under this name, no registry is there, or the endpoint cannot be asked.
    pub async fn license_call(&self, license: &License) -> Result<Option<Call>, ChainError> {
        let newest = self.newest();
        let block = newest.chain().block().await?;
        let book = newest.license_book(&block).await?;
        if newest.knows_license(book, license, &block).await? {
            return Ok(None);
        }
        let call = LicenseBook::registerCall { spdx: license.spdx().into(), uri: license.uri().into() };
        Ok(Some(Call::new("register the licence", Contract::LicenseBook.interface(), book, &call)))
    }

    /// Returns the call by which a creator lets the anchors' contract mint what stands in the creator's own lists.
    #[must_use]
    pub fn let_anchors_act(&self) -> Call {
        self.delegating("let the contract mint from the creator's lists", Contract::BatchAnchor.address(), true)
    }
}
