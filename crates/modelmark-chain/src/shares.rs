//! Tokens divided into shares: a vault holds the token and is an ERC-20 token itself, whose holders divide what comes in.

use alloy::primitives::{Address, U256};
use serde::Serialize;

use crate::bindings::{ModelRegistry, SharesFactory as factory, SharesVault as abi};
use crate::decoded::Interface;
use crate::{Block, Call, CallReceipt, Chain, ChainError, Contract, LicenseOffer, MetadataPlace, Registry, TokenId, TokenRef, Wei};

/// The interface of a vault, which is a proxy and so has no place of its own.
pub(crate) const VAULT: Interface =
    Interface { name: "SharesVault", artifact: include_str!("../../../contracts/artifacts/SharesVault.json") };

/// What it takes to move shares or votes, or to redeem them, beyond the estimate: in the second in which shares moved last, two checkpoints of votes are written over,
/// later two are added (50 000); and revenue that began to flow adds two words for each of four currencies (180 000).
const MOVE_SPARE: u64 = 250_000;

/// What a token is divided into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharesTerms {
    /// The token.
    pub token: TokenRef,
    /// How many shares there are, in units of 10^-18 of a share.
    pub supply: U256,
    /// ERC-20 name.
    pub name: String,
    /// ERC-20 symbol.
    pub symbol: String,
    /// ERC-20 tokens, at most three, in which revenue can be divided too.
    pub currencies: Vec<Address>,
}

/// The vault of a divided token.
#[derive(Clone, Debug)]
pub struct SharesVault {
    chain: Chain,
    address: Address,
}

/// How a divided token stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharesState {
    /// What is divided, and into what.
    pub terms: SharesTerms,
    /// Where the vault stands.
    pub phase: SharesPhase,
    /// Who may do with the token what does not take it away.
    pub manager: Address,
    /// The lowest first bid; zero when the token is not for sale.
    pub reserve: Wei,
    /// The highest bid; zero without an auction.
    pub bid: Wei,
    /// Whose it is.
    pub bidder: Address,
    /// When the auction ends, in Unix time; zero without one.
    pub ends_at: u64,
}

/// Where a vault stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SharesPhase {
    /// It waits for its token.
    Empty,
    /// It holds the token.
    Holding,
    /// The token was sold in an auction.
    Sold,
    /// Who held all shares took the token.
    Redeemed,
}

impl SharesTerms {
    /// Returns the calls by which the token's owner divides it: the permission to take it, then the division.
    ///
    /// `reserve` is the lowest first bid, zero for not for sale.
    #[must_use]
    pub fn divide(&self, registry: &Registry, manager: Address, reserve: Wei) -> Vec<Call> {
        let place = Contract::SharesFactory.address();
        let allow = ModelRegistry::approveCall { to: place, tokenId: self.token.id().get() };
        let terms = factory::SharesTerms {
            registry: self.token.contract(),
            tokenId: self.token.id().get(),
            supply: self.supply,
            name: self.name.clone(),
            symbol: self.symbol.clone(),
            currencies: self.currencies.clone(),
        };
        let create = factory::createCall { terms, manager, reserve: reserve.get() };
        vec![
            Call::new("let the factory take the token", Contract::ModelRegistry.interface(), registry.address(), &allow),
            Call::new("divide the token", Contract::SharesFactory.interface(), place, &create).taking_at_most(1_500_000),
        ]
    }
}

impl SharesVault {
    /// Returns the vault at `address`, if the canonical factory made it; `None` for any other contract.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or the factory is not on this chain.
    pub async fn at(chain: &Chain, address: Address) -> Result<Option<Self>, ChainError> {
        let block = chain.block().await?;
        let ours = chain.view_of(Contract::SharesFactory, factory::isVaultCall { vault: address }, &block).await?;
        Ok(ours.then(|| Self { chain: chain.clone(), address }))
    }

    /// Returns the vault that a division made.
    #[must_use]
    pub fn made_by(receipts: &[CallReceipt]) -> Option<Address> {
        let place = Contract::SharesFactory.address();
        receipts.iter().find_map(|receipt| receipt.event::<factory::SharesCreated>(place)).map(|event| event.vault)
    }

