//! Answers of the Kubo RPC API: <https://docs.ipfs.tech/reference/kubo/rpc/>.

use std::collections::HashMap;

use modelmark_digest::ContentId;
use serde::Deserialize;

use super::json;
use crate::http::tame;

/// Most addresses of one node that are taken: as many as a pinning service takes as origins.
pub const MAX_ADDRESSES: usize = 20;
/// Longest address in bytes.
const MAX_ADDRESS_BYTES: usize = 512;

/// What nodes say of a block that they do not have and did not find in time. There is no code for it.
const ABSENT: [&str; 5] = ["could not find", "not found", "context deadline exceeded", "timed out", "not found locally"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Keyed {
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pins {
    #[serde(default)]
    keys: HashMap<String, Pinned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pinned {
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImportLine {
    root: Option<ImportedRoot>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImportedRoot {
    cid: Link,
    #[serde(default)]
    pin_error_msg: String,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "/")]
    cid: String,
}

#[derive(Deserialize)]
struct Identity {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Addresses")]
    addresses: Option<Vec<String>>,
}

/// Returns what a node says went wrong: the message of its JSON, or else the text.
#[must_use]
pub fn message(bytes: &[u8]) -> String {
    let text = serde_json::from_slice::<Failure>(bytes).map(|failure| failure.message);
    tame(&text.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()))
}

/// Tells whether a message means that the node does not have the block.
#[must_use]
pub fn says_absent(message: &str) -> bool {
    ABSENT.iter().any(|words| message.contains(words))
}

/// Tells whether a message means that the node has no such pin.
#[must_use]
pub fn says_unpinned(message: &str) -> bool {
    message.contains("is not pinned")
}

/// Reads which block `block/put` or `block/stat` speaks of.
///
/// # Errors
/// When it is something else.
pub fn key(bytes: &[u8]) -> Result<ContentId, String> {
    let Keyed { key } = json(bytes, "a block's key")?;
    ContentId::from_any_version(&key).map_err(|error| tame(&error.to_string()))
}

/// Reads from `pin/ls` whether `id` is pinned with everything below it.
///
/// # Errors
/// When it is something else.
pub fn is_pinned(bytes: &[u8], id: &ContentId) -> Result<bool, String> {
    let Pins { keys } = json(bytes, "a list of pins")?;
    let this = |cid: &str| ContentId::from_any_version(cid).is_ok_and(|cid| cid == *id);
    Ok(keys.iter().any(|(cid, pin)| this(cid) && pin.r#type == "recursive"))
}

/// Reads the lines of `dag/import`: `Ok` when `root` was taken and pinned. The inner error is what the node says went wrong.
///
/// # Errors
/// When it is something else, or does not speak of `root`.
pub fn imported(bytes: &[u8], root: &ContentId) -> Result<Result<(), String>, String> {
    let mut pinned = false;
    for line in serde_json::Deserializer::from_slice(bytes).into_iter::<ImportLine>() {
        let line = line.map_err(|error| tame(&format!("not the JSON of an import: {error}")))?;
        if let Some(message) = line.message {
            return Ok(Err(tame(&message)));
        }
        let Some(imported) = line.root else { continue };
        if ContentId::from_any_version(&imported.cid.cid).is_ok_and(|cid| cid == *root) {
            if !imported.pin_error_msg.is_empty() {
                return Ok(Err(tame(&imported.pin_error_msg)));
            }
            pinned = true;
        }
    }
    if pinned { Ok(Ok(())) } else { Err(format!("it does not say that it took the root {root}")) }
}

/// Reads from `id` where the node can be reached: at most [`MAX_ADDRESSES`] multiaddrs that end with its name, those that others can reach first.
///
/// # Errors
/// When it is something else.
pub fn addresses(bytes: &[u8]) -> Result<Vec<String>, String> {
    let identity: Identity = json(bytes, "a node's identity")?;
    let id = super::name(identity.id, "the node's ID")?;
    let suffix = format!("/p2p/{id}");
    let mut addresses: Vec<String> = identity.addresses.unwrap_or_default();
    addresses.retain(|address| is_multiaddr(address));
    addresses.iter_mut().filter(|address| !address.contains("/p2p/")).for_each(|address| address.push_str(&suffix));
    addresses.sort_by_key(|address| is_local(address));
    addresses.dedup();
    addresses.truncate(MAX_ADDRESSES);
    Ok(addresses)
}

/// Tells whether `text` looks like a multiaddr: no more, since it is handed on and never dialled from here.
#[must_use]
pub fn is_multiaddr(text: &str) -> bool {
    text.starts_with('/') && text.len() <= MAX_ADDRESS_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_local(address: &str) -> bool {
    ["/ip4/127.", "/ip4/10.", "/ip4/192.168.", "/ip4/169.254.", "/ip6/::1/", "/ip6/fe80:", "/ip6/fd"]
        .iter()
        .any(|prefix| address.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed test says where")]

    use super::*;

    /// The CID of `hello` as a raw block.
    const HELLO: &str = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq";

    fn hello() -> ContentId {
        ContentId::raw(b"hello")
    }

    #[test]
    fn keys_are_read_in_any_spelling() {
        assert_eq!(hello().to_string(), HELLO);
        for spelled in [HELLO, "zb2rhZfjRh2FHHB2RkHVEvL2vJnCTcu7kwRqgVsf9gpkLgteo"] {
            assert_eq!(key(format!(r#"{{"Key":"{spelled}","Size":5}}"#).as_bytes()), Ok(hello()));
        }
        assert!(key(br#"{"Key":"hello"}"#).is_err());
        assert!(key(b"<html>").unwrap_err().starts_with("not the JSON of a block's key"));
    }

    #[test]
    fn imports_have_to_name_the_root_and_to_pin_it() {
        let line = |cid: &str, fault: &str| format!(r#"{{"Root":{{"Cid":{{"/":"{cid}"}},"PinErrorMsg":"{fault}"}}}}"#);
        let stats = r#"{"Stats":{"BlockCount":1,"BlockBytesCount":5}}"#;
        assert_eq!(imported(format!("{}\n{stats}\n", line(HELLO, "")).as_bytes(), &hello()), Ok(Ok(())));
        let other = ContentId::raw(b"other").to_string();
        assert!(imported(line(&other, "").as_bytes(), &hello()).is_err());
        assert!(imported(stats.as_bytes(), &hello()).is_err());
        assert!(imported(b"", &hello()).is_err());
        assert_eq!(imported(line(HELLO, "no\\u001b space").as_bytes(), &hello()), Ok(Err("no  space".to_owned())));
        let broken = format!("{}{}", line(HELLO, ""), r#"{"Message":"unexpected EOF","Code":0,"Type":"error"}"#);
        assert_eq!(imported(broken.as_bytes(), &hello()), Ok(Err("unexpected EOF".to_owned())));
    }

    #[test]
    fn only_a_pin_of_everything_is_a_pin() {
        let pins = |kind: &str| format!(r#"{{"Keys":{{"{HELLO}":{{"Name":"","Type":"{kind}"}}}}}}"#);
        assert_eq!(is_pinned(pins("recursive").as_bytes(), &hello()), Ok(true));
        assert_eq!(is_pinned(pins("indirect").as_bytes(), &hello()), Ok(false));
        assert_eq!(is_pinned(pins("recursive").as_bytes(), &ContentId::raw(b"other")), Ok(false));
        assert_eq!(is_pinned(b"{}", &hello()), Ok(false));
        assert!(is_pinned(b"[1]", &hello()).is_err());
    }

    #[test]
    fn addresses_are_bounded_and_end_with_the_nodes_name() {
        let identity = |list: &[&str]| serde_json::json!({ "ID": "12D3KooW", "Addresses": list }).to_string();
        let read =
            addresses(identity(&["/ip4/127.0.0.1/tcp/4001", "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooW", "nonsense", "/a\u{1b}"]).as_bytes());
        assert_eq!(read.unwrap(), ["/ip4/203.0.113.7/tcp/4001/p2p/12D3KooW", "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooW"]);
        let many: Vec<String> = (0..100).map(|port| format!("/ip4/203.0.113.7/tcp/{port}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(addresses(identity(&many).as_bytes()).unwrap().len(), MAX_ADDRESSES);
        assert_eq!(addresses(br#"{"ID":"12D3KooW","Addresses":null}"#), Ok(Vec::new()));
        assert!(addresses(br#"{"ID":""}"#).is_err());
    }

    #[test]
    fn messages_are_taken_from_json_or_as_they_are() {
        assert_eq!(message(br#"{"Message":"no\u0007 luck","Code":0,"Type":"error"}"#), "no  luck");
        assert_eq!(message(b"405 - Method Not Allowed\n"), "405 - Method Not Allowed");
    }
}
