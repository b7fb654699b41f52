//! Is the contract behind a token ours? Everything a token says is worth only as much as the code that says it.

use alloy::primitives::{Address, B256, FixedBytes, b256};
use alloy::sol;
use alloy::sol_types::SolCall as _;
use futures_util::future::try_join_all;
use serde::Serialize;

use crate::bindings::ModelRegistry as abi;
use crate::contracts::{Collection, license_book_address};
use crate::factory::MINIMAL_PROXY;
use crate::{AddressBook, Block, Chain, ChainError, CollectionTerms, Contract};

/// EIP-1967: keccak256("eip1967.proxy.implementation") - 1.
const IMPLEMENTATION_SLOT: B256 = b256!("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");
/// EIP-1967: keccak256("eip1967.proxy.beacon") - 1.
const BEACON_SLOT: B256 = b256!("0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50");
/// EIP-1822: keccak256("PROXIABLE").
const PROXIABLE_SLOT: B256 = b256!("0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7");
/// What OpenZeppelin's proxies used before EIP-1967: keccak256("org.zeppelinos.proxy.implementation").
const ZEPPELIN_SLOT: B256 = b256!("0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3");
/// EIP-7702: what the code of an account that delegates to a contract starts with.
const DELEGATION: [u8; 3] = [0xef, 0x01, 0x00];

sol! {
    /// EIP-2535, of a contract whose functions are each somebody else's: whose this one is.
    function facetAddress(bytes4 selector) external view returns (address facet);
}

/// What can be said about the contract at an address. See the crate's README for what each answer proves and what it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "is")]
#[non_exhaustive]
pub enum Authenticity {
    /// The canonical registry: the address follows from our init code, and there is code at it.
    Canonical,
    /// Our registry with other constructor arguments: the address follows from our init code and what the contract says of itself.
    Collection {
        /// The constructor arguments.
        collection: Collection,
        /// Whether its licences are in the canonical licence book, whose code is ours.
        canonical_license_book: bool,
    },
    /// A collection that the canonical factory made: the address follows from our code, the canonical registry and these terms.
    FactoryCollection {
        /// The terms behind the proxy's code.
        terms: CollectionTerms,
    },
    /// The address book has it. Its code was not recognised: this rests on the word of whoever wrote the entry.
    Listed {
        /// What the book calls it.
        name: String,
    },
    /// It forwards to other code, which its keeper may replace: whatever it says today it may deny tomorrow.
    Proxy {
        /// Where it forwards to, or the beacon that knows.
        target: Address,
    },
    /// There is a contract, but it is not ours.
    Foreign,
    /// There is no contract.
    NoCode,
}

impl Authenticity {
    /// Tells whether the contract's code is known to be ours.
    #[must_use]
    pub const fn is_our_code(&self) -> bool {
        matches!(self, Self::Canonical | Self::Collection { .. } | Self::FactoryCollection { .. })
    }
}

/// Says what the contract at `address` is, as `chain` shows it now.
///
/// # Errors
/// The endpoint cannot be asked or answers nonsense.
pub async fn authenticity(chain: &Chain, address: Address, book: &AddressBook) -> Result<Authenticity, ChainError> {
    let block = chain.block().await?;
    let code = chain.code(address, &block).await?;
    if code.is_empty() {
        return Ok(Authenticity::NoCode);
    }
    // A minimal proxy, but one that forwards to the canonical registry for ever.
    if let Some(terms) = CollectionTerms::behind(&code).filter(|terms| terms.address() == address) {
        return Ok(Authenticity::FactoryCollection { terms });
    }
    // Whatever code is at this address is ours, and forwards nowhere.
    if address == Contract::ModelRegistry.address() {
        return Ok(Authenticity::Canonical);
    }
    if let Some(target) = proxy_target(chain, address, &code, &block).await? {
        return Ok(Authenticity::Proxy { target });
    }
    if let Some(collection) = stated_collection(chain, address, &block).await?
        && collection.address() == address
    {
        let canonical_license_book = collection.license_book == license_book_address();
        return Ok(Authenticity::Collection { collection, canonical_license_book });
    }
    Ok(match book.get(chain.id(), address) {
        Some(entry) => Authenticity::Listed { name: entry.name.clone() },
        None => Authenticity::Foreign,
    })
}

/// Returns where a proxy forwards to, or `None` for a contract with code of its own.
async fn proxy_target(chain: &Chain, address: Address, code: &[u8], block: &Block) -> Result<Option<Address>, ChainError> {
    for prefix in [MINIMAL_PROXY.as_slice(), &DELEGATION] {
        if let Some(target) = code.strip_prefix(prefix).and_then(|rest| rest.get(..20)) {
            return Ok(Some(Address::from_slice(target)));
        }
    }
    let slots = [IMPLEMENTATION_SLOT, BEACON_SLOT, PROXIABLE_SLOT, ZEPPELIN_SLOT];
    for word in try_join_all(slots.map(|slot| chain.storage(address, slot, block))).await? {
        if word != B256::ZERO {
            return Ok(Some(Address::from_word(word)));
        }
    }
    facet(chain, address, block).await
}

/// Returns which contract a diamond asks about its tokens; `None` for what answers nothing, or nobody's address.
async fn facet(chain: &Chain, address: Address, block: &Block) -> Result<Option<Address>, ChainError> {
    let selector = FixedBytes::new(abi::getModelDataCall::SELECTOR);
    match chain.view(address, facetAddressCall { selector }, block).await {
        Ok(facet) => Ok(facet.filter(|facet| !facet.is_zero() && *facet != address)),
        Err(ChainError::Reverted { .. } | ChainError::Nonsense { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the constructor arguments that a contract claims to have been given, or `None` when it does not answer like a registry.
async fn stated_collection(chain: &Chain, address: Address, block: &Block) -> Result<Option<Collection>, ChainError> {
    let collection = async {
        let name = chain.view(address, abi::nameCall {}, block).await?;
        let symbol = chain.view(address, abi::symbolCall {}, block).await?;
        let authority = chain.view(address, abi::authorityCall {}, block).await?;
        let license_book = chain.view(address, abi::licenseBookCall {}, block).await?;
        let royalty_vault = chain.view(address, abi::royaltyVaultCall {}, block).await?;
        let renderer = chain.view(address, abi::rendererCall {}, block).await?;
        Ok(name.zip(symbol).zip(authority.zip(license_book)).zip(royalty_vault.zip(renderer)))
    };
    match collection.await {
        Ok(answers) => Ok(answers.map(|(((name, symbol), (authority, license_book)), (royalty_vault, renderer))| Collection {
            name,
            symbol,
            authority,
            license_book,
            royalty_vault,
            renderer,
        })),
        // A foreign contract refuses, or answers with something of another shape.
        Err(ChainError::Reverted { .. } | ChainError::Nonsense { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
