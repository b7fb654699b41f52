//! Rights to use models: offers by owners, grants to licensees, and the calls that make them.

use alloy::primitives::{Address, B256, U256, aliases::U96, keccak256};
use alloy::sol_types::{SolEvent as _, SolValue as _};
use modelmark_digest::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::bindings::Licensing as abi;
use crate::history::LogQuery;
use crate::model::word;
use crate::{Call, Chain, ChainError, Contract, TokenId, TokenRef, Wei};

/// More offers of one token than are shown.
const MAX_OFFERS: usize = 1_000;
/// Grants that a licensee can have for one token at a time.
const PLACES: u64 = 8;
/// The end of what has none.
const FOREVER: u64 = (1 << 40) - 1;

/// What an owner offers to grant. Its id is the hash of it and of who offers, so that it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LicenseOffer {
    /// The model.
    pub token: TokenRef,
    /// SHA-256 of the document that says what is granted.
    #[serde(with = "crate::documents::digest")]
    pub terms: Sha256Digest,
    /// ERC-20 token that is paid; zero for the chain's own currency.
    pub currency: Address,
    /// What a grant or a copy costs, in the currency's smallest unit.
    #[serde(with = "crate::documents::decimal")]
    pub price: U256,
    /// Who gets what the lineage does not; zero for the token's payees.
    pub beneficiary: Address,
    /// Who alone may take it; zero for everybody.
    pub licensee: Address,
    /// How long a grant lasts, in seconds; 0 for ever.
    pub duration: u64,
    /// Last second, in Unix time, at which it can be taken; 0 for no end.
    pub closes_at: u64,
    /// How often it can be taken; 0 for any number.
    pub copies: u32,
    /// How many accounts a licensee may let use the grant beside itself.
    pub seats: u16,
    /// What is granted: [`SCOPES`].
    pub scopes: u8,
    /// Whether a buyer gets a copy that can be sold on.
    pub transferable: bool,
}

/// An offer that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeOffer {
    /// Its id.
    #[serde(with = "crate::documents::decimal")]
    pub id: U256,
    /// Who made it.
    pub maker: Address,
    /// What it says.
    pub offer: LicenseOffer,
    /// Whether it was not taken back.
    pub open: bool,
    /// How often it was taken, if that is limited.
    pub sold: u32,
}

/// A right of one account to use a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Which of the licensee's grants for this token it is.
    pub place: u64,
    /// What is granted: [`SCOPES`].
    pub scopes: u8,
    /// Accounts that may have a seat, and those that have one.
    pub seats: u16,
    /// Seats that are taken.
    pub seated: u16,
    /// First second, in Unix time.
    pub start: u64,
    /// First second, in Unix time, at which it counts no more; `None` for ever.
    pub end: Option<u64>,
}

/// What can be granted, by name; the bit is the place in the list.
pub const SCOPES: [&str; 4] = ["use", "commercial", "derive", "redistribute"];

/// Returns the bits of scopes by their names; `None` when one is unknown.
#[must_use]
pub fn scopes_named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<u8> {
    names.into_iter().try_fold(0, |bits, name| Some(bits | 1 << SCOPES.iter().position(|scope| *scope == name)?))
}

/// Returns the names of scopes.
#[must_use]
pub fn scope_names(bits: u8) -> Vec<&'static str> {
    (0_u8..).zip(SCOPES).filter(|(place, _)| bits >> place & 1 == 1).map(|(_, name)| name).collect()
}

impl LicenseOffer {
    /// Returns the id that the offer has when `maker` makes it.
    #[must_use]
    pub fn id(&self, maker: Address) -> U256 {
        keccak256((maker, self.to_abi()).abi_encode_params()).into()
    }

    /// Returns the call by which the token's owner makes the offer.
    #[must_use]
    pub fn make(&self) -> Call {
        licensing("make the offer", &abi::offerCall { what: self.to_abi() })
    }

    /// Returns the call by which its maker takes the offer back.
    #[must_use]
    pub fn close(&self) -> Call {
        licensing("take the offer back", &abi::closeCall { what: self.to_abi() })
    }

    /// Returns the calls that take the offer for `licensee`: with a token as currency, its approval first.
    #[must_use]
    pub fn buy(&self, licensee: Address) -> Vec<Call> {
        let buy = licensing("buy the licence", &abi::buyCall { what: self.to_abi(), licensee });
        if self.currency.is_zero() {
            return vec![buy.paying(Wei::new(self.price))];
        }
        vec![Call::approve(self.currency, Contract::Licensing.address(), self.price), buy]
    }

    /// Returns the call by which the token's owner grants this without an offer and for nothing.
    #[must_use]
    pub fn grant(&self, licensee: Address) -> Call {
        licensing("grant the licence", &abi::grantCall { what: self.to_abi(), licensee })
    }

    /// Returns the call by which the sender turns a copy of this offer of `maker` into a grant for `licensee`, from now on.
    #[must_use]
    pub fn redeem(&self, maker: Address, licensee: Address) -> Call {
        licensing("turn the copy into a grant", &abi::redeemCall { maker, what: self.to_abi(), licensee })
    }

