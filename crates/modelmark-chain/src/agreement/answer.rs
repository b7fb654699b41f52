//! One endpoint's answer to one question, in a form in which honest answers are equal however their nodes spell them.

use std::fmt;

use alloy::rpc::json_rpc::{Id, Response, ResponsePacket, ResponsePayload, SerializedRequest};
use alloy::transports::TransportError;
use serde_json::Value;

use crate::error::tame;
use crate::revert;

/// What is read of a block; its hash binds the rest, and nodes add fields of their own.
const OF_A_BLOCK: [&str; 6] = ["number", "hash", "parentHash", "stateRoot", "timestamp", "baseFeePerGas"];
/// What is read of a log.
const OF_A_LOG: [&str; 9] =
    ["address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "transactionIndex", "logIndex", "removed"];
/// What is read of a receipt.
const OF_A_RECEIPT: [&str; 8] = ["transactionHash", "transactionIndex", "type", "status", "root", "cumulativeGasUsed", "logsBloom", "logs"];

/// What an endpoint came up with.
#[derive(Debug)]
pub(super) enum Answer {
    /// A result, or a contract's refusal: what all honest endpoints say alike.
    Word { said: Value, response: Response },
    /// The endpoint would not answer.
    Refusal(Response),
    /// Nothing that could be used.
    Nothing(String),
}

impl Answer {
    fn of(method: &str, response: Response) -> Self {
        let said = match &response.payload {
            ResponsePayload::Success(result) => match serde_json::from_str(result.get()) {
                Ok(value) => normal(method, value),
                Err(error) => return Self::Nothing(format!("answers no JSON ({})", tame(&error.to_string()))),
            },
            ResponsePayload::Failure(error) => match revert::of(error) {
                // Nodes word a revert differently, but its data are the contract's.
                Some(_) => Value::from(format!("reverted {:?}", error.as_revert_data())),
                None => return Self::Refusal(response),
            },
        };
        // Nobody says the same as somebody who does not have the block.
        if said.is_null() { Self::Nothing("has no such thing".to_owned()) } else { Self::Word { said, response } }
    }

    /// Tells whether it is a statement that others can agree to.
    pub(super) const fn is_word(&self) -> bool {
        matches!(self, Self::Word { .. })
    }

    pub(super) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refusal(_))
    }

    /// Tells whether two endpoints say the same.
    pub(super) fn says(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Word { said: one, .. }, Self::Word { said: another, .. }) if one == another)
    }

    pub(super) fn response(&self) -> Option<Response> {
        match self {
            Self::Word { response, .. } | Self::Refusal(response) => Some(response.clone()),
            Self::Nothing(_) => None,
        }
    }

    /// Returns the height of the block that it names.
    pub(super) fn height(&self) -> Option<u64> {
        let Self::Word { said, .. } = self else { return None };
        quantity(said.get("number")?)
    }

    /// Says what is wrong with an answer that the others do not give.
    pub(super) const fn fault(&self) -> &'static str {
        match self {
            Self::Word { .. } => "CONTRADICTS the others; it was not believed",
            Self::Refusal(_) | Self::Nothing(_) => "did not answer; it was counted out",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word { said, .. } => write!(f, "says {}", tame(&said.to_string()).chars().take(80).collect::<String>()),
            Self::Refusal(response) => {
                let message = response.payload.as_error().map(|error| tame(&error.message)).unwrap_or_default();
                write!(f, "refused ({message})")
            }
            Self::Nothing(why) => f.write_str(why),
        }
    }
}

/// Returns the tag when a question is for the block that an endpoint calls so: there honest ones differ.
pub(super) fn tag(request: &SerializedRequest) -> Option<String> {
    if request.method() != "eth_getBlockByNumber" {
        return None;
    }
    let (block, _): (String, bool) = serde_json::from_str(request.params()?.get()).ok()?;
    matches!(block.as_str(), "latest" | "safe" | "finalized" | "pending").then_some(block)
}

/// Returns one endpoint's answers in the order of the questions, whatever it left out or added.
pub(super) fn by_question(requests: &[SerializedRequest], answer: Result<ResponsePacket, TransportError>) -> Vec<Answer> {
    let mut responses = match answer {
        // A lone answer to a lone question; an answer to nothing in particular is an error of the whole.
        Ok(ResponsePacket::Single(response)) => vec![response],
        Ok(ResponsePacket::Batch(responses)) => responses,
        Err(error) => {
            let why = tame(&error.to_string());
            return requests.iter().map(|_| Answer::Nothing(format!("cannot be reached ({why})"))).collect();
        }
    };
    let whole = responses.len() == 1 && responses.first().is_some_and(|response| response.is_error() && response.id == Id::None);
    let answer = |request: &SerializedRequest| {
        let found = responses.iter().position(|response| response.id == *request.id());
        match found {
            Some(index) => Answer::of(request.method(), responses.swap_remove(index)),
            None if whole => {
                responses.first().map_or_else(|| Answer::Nothing("left it out".to_owned()), |all| Answer::Refusal(all.clone()))
            }
            None => Answer::Nothing("answered another question".to_owned()),
        }
    };
    requests.iter().map(answer).collect()
}

