//! Running one transaction in the virtual machine.

use alloy::consensus::transaction::Recovered;
use alloy::consensus::{Header, Transaction as _, TxEnvelope, Typed2718 as _};
use alloy::primitives::U256;
use revm::context::either::Either;
use revm::context::result::{EVMError, InvalidTransaction, ResultAndState};
use revm::context::{BlockEnv, CfgEnv, TxEnv};
use revm::primitives::eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE;
use revm::primitives::hardfork::SpecId;
use revm::{Context, DatabaseRef, ExecuteEvm as _, MainBuilder as _, MainContext as _};

use crate::DevnetError;

/// The rules of the chain, from its first block on.
pub(crate) const SPEC: SpecId = SpecId::PRAGUE;

/// Why a transaction has no result.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It may not be in a block.
    Invalid(InvalidTransaction),
    /// The chain failed.
    Failed(DevnetError),
}

impl From<DevnetError> for Refusal {
    fn from(error: DevnetError) -> Self {
        Self::Failed(error)
    }
}

/// Which checks apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checks {
    /// All of them: the transaction goes into a block.
    Block,
    /// All but the nonce: the transaction waits for its turn.
    Waiting,
    /// A question: no nonce, any sender, and no base fee when no price is named.
    Question {
        /// Whether the question names a gas price.
        priced: bool,
    },
}

/// Runs a transaction on a state in the environment of a block; nothing is written.
pub(crate) fn execute<S>(state: S, chain_id: u64, header: &Header, transaction: TxEnv, checks: Checks) -> Result<ResultAndState, Refusal>
where
    S: DatabaseRef<Error = DevnetError>,
{
    let mut machine = Context::mainnet().with_ref_db(state).with_block(block_env(header)).with_cfg(rules(chain_id, checks)).build_mainnet();
    machine.transact(transaction).map_err(|error| match error {
        EVMError::Transaction(reason) => Refusal::Invalid(reason),
        EVMError::Database(error) => Refusal::Failed(error),
        other => Refusal::Failed(DevnetError::Machine(other.to_string())),
    })
}

/// Returns a signed transaction in the machine's form.
pub(crate) fn signed(transaction: &Recovered<TxEnvelope>) -> TxEnv {
    TxEnv {
        tx_type: transaction.ty(),
        caller: transaction.signer(),
        gas_limit: transaction.gas_limit(),
        gas_price: transaction.max_fee_per_gas(),
        kind: transaction.kind(),
        value: transaction.value(),
        data: transaction.input().clone(),
        nonce: transaction.nonce(),
        chain_id: transaction.chain_id(),
        access_list: transaction.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: transaction.max_priority_fee_per_gas(),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: transaction.authorization_list().unwrap_or_default().iter().cloned().map(Either::Left).collect(),
    }
}

fn rules(chain_id: u64, checks: Checks) -> CfgEnv {
    let mut rules = CfgEnv::new().with_spec_and_mainnet_gas_params(SPEC).with_chain_id(chain_id);
    rules.tx_chain_id_check = true;
    match checks {
        Checks::Block => {}
        Checks::Waiting => rules.disable_nonce_check = true,
        Checks::Question { priced } => {
            rules.disable_nonce_check = true;
            rules.disable_eip3607 = true;
            rules.disable_base_fee = !priced;
        }
    }
    rules
}

fn block_env(header: &Header) -> BlockEnv {
    let mut env = BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.beneficiary,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        difficulty: header.difficulty,
        prevrandao: Some(header.mix_hash),
        blob_excess_gas_and_price: None,
        slot_num: 0,
    };
    env.set_blob_excess_gas_and_price(header.excess_blob_gas.unwrap_or_default(), BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE);
    env
}
