//! Sending transactions: what they may cost, signed here, sent once, waited for.
//!
//! Every step is described before anything is sent, with the most it can cost, and sending keeps to that: gas limit and price are those
//! of the plan, so no transaction can cost more than what a person agreed to.

use std::time::Duration;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope, TxLegacy};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, B256, Bytes, Log, TxKind, U64, U128, U256};
use alloy::rpc::types::TransactionRequest;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::error::Revert;
use crate::{Chain, ChainError, Gas, Wallet, WalletError, Wei, revert};

/// How often a step is tried when other transactions of the same account take its nonce.
pub(crate) const MAX_TRIES: u32 = 8;

/// What a plan would cost at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// The account that pays.
    pub account: Address,
    /// The transactions in order. Empty when there is nothing to do.
    pub steps: Vec<StepCost>,
    /// The most that is paid for each unit of gas.
    pub max_fee_per_gas: Wei,
    /// The most that all steps cost together. Rollups charge for data on top, except those that count it as gas.
    pub total: Wei,
    /// What the account has.
    pub balance: Wei,
}

/// One transaction of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepCost {
    /// What it does.
    pub what: String,
    /// The most gas it can use.
    pub gas: Gas,
    /// Whether the limit is the chain's own estimate with a margin. Otherwise it is a bound known beforehand, because the step needs
    /// an earlier one to be done before it can be estimated.
    pub estimated: bool,
    /// The most it can cost, what it pays the contract included.
    pub cost: Wei,
}

/// What a unit of gas may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fees {
    max_fee: u128,
    /// `None` on a chain without EIP-1559.
    tip: Option<u128>,
}

/// A transaction to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) what: String,
    pub(crate) to: Address,
    pub(crate) input: Bytes,
    /// What the call pays the contract.
    pub(crate) value: Wei,
    pub(crate) limit: Gas,
    pub(crate) estimated: bool,
}

/// A transaction that is in a block.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub(crate) transaction_hash: B256,
    block_number: U64,
    block_hash: B256,
    status: U64,
    gas_used: U256,
    #[serde(default)]
    effective_gas_price: Option<U256>,
    #[serde(default)]
    logs: Vec<Log>,
}

/// How an attempt to send ended when it did not fail for good.
pub(crate) enum Sent {
    /// It is in a block, and it went through.
    Done(Receipt),
    /// It is in a block, and the contract refused. The gas is paid all the same.
    Refused(Receipt, Revert),
    /// Another transaction took its nonce. Look again whether it is still needed.
    Overtaken,
}

impl Receipt {
    pub(crate) fn block(&self) -> u64 {
        self.block_number.to()
    }

    /// Returns what contracts logged, in order.
    pub(crate) fn into_logs(self) -> Vec<Log> {
        self.logs
    }

    /// Returns what was paid for gas.
    pub(crate) fn spent(&self) -> Wei {
        Wei::new(self.gas_used.saturating_mul(self.effective_gas_price.unwrap_or_default()))
    }
}

impl Fees {
    /// Asks what a transaction has to pay to get into one of the next blocks: the base fee may double, as in alloy and ethers.
    pub(crate) async fn current(chain: &Chain) -> Result<Self, ChainError> {
        let (_, base_fee) = chain.newest().await?;
        let Some(base_fee) = base_fee else {
            let price: U128 = chain.ask("eth_gasPrice", ()).await?;
            return Ok(Self { max_fee: price.to(), tip: None });
        };
        let tip: u128 = match chain.ask::<_, U128>("eth_maxPriorityFeePerGas", ()).await {
            Ok(tip) => tip.to(),
            // Not every node offers it; 1 gwei is what wallets paid before it existed.
            Err(ChainError::Refused { .. }) => 1_000_000_000,
            Err(error) => return Err(error),
        };
        let base_fee = u128::try_from(base_fee).map_err(|_| chain.nonsense("eth_getBlockByNumber", "a base fee beyond 128 bits"))?;
        Ok(Self { max_fee: base_fee.saturating_mul(2).saturating_add(tip), tip: Some(tip) })
    }

