//! What an account signs: EIP-712 typed data, so that a wallet shows the model's name and the account's part in it instead of bare bytes.

use std::borrow::Cow;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct};
use modelmark_digest::Sha256Digest;
use serde_json::{Map, Value, json};

use crate::{CanonicalRecord, RecordId};

mod typed {
    //! The typed structures as Solidity spells them.
    alloy_sol_types::sol! {
        struct Authorship {
            string name;
            bytes32 record;
            bytes32 weights;
            address creator;
        }

        struct Contribution {
            string name;
            bytes32 record;
            bytes32 weights;
            address contributor;
            uint16 shareBps;
        }
    }
}

const DOMAIN_NAME: &str = "modelmark";
const DOMAIN_VERSION: &str = "1";

/// What a record names an account as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Who publishes the record.
    Creator,
    /// Who had a part in the model, and gets this share of what it earns, in basis points.
    Contributor(u16),
}

/// "I, the creator, publish the record `record` of the model `name` with the weights `weights`", or "I had the part in it that it gives me".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningRequest {
    name: String,
    record: RecordId,
    weights: Sha256Digest,
    account: Address,
    role: Role,
    chain: Option<u64>,
}

impl SigningRequest {
    /// Returns what `account` signs, if the record names it. A creator who is a contributor too signs as the creator.
    pub(crate) fn of(record: &CanonicalRecord, account: Address) -> Option<Self> {
        let provenance = &record.record().provenance;
        let contributor = || provenance.contributors.iter().find(|contributor| contributor.account.address() == account);
        let role =
            if provenance.creator.account.address() == account { Role::Creator } else { Role::Contributor(contributor()?.share_bps.get()) };
        Some(Self::with(record, account, role))
    }

    pub(crate) fn of_creator(record: &CanonicalRecord) -> Self {
        Self::with(record, record.record().provenance.creator.account.address(), Role::Creator)
    }

    fn with(record: &CanonicalRecord, account: Address, role: Role) -> Self {
        let document = record.record();
        let (name, weights) = (document.name.to_string(), document.provenance.weights.cid.digest());
        Self { name, record: record.id(), weights, account, role, chain: None }
    }

    /// Returns the same for a contract wallet, which is an account of one chain only: its statement names that chain, so that nobody who has the same
    /// address on another one can use it.
    #[must_use]
    pub fn on_chain(self, chain: u64) -> Self {
        Self { chain: Some(chain), ..self }
    }

    /// Returns the account that must sign.
    #[must_use]
    pub const fn account(&self) -> Address {
        self.account
    }

    /// Returns what the account is to the model.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Returns the record that is signed.
    #[must_use]
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// Returns the 32 bytes to sign (EIP-712 `\x19\x01 ‖ domainSeparator ‖ hashStruct`).
    #[must_use]
    pub fn signing_hash(&self) -> B256 {
        keccak256([b"\x19\x01".as_slice(), self.domain_separator().as_slice(), self.struct_hash().as_slice()].concat())
    }

    /// Returns the first half of what is signed, for devices that take the halves: the separator of the domain.
    #[must_use]
    pub fn domain_separator(&self) -> B256 {
        self.domain().separator()
    }

    /// Returns the second half: `hashStruct` of the message.
    #[must_use]
    pub fn struct_hash(&self) -> B256 {
        let (name, record, weights) =
            (self.name.clone(), B256::from(*self.record.digest().as_bytes()), B256::from(*self.weights.as_bytes()));
        match self.role {
            Role::Creator => typed::Authorship { name, record, weights, creator: self.account }.eip712_hash_struct(),
            Role::Contributor(share) => {
                typed::Contribution { name, record, weights, contributor: self.account, shareBps: share }.eip712_hash_struct()
            }
        }
    }

    /// A key's domain names no chain and no contract: a record does not depend on where it is minted, and its id already binds every byte.
    fn domain(&self) -> Eip712Domain {
        Eip712Domain {
            name: Some(Cow::Borrowed(DOMAIN_NAME)),
            version: Some(Cow::Borrowed(DOMAIN_VERSION)),
            chain_id: self.chain.map(U256::from),
            ..Eip712Domain::default()
        }
    }

    /// Returns the JSON that a wallet takes (`eth_signTypedData_v4`).
    #[must_use]
    pub fn typed_data_json(&self) -> Value {
        let field = |name: &str, kind: &str| json!({ "name": name, "type": kind });
        let mut domain_type = vec![field("name", "string"), field("version", "string")];
        let mut domain = Map::from_iter([("name".to_owned(), json!(DOMAIN_NAME)), ("version".to_owned(), json!(DOMAIN_VERSION))]);
        if let Some(chain) = self.chain {
            domain_type.push(field("chainId", "uint256"));
            domain.insert("chainId".to_owned(), chain.into());
        }
        let (record, weights, account) = (self.record.to_string(), self.weights.to_0x(), self.account.to_checksum(None));
        let common = [field("name", "string"), field("record", "bytes32"), field("weights", "bytes32")];
        let (primary, own, message) = match self.role {
            Role::Creator => (
                "Authorship",
                vec![field("creator", "address")],
                json!({ "name": self.name, "record": record, "weights": weights, "creator": account }),
            ),
            Role::Contributor(share) => (
                "Contribution",
                vec![field("contributor", "address"), field("shareBps", "uint16")],
                json!({ "name": self.name, "record": record, "weights": weights, "contributor": account, "shareBps": share }),
            ),
        };
        let fields = [&common[..], &own].concat();
        json!({
            "types": { "EIP712Domain": domain_type, primary: fields },
            "primaryType": primary,
            "domain": domain,
            "message": message,
        })
    }
}
