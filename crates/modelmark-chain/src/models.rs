//! What a registry says about many tokens, by few questions: what each single look gives, all at one block.

use alloy::primitives::U256;
use alloy::sol_types::SolCall;

use crate::bindings::ModelRegistry as abi;
use crate::birth::Birth;
use crate::registry::{ROYALTY_PRICE, Told, unless_missing};
use crate::{Block, ChainError, Model, Registry, TokenId};

/// What was answered about one token, or why nothing was.
type Answer<T> = Result<T, ChainError>;

/// What was answered about one token beside its statement.
type Rest = (
    (
        (
            (Answer<<abi::ownerOfCall as SolCall>::Return>, Answer<<abi::tokenURICall as SolCall>::Return>),
            Answer<<abi::viewLicenseCall as SolCall>::Return>,
        ),
        Answer<<abi::royaltyInfoCall as SolCall>::Return>,
    ),
    Answer<Birth>,
);

impl Registry {
    /// Returns what the registry says about each of the tokens, in their order and all of it at one block: what [`Registry::model`] returns, or why it
    /// fails, of each. The calls go through Multicall3 where the chain has it, else in JSON-RPC batches, so that a thousand tokens cost little more than twenty.
    ///
    /// # Errors
    /// The endpoint cannot be asked, or does not say which block it is at. What is wrong with one token stands in its place.
    pub async fn models(&self, ids: &[TokenId]) -> Result<Vec<Answer<Option<Model>>>, ChainError> {
        let block = self.chain().block().await?;
        let stated = self.ask_each(ids.iter().map(|id| abi::getModelDataCall { tokenId: id.get() }), &block).await?;
        let mut models: Vec<Answer<Option<Model>>> = Vec::with_capacity(ids.len());
        let mut there = Vec::new();
        for (place, (id, stated)) in ids.iter().zip(stated).enumerate() {
            models.push(match unless_missing(stated) {
                Ok(Some(data)) => {
                    there.push((place, *id, data));
                    Ok(None)
                }
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            });
        }
        for (place, model) in self.assembled(there, block).await? {
            if let Some(at) = models.get_mut(place) {
                *at = model.map(Some);
            }
        }
        Ok(models)
    }

    async fn assembled(
        &self,
        there: Vec<(usize, TokenId, abi::ModelData)>,
        block: Block,
    ) -> Result<Vec<(usize, Answer<Model>)>, ChainError> {
        let ids = || there.iter().map(|(_, id, _)| id.get());
        let born: Vec<_> = there.iter().map(|(_, id, data)| (*id, data.mintedAt.to())).collect();
        let price = U256::from(ROYALTY_PRICE);
        let (owners, uris, licenses, royalties, births) = tokio::try_join!(
            self.ask_each(ids().map(|id| abi::ownerOfCall { tokenId: id }), &block),
            self.ask_each(ids().map(|id| abi::tokenURICall { tokenId: id }), &block),
            self.ask_each(ids().map(|id| abi::viewLicenseCall { tokenId: id }), &block),
            self.ask_each(ids().map(|id| abi::royaltyInfoCall { tokenId: id, salePrice: price }), &block),
            self.births(&born, &block),
        )?;
        let rest = owners.into_iter().zip(uris).zip(licenses).zip(royalties).zip(births);
        let model = |((place, id, data), rest): (_, Rest)| {
            let ((((owner, token_uri), license), royalty), birth) = rest;
            let told = || -> Answer<Told> {
                Ok(Told { data, owner: owner?, token_uri: token_uri?, license: license?, royalty: royalty?.receiver, birth: birth? })
            };
            (place, told().and_then(|told| self.model_of(id, told, block)))
        };
        Ok(there.into_iter().zip(rest).map(model).collect())
    }

    /// Asks the registry something about each of many tokens.
    pub(crate) async fn ask_each<C: SolCall>(
        &self,
        calls: impl Iterator<Item = C>,
        block: &Block,
    ) -> Result<Vec<Answer<C::Return>>, ChainError> {
        let answers = self.chain().views(self.address(), calls, block).await?;
        Ok(answers.into_iter().map(|answer| answer?.ok_or_else(|| self.missing())).collect())
    }
}
