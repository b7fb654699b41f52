//! The HTTP client that the AWS SDK uses: the one of every other endpoint, without redirects and with a bound on what an answer may have.
//!
//! The SDK's own would bring a second TLS stack.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::http;

/// Answers of KMS, and of the services that hand out credentials, are a few kilobytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Returns the client. Nothing is kept between two requests: there are two or three of them in a run.
pub(super) fn client() -> SharedHttpClient {
    http_client_fn(|settings, _| SharedHttpConnector::new(Connector { settings: settings.clone() }))
}

#[derive(Debug)]
struct Connector {
    settings: HttpConnectorSettings,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(exchange(self.settings.clone(), request))
    }
}

async fn exchange(settings: HttpConnectorSettings, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let request = request.map(|body| body.bytes().map(<[u8]>::to_vec).unwrap_or_default());
    let request = reqwest::Request::try_from(request).map_err(|error| ConnectorError::user(error.into()))?;
    let mut builder = http::builder(request.url());
    if let Some(limit) = settings.connect_timeout() {
        builder = builder.connect_timeout(limit);
    }
    if let Some(limit) = settings.read_timeout() {
        builder = builder.read_timeout(limit);
    }
    let mut response = builder.build().map_err(broken)?.execute(request).await.map_err(broken)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(ConnectorError::io(format!("an answer of more than {MAX_ANSWER_BYTES} bytes").into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    let mut answer = HttpResponse::new(response.status().into(), bytes.into());
    for (name, value) in response.headers() {
        // What is not text says nothing to the SDK.
        if let Ok(value) = value.to_str() {
            answer
                .headers_mut()
                .try_append(name.as_str().to_owned(), value.to_owned())
                .map_err(|error| ConnectorError::io(error.into()))?;
        }
    }
    Ok(answer)
}

fn broken(error: reqwest::Error) -> ConnectorError {
    let timeout = error.is_timeout();
    let error = error.without_url().into();
    if timeout { ConnectorError::timeout(error) } else { ConnectorError::io(error) }
}
