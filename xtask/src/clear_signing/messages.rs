//! The EIP-712 messages that users sign. Their members come from the texts whose hashes the contracts compare.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::format::Format;
use super::source::Source;
use super::{Deployments, descriptor};

/// A message: the contract that checks it, its name, the signing domain's name, and what the user wants with it.
type Message = (&'static str, &'static str, &'static str, &'static str);

const MESSAGES: &[Message] = &[
    ("ModelRegistry", "MintAuth", "modelmark", "Let others mint my model"),
    ("ModelRegistry", "Delegation", "modelmark", "Set a delegate"),
    ("LineageVault", "Withdrawal", "modelmark vault", "Withdraw earnings"),
    ("ModelMarket", "Order", "modelmark market", "Sign an order"),
];

/// The version of all our signing domains.
const VERSION: &str = "1";

/// Members that are numbers in a message and choices in the contracts.
const CHOICES: &[(&str, &str)] = &[("kind", "Kind"), ("side", "Side"), ("selection", "Selection"), ("goods", "Goods")];

/// Makes a descriptor of each message: its name, and the descriptor.
pub(super) fn descriptors(source: &Source, deployments: &Deployments) -> Result<Vec<(&'static str, Value)>> {
    MESSAGES.iter().map(|message| Ok((message.1, of_message(message, source, deployments)?))).collect()
}

fn of_message((contract, name, domain, intent): &Message, source: &Source, deployments: &Deployments) -> Result<Value> {
    source.check_domain(domain, VERSION)?;
    let members = source.message(name)?;
    let inputs: Vec<_> = members.iter().map(|(kind, name)| input(kind, name)).collect();
    let format = Format::of_message(name, &inputs)?;
    let types: Vec<_> = members.iter().map(|(kind, name)| json!({"name": name, "type": kind})).collect();
    let schema = json!({"primaryType": name, "types": {*name: types, "EIP712Domain": domain_type()}});
    let places = deployments.get(*contract).cloned().unwrap_or_default();
    let domain = json!({"name": domain, "version": VERSION});
    let mut formats = Map::new();
    formats.insert((*name).to_owned(), format.to_json(intent));
    let context = json!({"$id": name, "eip712": {"deployments": places, "domain": domain, "schemas": [schema]}});
    Ok(descriptor(context, format.enums(source)?, formats))
}

/// Returns a member as the interface of a function would have it.
fn input(kind: &str, name: &str) -> Value {
    let choice = CHOICES.iter().find(|(member, _)| *member == name);
    let inner = choice.map_or_else(|| kind.to_owned(), |(_, choice)| format!("enum {choice}"));
    json!({"name": name, "type": kind, "internalType": inner})
}

/// Returns what OpenZeppelin's EIP712 puts into a domain.
fn domain_type() -> Value {
    let members = [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address")];
    members.map(|(name, kind)| json!({"name": name, "type": kind})).into()
}
