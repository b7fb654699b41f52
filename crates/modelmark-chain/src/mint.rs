//! Minting in two steps: a plan that says what would be sent and what it costs, and its execution.
//!
//! Both are idempotent. A statement has one token id, so a second mint finds the first, whoever sent it.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::SolCall;
use serde::Serialize;

use crate::bindings::{LicenseBook, ModelRegistry as abi};
use crate::identity::typed_mint_auth;
use crate::revert::ALREADY_MINTED;
use crate::transaction::{Fees, MAX_TRIES, Receipt, Sent, Step, shows, step_aside};
use crate::{ChainError, Costs, Gas, License, ModelInput, ModelInputError, Registry, TokenRef, Wallet, Wei, token_id_of};

/// The most gas that a mint without parents takes, with every descriptive field: the gas snapshot of the contracts stays below it.
const MINT_GAS: u64 = 320_000;
/// What errors and cost tables call the mint.
const MINT: &str = "mint the token";
/// The most gas that each parent adds.
const PARENT_GAS: u64 = 60_000;

/// A creator's consent to a mint that somebody else submits and pays for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintAuthorization {
    /// Who gets the token.
    pub to: Address,
    /// The statement.
    pub model: ModelInput,
    /// Last second, in Unix time, at which the consent counts.
    pub deadline: U256,
    /// The creator's signature over [`mint_auth_hash`](crate::mint_auth_hash), 65 bytes, or whatever the creator's ERC-1271 contract accepts.
    pub signature: Bytes,
}

/// What a mint would do and cost. Nothing is sent before [`MintPlan::execute`].
#[derive(Clone, Debug)]
pub struct MintPlan {
    registry: Registry,
    token: TokenRef,
    exists: bool,
    steps: Vec<(Purpose, Step)>,
    fees: Fees,
    costs: Costs,
}

/// What a step is for, and so when it is no longer needed.
#[derive(Clone, Debug)]
enum Purpose {
    /// Enters the licence into the book at this address.
    License(Address, License),
    /// Mints the token.
    Mint,
}

/// A token that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Minted {
    /// The token.
    pub token: TokenRef,
    /// The mint's transaction and block, when it was this execution that minted; `None` when the token was there already.
    pub by_us: Option<MintReceipt>,
    /// What this execution paid in all, registration of the licence included.
    pub spent: Wei,
}

/// Where a mint is in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MintReceipt {
    /// Transaction.
    pub tx: B256,
    /// Block.
    pub block: u64,
}

impl Registry {
    /// Plans the mint of `model` to `to`, sent by the creator.
    ///
    /// # Errors
    /// The key is not the creator's or not allowed on this chain, the statement is not acceptable, the registry is not there or would
    /// refuse, or the endpoint cannot be asked.
    pub async fn plan_mint(&self, wallet: &Wallet, to: Address, model: &ModelInput) -> Result<MintPlan, ChainError> {
        if wallet.address() != model.creator {
            return Err(ModelInputError::NotCreator { creator: model.creator, signer: wallet.address() }.into());
        }
        let call = abi::mintProvenanceNFT_1Call { to, model: model.to_abi() }.abi_encode();
        self.plan(wallet, model, call.into()).await
    }

    /// Plans a mint that the creator has consented to and `wallet` submits and pays for.
    ///
    /// # Errors
    /// As [`Registry::plan_mint`]; the registry also refuses a consent that is not the creator's or has expired.
    pub async fn plan_relayed_mint(&self, wallet: &Wallet, consent: &MintAuthorization) -> Result<MintPlan, ChainError> {
        let MintAuthorization { to, model, deadline, signature } = consent.clone();
        let call = abi::mintProvenanceNFT_0Call { to, model: model.to_abi(), deadline, signature }.abi_encode();
        self.plan(wallet, &consent.model, call.into()).await
    }

    /// Signs the creator's consent to a mint in this registry that anyone may submit until `deadline` (Unix time in seconds).
    ///
    /// # Errors
    /// The key is not the creator's or not allowed on this chain, or the statement is not acceptable.
    pub fn authorize_mint(
        &self,
        creator: &Wallet,
        to: Address,
        model: &ModelInput,
        deadline: u64,
    ) -> Result<MintAuthorization, ChainError> {
        creator.check_usable_on(self.chain().id())?;
        model.check()?;
        if creator.address() != model.creator {
            return Err(ModelInputError::NotCreator { creator: model.creator, signer: creator.address() }.into());
        }
        let deadline = U256::from(deadline);
        let typed = typed_mint_auth(self.chain().id(), self.address(), to, model, deadline);
        let signature = creator.sign_typed(&typed)?;
        Ok(MintAuthorization { to, model: model.clone(), deadline, signature: signature.into() })
    }

