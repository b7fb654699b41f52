//! What the bytes of a call or of a refusal say, by the committed interfaces: for people who look before they sign.
//!
//! The bytes themselves are read, not what they were made from, so that what is shown is what would be sent.

use std::sync::LazyLock;

use alloy::dyn_abi::{DynSolValue, JsonAbiExt as _};
use alloy::json_abi::{JsonAbi, Param};
use alloy::primitives::{Address, Bytes};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::contracts::salt;
use crate::editions::EDITIONS;
use crate::gate::{GATE, MANAGER};
use crate::shares::VAULT;
use crate::{Contract, Wei};

/// A contract's interface: its name and its artifact, which holds the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) name: &'static str,
    pub(crate) artifact: &'static str,
}

/// A call as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DecodedCall {
    /// What the call is for.
    pub what: String,
    /// Name of the contract's source.
    pub contract: String,
    /// Where the contract is.
    pub to: Address,
    /// The function with the types of its arguments; empty when the interface does not have it.
    pub function: String,
    /// The arguments by name.
    pub arguments: Vec<Argument>,
    /// What the call pays the contract.
    pub value: Wei,
    /// The bytes.
    pub data: Bytes,
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Name, as the contract has it.
    pub name: String,
    /// Solidity type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Value: numbers in decimal and bytes in hex, as strings.
    pub value: Value,
}

/// The part of an artifact that is read here.
#[derive(Deserialize)]
struct Artifact {
    abi: JsonAbi,
}

/// The part of an artifact that creations are known by.
#[derive(Deserialize)]
struct Code {
    bytecode: Bytes,
}

/// The errors of all our contracts.
static ERRORS: LazyLock<Vec<alloy::json_abi::Error>> = LazyLock::new(|| {
    let all = Contract::ALL.iter().map(|contract| contract.interface()).chain([VAULT, EDITIONS, GATE, MANAGER]).filter_map(Interface::abi);
    all.flat_map(|abi| abi.errors().cloned().collect::<Vec<_>>()).collect()
});

impl Interface {
    fn abi(self) -> Option<JsonAbi> {
        serde_json::from_str::<Artifact>(self.artifact).ok().map(|artifact| artifact.abi)
    }

    /// Returns the function that a call's bytes name, and its arguments; `None` when the interface does not have it.
    pub(crate) fn decode(self, input: &[u8]) -> Option<(String, Vec<Argument>)> {
        let (selector, rest) = input.split_first_chunk::<4>()?;
        let abi = self.abi()?;
        let function = abi.function_by_selector(selector.into())?;
        let values = function.abi_decode_input(rest).ok()?;
        Some((function.signature(), named(&function.inputs, &values)))
    }
}

impl Interface {
    /// Returns the constructor and its arguments, when the bytes are what the CREATE2 factory is sent to create the contract.
    pub(crate) fn decode_creation(self, input: &[u8]) -> Option<(String, Vec<Argument>)> {
        let init_code = input.strip_prefix(salt().as_slice())?;
        let Code { bytecode } = serde_json::from_str(self.artifact).ok()?;
        let abi = self.abi()?;
        let constructor = abi.constructor()?;
        let values = constructor.abi_decode_input(init_code.strip_prefix(bytecode.as_ref())?).ok()?;
        let types: Vec<_> = constructor.inputs.iter().map(|param| param.selector_type()).collect();
        Some((format!("constructor({})", types.join(",")), named(&constructor.inputs, &values)))
    }
}

/// Returns the name of the error of ours that refusal data is, and its arguments.
pub(crate) fn refusal(data: &[u8]) -> Option<(&'static str, Vec<Argument>)> {
    let (selector, rest) = data.split_first_chunk::<4>()?;
    let error = ERRORS.iter().find(|error| error.selector() == *selector)?;
    let values = error.abi_decode_input(rest).ok()?;
    Some((&error.name, named(&error.inputs, &values)))
}

