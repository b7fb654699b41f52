//! Reading EIP-712 documents from strangers: the types of a document can be made to unfold without end, so their size is known before they are resolved.

use std::collections::BTreeMap;

use alloy::dyn_abi::TypedData;
use alloy::primitives::B256;
use serde_json::Value;

use super::RpcError;

/// How many struct types a document may name.
const MAX_TYPES: usize = 64;

/// How many characters the name of a type has at most; array brackets are part of it and nest one level each.
const MAX_TYPE_NAME: usize = 96;

/// How many fields the primary type may unfold into.
const MAX_FIELDS: u64 = 4096;

/// Returns the hash to sign of an EIP-712 document, which clients send as an object or as its text.
pub(super) fn signing_hash(document: Value) -> Result<B256, RpcError> {
    let document = match document {
        Value::String(text) => serde_json::from_str(&text).map_err(refuse)?,
        other => other,
    };
    check_types(&document)?;
    let document: TypedData = serde_json::from_value(document).map_err(refuse)?;
    document.eip712_signing_hash().map_err(refuse)
}

fn refuse(error: impl std::fmt::Display) -> RpcError {
    RpcError::params(format!("invalid typed data: {error}"))
}

/// Struct name -> the names of the types of its fields.
type Fields<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn check_types(document: &Value) -> Result<(), RpcError> {
    let types = document.get("types").and_then(Value::as_object).ok_or_else(|| refuse("no types"))?;
    if types.len() > MAX_TYPES {
        return Err(refuse("too many types"));
    }
    let mut fields = Fields::new();
    for (name, members) in types {
        let members = members.as_array().map(Vec::as_slice).unwrap_or_default();
        let of_members: Vec<&str> = members.iter().filter_map(|member| member.get("type").and_then(Value::as_str)).collect();
        if of_members.iter().chain([&name.as_str()]).any(|name| name.len() > MAX_TYPE_NAME) {
            return Err(refuse("a type name is too long"));
        }
        fields.insert(name, of_members);
    }
    let mut sizes = BTreeMap::new();
    for name in fields.keys() {
        if unfolded(name, &fields, &mut sizes, 0)? > MAX_FIELDS {
            return Err(refuse("the types are too large"));
        }
    }
    Ok(())
}

/// Returns how many fields a type unfolds into.
fn unfolded<'a>(name: &'a str, fields: &Fields<'a>, sizes: &mut BTreeMap<&'a str, u64>, depth: usize) -> Result<u64, RpcError> {
    let name = name.split('[').next().unwrap_or_default();
    let Some(members) = fields.get(name) else { return Ok(1) };
    if let Some(size) = sizes.get(name) {
        return Ok(*size);
    }
    if depth > MAX_TYPES {
        return Err(refuse("a type contains itself"));
    }
    let mut size = 1u64;
    for member in members {
        size = size.saturating_add(unfolded(member, fields, sizes, depth + 1)?);
    }
    sizes.insert(name, size);
    Ok(size)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(types: Value, message: Value) -> Value {
        json!({ "types": types, "primaryType": "A", "domain": {}, "message": message })
    }

    #[test]
    fn the_example_of_the_standard_has_its_hash() {
        let mail = json!({
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}
                ],
                "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
                "Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"}, {"name": "contents", "type": "string"}]
            },
            "primaryType": "Mail",
            "domain": {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
            "message": {
                "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
                "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
                "contents": "Hello, Bob!"
            }
        });
        let expected = "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2";
        assert_eq!(signing_hash(mail.clone()).unwrap().to_string(), expected);
        assert_eq!(signing_hash(Value::String(mail.to_string())).unwrap().to_string(), expected);
    }

    #[test]
    fn types_that_unfold_without_end_are_refused() {
        let doubling: serde_json::Map<String, Value> = (0..60)
            .map(|level| {
                let next = format!("T{}", level + 1);
                (
                    if level == 0 { "A".into() } else { format!("T{level}") },
                    json!([{"name": "x", "type": next}, {"name": "y", "type": next}]),
                )
            })
            .collect();
        assert!(signing_hash(document(doubling.into(), json!({}))).unwrap_err().message.contains("too large"));
        let itself = json!({"A": [{"name": "b", "type": "B"}], "B": [{"name": "a", "type": "A"}]});
        assert!(signing_hash(document(itself, json!({"b": {"a": {}}}))).is_err());
        let nested = json!({"A": [{"name": "x", "type": format!("uint256{}", "[]".repeat(10_000))}]});
        assert!(signing_hash(document(nested, json!({"x": []}))).unwrap_err().message.contains("too long"));
    }

    #[test]
    fn garbage_is_refused() {
        for garbage in [json!(null), json!([]), json!("{"), json!({"types": 1}), document(json!({"A": 3}), json!(1))] {
            assert_eq!(signing_hash(garbage).unwrap_err().code, -32602);
        }
    }
}
