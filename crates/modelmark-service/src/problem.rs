//! Refusals as RFC 9457 has them: `application/problem+json` with a code that programs match on.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use modelmark_verify::Report;
use serde::Serialize;

/// Where the codes are explained, with the code after the `#`.
const PAGE: &str = "https://modelmark.dev/docs/http#";

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $status:ident, $title:literal;)+) => {
        /// What is wrong with a request. Public interface: never renamed or given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Returns the HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    /// The body is not what the route takes.
    Malformed = "malformed", BAD_REQUEST, "The request cannot be read";
    /// A model was named that is not there, or that no root leads to.
    UnknownModel = "unknown-model", NOT_FOUND, "There is no such model here";
    /// The route takes another method.
    Method = "method", METHOD_NOT_ALLOWED, "This route takes POST";
    /// None of the forms that the client accepts can be made.
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "There is no report in any of these forms";
    /// The body did not arrive in time.
    Slow = "slow", REQUEST_TIMEOUT, "The request took too long to arrive";
    /// The body is larger than is taken.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The request is too large";
    /// The body is not declared as JSON.
    MediaType = "media-type", UNSUPPORTED_MEDIA_TYPE, "The request is not application/json";
    /// The question was read and makes no sense.
    Question = "question", UNPROCESSABLE_ENTITY, "The question cannot be answered";
    /// Too many requests at once.
    Busy = "busy", TOO_MANY_REQUESTS, "Too many requests at once";
    /// Something that is needed is out of reach; `report`, if there is one, tells what.
    CouldNotLook = "could-not-look", SERVICE_UNAVAILABLE, "Something could not be looked at";
    /// The answer was not there in time.
    Deadline = "deadline", SERVICE_UNAVAILABLE, "The answer took too long";
    /// The report could not be written.
    Internal = "internal", INTERNAL_SERVER_ERROR, "The answer could not be made";
}

/// A refusal.
#[derive(Debug)]
pub struct Problem {
    code: ProblemCode,
    detail: String,
    report: Option<Box<Report>>,
}

impl Problem {
    /// Returns a problem with a sentence for people.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), report: None }
    }

    /// Adds the report that says what could not be looked at.
    #[must_use]
    pub fn with_report(self, report: Report) -> Self {
        Self { report: Some(Box::new(report)), ..self }
    }

    /// Returns what is wrong.
    #[must_use]
    pub const fn code(&self) -> ProblemCode {
        self.code
    }

    /// Returns the sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = (self.code.status(), self.code.as_str());
        let document = Document {
            r#type: format!("{PAGE}{code}"),
            title: self.code.title(),
            status: status.as_u16(),
            code,
            detail: &self.detail,
            report: self.report.as_deref(),
        };
        // A value of strings and numbers has a JSON form; if it ever had none, the status still tells.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
