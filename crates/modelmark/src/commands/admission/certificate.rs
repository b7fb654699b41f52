//! The server's certificate, read again when its files change.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use crate::error::{OrKind as _, Result};
use crate::output::Output;
use crate::session::read_input;

/// How often the files are looked at. They are small, and a cluster replaces them by links that no notification tells of reliably.
const EVERY: Duration = Duration::from_secs(2);
/// Largest file of a certificate or key.
const MAX_BYTES: u64 = 1 << 20;

/// A certificate with its key.
#[derive(Debug)]
pub(super) struct Certificate {
    files: (PathBuf, PathBuf),
    current: RwLock<(Read, Arc<CertifiedKey>)>,
}

/// The bytes of both files.
type Read = (Vec<u8>, Vec<u8>);

impl Certificate {
    pub(super) fn open(certificate: PathBuf, key: PathBuf) -> Result<Arc<Self>> {
        let files = (certificate, key);
        let read = read(&files)?;
        let current = RwLock::new((read.clone(), Arc::new(parse(&read)?)));
        Ok(Arc::new(Self { files, current }))
    }

    /// Looks at the files for as long as the server runs. What cannot be read leaves the certificate that there was.
    pub(super) async fn follow(self: Arc<Self>, output: Output) {
        let mut told = None;
        loop {
            tokio::time::sleep(EVERY).await;
            match self.renew() {
                Ok(true) => output.step("renewed", "the certificate"),
                Ok(false) => told = None,
                Err(error) if told.as_ref() == Some(&error.to_string()) => {}
                Err(error) => {
                    output.note(format!("the certificate stays as it was: {error}"));
                    told = Some(error.to_string());
                }
            }
        }
    }

    fn renew(&self) -> Result<bool> {
        let read = read(&self.files)?;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).0 == read {
            return Ok(false);
        }
        let parsed = Arc::new(parse(&read)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (read, parsed);
        Ok(true)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).1))
    }
}

fn read(files: &(PathBuf, PathBuf)) -> Result<Read> {
    Ok((read_input(&files.0, MAX_BYTES)?, read_input(&files.1, MAX_BYTES)?))
}

fn parse((certificate, key): &Read) -> Result<CertifiedKey> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate).collect::<std::result::Result<_, _>>().or_usage()?;
    let key = PrivateKeyDer::from_pem_slice(key).or_usage()?;
    // Fails when there is no certificate, or when it is not of this key.
    CertifiedKey::from_der(chain, key, &default_provider()).or_usage()
}
