//! A certificate authority of one's own and a certificate by it, to try the webhook out.

use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::error::{CommandError, OrKind as _, Result};
use crate::session::read_input;

/// Under which name an API server asks for the webhook of `integrations/kubernetes`.
pub(super) const SERVICE: &str = "modelmark-admission.modelmark-system.svc";

/// The files, and the authority as a webhook configuration names it.
pub(super) struct SelfSigned {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) bundle: String,
}

/// Uses the certificate in a directory, or makes one there.
pub(super) fn open(dir: &Path, listen: IpAddr) -> Result<SelfSigned> {
    let [authority, certificate, key] = ["ca.crt", "tls.crt", "tls.key"].map(|name| dir.join(name));
    let there = [&authority, &certificate, &key].map(|path| path.exists());
    if there == [false; 3] {
        fs::create_dir_all(dir).or_usage()?;
        make(&authority, &certificate, &key, listen)?;
    } else if there != [true; 3] {
        let told = CommandError::usage(format!("`{}` has some of ca.crt, tls.crt and tls.key, but not all", dir.display()));
        return Err(told.hint("nothing is replaced: choose another directory"));
    }
    Ok(SelfSigned { certificate, key, bundle: BASE64.encode(&read_input(&authority, 1 << 20)?) })
}

fn make(authority: &Path, certificate: &Path, key: &Path, listen: IpAddr) -> Result<()> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    named(&mut params, "modelmark admission, for trying out");
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().or_usage()?).or_usage()?;
    let names = [SERVICE.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned(), listen.to_string()];
    let mut params = CertificateParams::new(names.to_vec()).or_usage()?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    named(&mut params, SERVICE);
    let own = KeyPair::generate().or_usage()?;
    let signed = params.signed_by(&own, &issuer).or_usage()?;
    // The authority's key is kept nowhere: it can sign nothing else.
    write(authority, &issuer.pem(), 0o644)?;
    write(certificate, &signed.pem(), 0o644)?;
    write(key, &own.serialize_pem(), 0o600)
}

/// Gives a name, and from one to two years: who forgets such a certificate should notice.
fn named(params: &mut CertificateParams, name: &str) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let year = i32::try_from(1970 + seconds / 31_556_952).unwrap_or(2026);
    params.not_before = date_time_ymd(year - 1, 1, 1);
    params.not_after = date_time_ymd(year + 2, 1, 1);
    params.distinguished_name.push(DnType::CommonName, name);
}

fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).or_usage()?;
    file.write_all(text.as_bytes()).or_usage()
}
