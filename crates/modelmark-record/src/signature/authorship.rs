//! The statement a creator signs: EIP-712 typed data, so that a wallet shows the model's name instead of bare bytes.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{Eip712Domain, SolStruct};
use modelmark_digest::Sha256Digest;
use serde_json::{Value, json};

use crate::{CanonicalRecord, RecordId};

mod typed {
    //! The typed structure as Solidity spells it.
    alloy_sol_types::sol! {
        struct Authorship {
            string name;
            bytes32 record;
            bytes32 weights;
            address creator;
        }
    }
}

/// The domain names no chain and no contract: a record does not depend on where it is minted, and its id already binds every byte.
const DOMAIN_NAME: &str = "modelmark";
const DOMAIN_VERSION: &str = "1";

/// "I, `creator`, publish the record `record` of the model `name` with the weights `weights`."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorship {
    name: String,
    record: RecordId,
    weights: Sha256Digest,
    creator: Address,
}

impl Authorship {
    pub(crate) fn of(record: &CanonicalRecord) -> Self {
        let document = record.record();
        Self {
            name: document.name.to_string(),
            record: record.id(),
            weights: document.provenance.weights.cid.digest(),
            creator: document.provenance.creator.account.address(),
        }
    }

    /// Returns the account that must sign.
    #[must_use]
    pub const fn creator(&self) -> Address {
        self.creator
    }

    /// Returns the record that is signed.
    #[must_use]
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// Returns the 32 bytes to sign (EIP-712 `\x19\x01 ‖ domainSeparator ‖ hashStruct`).
    #[must_use]
    pub fn signing_hash(&self) -> B256 {
        let domain = Eip712Domain { name: Some(DOMAIN_NAME.into()), version: Some(DOMAIN_VERSION.into()), ..Eip712Domain::default() };
        let message = typed::Authorship {
            name: self.name.clone(),
            record: B256::from(*self.record.digest().as_bytes()),
            weights: B256::from(*self.weights.as_bytes()),
            creator: self.creator,
        };
        message.eip712_signing_hash(&domain)
    }

    /// Returns the JSON that a wallet takes (`eth_signTypedData_v4`).
    #[must_use]
    pub fn typed_data_json(&self) -> Value {
        let field = |name: &str, kind: &str| json!({ "name": name, "type": kind });
        json!({
            "types": {
                "EIP712Domain": [field("name", "string"), field("version", "string")],
                "Authorship": [field("name", "string"), field("record", "bytes32"), field("weights", "bytes32"), field("creator", "address")],
            },
            "primaryType": "Authorship",
            "domain": { "name": DOMAIN_NAME, "version": DOMAIN_VERSION },
            "message": {
                "name": self.name,
                "record": self.record.to_string(),
                "weights": self.weights.to_0x(),
                "creator": self.creator.to_checksum(None),
            },
        })
    }
}
