//! JSON-RPC 2.0 as text: what is a request, what is a batch, and how answers are written.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::rpc::error::{INVALID_REQUEST, LIMIT_EXCEEDED, PARSE_ERROR};
use crate::{Devnet, RpcError};

/// How many requests a batch holds at most, as in geth.
const MAX_BATCH: usize = 1000;

/// How many bytes the answers to a batch have at most, as in geth.
const MAX_ANSWER: usize = 25_000_000;

/// A request; the parameters are looked at when the rest is sound.
#[derive(Deserialize)]
struct Request<'a> {
    jsonrpc: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    method: Option<Value>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Reply {
    jsonrpc: &'static str,
    id: Value,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Result(Value),
    Error(RpcError),
}

/// Answers a request or a batch; `None` when nothing in it wants an answer.
pub(super) fn answer(devnet: &Devnet, body: &[u8]) -> Option<Vec<u8>> {
    let reply = match serde_json::from_slice::<&RawValue>(body) {
        Err(error) => Some(write(&reply(Value::Null, Err(parse_error(&error))))),
        Ok(raw) if raw.get().starts_with('[') => answer_batch(devnet, raw),
        Ok(raw) => answer_one(devnet, raw, None).map(|reply| write(&reply)),
    };
    reply.map(|raw| raw.get().as_bytes().to_vec())
}

fn answer_batch(devnet: &Devnet, raw: &RawValue) -> Option<Box<RawValue>> {
    let refused = |error| Some(write(&reply(Value::Null, Err(error))));
    let requests: Vec<&RawValue> = match serde_json::from_str(raw.get()) {
        Ok(requests) => requests,
        Err(error) => return refused(parse_error(&error)),
    };
    if requests.is_empty() {
        return refused(RpcError::new(INVALID_REQUEST, "empty batch"));
    }
    if requests.len() > MAX_BATCH {
        return refused(RpcError::new(INVALID_REQUEST, format!("batch too large: {} requests, at most {MAX_BATCH}", requests.len())));
    }
    let mut replies = Vec::new();
    let mut size = 0usize;
    for request in requests {
        // What was done is answered for; what no longer fits is not done.
        let refusal = (size > MAX_ANSWER).then(|| RpcError::new(LIMIT_EXCEEDED, "response too large"));
        let Some(reply) = answer_one(devnet, request, refusal) else { continue };
        let reply = write(&reply);
        size = size.saturating_add(reply.get().len());
        replies.push(reply);
    }
    (!replies.is_empty()).then(|| write(&replies))
}

/// Answers one request, with a refusal when there is one; `None` for a notification.
fn answer_one(devnet: &Devnet, raw: &RawValue, refusal: Option<RpcError>) -> Option<Reply> {
    let request: Request<'_> = match serde_json::from_str(raw.get()) {
        Ok(request) => request,
        Err(error) => return Some(reply(Value::Null, Err(RpcError::new(INVALID_REQUEST, format!("invalid request: {error}"))))),
    };
    let id = request.id.clone().filter(|id| id.is_string() || id.is_number() || id.is_null());
    let sound = request.jsonrpc.as_ref().and_then(Value::as_str) == Some("2.0") && (id.is_some() || request.id.is_none());
    let method = request.method.as_ref().and_then(Value::as_str).filter(|_| sound);
    let Some(method) = method else { return Some(reply(id.unwrap_or_default(), Err(RpcError::new(INVALID_REQUEST, "invalid request")))) };
    if let Some(refusal) = refusal {
        return id.map(|id| reply(id, Err(refusal)));
    }
    let params = request.params.map_or(Ok(Value::Null), |params| serde_json::from_str(params.get()));
    let outcome = params.map_err(|error| parse_error(&error)).and_then(|params| devnet.request(method, params));
    id.map(|id| reply(id, outcome))
}

/// Tells an id that is `null` from one that is not there.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn parse_error(error: &serde_json::Error) -> RpcError {
    RpcError::new(PARSE_ERROR, format!("parse error: {error}"))
}

fn reply(id: Value, outcome: Result<Value, RpcError>) -> Reply {
    let outcome = match outcome {
        Ok(value) => Outcome::Result(value),
        Err(error) => Outcome::Error(error),
    };
    Reply { jsonrpc: "2.0", id, outcome }
}

/// Writes an answer; a value made of JSON values always has a text.
fn write(answer: &impl Serialize) -> Box<RawValue> {
    to_raw_value(answer).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Config;

    fn ask(body: impl AsRef<[u8]>) -> Option<Value> {
        let devnet = Devnet::in_memory(Config::default()).unwrap();
        answer(&devnet, body.as_ref()).map(|reply| serde_json::from_slice(&reply).unwrap())
    }

    fn code(body: impl AsRef<[u8]>) -> Value {
        ask(body).unwrap()["error"]["code"].clone()
    }

    #[test]
    fn ids_come_back_as_they_were_sent() {
        for id in [json!(7), json!("seven"), json!(null)] {
            let reply = ask(json!({"jsonrpc": "2.0", "id": id, "method": "eth_chainId"}).to_string()).unwrap();
            assert_eq!(reply, json!({"jsonrpc": "2.0", "id": id, "result": "0x7a69"}));
        }
    }

    #[test]
    fn a_batch_is_answered_in_order_and_notifications_are_not() {
        let reply = ask(json!([
            {"jsonrpc": "2.0", "id": 1, "method": "net_version"},
            {"jsonrpc": "2.0", "method": "net_version"},
            {"jsonrpc": "2.0", "id": 2, "method": "nope"},
            3
        ])
        .to_string());
        let reply = reply.unwrap();
        assert_eq!(reply.as_array().unwrap().len(), 3);
        assert_eq!(reply[0]["result"], "31337");
        assert_eq!(reply[1]["error"]["code"], -32601);
        assert_eq!(reply[2]["error"]["code"], -32600);
        assert_eq!(ask(r#"{"jsonrpc":"2.0","method":"net_version"}"#), None);
    }

    #[test]
    fn what_is_wrong_has_its_code() {
        assert_eq!(code("{"), -32700);
        assert_eq!(code(b"\xff"), -32700);
        assert_eq!(code("[]"), -32600);
        assert_eq!(code("1"), -32600);
        assert_eq!(code("{}"), -32600);
        assert_eq!(code(r#"{"jsonrpc":"1.0","id":1,"method":"net_version"}"#), -32600);
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":{},"method":"net_version"}"#), -32600);
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":5}"#), -32600);
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"net_version","params":{}}"#), -32602);
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[1]}"#), -32602);
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"debug_traceTransaction","params":[]}"#), -32601);
    }

    #[test]
    fn too_deep_and_too_many_are_refused() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(code(&deep[..10]), -32700);
        assert_eq!(ask(&deep).unwrap()[0]["error"]["code"], -32600);
        let params = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"eth_call","params":{deep}}}"#);
        assert_eq!(code(params), -32700);
        let batch = vec![json!({"jsonrpc": "2.0", "id": 1, "method": "net_version"}); MAX_BATCH + 1];
        assert_eq!(code(json!(batch).to_string()), -32600);
    }
}