/// Takes out what may differ between honest nodes: the case of hex digits, absent and null fields, the order of logs, fields that only some of them have.
fn normal(method: &str, value: Value) -> Value {
    let mut value = plain(value);
    match (method, &mut value) {
        ("eth_getBlockByNumber" | "eth_getBlockByHash", Value::Object(fields)) => {
            fields.retain(|name, _| OF_A_BLOCK.contains(&name.as_str()))
        }
        ("eth_getBlockReceipts", Value::Array(receipts)) => receipts.iter_mut().for_each(normal_receipt),
        ("eth_getTransactionReceipt", receipt) => normal_receipt(receipt),
        ("eth_getLogs", Value::Array(logs)) => {
            logs.iter_mut().for_each(normal_log);
            logs.sort_by_cached_key(|log| ["blockNumber", "logIndex"].map(|name| log.get(name).and_then(quantity)));
        }
        ("eth_getStorageAt" | "eth_chainId", Value::String(word)) => {
            // Nodes differ in whether they pad the word.
            let digits = word.trim_start_matches("0x").trim_start_matches('0');
            *word = format!("0x{digits}");
        }
        _ => {}
    }
    value
}

fn normal_receipt(receipt: &mut Value) {
    let Value::Object(fields) = receipt else { return };
    fields.retain(|name, _| OF_A_RECEIPT.contains(&name.as_str()));
    if let Some(Value::Array(logs)) = fields.get_mut("logs") {
        logs.iter_mut().for_each(normal_log);
    }
}

fn normal_log(log: &mut Value) {
    let Value::Object(fields) = log else { return };
    fields.retain(|name, _| OF_A_LOG.contains(&name.as_str()));
    // Logs that count are not removed, and some nodes leave that out.
    fields.entry("removed").or_insert(Value::Bool(false));
}

/// serde_json bounds the depth of what it reads, and the endpoint's limits the size.
fn plain(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with("0x") || text.starts_with("0X") => Value::String(text.to_ascii_lowercase()),
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, plain(value))).collect())
        }
        other => other,
    }
}

fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::normal;
    use serde_json::json;

    #[test]
    fn what_honest_nodes_spell_differently_is_equal_and_nothing_else() {
        let same = [
            ("eth_call", json!("0xABcd"), json!("0xabCD")),
            ("eth_getStorageAt", json!("0x0"), json!(format!("0x{:064}", 0))),
            (
                "eth_getBlockByNumber",
                json!({"number": "0x1", "hash": "0xAA", "timestamp": "0x5", "size": "0x9", "baseFeePerGas": null}),
                json!({"number": "0x1", "hash": "0xaa", "timestamp": "0x5", "totalDifficulty": "0x0"}),
            ),
            (
                "eth_getLogs",
                json!([{"blockNumber": "0xA", "logIndex": "0x1", "data": "0x"}, {"blockNumber": "0x9", "logIndex": "0x2", "removed": false}]),
                json!([{"blockNumber": "0x9", "logIndex": "0x2", "blockTimestamp": "0x1"}, {"blockNumber": "0xa", "logIndex": "0x1", "data": "0x"}]),
            ),
            (
                "eth_getBlockReceipts",
                json!([{"status": "0x1", "logs": [{"data": "0xA"}], "effectiveGasPrice": "0x1"}]),
                json!([{"status": "0x1", "logs": [{"data": "0xa", "blockTimestamp": "0x1"}], "l1Fee": "0x9"}]),
            ),
        ];
        for (method, one, another) in same {
            assert_eq!(normal(method, one), normal(method, another), "{method}");
        }
        let different = [
            ("eth_call", json!("0x00"), json!("0x")),
            ("eth_call", json!("0x01"), json!("0x1")),
            ("eth_getStorageAt", json!("0x10"), json!("0x1")),
            ("eth_getBlockByNumber", json!({"number": "0x1", "timestamp": "0x5"}), json!({"number": "0x1", "timestamp": "0x6"})),
            ("eth_getBlockReceipts", json!([{"logs": []}]), json!([{"logs": [{"data": "0xa"}]}])),
            ("eth_getTransactionReceipt", json!({"status": "0x1"}), json!({"status": "0x0"})),
            ("eth_getLogs", json!([]), json!([{"blockNumber": "0x9"}])),
            ("eth_getLogs", json!([{"data": "0x1"}]), json!([{"data": "0x2"}])),
        ];
        for (method, one, another) in different {
            assert_ne!(normal(method, one), normal(method, another), "{method}");
        }
    }
}
