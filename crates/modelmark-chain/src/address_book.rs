//! Known deployments by chain: the JSON files in `contracts/deployments/`, and a user's own in the same shape.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use serde::{Deserialize, Serialize};

use crate::{ChainId, Contract, Deployed, TokenRefError, parse_address};

/// The books that come with this version, one for each chain.
const BUILT_IN: [&str; 1] = [include_str!("../../../contracts/deployments/31337.json")];

/// Largest book that is read, in bytes.
const MAX_BOOK: usize = 1 << 20;

/// Deployments that somebody vouches for: us, for those that come with this version, or the user who added them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressBook {
    registries: BTreeMap<(ChainId, Address), Entry>,
    contracts: BTreeMap<(ChainId, String), Address>,
}

/// One registry in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// The block in which it was deployed: nothing of it is in the logs before.
    pub deployed_in: Option<u64>,
}

/// A deployments file as it stands on disk.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    chain_id: u64,
    registries: Vec<FileEntry>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    contracts: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileEntry {
    address: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    deployed_in: Option<u64>,
}

/// The text is not a deployments file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressBookError {
    /// More than 1 MiB.
    #[error("a deployments file has at most {MAX_BOOK} bytes, this one has {0}")]
    TooLarge(usize),
    /// Not JSON of the documented shape.
    #[error("not a deployments file: {0}")]
    Shape(#[from] serde_json::Error),
    /// Chain id 0.
    #[error("a deployments file names chain id 0")]
    Chain,
    /// An address is wrong.
    #[error(transparent)]
    Address(#[from] TokenRefError),
}

impl AddressBook {
    /// Returns the deployments that come with this version.
    ///
    /// # Errors
    /// None in a released version: a test reads every built-in file.
    pub fn built_in() -> Result<Self, AddressBookError> {
        let mut book = Self::default();
        for text in BUILT_IN {
            book.read(text)?;
        }
        Ok(book)
    }

    /// Adds the deployments of one file.
    ///
    /// # Errors
    /// The text is not a deployments file. Nothing is added then.
    pub fn read(&mut self, json: &str) -> Result<(), AddressBookError> {
        if json.len() > MAX_BOOK {
            return Err(AddressBookError::TooLarge(json.len()));
        }
        let file: File = serde_json::from_str(json)?;
        let chain = ChainId::try_from(file.chain_id).map_err(|_| AddressBookError::Chain)?;
        let mut entries = Vec::new();
        for FileEntry { address, name, deployed_in } in file.registries {
            entries.push(((chain, parse_address(&address)?), Entry { name, deployed_in }));
        }
        let mut contracts = Vec::new();
        for (name, address) in file.contracts {
            contracts.push(((chain, name), parse_address(&address)?));
        }
        self.registries.extend(entries);
        self.contracts.extend(contracts);
        Ok(())
    }

    /// Adds a deployment: its registry, called `name`, and its contracts. A block that the book knows already is kept.
    pub fn add(&mut self, chain: ChainId, name: &str, deployed: &Deployed) {
        let known = self.get(chain, deployed.registry).and_then(|entry| entry.deployed_in);
        let deployed_in = deployed.deployed_in.or(known);
        self.insert(chain, deployed.registry, Entry { name: name.into(), deployed_in });
        for (contract, address) in &deployed.contracts {
            if *contract != Contract::ModelRegistry {
                self.contracts.insert((chain, contract.name().to_owned()), *address);
            }
        }
    }

    /// Adds one registry, or replaces what the book says about it.
    pub fn insert(&mut self, chain: ChainId, registry: Address, entry: Entry) {
        self.registries.insert((chain, registry), entry);
    }

    /// Returns what the book says about a contract.
    #[must_use]
    pub fn get(&self, chain: ChainId, registry: Address) -> Option<&Entry> {
        self.registries.get(&(chain, registry))
    }

    /// Returns the deployments file of one chain: the same entries give the same bytes.
    ///
    /// # Errors
    /// Never in practice: the shape is always JSON.
    pub fn to_json(&self, chain: ChainId) -> Result<String, AddressBookError> {
        let of_chain = self.registries.iter().filter(|((id, _), _)| *id == chain);
        let registries = of_chain
            .map(|((_, address), entry)| FileEntry {
                address: address.to_string(),
                name: entry.name.clone(),
                deployed_in: entry.deployed_in,
            })
            .collect();
        let contracts = self.contracts.iter().filter(|((id, _), _)| *id == chain);
        let contracts = contracts.map(|((_, name), address)| (name.clone(), address.to_string())).collect();
        let mut json = serde_json::to_string_pretty(&File { chain_id: chain.get(), registries, contracts })?;
        json.push('\n');
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a file that cannot be read is a failed test")]
    use super::*;

    #[test]
    fn every_committed_file_is_built_in_and_reads() {
        let book = AddressBook::built_in().unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/deployments");
        let mut found = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let chain: u64 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
                assert_eq!(book.to_json(chain.try_into().unwrap()).unwrap(), std::fs::read_to_string(&path).unwrap(), "{}", path.display());
                found += 1;
            }
        }
        assert_eq!(found, BUILT_IN.len());
    }

    #[test]
    fn wrong_files_add_nothing() {
        let good = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
        for bad in [
            String::new(),
            "[]".into(),
            r#"{"chainId":0,"registries":[]}"#.into(),
            r#"{"chainId":1,"registries":[],"more":1}"#.into(),
            format!(r#"{{"chainId":1,"registries":[{{"address":"{good}","name":"a"}},{{"address":"0x1","name":"b"}}]}}"#),
            " ".repeat(MAX_BOOK + 1),
        ] {
            let mut book = AddressBook::default();
            assert!(book.read(&bad).is_err());
            assert_eq!(book, AddressBook::default());
        }
    }
}
