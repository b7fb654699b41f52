//! Tokens of any ERC-721 contract: the little that the standard says of one.

use alloy::primitives::Address;
use alloy::sol_types::SolCall;

use crate::bindings::ModelRegistry as abi;
use crate::error::Revert;
use crate::{Block, Chain, ChainError, TokenRef};

/// What an ERC-721 contract says about one of its tokens, all of it at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erc721Token {
    /// The token.
    pub token: TokenRef,
    /// Its owner.
    pub owner: Address,
    /// Where its metadata is, unchecked text of any length that the endpoint may answer; an error when the contract does not say.
    pub uri: Result<String, Revert>,
    /// The block that was read.
    pub seen_at: Block,
}

/// Reads a token by the functions of ERC-721 alone, whatever contract it is of.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense; or the contract refuses to name an owner, which is how it says that there is no such token.
pub async fn erc721_token(chain: &Chain, token: TokenRef) -> Result<Erc721Token, ChainError> {
    let block = chain.block().await?;
    let id = token.id().get();
    let owner = ask(chain, token, abi::ownerOfCall { tokenId: id }, &block).await?;
    if owner.is_zero() {
        return Err(refused("ownerOf", "the token has no owner"));
    }
    let uri = match ask(chain, token, abi::tokenURICall { tokenId: id }, &block).await {
        Ok(uri) => Ok(uri),
        Err(ChainError::Reverted { reason, .. }) => Err(reason),
        Err(error) => return Err(error),
    };
    Ok(Erc721Token { token, owner, uri, seen_at: block })
}

async fn ask<C: SolCall>(chain: &Chain, token: TokenRef, call: C, block: &Block) -> Result<C::Return, ChainError> {
    let answer = chain.view(token.contract(), call, block).await?;
    answer.ok_or_else(|| refused(C::SIGNATURE, "nothing answers like an ERC-721 contract"))
}

fn refused(what: &str, sentence: &str) -> ChainError {
    ChainError::Reverted { what: what.into(), reason: Revert { error: None, sentence: sentence.into() } }
}
