//! Sending transactions.

use alloy::consensus::transaction::{Recovered, SignerRecoverable as _};
use alloy::consensus::{SignableTransaction as _, TxEnvelope, TypedTransaction};
use alloy::eips::{Decodable2718 as _, Typed2718 as _};
use alloy::primitives::{Address, B256, Bytes, TxKind};
use alloy::rpc::types::TransactionRequest;
use alloy::signers::SignerSync as _;

use super::sign::signer;
use super::{Answer, Params, RpcError, json};
use crate::chain::Chain;
use crate::estimate::estimate;
use crate::fees::{SUGGESTED_TIP, next_base_fee};
use crate::simulate::Question;

/// The most bytes that a transaction has, as in geth's pool.
const MAX_TRANSACTION: usize = 128 * 1024;

/// The type byte of a blob transaction.
const BLOB_TYPE: u8 = 3;

pub(super) fn raw(chain: &Chain, mut params: Params) -> Answer {
    let bytes: Bytes = params.required()?;
    params.finish()?;
    if bytes.len() > MAX_TRANSACTION {
        return Err(RpcError::server(format!("oversized data: transaction size {}, limit {MAX_TRANSACTION}", bytes.len())));
    }
    if bytes.first() == Some(&BLOB_TYPE) {
        return Err(RpcError::server("transaction type not supported: blob transactions need a consensus layer"));
    }
    let transaction =
        TxEnvelope::decode_2718_exact(&bytes).map_err(|error| RpcError::server(format!("failed to decode signed transaction: {error}")))?;
    let sender = transaction.recover_signer().map_err(|error| RpcError::server(format!("invalid sender: {error}")))?;
    submit(chain, Recovered::new_unchecked(transaction, sender))
}

pub(super) fn from_account(chain: &Chain, mut params: Params) -> Answer {
    let request: TransactionRequest = params.required()?;
    params.finish()?;
    let sender = request.from.ok_or_else(|| RpcError::params("the field from is required"))?;
    let signer = signer(sender)?;
    let _sending = chain.sending();
    let request = fill(chain, request, sender)?;
    let transaction = request.build_typed_tx().map_err(|_| RpcError::params("the fields do not make a transaction"))?;
    let hash = signature_hash(&transaction);
    let signature = signer.sign_hash_sync(&hash).map_err(|error| RpcError::server(error.to_string()))?;
    submit(chain, Recovered::new_unchecked(transaction.into_signed(signature).into(), sender))
}

fn submit(chain: &Chain, transaction: Recovered<TxEnvelope>) -> Answer {
    if transaction.ty() == BLOB_TYPE {
        return Err(RpcError::server("transaction type not supported: blob transactions need a consensus layer"));
    }
    json(chain.submit(transaction)?)
}

fn signature_hash(transaction: &TypedTransaction) -> B256 {
    match transaction {
        TypedTransaction::Legacy(inner) => inner.signature_hash(),
        TypedTransaction::Eip2930(inner) => inner.signature_hash(),
        TypedTransaction::Eip1559(inner) => inner.signature_hash(),
        TypedTransaction::Eip4844(inner) => inner.signature_hash(),
        TypedTransaction::Eip7702(inner) => inner.signature_hash(),
    }
}

/// Fills in what the sender left out: nonce, fees, chain id and gas, in the way a wallet would.
fn fill(chain: &Chain, mut request: TransactionRequest, sender: Address) -> Result<TransactionRequest, RpcError> {
    let snapshot = chain.snapshot()?;
    let head = snapshot.head()?;
    let header = chain.pending(&snapshot)?.header;
    // Also checks what the fields say about each other.
    let mut question = Question::new(request.clone(), chain.chain_id(), &header)?;
    if request.nonce.is_none() {
        let nonce = snapshot.account(sender, head.header.number)?.map_or(0, |account| account.nonce);
        request.nonce = Some(chain.next_nonce(sender, nonce));
    }
    request.to.get_or_insert(TxKind::Create);
    request.chain_id = Some(chain.chain_id());
    if request.gas_price.is_none() {
        let tip = request
            .max_priority_fee_per_gas
            .unwrap_or_else(|| request.max_fee_per_gas.map_or(SUGGESTED_TIP, |most| most.min(SUGGESTED_TIP)));
        let base_fee = u128::from(next_base_fee(&head.header));
        request.max_priority_fee_per_gas = Some(tip);
        request.max_fee_per_gas.get_or_insert(base_fee.saturating_mul(2).saturating_add(tip));
    }
    if request.gas.is_none() {
        question.transaction.gas_limit = header.gas_limit;
        let state = snapshot.state_at(head.header.number);
        request.gas = Some(estimate(&question, &state, chain.chain_id(), &header)?);
    }
    Ok(request)
}