fn named(params: &[Param], values: &[DynSolValue]) -> Vec<Argument> {
    let argument = |(param, value): (&Param, &DynSolValue)| Argument {
        name: param.name.clone(),
        kind: param.selector_type().into_owned(),
        value: json(&param.components, value),
    };
    params.iter().zip(values).map(argument).collect()
}

fn json(components: &[Param], value: &DynSolValue) -> Value {
    match value {
        DynSolValue::Bool(yes) => Value::Bool(*yes),
        DynSolValue::Int(number, _) => Value::String(number.to_string()),
        DynSolValue::Uint(number, _) => Value::String(number.to_string()),
        DynSolValue::Address(address) => Value::String(address.to_checksum(None)),
        DynSolValue::FixedBytes(word, size) => Value::String(hex(word.get(..*size).unwrap_or_default())),
        DynSolValue::Bytes(bytes) => Value::String(hex(bytes)),
        DynSolValue::Function(function) => Value::String(hex(function.as_slice())),
        DynSolValue::String(text) => Value::String(text.clone()),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => items.iter().map(|item| json(components, item)).collect(),
        DynSolValue::Tuple(members) | DynSolValue::CustomStruct { tuple: members, .. } => {
            let pairs = components.iter().zip(members).map(|(param, member)| (param.name.clone(), json(&param.components, member)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    alloy::primitives::hex::encode_prefixed(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a call that is not read is a failed test")]
    use super::*;
    use crate::bindings::{BatchAnchor, ModelRegistry, StatusBoard};
    use alloy::primitives::{B256, U256};
    use alloy::sol_types::{SolCall as _, SolError as _};

    #[test]
    fn every_artifact_is_read() {
        for contract in Contract::ALL {
            assert!(contract.interface().abi().is_some_and(|abi| abi.functions().next().is_some()), "{contract}");
        }
    }

    #[test]
    fn calls_are_read_back_with_structs_and_overloads() {
        let call = StatusBoard::disputeCall { registry: Address::repeat_byte(1), tokenId: U256::from(7), evidence: B256::repeat_byte(9) };
        let (function, arguments) = Contract::StatusBoard.interface().decode(&call.abi_encode()).unwrap();
        assert_eq!(function, "dispute(address,uint256,bytes32)");
        assert_eq!((arguments[1].name.as_str(), &arguments[1].value), ("tokenId", &Value::from("7")));

        let parent = ModelRegistry::Parent {
            chainId: 5,
            registry: Address::ZERO,
            tokenId: U256::from(1),
            relation: 1,
            shareBps: 100,
            evidence: B256::ZERO,
        };
        let model = ModelRegistry::ModelInput {
            weightsDigest: B256::ZERO,
            recordDigest: B256::ZERO,
            datasetDigest: B256::ZERO,
            architectureDigest: B256::ZERO,
            framework: B256::ZERO,
            metrics: B256::ZERO,
            license: B256::ZERO,
            kind: 0,
            royaltyBps: 0,
            creator: Address::ZERO,
            parents: vec![parent],
        };
        let call = ModelRegistry::mintProvenanceNFT_1Call { to: Address::ZERO, model };
        let (function, arguments) = Contract::ModelRegistry.interface().decode(&call.abi_encode()).unwrap();
        assert!(function.starts_with("mintProvenanceNFT(address,("), "{function}");
        assert_eq!(arguments[1].value["parents"][0]["chainId"], "5");
        assert_eq!(Contract::BatchAnchor.interface().decode(&call.abi_encode()), None);
        assert_eq!(Contract::BatchAnchor.interface().decode(&[1, 2]), None);
    }

    #[test]
    fn refusals_of_every_contract_are_read() {
        let error = BatchAnchor::BatchAnchorExpired { deadline: U256::from(3) };
        let (name, arguments) = refusal(&error.abi_encode()).unwrap();
        assert_eq!((name, arguments[0].name.as_str(), &arguments[0].value), ("BatchAnchorExpired", "deadline", &Value::from("3")));
        assert_eq!(refusal(&[1, 2, 3, 4]), None);
    }
}
