//! What models earn: where it waits, who is paid, and the calls that move it. The contract is the vault that the registry was given.

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol_types::{SolEvent as _, SolValue as _};
use serde::Serialize;

use crate::bindings::{LineageVault as abi, ModelRegistry};
use crate::history::LogQuery;
use crate::model::word;
use crate::{BasisPoints, Block, Call, Chain, ChainError, Contract, Model, Registry, TokenId, Wei};

/// More logs than a creator writes who changes the payees of a token.
const MAX_CHANGES: usize = 10_000;

/// Somebody who is paid a part of what a token earns, after keeper and lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payee {
    /// Who is paid.
    pub account: Address,
    /// The part.
    pub part: BasisPoints,
}

/// What a token earned, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Earnings {
    /// The vault.
    pub vault: Address,
    /// Where royalties of this token are paid to: an address of its own.
    pub receiver: Address,
    /// The currency: zero for the chain's own.
    pub currency: Address,
    /// Whose what the lineage does not get is: zero for the payees.
    pub beneficiary: Address,
    /// What waits at the receiver.
    pub waiting: Wei,
    /// What is in the vault and not split yet.
    pub credit: Wei,
    /// Who is paid what the lineage does not get; empty for the creator alone.
    pub payees: Vec<Payee>,
    /// Whether the payees can never change again.
    pub payees_for_good: bool,
    /// Whether each ancestor gets a fixed part of all that the token earns.
    pub stack: bool,
}

/// A registry's royalty vault.
#[derive(Clone, Debug)]
pub struct RoyaltyVault {
    pub(crate) registry: Registry,
    pub(crate) address: Address,
}

impl Registry {
    /// Returns the vault that splits this registry's royalties; `None` when they go to the creators.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn royalty_vault(&self) -> Result<Option<RoyaltyVault>, ChainError> {
        let block = self.chain().block().await?;
        let address = self.view(ModelRegistry::royaltyVaultCall {}, &block).await?;
        Ok((!address.is_zero()).then(|| RoyaltyVault { registry: self.clone(), address }))
    }
}