    /// Returns what the steps cost at most.
    pub(crate) fn costs<'a>(&self, account: Address, steps: impl Iterator<Item = &'a Step>, balance: Wei) -> Costs {
        let cost = |step: &Step| StepCost {
            what: step.what.clone(),
            gas: step.limit,
            estimated: step.estimated,
            cost: step.limit.at(self.max_fee).saturating_add(step.value),
        };
        let steps: Vec<_> = steps.map(cost).collect();
        let total = steps.iter().fold(Wei::default(), |sum, step| sum.saturating_add(step.cost));
        Costs { account, steps, max_fee_per_gas: Wei::from(self.max_fee), total, balance }
    }
}

impl Costs {
    /// Checks that the account can pay.
    pub(crate) fn check(&self, chain: &Chain) -> Result<(), ChainError> {
        if self.balance >= self.total {
            return Ok(());
        }
        Err(ChainError::Funds { account: self.account, chain: chain.id(), needed: self.total, available: self.balance })
    }
}

impl Step {
    /// Describes a step whose gas the chain can estimate now.
    pub(crate) async fn estimated(chain: &Chain, from: Address, what: &str, to: Address, input: Bytes) -> Result<Self, ChainError> {
        Self::paying(chain, from, what, to, input, Wei::default()).await
    }

    /// Describes a step that pays the contract, and whose gas the chain can estimate now.
    pub(crate) async fn paying(
        chain: &Chain,
        from: Address,
        what: &str,
        to: Address,
        input: Bytes,
        value: Wei,
    ) -> Result<Self, ChainError> {
        let mut step = Self { what: what.into(), to, input, value, limit: Gas::default(), estimated: true };
        step.limit = step.estimate(chain, from).await?.with_margin();
        Ok(step)
    }

    /// Describes a step that can be estimated only when an earlier one is done.
    pub(crate) fn bounded(what: &str, to: Address, input: Bytes, limit: Gas) -> Self {
        Self { what: what.into(), to, input, value: Wei::default(), limit, estimated: false }
    }

    /// Signs, sends and waits for the step, once.
    pub(crate) async fn send(&self, chain: &Chain, wallet: &Wallet, fees: Fees) -> Result<Sent, ChainError> {
        let needed = self.estimate(chain, wallet.address()).await?;
        if needed > self.limit {
            return Err(ChainError::CostGrew { what: self.what.clone(), planned: self.limit, needed });
        }
        let nonce: U64 = chain.ask("eth_getTransactionCount", (wallet.address(), "pending")).await?;
        let envelope = self.sign(chain, wallet, fees, nonce.to())?;
        let hash = *envelope.tx_hash();
        let raw = Bytes::from(envelope.encoded_2718());
        match chain.ask_as::<_, B256>(&self.what, "eth_sendRawTransaction", (raw,)).await {
            // The node's word for the hash does not matter: the hash is that of the bytes we signed.
            Ok(_) => {}
            Err(ChainError::Refused { message, .. }) if is_known(&message) => {}
            Err(ChainError::Refused { message, .. }) if is_overtaken(&message) => return Ok(Sent::Overtaken),
            // The answer was lost, maybe not the transaction: its receipt will tell.
            Err(ChainError::Unreachable { .. } | ChainError::Nonsense { .. }) => {}
            Err(error) => return Err(error),
        }
        let receipt = self.wait(chain, hash).await?;
        if receipt.status == U64::from(1) {
            return Ok(Sent::Done(receipt));
        }
        let reason = self.reason(chain, wallet.address(), &receipt).await;
        Ok(Sent::Refused(receipt, reason))
    }

    async fn estimate(&self, chain: &Chain, from: Address) -> Result<Gas, ChainError> {
        let gas: U64 = chain.ask_as(&self.what, "eth_estimateGas", (self.request(from),)).await?;
        Ok(Gas::new(gas.to()))
    }

    fn request(&self, from: Address) -> TransactionRequest {
        TransactionRequest::default().from(from).to(self.to).value(self.value.get()).input(self.input.clone().into())
    }

