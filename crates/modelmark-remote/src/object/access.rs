//! Which of the user's variables open which object store, and what a refusal of one becomes.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use crate::exchange::is_private;
use crate::http::{builder, label, tame};
use crate::{Address, RemoteError, Secret};

/// How often a request is repeated when a store is busy or breaks off, and for how long.
const RETRIES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);
/// Parts of variables' names whose values no message may show.
const SECRET_WORDS: [&str; 5] = ["KEY", "SECRET", "TOKEN", "SAS", "CREDENTIAL"];
/// Parts of the names of other variables that say who somebody is.
const NAMING_WORDS: [&str; 3] = ["SERVICE_ACCOUNT", "CLIENT_ID", "SIGNATURE"];
/// Parts of the names of Azure's variables that go out as they are, where its keys only sign.
const BEARERS: [&str; 3] = ["SAS", "TOKEN", "SECRET"];
/// Shorter values are not looked for in messages: they would blot out words.
const MIN_SECRET: usize = 6;

/// The user's variables, and what may be said about failures.
#[derive(Debug)]
pub(super) struct Access {
    place: String,
    hint: &'static str,
    secrets: Vec<Secret>,
    /// Some variable says who the user is. Without one the store's client asks the machine that it runs on, which is no use on most.
    named: bool,
}

impl Access {
    /// Opens the store behind a URL of the schemes `s3`, `gs` or `az`.
    pub(super) fn open(address: &Address, variables: &BTreeMap<String, Secret>) -> Result<(Self, Arc<dyn ObjectStore>), RemoteError> {
        let place = address.to_string();
        let Some(bucket) = address.url().host_str().filter(|bucket| !bucket.is_empty()) else {
            return Err(RemoteError::Forbidden { url: place, reason: "it names no bucket; write it like s3://bucket/folder".to_owned() });
        };
        let (prefix, hint) = match address.scheme() {
            "s3" => ("AWS_", "it is taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and the region from AWS_REGION"),
            "gs" => ("GOOGLE_", "it is taken from the file that GOOGLE_APPLICATION_CREDENTIALS names"),
            _ => ("AZURE_", "it is taken from AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_KEY"),
        };
        let secrets = variables.iter().filter(|(name, secret)| is_secret(name) && secret.expose().len() >= MIN_SECRET);
        let secrets = secrets.map(|(_, secret)| secret.clone()).collect();
        let own = || variables.keys().filter(|name| name.starts_with(prefix));
        let named = own().any(|name| is_secret(name) || has_word(name, &NAMING_WORDS));
        let access = Self { place, hint, secrets, named };
        let settings =
            variables.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(name, value)| (name.to_lowercase(), value.expose()));
        let (plain, connector) = connector(settings.clone());
        let bearer = prefix == "GOOGLE_" || prefix == "AZURE_" && own().any(|name| has_word(name, &BEARERS));
        if let Some(endpoint) = connector.0.as_ref().filter(|endpoint| bearer && !is_private(endpoint)) {
            let reason = "the credential would go there for all to read; it is sent over https and on this machine only".to_owned();
            return Err(RemoteError::Forbidden { url: label(endpoint), reason });
        }
        let built = match address.scheme() {
            "s3" => known(settings)
                .fold(AmazonS3Builder::new(), |builder, (key, value)| builder.with_config(key, value))
                .with_bucket_name(bucket)
                .with_allow_http(plain)
                .with_retry(retries())
                .with_http_connector(connector)
                .build()
                .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
            "gs" => known::<GoogleConfigKey>(settings)
                .fold(GoogleCloudStorageBuilder::new(), |builder, (key, value)| builder.with_config(key, value))
                .with_bucket_name(bucket)
                .with_client_options(ClientOptions::new().with_allow_http(plain))
                .with_retry(retries())
                .with_http_connector(connector)
                .build()
                .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
            _ => known::<AzureConfigKey>(settings)
                .fold(MicrosoftAzureBuilder::new(), |builder, (key, value)| builder.with_config(key, value))
                .with_container_name(bucket)
                .with_allow_http(plain)
                .with_retry(retries())
                .with_http_connector(connector)
                .build()
                .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        };
        match built {
            Ok(store) => Ok((access, store)),
            Err(error) => Err(RemoteError::Credential { hint: format!("{}: {}", access.hint, access.shown(&error)), place: access.place }),
        }
    }

    /// Returns what may be said about a store that somebody else opened.
    pub(super) fn elsewhere(place: &str) -> Self {
        Self { place: place.to_owned(), hint: "it was given to the program that opened the store", secrets: Vec::new(), named: true }
    }

    /// Returns the place's URL.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Turns a store's failure into ours.
    pub(super) fn explain(&self, error: &object_store::Error) -> RemoteError {
        let place = self.place.clone();
        match error {
            object_store::Error::NotFound { .. } => {
                RemoteError::Refused { place, status: 404, reason: "the bucket or container is not there".to_owned() }
            }
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                RemoteError::Credential { place, hint: self.hint.to_owned() }
            }
            other if self.named => RemoteError::Unreachable { place, reason: self.shown(other) },
            other => {
                let reason = format!("{}; if that is about the credential, {}", self.shown(other), self.hint);
                RemoteError::Unreachable { place, reason }
            }
        }
    }

    /// Returns what may be shown of a failure: no query of any address, and none of the user's secrets.
    fn shown(&self, error: &object_store::Error) -> String {
        let words: Vec<String> =
            error.to_string().split_whitespace().map(|word| word.split('?').next().unwrap_or_default().to_owned()).collect();
        let text = self.secrets.iter().fold(words.join(" "), |text, secret| text.replace(secret.expose(), "(secret)"));
        tame(&text)
    }
}

fn is_secret(name: &str) -> bool {
    has_word(name, &SECRET_WORDS)
}

fn has_word(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.contains(word))
}

/// The variables that the crate knows; the others belong to other programs.
fn known<'s, K: FromStr>(settings: impl Iterator<Item = (String, &'s str)>) -> impl Iterator<Item = (K, &'s str)> {
    settings.filter_map(|(name, value)| Some((name.parse().ok()?, value)))
}

fn retries() -> RetryConfig {
    RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, ..RetryConfig::default() }
}

/// Returns whether the endpoint that the user named is one without TLS, and our client for it: no redirects, and bounded waits.
fn connector<'s>(settings: impl Iterator<Item = (String, &'s str)>) -> (bool, Connector) {
    let mut endpoint = None;
    for (name, value) in settings {
        if name.contains("endpoint") || name == "google_base_url" {
            endpoint = value.parse::<Url>().ok().or(endpoint);
        }
        if name == "azure_storage_use_emulator" && matches!(value.to_lowercase().as_str(), "1" | "true" | "on" | "yes" | "y") {
            endpoint = endpoint.or_else(|| "http://127.0.0.1:10000".parse().ok());
        }
    }
    let plain = endpoint.as_ref().is_some_and(|url| url.scheme() == "http");
    (plain, Connector(endpoint))
}

#[derive(Debug)]
struct Connector(Option<Url>);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic { store: "HTTP", source };
        let url = match &self.0 {
            Some(url) => url.clone(),
            None => "https://object.store".parse().map_err(|error: url::ParseError| failed(error.into()))?,
        };
        Ok(HttpClient::new(builder(&url).build().map_err(|error| failed(error.into()))?))
    }
}
