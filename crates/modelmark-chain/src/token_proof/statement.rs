//! What the id of a token binds and the storage does not hold. It comes along as plain words.

use alloy::primitives::{Address, B256, Bytes};
use alloy::sol_types::SolValue as _;
use modelmark_digest::Sha256Digest;
use serde::{Deserialize, Serialize};

use super::ProvenToken;
use crate::bindings::ModelRegistry as abi;
use crate::birth::parent;
use crate::identity::Bound;
use crate::state_proof::base64;
use crate::{ExternalRegistry, Kind, License, Lineage, MAX_PARENTS, Model, TokenId};

/// The longest ABI encoding of a list of parents.
const MAX_PARENTS_BYTES: usize = 64 + MAX_PARENTS * 192;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    pub(super) id: TokenId,
    /// SPDX expression.
    pub(super) license: String,
    /// ABI encoding of the parents, whose hash is in the id; empty without parents.
    #[serde(with = "base64")]
    pub(super) parents: Bytes,
    /// The rest of the statement, of a token that was minted into the log and of which nothing is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) logged: Option<Logged>,
}

/// What storage would hold of a token, had anybody stored its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Logged {
    pub(super) creator: Address,
    /// What the token stands for, as the contract numbers it.
    pub(super) kind: u8,
    pub(super) record: B256,
    pub(super) weights: B256,
}

impl Statement {
    pub(super) fn of(model: &Model) -> Self {
        Self::new(model.token.id(), model.license.spdx(), &model.lineage, None)
    }

    pub(super) fn new(id: TokenId, license: &str, lineage: &Lineage, logged: Option<Logged>) -> Self {
        let parents = lineage.to_abi();
        let parents = if parents.is_empty() { Bytes::new() } else { parents.abi_encode().into() };
        Self { id, license: license.to_owned(), parents, logged }
    }

    /// Reads the parents; `None` when they are not in the one form that has this hash.
    pub(super) fn lineage(&self) -> Option<Lineage> {
        if self.parents.is_empty() {
            return Some(Lineage::default());
        }
        if self.parents.len() > MAX_PARENTS_BYTES {
            return None;
        }
        let parents = Vec::<abi::Parent>::abi_decode_validate(&self.parents).ok().filter(|parents| !parents.is_empty())?;
        let read = |stated: &abi::Parent| {
            let external = match stated.chainId {
                0 => None,
                chain => Some(ExternalRegistry { chain: chain.try_into().ok()?, contract: stated.registry }),
            };
            parent(external, stated.tokenId, stated.relation, stated.shareBps, stated.evidence).ok()
        };
        let lineage = Lineage::new(parents.iter().map(read).collect::<Option<_>>()?).ok()?;
        (lineage.to_abi().abi_encode() == *self.parents).then_some(lineage)
    }
}

impl Logged {
    pub(super) fn of(event: &abi::ModelInitialized) -> Self {
        Self { creator: event.creator, kind: event.kind, record: event.recordDigest, weights: event.weightsDigest }
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.kind.try_into().ok()
    }

    pub(super) fn digests(&self) -> (Sha256Digest, Sha256Digest) {
        (Sha256Digest::from(self.weights.0), Sha256Digest::from(self.record.0))
    }
}

impl ProvenToken {
    /// Returns the id that follows from what was proven and what came along.
    pub(super) fn id(&self) -> TokenId {
        let Self { weights, record, kind, creator, ref lineage, .. } = *self;
        let license = License::told(self.license.clone(), String::new());
        Bound { weights, record, license: &license, kind, creator, lineage }.id()
    }
}
