//! Trade by signed orders: what a maker signs, and the calls that fill or cancel it.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol;
use alloy::sol_types::eip712_domain;
use serde::{Deserialize, Serialize};

use crate::bindings::{ModelMarket as abi, ModelRegistry};
use crate::{
    Call, Chain, ChainError, ChainId, Contract, Registry, TokenId, TokenList, TypedHash, Wallet, Wei, let_copies_move, pay_with, price_unit,
};

sol! {
    /// What a maker signs, with the types that EIP-712 has for enums.
    struct Order {
        address maker;
        address taker;
        uint8 side;
        uint8 selection;
        uint8 goods;
        address registry;
        uint256 item;
        uint64 size;
        address currency;
        uint256 price;
        uint16 maxRoyaltyBps;
        uint40 startsAt;
        uint40 endsAt;
        uint256 nonce;
        uint256 counter;
    }
}

/// Whether an order's maker sells or buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Sells a token of theirs.
    Ask,
    /// Buys one.
    Bid,
}

/// What changes hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goods {
    /// An ERC-721 token.
    #[default]
    Token,
    /// One copy of an ERC-1155 token, such as a licence that can be sold.
    Copy,
}

/// An order of a maker: one token, or for a bid any token of a registry or of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarketOrder {
    /// The chain; the signature is good on no other.
    pub chain: ChainId,
    /// Who sells or buys.
    pub maker: Address,
    /// Who alone may fill it; zero for anybody.
    pub taker: Address,
    /// Whether the maker sells or buys.
    pub side: Side,
    /// What the registry's tokens are.
    #[serde(default, skip_serializing_if = "Goods::is_token")]
    pub goods: Goods,
    /// The collection.
    pub registry: Address,
    /// The token; none for any token of the collection or of the list.
    pub token_id: Option<TokenId>,
    /// The tokens of which a bid wants any one, when it names no token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<TokenList>,
    /// ERC-20 token that is paid; zero for the chain's own currency, which only an ask can take.
    pub currency: Address,
    /// What the buyer pays; the royalty comes out of it.
    #[serde(with = "crate::documents::decimal")]
    pub price: U256,
    /// The largest royalty at which the maker still wants the trade, in 1/10 000.
    pub max_royalty_bps: u16,
    /// First second, in Unix time, at which it can be filled.
    pub starts_at: u64,
    /// Last second, in Unix time, at which it can be filled.
    pub ends_at: u64,
    /// A number of the maker's choice: of all orders with one nonce, one can be filled.
    #[serde(with = "crate::documents::decimal")]
    pub nonce: U256,
    /// The maker's counter.
    #[serde(with = "crate::documents::decimal")]
    pub counter: U256,
}

/// An order with its maker's signature: all that somebody needs to fill it. As JSON it says in `priceUnit` what its price counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SignedDocument", into = "SignedDocument")]
pub struct SignedOrder {
    /// The order.
    pub order: MarketOrder,
    /// 65 bytes, or what the maker's contract accepts.
    pub signature: Bytes,
}

/// A signed order as a document.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignedDocument {
    order: MarketOrder,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price_unit: Option<String>,
    signature: Bytes,
}

impl From<SignedOrder> for SignedDocument {
    fn from(SignedOrder { order, signature }: SignedOrder) -> Self {
        Self { price_unit: Some(price_unit(order.currency)), order, signature }
    }
}

impl TryFrom<SignedDocument> for SignedOrder {
    type Error = String;

    fn try_from(SignedDocument { order, price_unit: stated, signature }: SignedDocument) -> Result<Self, String> {
        let unit = price_unit(order.currency);
        match stated.is_none_or(|stated| stated.eq_ignore_ascii_case(&unit)) {
            true => Ok(Self { order, signature }),
            false => Err(format!("the price of this order counts {unit}, and its priceUnit says something else")),
        }
    }
}

impl Goods {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    const fn is_token(&self) -> bool {
        matches!(self, Self::Token)
    }
}

impl MarketOrder {
    /// Tells whether the order is about this token of its registry.
    #[must_use]
    pub fn is_about(&self, token: TokenId) -> bool {
        match (self.token_id, &self.any_of) {
            (Some(id), _) => id == token,
            (None, Some(list)) => list.contains(token),
            (None, None) => true,
        }
    }

    /// Returns the EIP-712 digest that the maker signs.
    #[must_use]
    pub fn digest(&self) -> B256 {
        self.typed().digest()
    }

    fn typed(&self) -> TypedHash {
        typed(self.to_abi(), self.chain, Contract::ModelMarket.address())
    }

