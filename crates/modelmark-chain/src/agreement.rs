//! Several endpoints of one chain, asked as if they were one: an answer counts when so many of them give it.
//!
//! A transport, so that nothing else has to know. Questions about the head of the chain, where honest endpoints differ, are asked in two steps: which is the
//! highest block that enough of them have, then that block by its number.

mod answer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use alloy::rpc::json_rpc::{Id, Request, RequestPacket, Response, ResponsePacket, SerializedRequest};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use futures_util::future::join_all;
use tower::Service;

use self::answer::Answer;
use crate::http::Endpoint;
use crate::{ChainError, HttpLimits};

/// Most endpoints that are asked at once.
pub const MAX_ENDPOINTS: usize = 16;

/// How long an endpoint is left alone that did not answer, so that a dead one costs its deadline once and not with every question.
const REST: Duration = Duration::from_secs(30);

/// How many endpoints have to say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    needed: usize,
    of: usize,
}

/// So many endpoints cannot agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuorumError {
    /// Half of them or fewer: then two answers could both be agreed upon. Or more than there are.
    #[error("{needed} of {of} endpoints is no agreement: it takes more than half of them, and no more than there are")]
    Needed {
        /// How many were to agree.
        needed: usize,
        /// How many there are.
        of: usize,
    },
    /// None, or more than are asked at once.
    #[error("{0} endpoints cannot be asked: name from 1 to {MAX_ENDPOINTS}")]
    Endpoints(usize),
    /// One endpoint twice: its word would count twice.
    #[error("the endpoint {0} is named twice")]
    Twice(String),
}

impl Quorum {
    /// Demands that `needed` of `of` endpoints say the same; without `needed`, the smallest majority.
    ///
    /// # Errors
    /// That is no majority, or there are too many endpoints.
    pub const fn new(needed: Option<usize>, of: usize) -> Result<Self, QuorumError> {
        if of == 0 || of > MAX_ENDPOINTS {
            return Err(QuorumError::Endpoints(of));
        }
        let needed = match needed {
            Some(needed) => needed,
            None => of / 2 + 1,
        };
        if needed > of || needed * 2 <= of {
            return Err(QuorumError::Needed { needed, of });
        }
        Ok(Self { needed, of })
    }

    /// Returns how many have to say the same.
    #[must_use]
    pub const fn needed(self) -> usize {
        self.needed
    }

    /// Returns how many are asked.
    #[must_use]
    pub const fn of(self) -> usize {
        self.of
    }
}

/// The endpoints, and what was noticed of those that said something else. Clones share that.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    endpoints: Arc<[Endpoint]>,
    quorum: Quorum,
    dissent: Arc<Mutex<BTreeSet<(usize, &'static str)>>>,
    /// Since when each rests.
    resting: Arc<Mutex<BTreeMap<usize, Instant>>>,
}

impl Agreement {
    /// Prepares the endpoints. Nothing is sent yet.
    pub(crate) fn new(urls: &[String], quorum: Quorum, limits: HttpLimits) -> Result<Self, ChainError> {
        let endpoints = urls.iter().map(|url| Endpoint::new(url, limits)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { endpoints: endpoints.into(), quorum, dissent: Arc::default(), resting: Arc::default() })
    }

    pub(crate) const fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// Returns what to call all of them.
    pub(crate) fn label(&self) -> String {
        let Quorum { needed, of } = self.quorum;
        format!(
            "an agreement of {needed} of {of} endpoints ({})",
            self.endpoints.iter().map(Endpoint::label).collect::<Vec<_>>().join(", ")
        )
    }

    /// Returns a sentence for each endpoint that said something else than the others, or nothing.
    pub(crate) fn dissent(&self) -> Vec<String> {
        let dissent = self.dissent.lock().unwrap_or_else(PoisonError::into_inner);
        let name = |index: usize| self.endpoints.get(index).map(Endpoint::label).unwrap_or_default();
        dissent.iter().map(|(index, what)| format!("the endpoint {} (number {}) {what}", name(*index), index + 1)).collect()
    }

    fn note(&self, index: usize, what: &'static str) {
        self.dissent.lock().unwrap_or_else(PoisonError::into_inner).insert((index, what));
    }

    async fn exchange(self, packet: RequestPacket) -> Result<ResponsePacket, TransportError> {
        // What changes the chain is sent once, and to the first; so is the question for a price, about which nobody agrees.
        if !packet.method_names().all(is_agreed) {
            return self.endpoints.first().cloned().ok_or_else(TransportErrorKind::backend_gone)?.exchange(packet).await;
        }
        match packet {
            RequestPacket::Single(request) => Ok(ResponsePacket::Single(self.one(request).await?)),
            RequestPacket::Batch(requests) => Ok(ResponsePacket::Batch(self.decide(&requests).await?)),
        }
    }

    async fn one(&self, request: SerializedRequest) -> Result<Response, TransportError> {
        let request = match answer::tag(&request) {
            Some(tag) => self.at_a_common_head(request.id().clone(), &tag).await?,
            None => request,
        };
        self.decide(std::slice::from_ref(&request)).await?.pop().ok_or_else(TransportErrorKind::backend_gone)
    }

    /// Asks every endpoint for its block under `tag`, and returns the question for the highest one that enough of them have: neither one that is behind nor
    /// one that invents blocks decides.
    async fn at_a_common_head(&self, id: Id, tag: &str) -> Result<SerializedRequest, TransportError> {
        let block = |block: serde_json::Value| Request::new("eth_getBlockByNumber", id.clone(), (block, false)).serialize();
        let request = block(tag.into()).map_err(TransportError::ser_err)?;
        let answers = self.ask(std::slice::from_ref(&request)).await;
        let told: Vec<Answer> = answers.into_iter().filter_map(|mut answers| answers.pop()).collect();
        let mut heads: Vec<u64> = told.iter().filter_map(Answer::height).collect();
        heads.sort_unstable_by(|a, b| b.cmp(a));
        let Some(head) = heads.get(self.quorum.needed - 1) else { return Err(self.failure("eth_getBlockByNumber", &told)) };
        block(format!("{head:#x}").into()).map_err(TransportError::ser_err)
    }

