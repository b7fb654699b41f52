//! The decision, and the route over which it is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use futures_util::future::join_all;
use modelmark_chain::TokenRef;
use modelmark_verify::{Report, Status, Verdict};
use serde::Serialize;
use serde_json::Value;

use super::code::{AdmissionCode, Refusal, shown};
use super::declaration::{misplaced, raw};
use super::init::INIT_PREFIX;
use super::review::{self, Request};
use super::rules::Rules;
use super::shape::{self, Found};
use super::{pod, templates};
use crate::judge::{Judge, Question};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::turn::Turns;
use crate::verify::only_post;

/// Decides about objects of Kubernetes.
pub struct Admission {
    rules: Rules,
    judge: Arc<dyn Judge>,
}

/// What was decided, for the API server and for the log.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Whether the object is admitted.
    pub allowed: bool,
    /// Why not: the codes, each once.
    pub codes: Vec<&'static str>,
    /// Why not, in sentences.
    pub reasons: Vec<String>,
    /// `CREATE`, `UPDATE` or `CONNECT`.
    pub operation: String,
    /// Kind of the object, and its subresource after a slash.
    pub kind: String,
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object, or how its name will begin.
    pub name: String,
    /// The tokens of its models, as far as they were looked at.
    pub models: Vec<String>,
    /// Whether nothing will come of it anyway.
    pub dry_run: bool,
    /// Identifier of the request.
    pub uid: String,
    /// The `AdmissionReview` that answers.
    #[serde(skip)]
    pub answer: Value,
}

impl Admission {
    /// Returns what decides by these rules, and asks this judge about tokens.
    #[must_use]
    pub fn new(rules: Rules, judge: Arc<dyn Judge>) -> Self {
        Self { rules, judge }
    }

    /// Decides about a review.
    ///
    /// # Errors
    /// The bytes are no review. To an API server, that is a refusal too.
    pub async fn decide(&self, body: &[u8]) -> Result<Decision, Problem> {
        let mut request = review::read(body)?;
        let mut refusals = Vec::new();
        let tokens = match self.shape(&request, &mut refusals) {
            Ok(tokens) => tokens,
            Err(refusal) => {
                refusals.push(refusal);
                BTreeSet::new()
            }
        };
        // Nobody looks at them any more, and a look at the chain can take its time.
        request.forget_objects();
        // What is not as it has to be anyway costs no look at the chain.
        if refusals.is_empty() {
            refusals.extend(join_all(tokens.iter().map(|token| self.token(token))).await.into_iter().flatten());
        }
        Ok(decision(&request, &refusals, tokens.iter().map(|token| token.text.clone()).collect()))
    }

    /// Looks at the object alone, and returns the tokens that have to verify.
    fn shape(&self, request: &Request, refusals: &mut Vec<Refusal>) -> Found<BTreeSet<Token>> {
        match request.operation.as_str() {
            "CREATE" | "UPDATE" => {}
            "CONNECT" => return connect(request).map(|()| BTreeSet::new()),
            other => {
                return Err(Refusal::new(AdmissionCode::ReviewOperation, format!("nothing is known of the operation {}", shown(other))));
            }
        }
        let kind = &request.kind;
        let unknown = || {
            let what = format!("{}/{} {} {}", kind.group, kind.version, kind.kind, request.sub_resource);
            Refusal::new(AdmissionCode::ReviewKind, format!("nothing is known of {}", shown(what.trim_end())))
        };
        let way = templates::way(&kind.group, &kind.version, &kind.kind).ok_or_else(unknown)?;
        let of_pod = way.is_empty();
        if !matches!((request.sub_resource.as_str(), of_pod), ("", _) | ("ephemeralcontainers" | "resize", true)) {
            return Err(unknown());
        }
        let object = shape::object(&request.object, "the object")?;
        let pod = templates::pod(object, way)?;
        if request.operation == "UPDATE" {
            let old = shape::object(&request.old_object, "the old object")?;
            let old = templates::pod(old, way)?;
            let metadata = (shape::part(old, "metadata")?, shape::part(pod, "metadata")?);
            let declared = (metadata.0.map(raw).transpose()?.flatten(), metadata.1.map(raw).transpose()?.flatten());
            if of_pod && declared.0 != declared.1 {
                return Err(Refusal::new(AdmissionCode::DeclarationChanged, "a pod declares its models when it is made"));
            }
            // Controllers take finalizers off pods whose models were recalled meanwhile; the pods could never go away otherwise.
            if declared.0 == declared.1 && old.get("spec") == pod.get("spec") {
                return Ok(BTreeSet::new());
            }
        }
        for maker in templates::makers(object, way)? {
            misplaced(maker)?;
        }
        let declared = pod::check(pod, &self.rules, refusals)?;
        Ok(declared.into_values().map(|token| Token { text: token.to_string(), token }).collect())
    }