    /// Signs the order with its maker's key.
    ///
    /// # Errors
    /// The key is not the maker's, or not allowed on the order's chain.
    pub fn sign(self, wallet: &Wallet) -> Result<SignedOrder, ChainError> {
        wallet.check_usable_on(self.chain)?;
        wallet.check_is(self.maker)?;
        let signature = wallet.sign_typed(&self.typed())?.to_vec().into();
        Ok(SignedOrder { order: self, signature })
    }

    fn to_abi(&self) -> abi::Order {
        let time = alloy::primitives::aliases::U40::saturating_from::<u64>;
        let (selection, item, size) = match (self.token_id, &self.any_of) {
            (Some(id), _) => (0, id.get(), 0),
            (None, None) => (1, U256::ZERO, 0),
            (None, Some(list)) => (2, list.root(), list.size()),
        };
        abi::Order {
            maker: self.maker,
            taker: self.taker,
            side: match self.side {
                Side::Ask => 0,
                Side::Bid => 1,
            },
            selection,
            goods: u8::from(self.goods == Goods::Copy),
            registry: self.registry,
            item,
            size,
            currency: self.currency,
            price: self.price,
            maxRoyaltyBps: self.max_royalty_bps,
            startsAt: time(self.starts_at),
            endsAt: time(self.ends_at),
            nonce: self.nonce,
            counter: self.counter,
        }
    }
}

impl SignedOrder {
    /// Returns the calls by which a buyer fills an ask, paying from `buyer`'s money, for `recipient`.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense.
    pub async fn buy(&self, chain: &Chain, buyer: Address, recipient: Address) -> Result<Vec<Call>, ChainError> {
        let call = abi::buyCall { ask: self.order.to_abi(), signature: self.signature.clone(), recipient };
        let buy = market(self.name("buy the token", "buy the copy"), &call);
        if self.order.currency.is_zero() {
            return Ok(vec![buy.paying(Wei::new(self.order.price))]);
        }
        Ok(pay_with(chain, self.order.currency, buyer, self.order.price).await?.into_iter().chain([buy]).collect())
    }

    /// Returns the calls by which the owner of `token`, of the order's registry, sells it to a bid, for at least `minimum` after the royalty.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn sell(&self, registry: &Registry, seller: Address, token: TokenId, minimum: U256) -> Result<Vec<Call>, ChainError> {
        let listed = self.order.any_of.as_ref().filter(|_| self.order.token_id.is_none());
        // A token that is not on the list has no proof, and the contract refuses it.
        let (index, proof) = listed.and_then(|list| list.prove(token)).unwrap_or_default();
        let call =
            abi::sellCall { bid: self.order.to_abi(), signature: self.signature.clone(), tokenId: token.get(), index, proof, minimum };
        let permission = match self.order.goods {
            Goods::Token => let_move(registry, seller).await?,
            Goods::Copy => let_copies_move(registry.chain(), seller).await?,
        };
        Ok(permission.into_iter().chain([market(self.name("sell the token", "sell the copy"), &call)]).collect())
    }

    const fn name(&self, token: &'static str, copy: &'static str) -> &'static str {
        match self.order.goods {
            Goods::Token => token,
            Goods::Copy => copy,
        }
    }

    /// Returns the call by which its maker makes it void.
    #[must_use]
    pub fn cancel(&self) -> Call {
        market("cancel the order", &abi::cancelCall { nonces: vec![self.order.nonce] })
    }
}

/// Returns the call by which the sender makes all orders void that they signed so far.
#[must_use]
pub fn cancel_all_orders() -> Call {
    market("cancel all orders", &abi::cancelAllCall {})
}

/// Tells whether an order was filled or cancelled, or another one with its number was.
///
/// # Errors
/// As [`order_counter`].
pub async fn is_order_used(chain: &Chain, order: &MarketOrder) -> Result<bool, ChainError> {
    let block = chain.block().await?;
    chain.view_of(Contract::ModelMarket, abi::isUsedCall { maker: order.maker, nonce: order.nonce }, &block).await
}

/// Returns the number that a maker's new orders have to have.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or the market is not on this chain.
pub async fn order_counter(chain: &Chain, maker: Address) -> Result<U256, ChainError> {
    let block = chain.block().await?;
    chain.view_of(Contract::ModelMarket, abi::counterOfCall { maker }, &block).await
}