    fn sign(&self, chain: &Chain, wallet: &Wallet, fees: Fees, nonce: u64) -> Result<TxEnvelope, WalletError> {
        let (chain_id, gas_limit, to, input) = (chain.id().get(), self.limit.get(), TxKind::Call(self.to), self.input.clone());
        let value = self.value.get();
        match fees.tip {
            Some(tip) => seal(
                wallet,
                TxEip1559 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: fees.max_fee,
                    max_priority_fee_per_gas: tip,
                    to,
                    value,
                    input,
                    ..Default::default()
                },
            ),
            None => seal(wallet, TxLegacy { chain_id: Some(chain_id), nonce, gas_price: fees.max_fee, gas_limit, to, value, input }),
        }
    }

    /// Waits until the transaction has its confirmations, in a block that is still part of the chain.
    async fn wait(&self, chain: &Chain, hash: B256) -> Result<Receipt, ChainError> {
        let patience = chain.patience();
        let start = Instant::now();
        let mut seen: Option<B256> = None;
        loop {
            match self.confirmed(chain, hash).await {
                // Deep enough in one look may be a look at two forks: the block has to be the same twice when depth is asked for.
                Ok(Some(receipt)) if patience.confirmations <= 1 || seen == Some(receipt.block_hash) => return Ok(receipt),
                Ok(receipt) => seen = receipt.map(|receipt| receipt.block_hash),
                // The transaction is on its way: an endpoint that is away for a moment must not make us forget it.
                Err(ChainError::Unreachable { .. }) => {}
                Err(error) => return Err(error),
            }
            if start.elapsed() >= patience.deadline {
                return Err(ChainError::Deadline { what: self.what.clone(), transaction: hash, seconds: patience.deadline.as_secs() });
            }
            sleep(patience.poll.max(Duration::from_millis(1))).await;
        }
    }

    async fn confirmed(&self, chain: &Chain, hash: B256) -> Result<Option<Receipt>, ChainError> {
        let receipt: Option<Receipt> = chain.ask("eth_getTransactionReceipt", (hash,)).await?;
        let Some(receipt) = receipt else { return Ok(None) };
        if receipt.transaction_hash != hash {
            return Err(chain.nonsense("eth_getTransactionReceipt", "the receipt of another transaction"));
        }
        let more = chain.patience().confirmations.saturating_sub(1);
        if more == 0 {
            return Ok(Some(receipt));
        }
        let (newest, _) = chain.newest().await?;
        Ok((newest.number >= receipt.block().saturating_add(more)).then_some(receipt))
    }

    /// Returns why a transaction in a block failed, by asking for the same call after that block.
    async fn reason(&self, chain: &Chain, from: Address, receipt: &Receipt) -> Revert {
        let call = self.request(from);
        match chain.ask::<_, Bytes>("eth_call", (call, format!("{:#x}", receipt.block()))).await {
            Err(ChainError::Reverted { reason, .. }) => reason,
            _ => revert::decode(&[]),
        }
    }
}

/// Looks until what was done shows, or `patience` is over, and returns whether it does.
///
/// An endpoint may refuse by its pending block, or answer from a node that is behind the one whose receipt it gave, before its newest
/// block holds what was done.
pub(crate) async fn shows<L: Future<Output = Result<bool, ChainError>>>(
    chain: &Chain,
    patience: Duration,
    look: impl Fn() -> L,
) -> Result<bool, ChainError> {
    let start = Instant::now();
    loop {
        match look().await {
            Ok(false) | Err(ChainError::Unreachable { .. }) if start.elapsed() < patience => {}
            answer => return answer,
        }
        sleep(chain.patience().poll.max(Duration::from_millis(1))).await;
    }
}

/// Pauses before another try, longer each time and different for each account and try, so that two senders part.
pub(crate) async fn step_aside(account: Address, attempt: u32) {
    let spread = u64::from(account.last().copied().unwrap_or_default()) + u64::from(std::process::id() % 97);
    sleep(Duration::from_millis(50 * u64::from(attempt + 1) + spread % 50)).await;
}

fn seal<T: SignableTransaction<alloy::primitives::Signature>>(wallet: &Wallet, transaction: T) -> Result<TxEnvelope, WalletError>
where
    TxEnvelope: From<alloy::consensus::Signed<T>>,
{
    let signature = wallet.sign_transaction(&transaction)?;
    Ok(transaction.into_signed(signature).into())
}

/// Nodes have no common code for this, only words.
fn is_known(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("already known") || message.contains("already imported") || message.contains("known transaction")
}

fn is_overtaken(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("nonce") || message.contains("replacement")
}
