//! Which block a request means.

use alloy::eips::{BlockId, BlockNumberOrTag};

use super::error::RpcError;
use crate::DevnetError;
use crate::block::SealedHeader;
use crate::chain::Chain;
use crate::store::Snapshot;

/// The block a request is about.
pub(crate) struct At {
    /// The last block whose state counts.
    pub(crate) number: u64,
    /// The header that a call runs under: the block's own, or the next one's for `pending`.
    pub(crate) header: SealedHeader,
}

/// Returns the number that a tag or number stands for, `None` for `pending`. Every block is final at once, as there is only one node.
pub(crate) fn number(snapshot: &Snapshot, tag: BlockNumberOrTag) -> Result<Option<u64>, DevnetError> {
    Ok(match tag {
        BlockNumberOrTag::Pending => None,
        BlockNumberOrTag::Earliest => Some(0),
        BlockNumberOrTag::Number(number) => Some(number),
        BlockNumberOrTag::Latest | BlockNumberOrTag::Safe | BlockNumberOrTag::Finalized => Some(snapshot.head()?.header.number),
    })
}

/// Returns the block that a request means, `latest` when it does not say.
pub(crate) fn resolve(chain: &Chain, snapshot: &Snapshot, id: Option<BlockId>) -> Result<At, RpcError> {
    let number = match id.unwrap_or_default() {
        BlockId::Hash(hash) => snapshot.number(hash.block_hash)?,
        BlockId::Number(BlockNumberOrTag::Pending) => {
            return Ok(At { number: snapshot.head()?.header.number, header: chain.pending(snapshot)? });
        }
        BlockId::Number(tag) => number(snapshot, tag)?,
    };
    let header = number.map(|number| snapshot.header(number)).transpose()?.flatten();
    let header = header.ok_or_else(|| RpcError::server("header not found"))?;
    Ok(At { number: header.header.number, header })
}