/// Returns the call that lets the market move the tokens of `owner` in a registry; `None` when it may.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense, or no registry is there.
pub async fn let_move(registry: &Registry, owner: Address) -> Result<Option<Call>, ChainError> {
    let_operator_move(registry, owner, Contract::ModelMarket.address(), "let the market move sold tokens").await
}

/// Returns the call that lets `operator` move the tokens of `owner` in a registry; `None` when it may.
pub(crate) async fn let_operator_move(
    registry: &Registry,
    owner: Address,
    operator: Address,
    what: &str,
) -> Result<Option<Call>, ChainError> {
    let block = registry.chain().block().await?;
    if registry.view(ModelRegistry::isApprovedForAllCall { owner, operator }, &block).await? {
        return Ok(None);
    }
    let call = ModelRegistry::setApprovalForAllCall { operator, approved: true };
    Ok(Some(Call::new(what, Contract::ModelRegistry.interface(), registry.address(), &call)))
}

fn market(what: &str, call: &impl alloy::sol_types::SolCall) -> Call {
    Call::new(what, Contract::ModelMarket.interface(), Contract::ModelMarket.address(), call)
}

/// Returns what is signed of an order for the market at a place.
fn typed(order: abi::Order, chain: ChainId, market: Address) -> TypedHash {
    let domain = eip712_domain! { name: "modelmark market", version: "1", chain_id: chain.get(), verifying_contract: market, };
    let typed = Order {
        maker: order.maker,
        taker: order.taker,
        side: order.side,
        selection: order.selection,
        goods: order.goods,
        registry: order.registry,
        item: order.item,
        size: order.size,
        currency: order.currency,
        price: order.price,
        maxRoyaltyBps: order.maxRoyaltyBps,
        startsAt: order.startsAt,
        endsAt: order.endsAt,
        nonce: order.nonce,
        counter: order.counter,
    };
    TypedHash::of(&typed, &domain)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a vector that cannot be read is a failed test")]
    use std::str::FromStr;

    use serde_json::Value;

    use super::*;

    /// Made by the contract itself; see `vectors/contracts/README.md`.
    const ORDERS: &str = include_str!("../../../vectors/contracts/orders.json");

    fn parse<T: FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
    }

    fn order(order: &Value) -> abi::Order {
        abi::Order {
            maker: parse(&order["maker"]),
            taker: parse(&order["taker"]),
            side: parse(&order["side"]),
            selection: parse(&order["selection"]),
            goods: parse(&order["goods"]),
            registry: parse(&order["registry"]),
            item: parse(&order["item"]),
            size: parse(&order["size"]),
            currency: parse(&order["currency"]),
            price: parse(&order["price"]),
            maxRoyaltyBps: parse(&order["maxRoyaltyBps"]),
            startsAt: parse(&order["startsAt"]),
            endsAt: parse(&order["endsAt"]),
            nonce: parse(&order["nonce"]),
            counter: parse(&order["counter"]),
        }
    }

    /// Returns the order as this crate has it; `None` for a list of tokens, of which the vector has the root alone.
    fn ours(chain: ChainId, order: &abi::Order) -> Option<MarketOrder> {
        let ours = MarketOrder {
            chain,
            maker: order.maker,
            taker: order.taker,
            side: if order.side == 0 { Side::Ask } else { Side::Bid },
            goods: if order.goods == 0 { Goods::Token } else { Goods::Copy },
            registry: order.registry,
            any_of: None,
            token_id: (order.selection == 0).then(|| order.item.into()),
            currency: order.currency,
            price: order.price,
            max_royalty_bps: order.maxRoyaltyBps,
            starts_at: order.startsAt.to(),
            ends_at: order.endsAt.to(),
            nonce: order.nonce,
            counter: order.counter,
        };
        (order.selection < 2).then_some(ours)
    }

    #[test]
    fn digests_are_those_of_the_contract() {
        let vectors: Value = serde_json::from_str(ORDERS).unwrap();
        let chain = ChainId::try_from(parse::<u64>(&vectors["chainId"])).unwrap();
        let market: Address = parse(&vectors["verifyingContract"]);
        let cases = vectors["cases"].as_array().unwrap();
        let mut made = 0;
        for case in cases {
            let order = order(&case["order"]);
            if let Some(ours) = ours(chain, &order) {
                assert_eq!(typed(ours.to_abi(), chain, market).digest(), parse::<B256>(&case["orderHash"]), "{}", case["name"]);
                made += 1;
            }
            assert_eq!(typed(order, chain, market).digest(), parse::<B256>(&case["orderHash"]), "{}", case["name"]);
        }
        assert_eq!((cases.len(), made), (4, 3));
    }
}
