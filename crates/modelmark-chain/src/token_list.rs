//! Lists of tokens of which a bid wants any one: the market keeps the root of a Merkle tree (RFC 9162), and a seller shows the place in it.

use alloy::primitives::{B256, U256};
use modelmark_digest::Sha256Digest;
use modelmark_digest::merkle::{InclusionProof, leaf_hash_of, root};
use serde::{Deserialize, Serialize};

use crate::TokenId;
use crate::model::word;

/// The most tokens that a list has: the whole list travels with the order.
pub const MAX_LISTED: usize = 10_000;

/// Keeps the tokens of lists apart from every other kind of entry.
const ITEM: &[u8] = b"mmb1:item\0";

/// Some tokens of one registry, ascending and each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TokenId>", into = "Vec<TokenId>")]
pub struct TokenList(Vec<TokenId>);

/// The tokens are none, or too many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a list has 1 to {MAX_LISTED} tokens, not {0}")]
pub struct TokenListError(usize);

impl TokenList {
    /// Tells whether a token is on the list.
    #[must_use]
    pub fn contains(&self, token: TokenId) -> bool {
        self.0.binary_search(&token).is_ok()
    }

    /// Returns how many tokens are on the list.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }

    /// Returns the tokens.
    #[must_use]
    pub fn tokens(&self) -> &[TokenId] {
        &self.0
    }

    /// Returns the root, as a maker signs it.
    pub(crate) fn root(&self) -> U256 {
        U256::from_be_bytes(word(root(&self.leaves())).0)
    }

    /// Returns a token's place and the siblings from its leaf to the root; `None` when it is not on the list.
    pub(crate) fn prove(&self, token: TokenId) -> Option<(u64, Vec<B256>)> {
        let index = self.0.binary_search(&token).ok()? as u64;
        let proof = InclusionProof::of(&self.leaves(), index).ok()?;
        Some((index, proof.hashes().iter().map(|hash| word(*hash)).collect()))
    }

    fn leaves(&self) -> Vec<Sha256Digest> {
        self.0.iter().map(|token| leaf_hash_of(&[ITEM, &token.get().to_be_bytes::<32>()])).collect()
    }
}

impl TryFrom<Vec<TokenId>> for TokenList {
    type Error = TokenListError;

    fn try_from(mut tokens: Vec<TokenId>) -> Result<Self, Self::Error> {
        if tokens.is_empty() || tokens.len() > MAX_LISTED {
            return Err(TokenListError(tokens.len()));
        }
        tokens.sort_unstable();
        tokens.dedup();
        Ok(Self(tokens))
    }
}

impl From<TokenList> for Vec<TokenId> {
    fn from(list: TokenList) -> Self {
        list.0
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a list that is not made is a failed test")]
    use super::*;

    fn tokens(ids: &[u64]) -> Vec<TokenId> {
        ids.iter().map(|id| U256::from(*id).into()).collect()
    }

    #[test]
    fn a_list_does_not_depend_on_how_it_was_written() {
        let list = TokenList::try_from(tokens(&[7, 3, 7, 5])).unwrap();
        assert_eq!(list, TokenList::try_from(tokens(&[3, 5, 7])).unwrap());
        assert_eq!((list.size(), list.contains(U256::from(5).into()), list.contains(U256::from(4).into())), (3, true, false));
        assert_eq!(serde_json::from_str::<TokenList>(&serde_json::to_string(&list).unwrap()).unwrap(), list);
    }

    #[test]
    fn proofs_lead_to_the_root() {
        let list = TokenList::try_from(tokens(&[1, 2, 3, 4, 5])).unwrap();
        for token in list.tokens() {
            let (index, hashes) = list.prove(*token).unwrap();
            let hashes = hashes.iter().map(|hash| Sha256Digest::from(hash.0)).collect();
            let proof = InclusionProof::new(index, list.size(), hashes).unwrap();
            let leaf = leaf_hash_of(&[ITEM, &token.get().to_be_bytes::<32>()]);
            assert!(proof.verify(&leaf, &Sha256Digest::from(list.root().to_be_bytes::<32>())));
        }
        assert_eq!(list.prove(U256::from(9).into()), None);
    }

    #[test]
    fn lists_are_bounded() {
        assert_eq!(TokenList::try_from(Vec::new()), Err(TokenListError(0)));
        assert!(TokenList::try_from(tokens(&[1]).repeat(MAX_LISTED + 1)).is_err());
    }
}