    async fn plan(&self, wallet: &Wallet, model: &ModelInput, call: Bytes) -> Result<MintPlan, ChainError> {
        let (registry, payer) = (self.newest(), wallet.address());
        wallet.check_usable_on(self.chain().id())?;
        model.check()?;
        let id = token_id_of(model);
        let steps = match registry.exists(id).await? {
            true => None,
            false => registry.steps(payer, model, call).await.map(Some).or_else(unless_minted_meanwhile)?,
        };
        let (exists, steps) = (steps.is_none(), steps.unwrap_or_default());
        let fees = Fees::current(self.chain()).await?;
        let costs = fees.costs(payer, steps.iter().map(|(_, step)| step), self.chain().balance(payer).await?);
        Ok(MintPlan { registry, token: self.token(id), exists, steps, fees, costs })
    }

    async fn steps(&self, from: Address, model: &ModelInput, call: Bytes) -> Result<Vec<(Purpose, Step)>, ChainError> {
        let block = self.chain().block().await?;
        let book = self.license_book(&block).await?;
        if self.knows_license(book, &model.license, &block).await? {
            return Ok(vec![(Purpose::Mint, Step::estimated(self.chain(), from, MINT, self.address(), call).await?)]);
        }
        let parents = u64::try_from(model.lineage.parents().len()).unwrap_or(u64::MAX);
        let limit = Gas::new(MINT_GAS.saturating_add(PARENT_GAS.saturating_mul(parents)));
        let register = Step::estimated(self.chain(), from, "register the licence", book, registration(&model.license)).await?;
        Ok(vec![
            (Purpose::License(book, model.license.clone()), register),
            (Purpose::Mint, Step::bounded(MINT, self.address(), call, limit)),
        ])
    }

    /// Tells whether what a step is for is there already.
    async fn has(&self, token: TokenRef, purpose: &Purpose) -> Result<bool, ChainError> {
        match purpose {
            Purpose::License(book, license) => self.knows_license(*book, license, &self.chain().block().await?).await,
            Purpose::Mint => self.exists(token.id()).await,
        }
    }
}

impl MintPlan {
    /// Returns the token, minted or not: its id follows from the statement.
    #[must_use]
    pub const fn token(&self) -> TokenRef {
        self.token
    }

    /// Returns the token when it is there already and nothing has to be sent.
    #[must_use]
    pub fn already(&self) -> Option<TokenRef> {
        self.exists.then_some(self.token)
    }

    /// Returns what the plan costs at most.
    #[must_use]
    pub const fn costs(&self) -> &Costs {
        &self.costs
    }

    /// Sends the plan's transactions and waits for them. Never costs more than the plan says.
    ///
    /// A token that somebody else mints in the meantime is the same token, and is returned as found. Running it again after an error
    /// continues where it stopped.
    ///
    /// # Errors
    /// `wallet` is not the one that was planned for, it cannot pay, the registry refuses, the transactions are not confirmed in time, or
    /// the endpoint cannot be asked.
    pub async fn execute(&self, wallet: &Wallet) -> Result<Minted, ChainError> {
        let mut minted = Minted { token: self.token, by_us: None, spent: Wei::default() };
        if self.exists {
            return Ok(minted);
        }
        wallet.check_is(self.costs.account)?;
        self.costs.check(self.registry.chain())?;
        for (purpose, step) in &self.steps {
            let done = self.run(purpose, step, wallet, &mut minted.spent).await?;
            if let (Purpose::Mint, Some(receipt)) = (purpose, done) {
                minted.by_us = Some(MintReceipt { tx: receipt.transaction_hash, block: receipt.block() });
            }
        }
        let chain = self.registry.chain();
        if shows(chain, chain.patience().deadline, || self.registry.exists(self.token.id())).await? {
            return Ok(minted);
        }
        Err(chain.nonsense("the mint", "a successful receipt, or word of an earlier mint, but no token"))
    }

    /// Does one step; `None` when what it is for is there without it.
    async fn run(&self, purpose: &Purpose, step: &Step, wallet: &Wallet, spent: &mut Wei) -> Result<Option<Receipt>, ChainError> {
        for attempt in 0..MAX_TRIES {
            if self.registry.has(self.token, purpose).await? {
                return Ok(None);
            }
            let refusal = match step.send(self.registry.chain(), wallet, self.fees).await {
                Ok(Sent::Done(receipt)) => {
                    *spent = spent.saturating_add(receipt.spent());
                    return Ok(Some(receipt));
                }
                Ok(Sent::Overtaken) => {
                    step_aside(wallet.address(), attempt).await;
                    continue;
                }
                Ok(Sent::Refused(receipt, reason)) => {
                    *spent = spent.saturating_add(receipt.spent());
                    ChainError::Reverted { what: step.what.clone(), reason }
                }
                Err(error) => error,
            };
            return unless_minted_meanwhile(refusal);
        }
        Err(ChainError::Contended { what: step.what.clone(), account: wallet.address() })
    }
}

/// Turns the refusal of a mint that somebody else was faster with into nothing left to do: it is the same token.
fn unless_minted_meanwhile<T>(refusal: ChainError) -> Result<Option<T>, ChainError> {
    match refusal {
        ChainError::Reverted { reason, .. } if reason.error == Some(ALREADY_MINTED) => Ok(None),
        refusal => Err(refusal),
    }
}

fn registration(license: &License) -> Bytes {
    LicenseBook::registerCall { spdx: license.spdx().into(), uri: license.uri().into() }.abi_encode().into()
}
