//! Reading transactions and receipts.

use alloy::eips::{BlockNumberOrTag, Encodable2718 as _};
use alloy::primitives::{B256, Bytes, U64};
use alloy::rpc::types::{Transaction, TransactionInfo};

use super::{Answer, Params, blocks, json};
use crate::chain::Chain;

pub(super) fn by_hash(chain: &Chain, mut params: Params) -> Answer {
    let hash: B256 = params.required()?;
    params.finish()?;
    let mined = chain.snapshot()?.place(hash)?.and_then(|(block, index)| block.transaction(index));
    let waiting = || chain.waiting(hash).map(|waiting| Transaction::from_transaction(waiting, TransactionInfo::default()));
    json(mined.or_else(waiting))
}

pub(super) fn by_number_and_index(chain: &Chain, mut params: Params) -> Answer {
    let (tag, index): (BlockNumberOrTag, U64) = (params.required()?, params.required()?);
    params.finish()?;
    json(blocks::find_by_number(chain, tag)?.and_then(|block| block.transaction(index.saturating_to())))
}

pub(super) fn by_hash_and_index(chain: &Chain, mut params: Params) -> Answer {
    let (hash, index): (B256, U64) = (params.required()?, params.required()?);
    params.finish()?;
    json(blocks::find_by_hash(chain, hash)?.and_then(|block| block.transaction(index.saturating_to())))
}

pub(super) fn receipt(chain: &Chain, mut params: Params) -> Answer {
    let hash: B256 = params.required()?;
    params.finish()?;
    json(chain.snapshot()?.place(hash)?.and_then(|(block, index)| block.receipt(index)))
}

pub(super) fn raw(chain: &Chain, mut params: Params) -> Answer {
    let hash: B256 = params.required()?;
    params.finish()?;
    let mined = chain.snapshot()?.place(hash)?.and_then(|(block, index)| block.body.transactions.get(index).cloned());
    json(mined.or_else(|| chain.waiting(hash)).map(|transaction| Bytes::from(transaction.encoded_2718())))
}
