//! Answers of Pinata's own interface, version 3: <https://docs.pinata.cloud/api-reference>.

use modelmark_digest::ContentId;
use serde::Deserialize;
use serde_json::Value;

use super::{json, name};
use crate::http::tame;

/// What Pinata writes for a CID that it has not computed yet.
const PENDING: &str = "pending";

/// A file that Pinata keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// How Pinata calls it.
    pub id: String,
    /// Its CID; none as long as Pinata is computing it.
    pub cid: Option<ContentId>,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct Files {
    files: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Described {
    id: String,
    cid: String,
}

/// Reads the description of one file.
///
/// # Errors
/// When it is something else.
pub fn file(bytes: &[u8]) -> Result<File, String> {
    let Data { data } = json(bytes, "a file's description")?;
    checked(data)
}

/// Reads a list of files: the one that is `id`. What else is in it is passed over.
///
/// # Errors
/// When it is something else.
pub fn find(bytes: &[u8], id: &ContentId) -> Result<Option<File>, String> {
    let Data { data: Files { files } } = json(bytes, "a list of files")?;
    let files = files.unwrap_or_default().into_iter().filter_map(|file| checked(serde_json::from_value(file).ok()?).ok());
    Ok(files.into_iter().find(|file| file.cid == Some(*id)))
}

/// Returns what Pinata says went wrong: it writes `error` as a text, or as an object with a reason, a message or details.
#[must_use]
pub fn failure(bytes: &[u8]) -> String {
    let told = serde_json::from_slice::<Value>(bytes).ok().and_then(|told| {
        let error = told.get("error")?;
        let parts = ["reason", "message", "details"].iter().filter_map(|key| error.get(key)?.as_str());
        error.as_str().map(ToOwned::to_owned).or_else(|| Some(parts.collect::<Vec<_>>().join(": ")))
    });
    tame(&told.filter(|told| !told.is_empty()).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()))
}

fn checked(file: Described) -> Result<File, String> {
    let cid = match file.cid.as_str() {
        PENDING => None,
        cid => Some(ContentId::from_any_version(cid).map_err(|error| tame(&error.to_string()))?),
    };
    Ok(File { id: name(file.id, "the file's id")?, cid })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of <https://docs.pinata.cloud/api-reference/endpoint/get-file-by-id>.
    const FILE: &str = r#"{"data":{"id":"e5323ea7-8a02-4486-9b6f-63c788810aeb","name":"example.txt",
        "cid":"bafkreicnu2aqjkoglrlrd65giwo4l64pdajxffk6jtq2vb7yaiopc3yu7m","size":36,"number_of_files":1,"mime_type":"text/plain",
        "group_id":"18893556-de8e-4229-8a9a-27b95468dd3e","keyvalues":{"whimsey":"true"},"created_at":"2024-08-27T14:57:51.485934Z"}}"#;

    #[test]
    fn the_documented_file_is_read() {
        let cid = "bafkreicnu2aqjkoglrlrd65giwo4l64pdajxffk6jtq2vb7yaiopc3yu7m".parse().ok();
        assert_eq!(file(FILE.as_bytes()), Ok(File { id: "e5323ea7-8a02-4486-9b6f-63c788810aeb".to_owned(), cid }));
        let pending = FILE.replace("bafkreicnu2aqjkoglrlrd65giwo4l64pdajxffk6jtq2vb7yaiopc3yu7m", "pending");
        assert_eq!(file(pending.as_bytes()).map(|file| file.cid), Ok(None));
        assert!(file(b"<html>").is_err());
        assert!(file(br#"{"data":{"id":"","cid":"pending"}}"#).is_err());
    }

    #[test]
    fn a_file_is_found_among_others() {
        let id = ContentId::raw(b"record");
        let list = serde_json::json!({ "data": { "files": [
            { "id": "a", "cid": "nonsense" }, { "id": "b", "cid": "pending" }, 7, { "id": "c", "cid": id.to_string() },
        ], "next_page_token": "" } });
        assert_eq!(find(list.to_string().as_bytes(), &id), Ok(Some(File { id: "c".to_owned(), cid: Some(id) })));
        assert_eq!(find(br#"{"data":{"files":null}}"#, &id), Ok(None));
    }

    #[test]
    fn failures_of_both_kinds_are_read() {
        assert_eq!(failure(br#"{"error":"The current user has reached its limit\u0007"}"#), "The current user has reached its limit");
        assert_eq!(failure(br#"{"error":{"code":401,"message":"Not Authorized"}}"#), "Not Authorized");
        assert_eq!(failure(br#"{"error":{"reason":"INVALID","details":"no file"}}"#), "INVALID: no file");
        assert_eq!(failure(b"teapot"), "teapot");
    }
}
