//! The logs of a token's mint: where it is in the chain, which parents it names, which series it continues.
//!
//! The contract keeps none of this in storage. The id commits to the parents, so that an incomplete answer does not pass unnoticed.

use std::collections::BTreeMap;

use alloy::primitives::{B256, U256};
use alloy::sol_types::SolEvent;

use crate::batch::MAX_BATCH;
use crate::bindings::ModelRegistry as abi;
use crate::history::{LogQuery, PlacedLog};
use crate::{BasisPointsError, Block, ChainError, ExternalRegistry, Lineage, ModelInputError, Parent, Registry, TokenId, VersionOf};

/// More logs than a mint with 16 parents writes.
const MAX_BIRTH_LOGS: usize = 64;

/// What the mint's own logs tell.
pub(crate) struct Birth {
    pub(crate) block: u64,
    pub(crate) tx: B256,
    /// Unix time in seconds.
    pub(crate) time: u64,
    pub(crate) lineage: Lineage,
    pub(crate) version: Option<VersionOf>,
    /// What the mint itself says.
    pub(crate) stated: abi::ModelInitialized,
}

impl Registry {
    /// Reads the logs of a token's mint, which was at `time` by the token; zero when the token does not know.
    pub(crate) async fn birth(&self, id: TokenId, time: u64, block: &Block) -> Result<Birth, ChainError> {
        let query = self.births_query(&[id]);
        let logs = match self.chain().logs_between(&query, self.first_block().min(block.number), block.number).await {
            Ok(logs) => logs,
            Err(ChainError::Refused { .. } | ChainError::Nonsense { .. }) if time == 0 => {
                self.chain().logs(&query, self.first_block(), block.number, MAX_BIRTH_LOGS).await?
            }
            // The endpoint does not look through all of the chain at once. The token knows its time, so ask for that block alone.
            Err(ChainError::Refused { .. } | ChainError::Nonsense { .. }) => {
                let (first, last) = self.chain().blocks_at(time, block).await?;
                self.chain().logs(&query, first, last, MAX_BIRTH_LOGS).await?
            }
            Err(error) => return Err(error),
        };
        self.born(time, &logs).await
    }

    /// Reads the logs of the mints of many tokens, each with the time that the token tells, by as few questions as the endpoint answers. In the order of
    /// `tokens`.
    ///
    /// # Errors
    /// Nobody answers. What is wrong with the logs of one token stands in its place.
    pub(crate) async fn births(&self, tokens: &[(TokenId, u64)], block: &Block) -> Result<Vec<Result<Birth, ChainError>>, ChainError> {
        let mut births = Vec::with_capacity(tokens.len());
        for chunk in tokens.chunks(MAX_BATCH) {
            let ids: Vec<_> = chunk.iter().map(|(id, _)| *id).collect();
            let logs = match self.chain().logs_between(&self.births_query(&ids), self.first_block().min(block.number), block.number).await {
                Ok(logs) => Some(by_token(logs)),
                // The endpoint does not look through all of the chain at once, or not for so many.
                Err(ChainError::Refused { .. } | ChainError::Nonsense { .. }) => None,
                Err(error) => return Err(error),
            };
            for (id, time) in chunk {
                let birth = match &logs {
                    Some(logs) => self.born(*time, logs.get(&B256::from(id.get())).map_or(&[], Vec::as_slice)).await,
                    None => self.birth(*id, *time, block).await,
                };
                match birth {
                    Err(error @ ChainError::Unreachable { .. }) => return Err(error),
                    birth => births.push(birth),
                }
            }
        }
        Ok(births)
    }

    /// Puts together what the logs of one token tell.
    async fn born(&self, time: u64, logs: &[PlacedLog]) -> Result<Birth, ChainError> {
        let lie = |detail: &str| self.chain().nonsense("the logs of the mint", detail);
        let born = logs.iter().find(|log| log.is::<abi::ModelInitialized>()).ok_or_else(|| lie("no ModelInitialized"))?;
        let stated = abi::ModelInitialized::decode_log_validate(&born.log).map_err(|error| lie(&error.to_string()))?.data;
        let same_mint: Vec<_> = logs.iter().filter(|log| log.transaction == born.transaction).collect();
        let mut parents = Vec::new();
        for log in &same_mint {
            parents.extend(parent_in(log).map_err(|error| lie(&error))?);
        }
        let version = same_mint.iter().find_map(|log| version_in(log));
        let lineage = Lineage::new(parents).map_err(|error| lie(&error.to_string()))?;
        let time = if time == 0 { self.chain().block_at(born.block).await?.time } else { time };
        Ok(Birth { block: born.block, tx: born.transaction, time, lineage, version, stated })
    }

    fn births_query(&self, ids: &[TokenId]) -> LogQuery {
        let events = vec![
            abi::ModelInitialized::SIGNATURE_HASH,
            abi::ModelFineTuned::SIGNATURE_HASH,
            abi::ExternalParentClaimed::SIGNATURE_HASH,
            abi::ModelVersionMinted::SIGNATURE_HASH,
        ];
        LogQuery { contract: self.address(), topics: [events, ids.iter().map(|id| id.get().into()).collect(), vec![], vec![]] }
    }
}

impl PlacedLog {
    fn is<E: SolEvent>(&self) -> bool {
        self.log.topics().first() == Some(&E::SIGNATURE_HASH)
    }
}

/// Sorts logs by the token that they speak of, each in the order of the chain.
fn by_token(logs: Vec<PlacedLog>) -> BTreeMap<B256, Vec<PlacedLog>> {
    let mut tokens: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for log in logs {
        // Every event that was asked for has the token in its first indexed field.
        if let Some(token) = log.log.topics().get(1).copied() {
            tokens.entry(token).or_default().push(log);
        }
    }
    tokens
}

/// Returns the parent that a log adds, if it adds one.
fn parent_in(placed: &PlacedLog) -> Result<Option<Parent>, String> {
    if placed.is::<abi::ModelFineTuned>() {
        let event = abi::ModelFineTuned::decode_log_validate(&placed.log).map_err(|error| error.to_string())?;
        return parent(None, event.parentId, event.relation, event.shareBps, event.evidence).map(Some);
    }
    if placed.is::<abi::ExternalParentClaimed>() {
        let event = abi::ExternalParentClaimed::decode_log_validate(&placed.log).map_err(|error| error.to_string())?;
        let chain = event.chainId.try_into().map_err(|_| "an external parent on chain 0")?;
        let external = ExternalRegistry { chain, contract: event.registry };
        return parent(Some(external), event.parentId, event.relation, event.shareBps, event.evidence).map(Some);
    }
    Ok(None)
}

pub(crate) fn parent(external: Option<ExternalRegistry>, id: U256, relation: u8, share_bps: u16, evidence: B256) -> Result<Parent, String> {
    Ok(Parent {
        external,
        token_id: id.into(),
        relation: relation.try_into().map_err(|error: ModelInputError| error.to_string())?,
        share: share_bps.try_into().map_err(|error: BasisPointsError| error.to_string())?,
        evidence,
    })
}

fn version_in(placed: &PlacedLog) -> Option<VersionOf> {
    let event = abi::ModelVersionMinted::decode_log_validate(&placed.log).ok()?;
    Some(VersionOf { series: U256::from_be_bytes(event.series.0).into(), version: event.version, previous: event.previous.into() })
}