impl RoyaltyVault {
    /// Returns where the vault is.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Returns what a token earned in a currency (zero for the chain's own) for its payees.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn earnings(&self, token: TokenId, currency: Address) -> Result<Earnings, ChainError> {
        self.earnings_for(token, currency, Address::ZERO).await
    }

    /// Returns what a token earned for somebody else than its payees, such as the beneficiary of a licence offer; zero for the payees.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn earnings_for(&self, token: TokenId, currency: Address, beneficiary: Address) -> Result<Earnings, ChainError> {
        let block = self.chain().block().await?;
        let (registry, id) = (self.registry.address(), token.get());
        let receiver = self.view(abi::receiverOfCall { registry, tokenId: id }, &block).await?;
        let credit = self.view(abi::creditOfCall { registry, tokenId: id, currency, beneficiary }, &block).await?;
        let stack = self.view(abi::stackOfCall { registry, tokenId: id }, &block).await?;
        // What waits at the receiver, and what payees there are, is no business of another beneficiary.
        let (payees, payees_for_good, waiting) = match beneficiary.is_zero() {
            true => {
                let (payees, for_good) = self.payees(token, &block).await?;
                (payees, for_good, self.held(receiver, currency, &block).await?)
            }
            false => (Vec::new(), false, Wei::default()),
        };
        let credit = Wei::new(credit.gross.saturating_add(credit.net));
        let stack = stack != B256::ZERO;
        Ok(Earnings { vault: self.address, receiver, currency, beneficiary, waiting, credit, payees, payees_for_good, stack })
    }

    /// Returns what an account can take out.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn balance(&self, account: Address, currency: Address) -> Result<Wei, ChainError> {
        let block = self.chain().block().await?;
        self.view(abi::balanceOfCall { account, currency }, &block).await.map(Wei::new)
    }

    /// Returns the calls that fetch what waits for a token and split it. The caller gets a reward of half a percent.
    #[must_use]
    pub fn distribute(&self, model: &Model, earnings: &Earnings) -> Vec<Call> {
        let (registry, token_id, currency) = (self.registry.address(), model.token.id().get(), earnings.currency);
        let collect = abi::collectCall { registry, tokenId: token_id, currency };
        let payees = earnings.payees.iter().copied().map(Payee::to_abi).collect();
        let split = abi::distributeCall { registry, model: statement(model), currency, beneficiary: earnings.beneficiary, payees };
        let collect = (earnings.waiting != Wei::default()).then(|| self.call("fetch what was paid to the token", &collect));
        // Up to 16 parents and 32 payees, each with a slot of their own.
        let split = self.call("split what the token earned", &split).taking_at_most(3_000_000);
        collect.into_iter().chain([split]).collect()
    }

    /// Returns the call that says who is paid for a token, none for the creator alone. Only its creator or a delegate may.
    #[must_use]
    pub fn set_payees(&self, token: TokenId, payees: &[Payee], for_good: bool) -> Call {
        let payees = payees.iter().copied().map(Payee::to_abi).collect();
        let call = abi::setPayeesCall { registry: self.registry.address(), tokenId: token.get(), payees, forGood: for_good };
        self.call("say who is paid", &call)
    }

    /// Returns the calls that pay for a token: its lineage gets its shares, and `beneficiary` the rest, zero for the token's payees. With an
    /// ERC-20 token as currency its approval comes first.
    #[must_use]
    pub fn pay(&self, token: TokenId, currency: Address, amount: U256, beneficiary: Address) -> Vec<Call> {
        let call = abi::payCall { registry: self.registry.address(), tokenId: token.get(), currency, amount, beneficiary };
        let pay = self.call("pay for the token", &call);
        match currency.is_zero() {
            true => vec![pay.paying(Wei::new(amount))],
            false => vec![Call::approve(currency, self.address, amount), pay],
        }
    }

    /// Returns the call that sends all that a contract has in a currency to that contract: not every contract can ask for it.
    #[must_use]
    pub fn withdraw_for(&self, account: Address, currency: Address) -> Call {
        self.call("send the money to its owner", &abi::withdrawForCall { account, currency })
    }

    /// Returns the call that sends all that the sender has in a currency to `to`.
    #[must_use]
    pub fn withdraw(&self, currency: Address, to: Address) -> Call {
        self.call("take the money out", &abi::withdraw_1Call { currency, to })
    }

    /// Returns who is paid, which stands in the log: the vault keeps its hash, so that no endpoint can name others.
    async fn payees(&self, token: TokenId, block: &Block) -> Result<(Vec<Payee>, bool), ChainError> {
        let told = self.view(abi::payeesOfCall { registry: self.registry.address(), tokenId: token.get() }, block).await?;
        if told.payeesHash == B256::ZERO {
            return Ok((Vec::new(), told.forGood));
        }
        let topics =
            [vec![abi::PayeesSet::SIGNATURE_HASH], vec![self.registry.address().into_word()], vec![token.get().into()], Vec::new()];
        let query = LogQuery { contract: self.address, topics };
        let logs = self.chain().logs(&query, self.registry.first_block(), block.number, MAX_CHANGES).await?;
        let lists = logs.iter().rev().filter_map(|placed| abi::PayeesSet::decode_log_validate(&placed.log).ok());
        let found = lists.map(|event| event.data.payees).find(|payees| keccak256(payees.abi_encode()) == told.payeesHash);
        let payees = found.ok_or_else(|| self.chain().nonsense("eth_getLogs", "no log has the payees that the vault commits to"))?;
        let payee = |payee: abi::Payee| Payee::try_from(payee).map_err(|error| self.chain().nonsense("PayeesSet", &error.to_string()));
        Ok((payees.into_iter().map(payee).collect::<Result<_, _>>()?, told.forGood))
    }

    /// Returns what an account holds in a currency.
    async fn held(&self, account: Address, currency: Address, block: &Block) -> Result<Wei, ChainError> {
        if currency.is_zero() {
            return self.chain().balance(account).await;
        }
        let balance = self.chain().view(currency, crate::bindings::IERC20::balanceOfCall { account }, block).await?;
        Ok(Wei::new(balance.unwrap_or(U256::ZERO)))
    }

    pub(crate) async fn view<C: alloy::sol_types::SolCall>(&self, call: C, block: &Block) -> Result<C::Return, ChainError> {
        let missing = ChainError::NoContract { contract: Contract::LineageVault, address: self.address, chain: self.chain().id() };
        self.chain().view(self.address, call, block).await?.ok_or(missing)
    }

    pub(crate) fn call(&self, what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
        Call::new(what, Contract::LineageVault.interface(), self.address, call)
    }

    pub(crate) const fn chain(&self) -> &Chain {
        self.registry.chain()
    }
}

impl Payee {
    const fn to_abi(self) -> abi::Payee {
        abi::Payee { account: self.account, bps: self.part.get() }
    }
}

impl TryFrom<abi::Payee> for Payee {
    type Error = crate::BasisPointsError;

    fn try_from(payee: abi::Payee) -> Result<Self, Self::Error> {
        Ok(Self { account: payee.account, part: payee.bps.try_into()? })
    }
}

/// Returns what a token states, as far as its id commits to it: the vault reads nothing else.
pub(crate) fn statement(model: &Model) -> abi::ModelInput {
    let stated = ModelRegistry::ModelInput {
        weightsDigest: word(model.weights),
        recordDigest: word(model.record),
        datasetDigest: B256::ZERO,
        architectureDigest: B256::ZERO,
        framework: B256::ZERO,
        metrics: B256::ZERO,
        license: model.license.digest(),
        kind: model.kind.number(),
        royaltyBps: 0,
        creator: model.creator,
        parents: model.lineage.to_abi(),
    };
    stated.into()
}