    /// Returns how it stands.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn state(&self) -> Result<SharesState, ChainError> {
        let block = self.chain.block().await?;
        let terms = self.view(abi::termsCall {}, &block).await?;
        let phase = match self.view(abi::phaseCall {}, &block).await? {
            0 => SharesPhase::Empty,
            1 => SharesPhase::Holding,
            2 => SharesPhase::Sold,
            3 => SharesPhase::Redeemed,
            _ => return Err(self.chain.nonsense("phase", "a number that stands for no phase")),
        };
        let auction = self.view(abi::auctionCall {}, &block).await?;
        Ok(SharesState {
            terms: SharesTerms {
                token: TokenRef::new(self.chain.id(), terms.registry, TokenId::from(terms.tokenId)),
                supply: terms.supply,
                name: terms.name,
                symbol: terms.symbol,
                currencies: terms.currencies,
            },
            phase,
            manager: self.view(abi::managerCall {}, &block).await?,
            reserve: Wei::new(self.view(abi::reserveCall {}, &block).await?),
            bid: Wei::new(auction.amount),
            bidder: auction.bidder,
            ends_at: auction.endsAt.saturating_to(),
        })
    }

    /// Returns how many shares an account holds, in units of 10^-18 of a share, and what it could claim now in a currency.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn holding(&self, account: Address, currency: Address) -> Result<(U256, Wei), ChainError> {
        let block = self.chain.block().await?;
        let shares = self.view(abi::balanceOfCall { account }, &block).await?;
        let claimable = self.view(abi::claimableCall { account, currency }, &block).await?;
        Ok((shares, Wei::new(claimable)))
    }

    /// Returns the call that lets what came in flow to the holders, over seven days.
    #[must_use]
    pub fn start_revenue(&self, currency: Address) -> Call {
        self.call("let the revenue flow", &abi::startRevenueCall { currency })
    }

    /// Returns the call that pays out the sender's revenue.
    #[must_use]
    pub fn claim(&self, currency: Address, to: Address) -> Call {
        self.call("claim the revenue", &abi::claimCall { currency, to })
    }

    /// Returns the call that pays an account's revenue out to that account. Anyone may send it.
    #[must_use]
    pub fn claim_for(&self, account: Address, currency: Address) -> Call {
        self.call("claim the account's revenue", &abi::claimForCall { account, currency })
    }

    /// Returns what was bid by an account and outbid.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn refund(&self, account: Address) -> Result<Wei, ChainError> {
        let block = self.chain.block().await?;
        Ok(Wei::new(self.view(abi::refundOfCall { account }, &block).await?))
    }

    /// Returns the call that pays out what the sender bid and was outbid.
    #[must_use]
    pub fn withdraw_bid(&self, to: Address) -> Call {
        self.call("take the outbid money out", &abi::withdrawBidCall { to })
    }

    /// Returns the call that gives the winner the money back when the registry has not let the token go for 30 days.
    #[must_use]
    pub fn give_up(&self) -> Call {
        self.call("give the sale up", &abi::giveUpCall {})
    }

    /// Returns the call by which who took the token takes out what came in afterwards.
    #[must_use]
    pub fn sweep(&self, currency: Address, to: Address) -> Call {
        self.call("take out what came in", &abi::sweepCall { currency, to })
    }

    /// Returns the call that sends shares, in units of 10^-18 of one.
    #[must_use]
    pub fn send(&self, to: Address, amount: U256) -> Call {
        self.call("send the shares", &abi::transferCall { to, value: amount }).with_spare(MOVE_SPARE)
    }

    /// Returns the call that lets an account vote with the sender's shares.
    #[must_use]
    pub fn delegate(&self, to: Address) -> Call {
        self.call("delegate the votes", &abi::delegateCall { delegatee: to }).with_spare(MOVE_SPARE)
    }

    /// Returns the call by which the manager says where the token's metadata is read.
    #[must_use]
    pub fn set_metadata_place(&self, place: MetadataPlace) -> Call {
        self.call("say where the metadata is", &abi::setTokenURICall { pointer: place.pointer() })
    }

    /// Returns the call by which the manager offers a licence for the token.
    #[must_use]
    pub fn offer_license(&self, offer: &LicenseOffer) -> Call {
        let what = offered(offer);
        self.call("offer the licence", &abi::offerLicenseCall { licensing: Contract::Licensing.address(), what })
    }

    /// Returns the call by which the manager takes an offer back.
    #[must_use]
    pub fn close_license(&self, offer: &LicenseOffer) -> Call {
        let what = offered(offer);
        self.call("take the offer back", &abi::closeLicenseCall { licensing: Contract::Licensing.address(), what })
    }

    /// Returns where the vault is.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Returns the call that bids for the token.
    #[must_use]
    pub fn bid(&self, amount: Wei) -> Call {
        self.call("bid for the token", &abi::bidCall {}).paying(amount)
    }

    /// Returns the call that ends an auction whose time is over.
    #[must_use]
    pub fn settle(&self, to: Address) -> Call {
        self.call("settle the auction", &abi::settleCall { to })
    }

    /// Returns the call by which who holds all shares takes the token.
    #[must_use]
    pub fn redeem(&self, to: Address) -> Call {
        self.call("redeem the token", &abi::redeemCall { to }).with_spare(MOVE_SPARE)
    }

    /// Returns the call that asks the holders for another reserve.
    #[must_use]
    pub fn propose_reserve(&self, reserve: Wei) -> Call {
        self.call("propose a reserve", &abi::proposeCall { matter: 0, value: reserve.get() })
    }

    /// Returns the call that asks the holders for another manager.
    #[must_use]
    pub fn propose_manager(&self, manager: Address) -> Call {
        self.call("propose a manager", &abi::proposeCall { matter: 1, value: manager.into_word().into() })
    }

    /// Returns the call that votes for a ballot.
    #[must_use]
    pub fn vote(&self, ballot: U256) -> Call {
        self.call("vote", &abi::voteCall { ballot })
    }

    /// Returns the ballot that a proposal opened.
    #[must_use]
    pub fn ballot_in(&self, receipts: &[CallReceipt]) -> Option<U256> {
        receipts.iter().find_map(|receipt| receipt.event::<abi::BallotOpened>(self.address)).map(|event| event.ballot)
    }

    async fn view<C: alloy::sol_types::SolCall>(&self, call: C, block: &Block) -> Result<C::Return, ChainError> {
        let missing = ChainError::NoContract { contract: Contract::SharesFactory, address: self.address, chain: self.chain.id() };
        self.chain.view(self.address, call, block).await?.ok_or(missing)
    }

    fn call(&self, what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
        Call::new(what, VAULT, self.address, call)
    }
}

/// The two interfaces have the same struct under two names.
fn offered(offer: &LicenseOffer) -> abi::Offer {
    let what = offer.to_abi();
    abi::Offer {
        registry: what.registry,
        tokenId: what.tokenId,
        terms: what.terms,
        currency: what.currency,
        price: what.price,
        beneficiary: what.beneficiary,
        licensee: what.licensee,
        duration: what.duration,
        closesAt: what.closesAt,
        copies: what.copies,
        seats: what.seats,
        scopes: what.scopes,
        transferable: what.transferable,
    }
}
