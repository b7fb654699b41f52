//! The same listings for Seaport 1.6, the protocol of other marketplaces: what a seller signs there, in the JSON that these take.
//!
//! Seaport knows no royalty: the listing names its receiver as a second recipient, and pays what was signed.

use alloy::primitives::{Address, B256, Bytes, U256, address};
use alloy::sol;
use alloy::sol_types::{Eip712Domain, SolStruct as _, eip712_domain};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use serde_json::{Value, json};

use crate::market::let_operator_move;
use crate::{Call, Chain, ChainError, ChainId, MarketOrder, Registry, TokenId, TypedHash, Wallet, Wei};

/// Where Seaport 1.6 is on every chain that has it.
pub const SEAPORT: Address = address!("0000000000000068F116a894984e2DB1123eB395");

const VERSION: &str = "1.6";
const NATIVE: u8 = 0;
const ERC20: u8 = 1;
const ERC721: u8 = 2;
/// Anybody fills the order, as a whole.
const FULL_OPEN: u8 = 0;

sol! {
    struct OfferItem {
        uint8 itemType;
        address token;
        uint256 identifierOrCriteria;
        uint256 startAmount;
        uint256 endAmount;
    }

    struct ConsiderationItem {
        uint8 itemType;
        address token;
        uint256 identifierOrCriteria;
        uint256 startAmount;
        uint256 endAmount;
        address recipient;
    }

    /// What a seller signs, with the types that EIP-712 has for enums.
    struct OrderComponents {
        address offerer;
        address zone;
        OfferItem[] offer;
        ConsiderationItem[] consideration;
        uint8 orderType;
        uint256 startTime;
        uint256 endTime;
        bytes32 zoneHash;
        uint256 salt;
        bytes32 conduitKey;
        uint256 counter;
    }

    /// The part of Seaport that is used here.
    interface ISeaport {
        function information() external view returns (string memory version, bytes32 domainSeparator, address conduitController);
        function getCounter(address offerer) external view returns (uint256 counter);
    }
}

/// Seaport 1.6 on a chain.
#[derive(Clone, Debug)]
pub struct Seaport {
    chain: Chain,
    address: Address,
}

/// A listing of one token that anybody can fill on Seaport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeaportListing {
    /// The chain; the signature is good on no other.
    pub chain: ChainId,
    /// Where Seaport is.
    pub seaport: Address,
    /// Who sells.
    pub seller: Address,
    /// The collection.
    pub registry: Address,
    /// The token.
    pub token_id: TokenId,
    /// ERC-20 token that is paid; zero for the chain's own currency.
    pub currency: Address,
    /// What the seller gets.
    pub proceeds: U256,
    /// What the royalty's receiver gets.
    pub royalty: U256,
    /// Who gets the royalty.
    pub receiver: Address,
    /// First second, in Unix time, at which it can be filled.
    pub starts_at: u64,
    /// First second, in Unix time, at which it can be filled no more.
    pub ends_at: u64,
    /// Sets orders apart that are otherwise equal.
    pub salt: U256,
    /// The seller's counter in Seaport.
    pub counter: U256,
}

/// A listing with its seller's signature. As JSON it is what marketplaces take: `parameters`, `signature` and `protocol_address`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeaportOrder {
    listing: SeaportListing,
    signature: Bytes,
}