    /// Asks about a token.
    async fn token(&self, token: &Token) -> Option<Refusal> {
        let question = Question { token: Some(token.token), ..Question::default() };
        let unknown = |why: &str| Some(Refusal::new(AdmissionCode::ModelUnknown, format!("{}: {why}", token.text)));
        let report = match self.judge.verify(question).await {
            Ok(report) => report,
            Err(error) => return unknown(&error.to_string()),
        };
        match report.verdict {
            // A report of another token is none of this one.
            // No file is here: the init container looks at those.
            Verdict::Verified | Verdict::RecordVerified if report.token.as_deref() == Some(token.text.as_str()) => None,
            Verdict::Verified | Verdict::RecordVerified => unknown("the report speaks of something else"),
            Verdict::CouldNotLook => unknown(&speaking(&report, Status::Unknown)),
            _ => Some(Refusal::new(AdmissionCode::ModelRefused, format!("{}: {}", token.text, speaking(&report, Status::Fail)))),
        }
    }
}

/// A token in the order of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    text: String,
    token: TokenRef,
}

impl Ord for Token {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl PartialOrd for Token {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The verdict, and the codes of the checks that led to it.
fn speaking(report: &Report, status: Status) -> String {
    let codes: Vec<&str> = report.checks.iter().filter(|check| check.status == status).map(|check| check.code.as_str()).collect();
    format!("{} ({})", report.verdict, codes.join(", "))
}

/// Running something in a container, or attaching to it, is not for the containers that verify.
fn connect(request: &Request) -> Found<()> {
    let kind = &request.kind;
    let known = matches!((kind.kind.as_str(), request.sub_resource.as_str()), ("PodExecOptions", "exec") | ("PodAttachOptions", "attach"));
    if !known || !kind.group.is_empty() || kind.version != "v1" {
        let what = format!("CONNECT to {} {}", kind.kind, request.sub_resource);
        return Err(Refusal::new(AdmissionCode::ReviewKind, format!("nothing is known of {}", shown(&what))));
    }
    let options = shape::object(&request.object, "the object")?;
    let container = shape::text(options, "container")?;
    if container.starts_with(INIT_PREFIX) {
        return Err(Refusal::new(AdmissionCode::ExecInit, format!("nobody may reach into {}", shown(container))));
    }
    Ok(())
}

fn decision(request: &Request, refusals: &[Refusal], models: Vec<String>) -> Decision {
    let again = refusals.iter().all(|refusal| refusal.code == AdmissionCode::ModelUnknown);
    let codes: BTreeSet<AdmissionCode> = refusals.iter().map(|refusal| refusal.code).collect();
    let (kind, sub) = (&request.kind.kind, &request.sub_resource);
    Decision {
        allowed: refusals.is_empty(),
        codes: codes.into_iter().map(AdmissionCode::as_str).collect(),
        reasons: refusals.iter().map(ToString::to_string).collect(),
        operation: request.operation.clone(),
        kind: if sub.is_empty() { kind.clone() } else { format!("{kind}/{sub}") },
        namespace: request.namespace.clone(),
        name: request.name.clone(),
        answer: review::answer(&request.uid, refusals, &models, again),
        models,
        dry_run: request.dry_run,
        uid: request.uid.clone(),
    }
}

/// Takes down what was decided.
pub type Log = Arc<dyn Fn(&Decision) + Send + Sync>;

/// Returns the route `/admit`, to be served with TLS. Every decision is told to `log`.
pub fn admission_router(admission: Admission, log: Log, settings: Settings) -> Router {
    let webhook = Arc::new(Webhook { admission, log, turns: Turns::new(settings) });
    Router::new().route("/admit", post(admit).fallback(only_post)).with_state(webhook)
}

struct Webhook {
    admission: Admission,
    log: Log,
    turns: Turns,
}

async fn admit(State(webhook): State<Arc<Webhook>>, request: HttpRequest) -> Result<Response, Problem> {
    let deciding = Arc::clone(&webhook);
    let decision = webhook.turns.take(request, |_, body| async move { deciding.admission.decide(&body).await }).await?;
    (webhook.log)(&decision);
    let mut response = decision.answer.to_string().into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
