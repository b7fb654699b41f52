//! A judge that sees what callers bring and no chain, and what it is asked with.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use modelmark_digest::Request as Digests;
use modelmark_service::{Judge, JudgeError, Question};
use modelmark_verify::{Evidence, Look, Policy, Report, judge};
use serde_json::Value;
use tokio::sync::Notify;

/// Judges what is brought along: no chain is within its reach.
#[derive(Default)]
pub(crate) struct Desk {
    /// Answers are held back until this rings.
    pub(crate) held: Option<Arc<Notify>>,
    /// Rings when a question has come.
    pub(crate) asked: Arc<Notify>,
}

#[async_trait]
impl Judge for Desk {
    async fn verify(&self, question: Question) -> Result<Report, JudgeError> {
        self.asked.notify_one();
        if let Some(held) = &self.held {
            held.notified().await;
        }
        let here = question.directory.as_ref().map(|directory| modelmark_digest::digest(directory, &Digests::cids(), &()));
        let model = match (question.files, here) {
            (Some(files), _) | (None, Some(Ok(files))) => Look::Found(files),
            (None, Some(Err(error))) => Look::Absent(error.to_string()),
            (None, None) => Look::NotAsked,
        };
        let evidence = Evidence {
            path: question.directory.as_ref().map(|directory: &PathBuf| directory.display().to_string()),
            model,
            named: question.token,
            token: question.token.map_or(Look::NotAsked, |_| Look::Unreachable("no chain can be reached from here".to_owned())),
            record: question.record.map_or(Look::NotAsked, Look::Found),
            signatures: question.signatures,
            notes: question.directory.iter().map(|directory| format!("{} was read", directory.display())).collect(),
            ..Evidence::default()
        };
        Ok(judge(&evidence, &Policy::default()))
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status, headers: head.headers, body: to_bytes(body, 64 << 20).await.unwrap().to_vec() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Holds a refusal against its code.
    pub(crate) fn expect_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        problem
    }
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(body.into()).unwrap()
}