impl Seaport {
    /// Returns the Seaport at `address`; `None` when no Seaport 1.6 of this chain is there.
    ///
    /// # Errors
    /// The endpoint cannot be asked.
    pub async fn at(chain: &Chain, address: Address) -> Result<Option<Self>, ChainError> {
        let block = chain.block().await?;
        let known = match chain.view(address, ISeaport::informationCall {}, &block).await {
            Ok(Some(known)) => known,
            Ok(None) | Err(ChainError::Reverted { .. } | ChainError::Nonsense { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // Another domain would make the signature good for nothing, or for another chain.
        let same = known.version == VERSION && known.domainSeparator == domain(chain.id(), address).separator();
        Ok(same.then(|| Self { chain: chain.clone(), address }))
    }

    /// Returns the listing that says what an ask of our market says, with the royalty that the registry asks for now.
    ///
    /// Its taker, and the nonce and counter of our market, have no meaning in Seaport: the nonce becomes the salt.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, such as a royalty above the price.
    pub async fn listing(&self, registry: &Registry, token_id: TokenId, ask: &MarketOrder) -> Result<SeaportListing, ChainError> {
        let block = self.chain.block().await?;
        let counter = self.chain.view(self.address, ISeaport::getCounterCall { offerer: ask.maker }, &block).await?;
        let (receiver, royalty) = registry.royalty_info(token_id, Wei::new(ask.price)).await?;
        let proceeds = ask.price.checked_sub(royalty.get());
        Ok(SeaportListing {
            chain: self.chain.id(),
            seaport: self.address,
            seller: ask.maker,
            registry: registry.address(),
            token_id,
            currency: ask.currency,
            proceeds: proceeds.ok_or_else(|| self.chain.nonsense("royaltyInfo", "a royalty above the price"))?,
            royalty: royalty.get(),
            receiver,
            starts_at: ask.starts_at,
            ends_at: ask.ends_at,
            salt: ask.nonce,
            counter: counter.ok_or_else(|| self.chain.nonsense("getCounter", "nothing"))?,
        })
    }

    /// Returns the call that lets Seaport move the tokens of `owner` in a registry; `None` when it may.
    ///
    /// # Errors
    /// The endpoint cannot be asked or answers nonsense, or no registry is there.
    pub async fn let_move(&self, registry: &Registry, owner: Address) -> Result<Option<Call>, ChainError> {
        let_operator_move(registry, owner, self.address, "let Seaport move sold tokens").await
    }
}

impl SeaportListing {
    /// Returns the hash by which Seaport knows the order.
    #[must_use]
    pub fn order_hash(&self) -> B256 {
        self.components().eip712_hash_struct()
    }

    /// Returns the EIP-712 digest that the seller signs.
    #[must_use]
    pub fn digest(&self) -> B256 {
        self.typed().digest()
    }

    fn typed(&self) -> TypedHash {
        TypedHash::of(&self.components(), &domain(self.chain, self.seaport))
    }

    /// Signs the listing with its seller's key.
    ///
    /// # Errors
    /// The key is not the seller's, or not allowed on the listing's chain.
    pub fn sign(self, wallet: &Wallet) -> Result<SeaportOrder, ChainError> {
        wallet.check_usable_on(self.chain)?;
        wallet.check_is(self.seller)?;
        let signature = wallet.sign_typed(&self.typed())?.to_vec().into();
        Ok(SeaportOrder { listing: self, signature })
    }

    fn components(&self) -> OrderComponents {
        let one = U256::ONE;
        let token = OfferItem {
            itemType: ERC721,
            token: self.registry,
            identifierOrCriteria: self.token_id.get(),
            startAmount: one,
            endAmount: one,
        };
        // Seaport refuses items of nothing.
        let paid = [(self.proceeds, self.seller), (self.royalty, self.receiver)].into_iter().filter(|(amount, _)| !amount.is_zero());
        OrderComponents {
            offerer: self.seller,
            zone: Address::ZERO,
            offer: vec![token],
            consideration: paid.map(|(amount, to)| self.payment(amount, to)).collect(),
            orderType: FULL_OPEN,
            startTime: U256::from(self.starts_at),
            endTime: U256::from(self.ends_at),
            zoneHash: B256::ZERO,
            salt: self.salt,
            // Seaport itself moves the token, without a conduit.
            conduitKey: B256::ZERO,
            counter: self.counter,
        }
    }

    fn payment(&self, amount: U256, recipient: Address) -> ConsiderationItem {
        ConsiderationItem {
            itemType: if self.currency.is_zero() { NATIVE } else { ERC20 },
            token: self.currency,
            identifierOrCriteria: U256::ZERO,
            startAmount: amount,
            endAmount: amount,
            recipient,
        }
    }

    fn parameters(&self) -> Value {
        let order = self.components();
        let offer = order.offer.iter().map(|item| {
            json!({
                "itemType": item.itemType,
                "token": item.token.to_checksum(None),
                "identifierOrCriteria": item.identifierOrCriteria.to_string(),
                "startAmount": item.startAmount.to_string(),
                "endAmount": item.endAmount.to_string(),
            })
        });
        let consideration = order.consideration.iter().map(|item| {
            json!({
                "itemType": item.itemType,
                "token": item.token.to_checksum(None),
                "identifierOrCriteria": item.identifierOrCriteria.to_string(),
                "startAmount": item.startAmount.to_string(),
                "endAmount": item.endAmount.to_string(),
                "recipient": item.recipient.to_checksum(None),
            })
        });
        json!({
            "offerer": order.offerer.to_checksum(None),
            "zone": order.zone.to_checksum(None),
            "offer": offer.collect::<Vec<_>>(),
            "consideration": consideration.collect::<Vec<_>>(),
            "orderType": order.orderType,
            "startTime": order.startTime.to_string(),
            "endTime": order.endTime.to_string(),
            "zoneHash": order.zoneHash,
            "salt": order.salt.to_string(),
            "conduitKey": order.conduitKey,
            "totalOriginalConsiderationItems": order.consideration.len(),
            "counter": order.counter.to_string(),
        })
    }
}

/// The enumerations are their numbers and wide integers decimal strings, as in the schema of the marketplaces' API.
impl Serialize for SeaportOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut order = serializer.serialize_struct("SeaportOrder", 3)?;
        order.serialize_field("parameters", &self.listing.parameters())?;
        order.serialize_field("protocol_address", &self.listing.seaport.to_checksum(None))?;
        order.serialize_field("signature", &self.signature)?;
        order.end()
    }
}

fn domain(chain: ChainId, seaport: Address) -> Eip712Domain {
    eip712_domain! { name: "Seaport", version: VERSION, chain_id: chain.get(), verifying_contract: seaport, }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a vector that cannot be read is a failed test")]
    use std::str::FromStr;

    use super::*;

    /// Made with the real Seaport; see `vectors/seaport/README.md`.
    const ORDERS: &str = include_str!("../../../vectors/seaport/orders.json");

    fn text(value: &Value) -> String {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    fn parse<T: FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
        text(value).parse().unwrap()
    }

    fn listing(chain: ChainId, seaport: Address, order: &Value) -> SeaportListing {
        let (token, paid, royalty) = (&order["offer"][0], &order["consideration"][0], &order["consideration"][1]);
        SeaportListing {
            chain,
            seaport,
            seller: parse(&order["offerer"]),
            registry: parse(&token["token"]),
            token_id: parse::<U256>(&token["identifierOrCriteria"]).into(),
            currency: parse(&paid["token"]),
            proceeds: parse(&paid["startAmount"]),
            royalty: parse(&royalty["startAmount"]),
            receiver: parse(&royalty["recipient"]),
            starts_at: parse(&order["startTime"]),
            ends_at: parse(&order["endTime"]),
            salt: parse(&order["salt"]),
            counter: parse(&order["counter"]),
        }
    }

    #[test]
    fn listings_are_those_that_seaport_fills() {
        let vectors: Value = serde_json::from_str(ORDERS).unwrap();
        let chain = ChainId::try_from(parse::<u64>(&vectors["chainId"])).unwrap();
        let wallet = Wallet::from_hex(&zeroize::Zeroizing::new(text(&vectors["key"]))).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 2);
        for case in cases {
            let listing = listing(chain, parse(&vectors["verifyingContract"]), &case["components"]);
            assert_eq!(listing.order_hash(), parse::<B256>(&case["orderHash"]), "{}", case["name"]);
            assert_eq!(listing.digest(), parse::<B256>(&case["digest"]), "{}", case["name"]);
            let order = serde_json::to_value(listing.sign(&wallet).unwrap()).unwrap();
            assert_eq!(order["signature"], case["signature"], "{}", case["name"]);
            assert_eq!(order["protocol_address"], vectors["verifyingContract"]);
            // The vectors have the times as numbers, and do not count the payments.
            let mut components = case["components"].clone();
            for time in ["startTime", "endTime"] {
                components[time] = json!(components[time].to_string());
            }
            components["totalOriginalConsiderationItems"] = json!(2);
            assert_eq!(order["parameters"], components, "{}", case["name"]);
        }
    }

    #[test]
    fn nobody_is_paid_nothing() {
        let vectors: Value = serde_json::from_str(ORDERS).unwrap();
        let listing = listing(ChainId::DEVELOPMENT, SEAPORT, &vectors["cases"][0]["components"]);
        let free = SeaportListing { royalty: U256::ZERO, ..listing.clone() };
        assert_eq!(free.parameters()["consideration"].as_array().unwrap().len(), 1);
        assert_eq!(free.parameters()["totalOriginalConsiderationItems"], 1);
        assert_ne!(free.digest(), listing.digest());
        assert_ne!(SeaportListing { seaport: Address::ZERO, ..listing.clone() }.digest(), listing.digest());
        let stranger = Wallet::development(ChainId::DEVELOPMENT, 0).unwrap();
        assert!(listing.sign(&stranger).is_err());
    }
}
