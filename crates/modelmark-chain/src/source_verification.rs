//! Having verifiers compile our sources: Sourcify (API v2) and Etherscan (API v2, one for all its chains).
//!
//! Both take the compiler's standard JSON input and answer later: a submission gives an id, which is asked until there is a result. What they
//! say is theirs; whoever trusts nobody compares init codes, as [`crate::authenticity`] does.

use std::time::Duration;

use alloy::primitives::{Address, hex};
use reqwest::{Method, Url};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::tame;
use crate::http::{client, innermost};
use crate::{ChainId, Contract};

/// How many bytes an answer may have. A failure comes with both codes in hex.
const MAX_ANSWER: usize = 4 << 20;
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// The compiler of the contracts, as verifiers name it: version and commit.
pub const COMPILER: &str = "0.8.37+commit.f401782d";

/// Who is asked.
#[derive(Clone)]
pub enum SourceVerifier {
    /// Sourcify, or a server with its API.
    Sourcify,
    /// Etherscan with the API key of an account there.
    Etherscan {
        /// The key, which is never shown.
        key: String,
    },
}

/// What is submitted.
#[derive(Clone, Debug)]
pub struct SourceSubmission {
    /// The chain.
    pub chain: ChainId,
    /// Where the contract is.
    pub address: Address,
    /// File and name of the contract: `src/A.sol:A`.
    pub contract: String,
    /// The compiler with its commit: `0.8.37+commit.f401782d`.
    pub compiler: String,
    /// The compiler's standard JSON input.
    pub input: Value,
    /// The ABI encoding of the constructor's arguments.
    pub arguments: Vec<u8>,
}

/// What a verifier answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceVerdict {
    /// Whether the sources compile to what is on the chain.
    pub verified: bool,
    /// The verifier's words.
    pub answer: String,
    /// The verifier's name of the submission; absent when it had the sources before.
    pub id: Option<String>,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceVerificationError {
    /// The address of the verifier.
    #[error("not the http or https address of a verifier: {0}")]
    Url(String),
    /// The verifier cannot be asked.
    #[error("the verifier at {endpoint} cannot be asked: {reason}")]
    Unreachable {
        /// Scheme, host and port.
        endpoint: String,
        /// What happened.
        reason: String,
    },
    /// The verifier answers with something else.
    #[error("the verifier at {endpoint} answered something else than its API says (HTTP status {status}): {answer:?}")]
    Nonsense {
        /// Scheme, host and port.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// The start of the answer.
        answer: String,
    },
    /// The verifier does not look at the sources: it does not know the chain, the key or the address, or has too much to do.
    #[error("the verifier at {endpoint} does not take the sources: {reason}")]
    Refused {
        /// Scheme, host and port.
        endpoint: String,
        /// The verifier's words.
        reason: String,
    },
    /// There is no verdict yet.
    #[error("the verifier at {endpoint} has no verdict on submission {id} after {waited:?}")]
    Pending {
        /// Scheme, host and port.
        endpoint: String,
        /// The submission.
        id: String,
        /// How long was waited.
        waited: Duration,
    },
}

/// What a verifier says to one request.
enum Reply {
    Pending(String),
    Done(SourceVerdict),
}

struct Conversation<'a> {
    client: reqwest::Client,
    base: Url,
    verifier: &'a SourceVerifier,
    submission: &'a SourceSubmission,
}

impl SourceVerifier {
    /// Returns where the service is when nobody names another place.
    #[must_use]
    pub const fn home(&self) -> &'static str {
        match self {
            Self::Sourcify => "https://sourcify.dev/server",
            Self::Etherscan { .. } => "https://api.etherscan.io/v2/api",
        }
    }

    /// Submits the sources and asks for the verdict every `pause`, no longer than `patience`.
    ///
    /// # Errors
    /// The verifier cannot be asked, answers nonsense, or takes longer. That it refuses the sources is a verdict.
    pub async fn verify(
        &self,
        url: &str,
        submission: &SourceSubmission,
        pause: Duration,
        patience: Duration,
    ) -> Result<SourceVerdict, SourceVerificationError> {
        let base = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base = base.ok_or_else(|| SourceVerificationError::Url(tame(url.split(['?', '@']).next().unwrap_or_default())))?;
        let endpoint = base.origin().ascii_serialization();
        let unusable = |error: reqwest::Error| SourceVerificationError::Unreachable {
            endpoint: endpoint.clone(),
            reason: innermost(&error.without_url()),
        };
        let talk = Conversation { client: client(&base).map_err(unusable)?, base, verifier: self, submission };
        let mut id = match talk.submit().await? {
            Reply::Done(verdict) => return Ok(verdict),
            Reply::Pending(id) => id,
        };
        let asking = async {
            loop {
                tokio::time::sleep(pause).await;
                match talk.ask(&id).await? {
                    Reply::Done(verdict) => return Ok(verdict),
                    Reply::Pending(same) => id = same,
                }
            }
        };
        match tokio::time::timeout(patience, asking).await {
            Ok(verdict) => verdict,
            Err(_) => Err(SourceVerificationError::Pending { endpoint: talk.endpoint(), id: tame(&id), waited: patience }),
        }
    }
}

