//! Reading blocks.

use alloy::consensus::TxEnvelope;
use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::network::primitives::BlockTransactions;
use alloy::primitives::{B256, Sealed, U64, U256};
use alloy::rpc::types::{Block as RpcBlock, Header as RpcHeader, Transaction};
use alloy_rlp::Encodable as _;
use serde_json::Value;

use super::{Answer, Params, RpcError, at, json, quantity};
use crate::block::{Block, Body};
use crate::chain::Chain;

pub(super) fn number(chain: &Chain, params: Params) -> Answer {
    params.finish()?;
    quantity(chain.snapshot()?.head()?.header.number)
}

pub(super) fn by_number(chain: &Chain, mut params: Params) -> Answer {
    let (tag, full): (BlockNumberOrTag, Option<bool>) = (params.required()?, params.optional()?);
    params.finish()?;
    json(find_by_number(chain, tag)?.map(|block| to_rpc(&block, full.unwrap_or_default())))
}

pub(super) fn by_hash(chain: &Chain, mut params: Params) -> Answer {
    let (hash, full): (B256, Option<bool>) = (params.required()?, params.optional()?);
    params.finish()?;
    json(find_by_hash(chain, hash)?.map(|block| to_rpc(&block, full.unwrap_or_default())))
}

pub(super) fn receipts(chain: &Chain, mut params: Params) -> Answer {
    let id: BlockId = params.required()?;
    params.finish()?;
    let block = match id {
        BlockId::Hash(hash) => find_by_hash(chain, hash.block_hash)?,
        BlockId::Number(tag) => find_by_number(chain, tag)?,
    };
    json(block.map(|block| (0..block.body.transactions.len()).filter_map(|index| block.receipt(index)).collect::<Vec<_>>()))
}

pub(super) fn count_by_number(chain: &Chain, params: Params) -> Answer {
    count(block_by_number(chain, params)?)
}

pub(super) fn count_by_hash(chain: &Chain, params: Params) -> Answer {
    count(block_by_hash(chain, params)?)
}

pub(super) fn uncle_count_by_number(chain: &Chain, params: Params) -> Answer {
    json(block_by_number(chain, params)?.map(|_| U64::ZERO))
}

pub(super) fn uncle_count_by_hash(chain: &Chain, params: Params) -> Answer {
    json(block_by_hash(chain, params)?.map(|_| U64::ZERO))
}

pub(super) fn uncle_by_number(_: &Chain, mut params: Params) -> Answer {
    let (_, _): (BlockNumberOrTag, U64) = (params.required()?, params.required()?);
    params.finish()?;
    Ok(Value::Null)
}

pub(super) fn uncle_by_hash(_: &Chain, mut params: Params) -> Answer {
    let (_, _): (B256, U64) = (params.required()?, params.required()?);
    params.finish()?;
    Ok(Value::Null)
}

/// Returns the block with a number or tag; `pending` is the next block, empty.
pub(super) fn find_by_number(chain: &Chain, tag: BlockNumberOrTag) -> Result<Option<Block>, RpcError> {
    let snapshot = chain.snapshot()?;
    match at::number(&snapshot, tag)? {
        Some(number) => Ok(snapshot.block(number)?),
        None => Ok(Some(Block { sealed: chain.pending(&snapshot)?, body: Body::default() })),
    }
}

/// Returns the block with a hash.
pub(super) fn find_by_hash(chain: &Chain, hash: B256) -> Result<Option<Block>, RpcError> {
    let snapshot = chain.snapshot()?;
    Ok(snapshot.number(hash)?.map(|number| snapshot.block(number)).transpose()?.flatten())
}

fn block_by_number(chain: &Chain, mut params: Params) -> Result<Option<Block>, RpcError> {
    let tag: BlockNumberOrTag = params.required()?;
    params.finish()?;
    find_by_number(chain, tag)
}

fn block_by_hash(chain: &Chain, mut params: Params) -> Result<Option<Block>, RpcError> {
    let hash: B256 = params.required()?;
    params.finish()?;
    find_by_hash(chain, hash)
}

fn count(block: Option<Block>) -> Answer {
    json(block.map(|block| U64::from(block.body.transactions.len())))
}

fn to_rpc(block: &Block, full: bool) -> RpcBlock {
    let indices = 0..block.body.transactions.len();
    let transactions: BlockTransactions<Transaction> = if full {
        BlockTransactions::Full(indices.filter_map(|index| block.transaction(index)).collect())
    } else {
        BlockTransactions::Hashes(block.body.transactions.iter().map(|transaction| *transaction.hash()).collect())
    };
    let header = RpcHeader::from_consensus(
        Sealed::new_unchecked(block.sealed.header.clone(), block.sealed.hash),
        Some(U256::ZERO),
        Some(U256::from(size(block))),
    );
    RpcBlock::new(header, transactions).with_withdrawals(Some(alloy::eips::eip4895::Withdrawals::default()))
}

/// Returns the length of the whole block's RLP in bytes.
fn size(block: &Block) -> usize {
    let transactions: Vec<TxEnvelope> = block.body.transactions.iter().map(|transaction| transaction.inner().clone()).collect();
    let body = alloy::consensus::BlockBody { transactions, ommers: Vec::new(), withdrawals: Some(Default::default()) };
    body.into_block(block.sealed.header.clone()).length()
}
