//! From parameters to fields: paths, labels and formats of one function or message.

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::parameters::{Show, rule};
use super::source::Source;
use super::{inputs, string};

/// The zero address, which stands for the chain's own currency in all our contracts.
const NATIVE: &str = "0x0000000000000000000000000000000000000000";

/// What a wallet shows of one function or message, in the order of its parameters.
#[derive(Default)]
pub(super) struct Format {
    fields: Vec<Value>,
    hidden: Vec<String>,
    choices: Vec<String>,
}

/// Where a parameter is.
struct Place<'a> {
    /// Path of what it is a member of, with a dot at its end; empty at the top.
    parent: String,
    /// The struct or function that it is a member of.
    owner: &'a str,
    /// Its neighbours, it among them.
    beside: &'a [Value],
}

impl Format {
    /// Describes a function of an interface.
    pub(super) fn of_function(contract: &str, name: &str, function: &Value) -> Result<Self> {
        let mut format = Self::default();
        if string(function, "stateMutability") == "payable" {
            format.fields.push(json!({"path": "@.value", "label": "You pay", "format": "amount"}));
        }
        let place = Place { parent: String::new(), owner: name, beside: inputs(function) };
        format.add(&place).with_context(|| format!("{contract}.{name}"))?;
        Ok(format)
    }

    /// Describes a message: members as the interface of a function has them.
    pub(super) fn of_message(name: &str, members: &[Value]) -> Result<Self> {
        let mut format = Self::default();
        format.add(&Place { parent: String::new(), owner: name, beside: members }).with_context(|| name.to_owned())?;
        Ok(format)
    }

    pub(super) fn to_json(&self, intent: &str) -> Value {
        let required: Vec<_> = self.fields.iter().map(|field| string(field, "path")).collect();
        let mut format = json!({"intent": intent, "fields": self.fields, "required": required});
        if let (false, Some(format)) = (self.hidden.is_empty(), format.as_object_mut()) {
            format.insert("excluded".into(), json!(self.hidden));
        }
        format
    }

    /// Returns the words of the choices.
    pub(super) fn enums(&self, source: &Source) -> Result<Map<String, Value>> {
        self.choices.iter().map(|name| Ok((name.clone(), source.choice(name)?))).collect()
    }

    fn add(&mut self, place: &Place<'_>) -> Result<()> {
        for input in place.beside {
            let name = string(input, "name");
            let kind = string(input, "type");
            let array = ".[]".repeat(kind.matches("[]").count());
            let found = rule(place.owner, name);
            if found.is_some_and(|(show, _)| show == Show::Hidden) {
                self.hidden.push(format!("{}{name}{array}", place.parent));
            } else if kind.starts_with("tuple") {
                let inner = string(input, "internalType").strip_prefix("struct ").unwrap_or_default();
                let owner = inner.split(['[', '.']).next().unwrap_or_default();
                let parent = format!("{}{name}{array}.", place.parent);
                self.add(&Place { parent, owner, beside: inputs(input) })?;
            } else {
                let (show, label) = found.with_context(|| format!("nobody says what `{name}` in `{}` is", place.owner))?;
                let path = format!("{}{name}{array}", place.parent);
                let field = self.field(&path, label, show, input, place)?;
                self.fields.push(field);
            }
        }
        Ok(())
    }

    fn field(&mut self, path: &str, label: &str, show: Show, input: &Value, place: &Place<'_>) -> Result<Value> {
        let (format, params) = match show {
            Show::Hidden => bail!("`{path}` is hidden"),
            Show::Raw => ("raw", Value::Null),
            Show::Account => ("addressName", json!({"types": ["wallet", "eoa", "contract"], "sources": ["local", "ens"]})),
            Show::Contract => ("addressName", json!({"types": ["contract", "collection"], "sources": ["local", "ens"]})),
            Show::Currency => ("addressName", json!({"types": ["token"], "sources": ["local"]})),
            Show::Coins => ("amount", Value::Null),
            Show::Amount(currency) => ("tokenAmount", json!({"tokenPath": place.path_of(currency)?, "nativeCurrencyAddress": NATIVE})),
            Show::Token(collection) => {
                ("nftName", json!({"collectionPath": place.path_of(collection).unwrap_or_else(|_| "@.to".to_owned())}))
            }
            Show::Date => ("date", json!({"encoding": "timestamp"})),
            Show::Duration => ("duration", Value::Null),
            Show::Share => ("unit", json!({"base": "%", "decimals": 2})),
            Show::Choice => ("enum", json!({"$ref": format!("$.metadata.enums.{}", self.choice(path, input)?)})),
            Show::Call => ("calldata", json!({"calleePath": "@.to"})),
        };
        let mut field = json!({"path": path, "label": label, "format": format});
        if let (false, Some(field)) = (params.is_null(), field.as_object_mut()) {
            field.insert("params".into(), params);
        }
        Ok(field)
    }

    /// Returns which choice the parameter is, and keeps it for the list of words.
    fn choice(&mut self, path: &str, input: &Value) -> Result<String> {
        let name = string(input, "internalType").strip_prefix("enum ");
        let name = name.with_context(|| format!("`{path}` is no choice"))?.to_owned();
        self.choices.push(name.clone());
        Ok(name)
    }
}

impl Place<'_> {
    /// Returns the path of a parameter beside this one, or of one that is named from the top.
    fn path_of(&self, name: &str) -> Result<String> {
        let first = name.split('.').next().unwrap_or(name);
        if first == "@" || self.beside.iter().any(|input| string(input, "name") == first) {
            let parent = if first == "@" { "" } else { &self.parent };
            return Ok(format!("{parent}{name}"));
        }
        bail!("there is no `{name}` beside it in `{}`", self.owner)
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;

    fn describe(inputs: &Value) -> Result<Format> {
        Format::of_function("C", "f", &json!({"inputs": inputs, "stateMutability": "nonpayable"}))
    }

    #[test]
    fn what_nobody_described_is_refused() {
        let failure = describe(&json!([{"name": "surprise", "type": "uint256"}])).err().expect("unknown");
        assert!(format!("{failure:#}").contains("nobody says what `surprise`"), "{failure:#}");
    }

    #[test]
    fn amounts_and_tokens_point_to_what_is_beside_them() {
        let offer = json!([{"name": "what", "type": "tuple[]", "internalType": "struct Offer[]", "components": [
            {"name": "registry", "type": "address"}, {"name": "tokenId", "type": "uint256"},
            {"name": "currency", "type": "address"}, {"name": "price", "type": "uint96"},
        ]}]);
        let format = describe(&offer).expect("known").to_json("Offer");
        assert_eq!(format["fields"][1]["params"]["collectionPath"], "what.[].registry");
        assert_eq!(format["fields"][3]["params"]["tokenPath"], "what.[].currency");
        let alone = describe(&json!([{"name": "tokenId", "type": "uint256"}])).expect("known").to_json("Lock");
        assert_eq!(alone["fields"][0]["params"]["collectionPath"], "@.to");
        assert!(describe(&json!([{"name": "price", "type": "uint96"}])).is_err());
    }

    #[test]
    fn what_is_hidden_is_said_to_be() {
        let format =
            describe(&json!([{"name": "to", "type": "address"}, {"name": "proof", "type": "bytes32[]"}])).expect("known").to_json("x");
        assert_eq!((&format["excluded"], &format["required"]), (&json!(["proof.[]"]), &json!(["to"])));
    }
}