    /// Asks everybody at once and returns what enough of them say, in the order of the questions.
    async fn decide(&self, requests: &[SerializedRequest]) -> Result<Vec<Response>, TransportError> {
        let mut columns: Vec<_> = self.ask(requests).await.into_iter().map(Vec::into_iter).collect();
        let mut decided = Vec::with_capacity(requests.len());
        for request in requests {
            let answers: Vec<Answer> = columns.iter_mut().filter_map(Iterator::next).collect();
            decided.push(self.count(request, answers)?);
        }
        Ok(decided)
    }

    /// Returns the answers of each endpoint, in the order of the questions.
    async fn ask(&self, requests: &[SerializedRequest]) -> Vec<Vec<Answer>> {
        let packet = match requests {
            [request] => RequestPacket::Single(request.clone()),
            requests => RequestPacket::Batch(requests.to_vec()),
        };
        let exchanges = self.endpoints.iter().enumerate().map(|(index, endpoint)| self.exchange_with(index, endpoint, packet.clone()));
        let answers = join_all(exchanges).await;
        answers.into_iter().map(|answer| answer::by_question(requests, answer)).collect()
    }

    async fn exchange_with(&self, index: usize, endpoint: &Endpoint, packet: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let resting = || self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let since = resting().get(&index).copied();
        if since.is_some_and(|since| since.elapsed() < REST) {
            return Err(TransportErrorKind::custom_str("it did not answer just now"));
        }
        let answer = endpoint.clone().exchange(packet).await;
        if answer.is_err() {
            resting().insert(index, Instant::now());
        }
        answer
    }

    /// Returns the answer that enough endpoints gave.
    fn count(&self, request: &SerializedRequest, answers: Vec<Answer>) -> Result<Response, TransportError> {
        let support = |answer: &Answer| answers.iter().filter(|other| other.says(answer)).count();
        let best = answers.iter().filter(|answer| answer.is_word()).max_by_key(|answer| support(answer)).map(|best| (best, support(best)));
        if let Some((best, supporters)) = best
            && supporters >= self.quorum.needed
        {
            for (index, answer) in answers.iter().enumerate().filter(|(_, answer)| !answer.says(best)) {
                self.note(index, answer.fault());
            }
            return best.response().ok_or_else(TransportErrorKind::backend_gone);
        }
        // An endpoint that refuses now may say the same as the others to a smaller question, as to one for fewer blocks.
        let refusals = answers.iter().filter(|answer| answer.is_refusal()).count();
        if refusals + best.map_or(0, |(_, supporters)| supporters) >= self.quorum.needed
            && let Some(refusal) = answers.iter().find(|answer| answer.is_refusal()).and_then(Answer::response)
        {
            return Ok(refusal);
        }
        Err(self.failure(request.method(), &answers))
    }

    /// Says what each endpoint answered.
    fn failure(&self, method: &str, answers: &[Answer]) -> TransportError {
        let told = self.endpoints.iter().zip(answers).map(|(endpoint, answer)| format!("{} {answer}", endpoint.label()));
        TransportErrorKind::custom_str(&format!("{method}: {}", told.collect::<Vec<_>>().join("; ")))
    }
}

impl Service<RequestPacket> for Agreement {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        Box::pin(self.clone().exchange(packet))
    }
}

/// Tells whether honest endpoints give one answer to a method.
fn is_agreed(method: &str) -> bool {
    method.starts_with("eth_get") || matches!(method, "eth_call" | "eth_chainId")
}

/// Refuses endpoints that are named twice.
pub(crate) fn check_distinct(urls: &[String]) -> Result<(), QuorumError> {
    let mut seen = BTreeSet::new();
    for url in urls {
        let spelled = reqwest::Url::parse(url).map_or_else(|_| url.clone(), |url| url.to_string());
        if !seen.insert(spelled) {
            let shown = reqwest::Url::parse(url).map_or_else(|_| "…".to_owned(), |url| url.origin().ascii_serialization());
            return Err(QuorumError::Twice(shown));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_majorities_are_agreements() {
        for (needed, of, good) in [
            (None, 1, Some(1)),
            (None, 2, Some(2)),
            (None, 3, Some(2)),
            (None, 4, Some(3)),
            (Some(3), 3, Some(3)),
            (Some(1), 2, None),
            (Some(2), 4, None),
            (Some(4), 3, None),
            (Some(0), 1, None),
            (Some(usize::MAX), 3, None),
            (None, 0, None),
            (None, MAX_ENDPOINTS + 1, None),
        ] {
            assert_eq!(Quorum::new(needed, of).ok().map(Quorum::needed), good, "{needed:?} of {of}");
        }
    }

    #[test]
    fn one_endpoint_has_one_voice() {
        let urls = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>();
        assert!(check_distinct(&urls(&["http://a", "http://b", "http://a:8545"])).is_ok());
        for twice in [["http://a", "http://a/"], ["http://a", "HTTP://A:80/"], ["https://k@a/secret", "https://k@a/secret"]] {
            let error = check_distinct(&urls(&twice)).map_err(|error| error.to_string());
            assert!(error.is_err_and(|error| error.contains("named twice") && !error.contains("secret")), "{twice:?}");
        }
    }
}
