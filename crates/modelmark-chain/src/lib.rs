#![doc = include_str!("../README.md")]

mod address_book;
mod amount;
mod authenticity;
mod bindings;
mod birth;
mod chain;
mod chain_id;
mod contracts;
mod deploy;
mod error;
mod history;
mod http;
mod identity;
mod keystore;
mod mint;
mod model;
mod registry;
mod revert;
mod token;
mod token_ref;
mod transaction;
mod vocabulary;
mod wallet;

/// The Ethereum address type of this crate's interface.
pub use alloy::primitives::Address;

pub use address_book::{AddressBook, AddressBookError, Entry};
pub use amount::{BasisPoints, BasisPointsError, Gas, Wei};
pub use authenticity::{Authenticity, authenticity};
pub use chain::{Block, Chain, Patience, ReadAt};
pub use chain_id::{ChainId, ChainIdError};
pub use contracts::{CREATE2_FACTORY, Collection, access_manager_address, license_book_address, salt};
pub use deploy::{DeployPlan, Deployed, Deployment, deploy};
pub use error::{ChainError, Revert};
pub use http::HttpLimits;
pub use identity::{mint_auth_hash, parents_hash, token_id_of};
pub use mint::{MintAuthorization, MintPlan, MintReceipt, Minted};
pub use model::{ExternalRegistry, License, Lineage, MAX_PARENTS, MAX_ROYALTY_BPS, ModelInput, ModelInputError, Parent, ShortText};
pub use registry::{MAX_CLAIMS, Registry};
pub use token::{Claim, MintedAt, Model, Royalty, VersionOf};
pub use token_ref::{TokenId, TokenRef, TokenRefError, parse_address};
pub use transaction::{Costs, StepCost};
pub use vocabulary::{Kind, Relation, Status};
pub use wallet::{Wallet, WalletError};
