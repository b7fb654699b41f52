//! Seats: accounts that a licensee lets use a grant beside itself.

use alloy::primitives::{Address, U256};

use crate::bindings::Licensing as abi;
use crate::licensing::licensing;
use crate::{Call, Chain, ChainError, Contract, Grant, TokenRef};

/// Returns the call by which the licensee gives `holder` a seat in the grant at `place`, or takes it away.
#[must_use]
pub fn set_seat(token: &TokenRef, place: u64, holder: Address, seated: bool) -> Call {
    let what = if seated { "assign the seat" } else { "release the seat" };
    let (registry, token_id) = (token.contract(), token.id().get());
    licensing(what, &abi::setSeatCall { registry, tokenId: token_id, place: U256::from(place), holder, seated })
}

/// Tells whether an account has a seat in a licensee's grant that is not over.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn has_seat(chain: &Chain, token: &TokenRef, licensee: Address, grant: &Grant, who: Address) -> Result<bool, ChainError> {
    let block = chain.block().await?;
    let (registry, token_id) = (token.contract(), token.id().get());
    let call = abi::hasSeatCall { registry, tokenId: token_id, licensee, place: U256::from(grant.place), who, scopes: grant.scopes };
    chain.view_of(Contract::Licensing, call, &block).await
}
