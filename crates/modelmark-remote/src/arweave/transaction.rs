//! Transactions of format 2: data that pays for its own place in the chain. Only Arweave keys sign them.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::{ArweaveKey, DeepHash, ItemError, ItemId, ItemSigner as _, Tag, blob, list, signature};

/// Most tags that are read of a transaction.
const MAX_TAGS: usize = 2048;

/// A transaction as nodes and gateways write it, without its data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    format: u32,
    id: String,
    last_tx: String,
    owner: String,
    tags: Vec<EncodedTag>,
    target: String,
    quantity: String,
    /// Empty where the data travels in chunks.
    #[serde(default)]
    pub(crate) data: String,
    data_size: String,
    data_root: String,
    reward: String,
    signature: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct EncodedTag {
    name: String,
    value: String,
}

/// What a transaction is made of besides its data.
pub(crate) struct Terms<'a> {
    /// A recent block, as the node names it.
    pub(crate) anchor: &'a str,
    /// What is paid, in winston.
    pub(crate) reward: &'a str,
    /// The tags.
    pub(crate) tags: &'a [Tag],
}

impl Transaction {
    /// Signs a transaction for data of `size` bytes with this Merkle root.
    pub(crate) fn sign(terms: &Terms<'_>, size: u64, root: [u8; 32], key: &ArweaveKey) -> Result<Self, ItemError> {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let tag = |tag: &Tag| EncodedTag { name: encode(&tag.name), value: encode(&tag.value) };
        let mut transaction = Self {
            format: 2,
            id: String::new(),
            last_tx: terms.anchor.to_owned(),
            owner: encode(key.owner()),
            tags: terms.tags.iter().map(tag).collect(),
            target: String::new(),
            quantity: "0".to_owned(),
            data: String::new(),
            data_size: size.to_string(),
            data_root: encode(&root),
            reward: terms.reward.to_owned(),
            signature: String::new(),
        };
        let signature = key.sign_bytes(&transaction.message()?).map_err(ItemError::Key)?;
        transaction.id = ItemId::of(&signature).to_string();
        transaction.signature = encode(&signature);
        Ok(transaction)
    }

    /// Reads what a gateway sent.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, ItemError> {
        let transaction: Self = serde_json::from_slice(bytes).map_err(|error| wrong(&error.to_string()))?;
        match transaction.format {
            2 if transaction.tags.len() <= MAX_TAGS => Ok(transaction),
            2 => Err(wrong("it has too many tags")),
            _ => Err(wrong("it is not of format 2")),
        }
    }

    /// Checks that it is the transaction `id`, signed by its owner, over data of `size` bytes with this Merkle root, and returns the
    /// owner's address.
    pub(crate) fn verify(&self, id: &ItemId, size: u64, root: [u8; 32]) -> Result<ItemId, ItemError> {
        let signature = decode(&self.signature)?;
        let found = ItemId::of(&signature);
        if found != *id {
            return Err(ItemError::Id { expected: *id, found });
        }
        if decode(&self.data_root)? != root || self.data_size != size.to_string() {
            return Err(wrong("its data are others"));
        }
        let owner = decode(&self.owner)?;
        signature::rsa_pss(&owner, &self.message()?, &signature)?;
        Ok(ItemId::of(&owner))
    }

    /// Returns its id as it says it.
    pub(crate) fn id(&self) -> Result<ItemId, ItemError> {
        self.id.parse().map_err(|_| wrong("its id is none"))
    }

    fn message(&self) -> Result<DeepHash, ItemError> {
        let encoded = |text: &str| decode(text).map(|bytes| blob(&bytes));
        let tag = |tag: &EncodedTag| Ok(list(&[encoded(&tag.name)?, encoded(&tag.value)?]));
        let tags = self.tags.iter().map(tag).collect::<Result<Vec<_>, ItemError>>()?;
        Ok(list(&[
            blob(b"2"),
            encoded(&self.owner)?,
            encoded(&self.target)?,
            blob(self.quantity.as_bytes()),
            blob(self.reward.as_bytes()),
            encoded(&self.last_tx)?,
            list(&tags),
            blob(self.data_size.as_bytes()),
            encoded(&self.data_root)?,
        ]))
    }
}

fn decode(text: &str) -> Result<Vec<u8>, ItemError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong("a field is no base64url"))
}

fn wrong(reason: &str) -> ItemError {
    ItemError::Transaction(reason.to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test says where")]

    use serde_json::Value;

    use super::*;

    fn root(json: &Value) -> [u8; 32] {
        decode(json["data_root"].as_str().unwrap()).unwrap().try_into().unwrap()
    }

    #[test]
    fn transactions_of_arweave_js_verify_and_changed_ones_do_not() {
        let file = modelmark_testkit::tools::workspace().join("vectors/arweave/transactions.json");
        let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for case in vectors["transactions"].as_array().unwrap() {
            let (json, size) = (&case["transaction"], case["size"].as_u64().unwrap());
            let transaction = Transaction::from_json(json.to_string().as_bytes()).unwrap();
            let id = transaction.id().unwrap();
            assert!(transaction.verify(&id, size, root(json)).is_ok(), "{size}");
            assert!(transaction.verify(&id, size + 1, root(json)).is_err());
            assert!(transaction.verify(&id, size, [0; 32]).is_err());
            assert!(transaction.verify(&ItemId::new([0; 32]), size, root(json)).is_err());
            for field in ["last_tx", "owner", "target", "quantity", "reward", "data_size", "signature"] {
                let mut changed = json.clone();
                changed[field] = "1111".into();
                let changed = Transaction::from_json(changed.to_string().as_bytes()).unwrap();
                assert!(changed.verify(&id, size, root(json)).is_err(), "{field}");
            }
        }
    }

    #[test]
    fn what_we_sign_verifies() {
        let file = modelmark_testkit::tools::workspace().join("vectors/arweave/keys/arweave.json");
        let key = ArweaveKey::from_jwk(&std::fs::read_to_string(file).unwrap()).unwrap();
        let terms = Terms { anchor: "", reward: "17", tags: &[Tag::new("App-Name", "modelmark")] };
        let transaction = Transaction::sign(&terms, 5, [7; 32], &key).unwrap();
        let read = Transaction::from_json(&serde_json::to_vec(&transaction).unwrap()).unwrap();
        assert_eq!(read.verify(&transaction.id().unwrap(), 5, [7; 32]), Ok(key.address()));
    }
}