impl Conversation<'_> {
    async fn submit(&self) -> Result<Reply, SourceVerificationError> {
        let SourceSubmission { chain, address, contract, compiler, input, arguments } = self.submission;
        match self.verifier {
            SourceVerifier::Sourcify => {
                let url = self.below(&["v2", "verify", &chain.get().to_string(), &address.to_string()]);
                let body = json!({"stdJsonInput": input, "compilerVersion": compiler, "contractIdentifier": contract});
                self.sourcify(self.fetch(Method::POST, url, Some(("application/json", body.to_string()))).await?)
            }
            SourceVerifier::Etherscan { key } => {
                let form = form(&[
                    ("apikey", key),
                    ("module", "contract"),
                    ("action", "verifysourcecode"),
                    ("contractaddress", &address.to_string()),
                    ("sourceCode", &input.to_string()),
                    ("codeformat", "solidity-standard-json-input"),
                    ("contractname", contract),
                    ("compilerversion", &format!("v{compiler}")),
                    ("constructorArguments", &hex::encode(arguments)),
                ]);
                let url = self.with(&[("chainid", &chain.get().to_string()), ("module", "contract"), ("action", "verifysourcecode")]);
                self.etherscan(self.fetch(Method::POST, url, Some(("application/x-www-form-urlencoded", form))).await?, None)
            }
        }
    }

    async fn ask(&self, id: &str) -> Result<Reply, SourceVerificationError> {
        match self.verifier {
            SourceVerifier::Sourcify => self.sourcify(self.fetch(Method::GET, self.below(&["v2", "verify", id]), None).await?),
            SourceVerifier::Etherscan { key } => {
                let chain = self.submission.chain.get().to_string();
                let query =
                    [("chainid", chain.as_str()), ("module", "contract"), ("action", "checkverifystatus"), ("guid", id), ("apikey", key)];
                self.etherscan(self.fetch(Method::GET, self.with(&query), None).await?, Some(id))
            }
        }
    }

    /// Reads an answer of Sourcify: a job, what became of it, or an error with a code.
    fn sourcify(&self, (status, answer): (u16, Value)) -> Result<Reply, SourceVerificationError> {
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(tame);
        let id = answer.get("verificationId").and_then(Value::as_str).filter(|id| id.len() <= 100).map(str::to_owned);
        if text("/customCode").as_deref() == Some("already_verified") {
            return Ok(Reply::done(true, text("/message").unwrap_or_default(), None));
        }
        if answer.get("isJobCompleted").and_then(Value::as_bool) == Some(true) {
            let found = text("/contract/match");
            let error = || text("/error/message").or_else(|| text("/error/customCode")).unwrap_or_else(|| "no match".to_owned());
            return Ok(Reply::done(found.is_some(), found.unwrap_or_else(error), id));
        }
        match (id, text("/message")) {
            (Some(id), _) if status < 400 => Ok(Reply::Pending(id)),
            (_, Some(message)) if status >= 400 => Err(self.refused(message)),
            _ => Err(self.nonsense(status, &answer.to_string())),
        }
    }

    /// Reads an answer of Etherscan, which says everything in one string. `id` is absent for a submission.
    fn etherscan(&self, (status, answer): (u16, Value), id: Option<&str>) -> Result<Reply, SourceVerificationError> {
        let Some(result) = answer.get("result").and_then(Value::as_str).filter(|_| status == 200) else {
            return Err(self.nonsense(status, &answer.to_string()));
        };
        let good = answer.get("status").and_then(Value::as_str) == Some("1");
        let words = result.to_ascii_lowercase();
        let done = |verified| Ok(Reply::done(verified, tame(result), id.map(str::to_owned)));
        match id {
            _ if words.contains("already verified") => done(true),
            None if good && result.len() <= 100 => Ok(Reply::Pending(result.to_owned())),
            Some(id) if ["pending", "in progress", "rate limit"].iter().any(|later| words.contains(later)) => {
                Ok(Reply::Pending(id.to_owned()))
            }
            Some(_) if good || words.starts_with("fail") => done(good),
            _ => Err(self.refused(tame(result))),
        }
    }

    async fn fetch(&self, method: Method, url: Url, body: Option<(&str, String)>) -> Result<(u16, Value), SourceVerificationError> {
        let failed = |reason: String| SourceVerificationError::Unreachable { endpoint: self.endpoint(), reason };
        // Without its address, in which the key may be.
        let broken = |error: reqwest::Error| failed(innermost(&error.without_url()));
        let talking = async {
            let mut request = self.client.request(method, url);
            if let Some((kind, body)) = body {
                request = request.header(reqwest::header::CONTENT_TYPE, kind).body(body);
            }
            let mut response = request.send().await.map_err(broken)?;
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(broken)? {
                if bytes.len() + chunk.len() > MAX_ANSWER {
                    return Err(failed(format!("an answer of more than {MAX_ANSWER} bytes")));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok((response.status().as_u16(), bytes))
        };
        let late = |_| failed(format!("no answer within {REQUEST:?}"));
        let (status, bytes) = tokio::time::timeout(REQUEST, talking).await.map_err(late)??;
        let answer = serde_json::from_slice(&bytes).map_err(|_| self.nonsense(status, &String::from_utf8_lossy(&bytes)))?;
        Ok((status, answer))
    }

    fn refused(&self, reason: String) -> SourceVerificationError {
        SourceVerificationError::Refused { endpoint: self.endpoint(), reason }
    }

    fn nonsense(&self, status: u16, answer: &str) -> SourceVerificationError {
        SourceVerificationError::Nonsense { endpoint: self.endpoint(), status, answer: tame(answer) }
    }

    fn endpoint(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    fn below(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    fn with(&self, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.query_pairs_mut().extend_pairs(query);
        url
    }
}

impl Reply {
    const fn done(verified: bool, answer: String, id: Option<String>) -> Self {
        Self::Done(SourceVerdict { verified, answer, id })
    }
}

/// Returns the compiler's standard JSON input that the contracts were compiled from, all of them together.
#[must_use]
pub fn standard_input() -> Value {
    let packed: &[u8] = include_bytes!("../../../contracts/artifacts/standard-input.json.gz");
    serde_json::from_reader(flate2::read::GzDecoder::new(packed)).unwrap_or_default()
}

impl Contract {
    /// Returns the ABI encoding of the arguments that the contract is created with.
    #[must_use]
    pub fn constructor_arguments(self) -> Vec<u8> {
        let artifact: Value = serde_json::from_str(self.interface().artifact).unwrap_or_default();
        let code = artifact.get("bytecode").and_then(Value::as_str).map_or(0, |code| code.trim_start_matches("0x").len() / 2);
        self.creation().init_code.get(code..).unwrap_or_default().to_vec()
    }
}

/// Encodes a form as browsers do.
fn form(fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse("http://form/").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a source that is not there is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded() {
        assert_eq!(form(&[("a", "x y&z=ü"), ("b", "")]), "a=x+y%26z%3D%C3%BC&b=");
    }

    #[test]
    fn the_input_has_every_contract_and_the_pinned_compiler() {
        let input = standard_input();
        for contract in Contract::ALL {
            let source = input.pointer(&format!("/sources/src~1{contract}.sol/content")).and_then(Value::as_str).unwrap();
            assert!(source.contains(&format!("contract {contract} ")), "{contract}");
        }
        assert_eq!(input.pointer("/settings/metadata/bytecodeHash"), Some(&json!("none")));
        let (version, _) = COMPILER.split_once('+').unwrap();
        let pinned = include_str!("../../../contracts/package.json");
        assert!(pinned.contains(&format!("\"solc\": \"{version}\"")));
    }

    #[test]
    fn constructor_arguments_are_what_follows_the_code() {
        assert!(Contract::LicenseBook.constructor_arguments().is_empty());
        assert_eq!(Contract::Priority.constructor_arguments().get(12..), Some(Contract::BatchAnchor.address().as_slice()));
    }
}
