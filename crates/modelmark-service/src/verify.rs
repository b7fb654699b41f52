//! `POST /verify`: a question in, a report out.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, VARY};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use modelmark_report::Form;
use modelmark_verify::{Report, Verdict};
use serde_json::Value;

use crate::judge::{Judge, JudgeError};
use crate::negotiate;
use crate::problem::{Problem, ProblemCode};
use crate::question;
use crate::roots::Roots;
use crate::settings::Settings;
use crate::turn::Turns;

/// The verdict once more, for who looks at heads only.
const VERDICT: HeaderName = HeaderName::from_static("modelmark-verdict");

/// Returns the route `/verify`, to be served or mounted. Callers may name models below `roots`, and no other path.
pub fn router(judge: Arc<dyn Judge>, roots: Roots, settings: Settings) -> Router {
    let service = Arc::new(Service { judge, roots, turns: Turns::new(settings) });
    Router::new().route("/verify", post(verify).fallback(only_post)).with_state(service)
}

struct Service {
    judge: Arc<dyn Judge>,
    roots: Roots,
    turns: Turns,
}

async fn verify(State(service): State<Arc<Service>>, request: Request) -> Result<Response, Problem> {
    let answering = Arc::clone(&service);
    service.turns.take(request, |headers, body| async move { answering.answer(&headers, &body).await }).await
}

/// Refuses other methods than POST.
pub(crate) async fn only_post() -> Response {
    let mut response = Problem::new(ProblemCode::Method, "questions are sent with POST").into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

impl Service {
    async fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Result<Response, Problem> {
        let (media, form) = negotiate::choose(headers)
            .ok_or_else(|| Problem::new(ProblemCode::NotAcceptable, "a report is JSON, HTML, Markdown or SARIF"))?;
        let (question, name) = question::read(body, &self.roots)?;
        let directory = question.directory.clone();
        let mut report = self.judge.verify(question).await.map_err(|error| match error {
            JudgeError::Question(why) => Problem::new(ProblemCode::Question, why),
            JudgeError::OutOfReach(why) => Problem::new(ProblemCode::CouldNotLook, why),
        })?;
        if let (Some(directory), Some(name)) = (directory, name) {
            hide(&mut report, &directory, &name);
        }
        if report.verdict == Verdict::CouldNotLook {
            let detail = "nothing speaks against it, but not everything that is needed could be looked at";
            return Err(Problem::new(ProblemCode::CouldNotLook, detail).with_report(report));
        }
        written(&report, media, form)
    }
}

/// Calls the model by the name that the caller knows, wherever the report says where it lies.
fn hide(report: &mut Report, directory: &Path, name: &str) {
    let place = directory.display().to_string();
    let hidden = |text: &mut String| *text = text.replace(&place, name);
    report.path.iter_mut().for_each(hidden);
    report.notes.iter_mut().for_each(hidden);
    for check in &mut report.checks {
        hidden(check.message.to_mut());
        check.details.iter_mut().for_each(hidden);
    }
}

fn written(report: &Report, media: &'static str, form: Option<Form>) -> Result<Response, Problem> {
    let internal = |error: &dyn std::error::Error| Problem::new(ProblemCode::Internal, error.to_string());
    let text = match form {
        None => serde_json::to_string(report).map_err(|error| internal(&error))?,
        Some(form) => {
            let made_by = concat!("modelmark ", env!("CARGO_PKG_VERSION"));
            form.write(std::slice::from_ref(report), made_by).map_err(|error| internal(&error))?
        }
    };
    let mut response = (StatusCode::OK, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    // Strangers' words are in the report: escaped, and without any right should something have been missed.
    headers
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
    let verdict = serde_json::to_value(report.verdict).ok();
    let verdict = verdict.as_ref().and_then(Value::as_str).and_then(|verdict| HeaderValue::from_str(verdict).ok());
    headers.extend(verdict.map(|verdict| (VERDICT, verdict)));
    Ok(response)
}
