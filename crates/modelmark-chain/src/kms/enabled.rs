//! A key of AWS KMS: its account is asked for once, and every digest is signed there.
//!
//! Each request runs to its end on a thread and a runtime of its own, so that a wallet signs the same way inside and outside of asynchronous code,
//! and a name server that hangs does not hold the program up beyond the deadline.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use alloy::primitives::{Address, B256, Signature};
use alloy::signers::Signer as _;
use alloy::signers::aws::aws_sdk_kms::Client;
use alloy::signers::aws::aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use alloy::signers::aws::{AwsSigner, AwsSignerError};
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::connector;
use crate::WalletError;
use crate::error::tame;
use crate::http::innermost;

/// An asymmetric key of AWS KMS and its account.
#[derive(Clone)]
pub(crate) struct KmsKey {
    signer: AwsSigner,
    id: String,
    deadline: Duration,
}

/// Why there is no answer that can be used.
enum Failure {
    /// The service answered and will not, or what it holds is no key of an account.
    Refused(String),
    /// Nothing came back that could be used; it may the next time.
    Unreachable(String),
}

impl KmsKey {
    /// Asks for the key's account, with the region and credentials that the AWS environment and profile name.
    pub(crate) fn open(id: &str, deadline: Duration) -> Result<Self, WalletError> {
        Self::open_with(aws_config::defaults(BehaviorVersion::latest()), id, deadline)
    }

    fn open_with(settings: ConfigLoader, id: &str, deadline: Duration) -> Result<Self, WalletError> {
        let connect = async {
            let settings = settings.http_client(connector::client()).load().await;
            if settings.region().is_none() {
                return Err(Failure::Refused("no AWS region is set (AWS_REGION, or `region` in the AWS profile)".to_owned()));
            }
            AwsSigner::new(Client::new(&settings), id.to_owned(), None).await.map_err(|error| Failure::of(&error))
        };
        let signer = wait(deadline, connect).map_err(|failure| failure.about(id))?;
        Ok(Self { signer, id: id.to_owned(), deadline })
    }

    pub(crate) fn address(&self) -> Address {
        self.signer.address()
    }

    /// Has a digest signed. The signature is held against the key's account, and has the lower s.
    pub(crate) fn sign(&self, digest: &B256) -> Result<Signature, WalletError> {
        let sign = async {
            self.signer.sign_hash(digest).await.map_err(|error| match &error {
                alloy::signers::Error::Other(inner) => {
                    inner.downcast_ref().map_or_else(|| Failure::Refused(tame(&inner.to_string())), Failure::of)
                }
                other => Failure::Refused(tame(&other.to_string())),
            })
        };
        wait(self.deadline, sign).map_err(|failure| failure.about(&self.id))
    }
}

impl Failure {
    fn of(error: &AwsSignerError) -> Self {
        match error {
            AwsSignerError::GetPublicKey(error) => Self::of_request(error),
            AwsSignerError::Sign(error) => Self::of_request(error),
            AwsSignerError::SignatureRecoveryFailed => Self::Refused("its signature is not of the key that it named before".to_owned()),
            AwsSignerError::SignatureNotFound | AwsSignerError::PublicKeyNotFound => Self::Unreachable(error.to_string()),
            // The key's form is looked at before anything is signed.
            other => Self::Refused(format!(
                "what it answers is not of a secp256k1 key (key spec ECC_SECG_P256K1, usage SIGN_VERIFY): {}",
                tame(&other.to_string())
            )),
        }
    }

    fn of_request<E: Error + ProvideErrorMetadata + 'static>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status();
                if status.is_success() {
                    return Self::Unreachable("its answer cannot be read".to_owned());
                }
                let said = [answer.err().code(), answer.err().message()].into_iter().flatten().collect::<Vec<_>>().join(": ");
                let said = tame(format!("HTTP status {} {said}", status.as_u16()).trim());
                let is_busy = status.as_u16() == 429 || answer.err().code() == Some("ThrottlingException");
                if is_busy || status.is_server_error() { Self::Unreachable(said) } else { Self::Refused(said) }
            }
            // Where credentials are missing the SDK speaks of a failed dispatch too, and nothing was sent.
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => Self::Unreachable(innermost(error)),
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => Self::Unreachable(innermost(error)),
            _ => Self::Refused(innermost(error)),
        }
    }

    fn about(self, key: &str) -> WalletError {
        let key = tame(key);
        match self {
            Self::Refused(reason) => WalletError::Kms { key, reason },
            Self::Unreachable(reason) => WalletError::KmsUnreachable { key, reason },
        }
    }
}

/// Runs a request to its end, or to the deadline.
fn wait<T: Send>(deadline: Duration, request: impl Future<Output = Result<T, Failure>> + Send) -> Result<T, Failure> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::Unreachable(format!("no runtime to ask on: {error}")))?;
        let late = |_| Failure::Unreachable(format!("no answer within {deadline:?}"));
        let answer = runtime.block_on(async { tokio::time::timeout(deadline, request).await });
        runtime.shutdown_background();
        answer.map_err(late)?
    };
    std::thread::scope(|scope| match std::thread::Builder::new().spawn_scoped(scope, run) {
        Ok(thread) => thread.join().unwrap_or_else(|_| Err(Failure::Refused("the AWS client ended without an answer".to_owned()))),
        Err(error) => Err(Failure::Unreachable(format!("no thread to ask on: {error}"))),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "no socket on loopback is a failed test")]
    use std::net::TcpListener;

    use alloy::signers::aws::aws_sdk_kms::config::{Credentials, Region};

    use super::*;

    #[test]
    fn a_service_that_hangs_is_left_at_the_deadline() {
        // The backlog takes the connection, and nobody reads what is sent.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(format!("http://{}", silent.local_addr().unwrap()))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .region(Region::new("eu-central-1"));
        let error = KmsKey::open_with(settings, "alias/creator", Duration::from_millis(300)).err().unwrap();
        let wanted = "AWS KMS cannot be asked for the key alias/creator: no answer within 300ms";
        assert!(matches!(error, WalletError::KmsUnreachable { .. }) && error.to_string() == wanted, "{error}");
    }
}