    pub(crate) fn to_abi(&self) -> abi::Offer {
        abi::Offer {
            registry: self.token.contract(),
            tokenId: self.token.id().get(),
            terms: word(self.terms),
            currency: self.currency,
            // The contract's own width; a larger price is refused when an offer is read or made.
            price: U96::saturating_from(self.price),
            beneficiary: self.beneficiary,
            licensee: self.licensee,
            duration: small(self.duration),
            closesAt: small(self.closes_at),
            copies: self.copies,
            seats: self.seats,
            scopes: self.scopes,
            transferable: self.transferable,
        }
    }

    fn told(chain: &Chain, offer: &abi::Offer) -> Self {
        Self {
            token: TokenRef::new(chain.id(), offer.registry, TokenId::from(offer.tokenId)),
            terms: Sha256Digest::from(offer.terms.0),
            currency: offer.currency,
            price: U256::from(offer.price),
            beneficiary: offer.beneficiary,
            licensee: offer.licensee,
            duration: offer.duration.to(),
            closes_at: offer.closesAt.to(),
            copies: offer.copies,
            seats: offer.seats,
            scopes: offer.scopes,
            transferable: offer.transferable,
        }
    }
}

impl Grant {
    /// Tells whether the grant counts at a time (Unix, in seconds).
    #[must_use]
    pub fn is_live(&self, time: u64) -> bool {
        self.end.is_none_or(|end| time < end)
    }
}

/// Returns whether an offer is open, and how often it was taken, if that is limited.
///
/// # Errors
/// As [`license_offers`].
pub async fn offer_state(chain: &Chain, id: U256) -> Result<(bool, u32), ChainError> {
    let block = chain.block().await?;
    let state = chain.view_of(Contract::Licensing, abi::stateOfCall { offerId: id }, &block).await?;
    Ok((state.open, state.sold))
}

/// Returns the newest offers that were made for a token, newest first.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the contract is not on this chain.
pub async fn license_offers(chain: &Chain, token: &TokenRef) -> Result<Vec<MadeOffer>, ChainError> {
    let block = chain.block().await?;
    let topics = [vec![abi::Offered::SIGNATURE_HASH], Vec::new(), vec![token.contract().into_word()], vec![B256::from(token.id().get())]];
    let query = LogQuery { contract: Contract::Licensing.address(), topics };
    let mut made = Vec::new();
    for placed in chain.logs(&query, 0, block.number, MAX_OFFERS).await?.iter().rev() {
        let event = abi::Offered::decode_log_validate(&placed.log).map_err(|error| chain.nonsense("Offered", &error.to_string()))?.data;
        let state = chain.view_of(Contract::Licensing, abi::stateOfCall { offerId: event.offerId }, &block).await?;
        let offer = LicenseOffer::told(chain, &event.offer);
        if offer.id(event.maker) != event.offerId {
            return Err(chain.nonsense("Offered", "an offer that its id does not commit to"));
        }
        made.push(MadeOffer { id: event.offerId, maker: event.maker, offer, open: state.open, sold: state.sold });
    }
    Ok(made)
}

/// Returns an account's grants for a token, those that are over included.
///
/// # Errors
/// As [`license_offers`].
pub async fn grants(chain: &Chain, token: &TokenRef, licensee: Address) -> Result<Vec<Grant>, ChainError> {
    let block = chain.block().await?;
    let mut grants = Vec::new();
    for place in 0..PLACES {
        let call = abi::grantOfCall { registry: token.contract(), tokenId: token.id().get(), licensee, place: U256::from(place) };
        let told = chain.view_of(Contract::Licensing, call, &block).await?;
        if told.offerTag.is_zero() {
            break;
        }
        let end: u64 = told.end.to();
        let end = (end != FOREVER).then_some(end);
        grants.push(Grant { place, scopes: told.scopes, seats: told.seats, seated: told.seated, start: told.start.to(), end });
    }
    Ok(grants)
}

/// Tells whether an account may do all of `scopes` with a model: as owner, as user, or by a grant.
///
/// # Errors
/// As [`license_offers`]; there is no such token.
pub async fn has_access(chain: &Chain, token: &TokenRef, who: Address, scopes: u8) -> Result<bool, ChainError> {
    let block = chain.block().await?;
    let call = abi::hasAccessCall { registry: token.contract(), tokenId: token.id().get(), who, scopes };
    chain.view_of(Contract::Licensing, call, &block).await
}

pub(crate) fn licensing(what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
    Call::new(what, Contract::Licensing.interface(), Contract::Licensing.address(), call)
}

/// Returns a time as the contract takes it; one beyond the year 36812 is for ever.
fn small(time: u64) -> alloy::primitives::aliases::U40 {
    alloy::primitives::aliases::U40::saturating_from(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_names() {
        assert_eq!(scopes_named(["use", "derive"]), Some(0b101));
        assert_eq!(scope_names(0b1101), ["use", "derive", "redistribute"]);
        assert_eq!(scopes_named(["steal"]), None);
    }
}
