//! Calls of contracts in two steps, as mints are: a plan that says what would be sent and what it costs, and its execution.
//!
//! Unlike a mint, a call is not idempotent by itself: whoever makes one looks first whether it is needed.

use alloy::primitives::{Address, B256, Bytes, Log, U256};
use alloy::sol_types::{SolCall, SolEvent};
use serde::Serialize;

use crate::bindings::IERC20;
use crate::contracts::{CREATE2_FACTORY, Creation};
use crate::decoded::{DecodedCall, Interface};
use crate::transaction::{Fees, MAX_TRIES, Receipt, Sent, Step, step_aside};
use crate::{Chain, ChainError, Costs, Gas, Wallet, Wei};

/// More gas than a call takes that needs an earlier one to be done before it can be estimated, unless it says otherwise.
const MOST_GAS: u64 = 500_000;

/// What is called of an ERC-20 token.
const ERC20: Interface = Interface {
    name: "an ERC-20 token",
    artifact: r#"{"abi": [{"type": "function", "name": "approve", "stateMutability": "nonpayable", "outputs": [{"name": "", "type": "bool"}],
        "inputs": [{"name": "spender", "type": "address"}, {"name": "amount", "type": "uint256"}]}]}"#,
};

/// A call of a contract, ready to be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    what: String,
    interface: Interface,
    to: Address,
    value: Wei,
    input: Bytes,
    most: Gas,
    spare: Gas,
}

/// What some calls would do and cost. Nothing is sent before [`CallPlan::execute`].
#[derive(Clone, Debug)]
pub struct CallPlan {
    chain: Chain,
    calls: Vec<Call>,
    steps: Vec<Step>,
    fees: Fees,
    costs: Costs,
}

/// A call that is in a block and went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallReceipt {
    /// What the call was for.
    pub what: String,
    /// Transaction.
    pub transaction: B256,
    /// Block.
    pub block: u64,
    /// What was paid for gas.
    pub spent: Wei,
    #[serde(skip)]
    logs: Vec<Log>,
}

impl Call {
    pub(crate) fn new(what: impl Into<String>, interface: Interface, to: Address, call: &impl SolCall) -> Self {
        let input = call.abi_encode().into();
        Self { what: what.into(), interface, to, value: Wei::default(), input, most: Gas::new(MOST_GAS), spare: Gas::default() }
    }

    /// Returns the call of the CREATE2 factory that creates a contract with this interface.
    pub(crate) fn create(what: impl Into<String>, interface: Interface, creation: &Creation) -> Self {
        let (to, input) = (CREATE2_FACTORY, creation.factory_input());
        Self { what: what.into(), interface, to, value: Wei::default(), input, most: Gas::new(MOST_GAS), spare: Gas::default() }
    }

    /// Returns the call that lets `spender` take `amount` of the sender's ERC-20 tokens.
    pub(crate) fn approve(token: Address, spender: Address, amount: U256) -> Self {
        Self::new("let the contract take the price", ERC20, token, &IERC20::approveCall { spender, amount })
    }

    /// Returns the same call, paying the contract.
    #[must_use]
    pub(crate) fn paying(self, value: Wei) -> Self {
        Self { value, ..self }
    }

    /// Returns the same call with the most gas that it takes, for calls that take more than most.
    #[must_use]
    pub(crate) fn taking_at_most(self, gas: u64) -> Self {
        Self { most: Gas::new(gas), ..self }
    }

    /// Returns the same call with gas on top of the estimate, for calls that take more in a later block than in the newest, on which
    /// nodes estimate.
    #[must_use]
    pub(crate) fn with_spare(self, gas: u64) -> Self {
        Self { spare: Gas::new(gas), ..self }
    }

    /// Returns what the call is for.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the call as a person reads it.
    #[must_use]
    pub fn decoded(&self) -> DecodedCall {
        let decoded = self.interface.decode(&self.input).or_else(|| self.interface.decode_creation(&self.input));
        let (function, arguments) = decoded.unwrap_or_default();
        DecodedCall {
            what: self.what.clone(),
            contract: self.interface.name.into(),
            to: self.to,
            function,
            arguments,
            value: self.value,
            data: self.input.clone(),
        }
    }

    async fn step(&self, chain: &Chain, from: Address, first: bool) -> Result<Step, ChainError> {
        // The first call depends on none before it.
        if first {
            let step = Step::paying(chain, from, &self.what, self.to, self.input.clone(), self.value).await?;
            return Ok(Step { limit: Gas::new(step.limit.get().saturating_add(self.spare.get())), ..step });
        }
        Ok(Step { value: self.value, ..Step::bounded(&self.what, self.to, self.input.clone(), self.most) })
    }
}

impl CallPlan {
    /// Plans calls that `wallet` makes one after the other.
    ///
    /// # Errors
    /// The key is not allowed on this chain, the first call would be refused, or the endpoint cannot be asked.
    pub async fn new(chain: &Chain, wallet: &Wallet, calls: Vec<Call>) -> Result<Self, ChainError> {
        wallet.check_usable_on(chain.id())?;
        let mut steps = Vec::new();
        for call in &calls {
            steps.push(call.step(chain, wallet.address(), steps.is_empty()).await?);
        }
        let fees = Fees::current(chain).await?;
        let costs = fees.costs(wallet.address(), steps.iter(), chain.balance(wallet.address()).await?);
        Ok(Self { chain: chain.clone(), calls, steps, fees, costs })
    }

    /// Returns the calls.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Returns what the plan costs at most, payments to contracts included.
    #[must_use]
    pub const fn costs(&self) -> &Costs {
        &self.costs
    }

    /// Makes the calls and waits for each. Never costs more than the plan says.
    ///
    /// # Errors
    /// `wallet` is not the one that was planned for, it cannot pay, a contract refuses, the transactions are not confirmed in time, or
    /// the endpoint cannot be asked. What was sent before stays sent.
    pub async fn execute(&self, wallet: &Wallet) -> Result<Vec<CallReceipt>, ChainError> {
        wallet.check_is(self.costs.account)?;
        self.costs.check(&self.chain)?;
        let mut receipts = Vec::new();
        for step in &self.steps {
            let receipt = self.run(step, wallet).await?;
            receipts.push(CallReceipt {
                what: step.what.clone(),
                transaction: receipt.transaction_hash,
                block: receipt.block(),
                spent: receipt.spent(),
                logs: receipt.into_logs(),
            });
        }
        Ok(receipts)
    }

    async fn run(&self, step: &Step, wallet: &Wallet) -> Result<Receipt, ChainError> {
        for attempt in 0..MAX_TRIES {
            match step.send(&self.chain, wallet, self.fees).await? {
                Sent::Done(receipt) => return Ok(receipt),
                Sent::Refused(_, reason) => return Err(ChainError::Reverted { what: step.what.clone(), reason }),
                Sent::Overtaken => step_aside(wallet.address(), attempt).await,
            }
        }
        Err(ChainError::Contended { what: step.what.clone(), account: wallet.address() })
    }
}

impl CallReceipt {
    /// Returns the first event of this kind that the contract at `address` logged.
    pub(crate) fn event<E: SolEvent>(&self, address: Address) -> Option<E> {
        let mut own = self.logs.iter().filter(|log| log.address == address);
        own.find_map(|log| E::decode_log_validate(log).ok()).map(|log| log.data)
    }
}
