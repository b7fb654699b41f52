//! Collections of one's own, made by the canonical factory.

use crate::bindings::CollectionFactory as abi;
use crate::{Call, Chain, ChainError, CollectionTerms, Contract};

impl CollectionTerms {
    /// Returns the call that makes the collection. Anyone may make it; the terms alone decide what it is.
    #[must_use]
    pub fn create(&self) -> Call {
        let call = abi::createCall { authority: self.authority, name: self.name.clone(), symbol: self.symbol.clone() };
        Call::new("create the collection", Contract::CollectionFactory.interface(), Contract::CollectionFactory.address(), &call)
    }

    /// Tells whether the collection is on the chain.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn exists(&self, chain: &Chain) -> Result<bool, ChainError> {
        Ok(!chain.code(self.address(), &chain.block().await?).await?.is_empty())
    }
}
