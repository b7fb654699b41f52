//! How object stores let somebody in, and what is told to those whom they do not.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use modelmark_remote::{Credentials, RemoteError, Secret, open};
use modelmark_testkit::tools::workspace;
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use rsa::{BoxedUint, PrivateKey};
use serde_json::{Value, json};

use crate::cloud::{Cloud, Kind};
use crate::rpc_server::{Reply, Server};
use crate::suite;

fn credentials(variables: &[(&str, &str)]) -> Credentials {
    let object_stores = variables.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    Credentials { object_stores: object_stores.collect::<BTreeMap<_, _>>(), ..Credentials::default() }
}

/// The file of a service account of Google, with a key that is published as a test vector.
fn service_account() -> String {
    let jwk: Value = serde_json::from_slice(&std::fs::read(workspace().join("vectors/arweave/keys/arweave.json")).unwrap()).unwrap();
    let part = |name: &str| BoxedUint::from_be_slice_vartime(&BASE64URL_NOPAD.decode(jwk[name].as_str().unwrap().as_bytes()).unwrap());
    let key = PrivateKey::from_components(part("n"), part("e"), part("d"), vec![part("p"), part("q")]).unwrap();
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    json!({ "type": "service_account", "client_email": "somebody@example.org", "private_key_id": "1", "private_key": pem }).to_string()
}

#[tokio::test]
async fn a_service_account_signs_for_itself() {
    let server = Server::start(|_| Reply::With(200, "ETag: \"1\"\r\nLast-Modified: Tue, 24 Nov 2026 00:00:00 GMT\r\n", Vec::new())).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("account.json");
    std::fs::write(&file, service_account()).unwrap();
    for variable in ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT"] {
        let credentials = credentials(&[("GOOGLE_BASE_URL", &server.url), (variable, file.to_str().unwrap())]);
        let fixture = suite::fixture();
        let place = open(&"gs://models".parse().unwrap(), &credentials).unwrap();
        // The server has everything, of no length: whoever wants to put something else puts it.
        place.put(&fixture.record, fixture.store.clone(), &()).await.unwrap();
        let requests = server.requests();
        let put = requests.iter().rev().find(|request| request.method == "PUT").unwrap();
        let token = put.header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3, "{token}");
        let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap()).unwrap();
        assert_eq!(claims["iss"], "somebody@example.org");
    }
}

/// The server that the other tests of `gs:` run over knows no tokens of Google.
#[tokio::test]
async fn a_token_that_google_refuses_is_told_without_showing_it() {
    for status in [401, 403] {
        let server = Server::start(move |_| Reply::Answer(status, b"<Error><Code>AccessDenied</Code></Error>".to_vec())).await;
        let credentials = credentials(&[("GOOGLE_BASE_URL", &server.url), ("GOOGLE_BEARER_TOKEN", "hunter2hunter2")]);
        let (place, fixture) = (open(&"gs://models".parse().unwrap(), &credentials).unwrap(), suite::fixture());
        for item in [&fixture.record, &fixture.model] {
            let error = place.put(item, fixture.store.clone(), &()).await.unwrap_err();
            assert!(matches!(error, RemoteError::Credential { .. }), "{error}");
            assert!(error.to_string().contains(Kind::Gs.variable()) && !error.to_string().contains("hunter2"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_shared_signature_is_enough_for_azure() {
    let Some(cloud) = Cloud::start(Kind::Az).await else { return };
    suite::keeps_and_gives(&cloud.place_with(&cloud.shared_signature().unwrap())).await;
}

#[tokio::test]
async fn what_goes_out_as_it_is_goes_to_nobody_in_the_clear() {
    let elsewhere = "http://store.example.org:9000";
    let refused = [
        ("gs://models", vec![("GOOGLE_BASE_URL", elsewhere), ("GOOGLE_BEARER_TOKEN", "hunter2")]),
        (
            "az://models",
            vec![("AZURE_STORAGE_ENDPOINT", elsewhere), ("AZURE_STORAGE_ACCOUNT_NAME", "a"), ("AZURE_STORAGE_SAS_KEY", "sig=hunter2")],
        ),
    ];
    for (place, variables) in refused {
        let error = open(&place.parse().unwrap(), &credentials(&variables)).err().unwrap();
        assert!(matches!(error, RemoteError::Forbidden { .. }), "{error}");
        assert!(error.to_string().contains("https") && !error.to_string().contains("hunter2"), "{error}");
    }
    // What signs stays here.
    let signing = [("AWS_ENDPOINT_URL", elsewhere), ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
    assert!(open(&"s3://models".parse().unwrap(), &credentials(&signing)).is_ok());
}

#[tokio::test]
async fn whoever_named_no_credential_is_told_where_it_is_taken_from() {
    // The machine that an unnamed user is taken for: it knows nobody.
    let server = Server::start(|_| Reply::Answer(404, Vec::new())).await;
    let variables = [("AWS_METADATA_ENDPOINT", server.url.as_str()), ("AWS_ENDPOINT_URL", &server.url), ("AWS_REGION", "us-east-1")];
    let place = open(&"s3://models".parse().unwrap(), &credentials(&variables)).unwrap();
    let error = place.has(&suite::fixture().record.root, None).await.unwrap_err().to_string();
    assert!(error.contains("AWS_ACCESS_KEY_ID"), "{error}");
}
