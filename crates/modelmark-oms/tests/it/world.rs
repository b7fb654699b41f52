//! Keys, certificates and models that the tests share.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use modelmark_oms::{Certificates, Options, PrivateKey, PublicKey, Report, Signing, Trust, sign, verify};
use modelmark_testkit::tools::workspace;
use tempfile::TempDir;

/// 2026-06-01, at which the certificates of the vectors are valid.
pub(crate) const NOW: Duration = Duration::from_secs(1_780_272_000);

pub(crate) fn vectors() -> PathBuf {
    workspace().join("vectors/oms")
}

pub(crate) fn key(name: &str) -> PrivateKey {
    let pem = fs::read(vectors().join(format!("keys/{name}.pem"))).unwrap();
    PrivateKey::from_pem(&pem, Some(b"modelmark")).unwrap()
}

pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::from_pem(&fs::read(vectors().join(format!("keys/{name}.pub.pem"))).unwrap()).unwrap()
}

pub(crate) fn certificates(names: &[&str]) -> Certificates {
    let mut all = Certificates::default();
    for name in names {
        all.extend(Certificates::from_pem(&fs::read(vectors().join(format!("certificates/{name}.pem"))).unwrap()).unwrap());
    }
    all
}

/// A model in a folder of its own.
pub(crate) struct Model(TempDir);

impl Model {
    pub(crate) fn of(files: &BTreeMap<String, String>) -> Self {
        let model = Self(tempfile::tempdir().unwrap());
        fs::create_dir(model.path()).unwrap();
        files.iter().for_each(|(name, content)| model.write(name, content));
        model
    }

    pub(crate) fn small() -> Self {
        let files = [("weights.bin", "weights"), ("code/run.py", "print()")];
        Self::of(&files.map(|(name, content)| (name.to_owned(), content.to_owned())).into())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("model")
    }

    /// A place beside the model.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn link(&self, name: &str, target: impl AsRef<Path>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    /// A bundle by `p256` over the model as it is.
    pub(crate) fn sign(&self, ignore: &[&str]) -> Vec<u8> {
        let key = key("p256");
        let ignore_paths = ignore.iter().map(|path| (*path).to_owned()).collect();
        let signing = Signing { key: &key, certificates: None, ignore_paths, signature_path: None, holes: false };
        sign(&self.path(), &signing, &()).unwrap().1.bytes()
    }

    pub(crate) fn verify(&self, bundle: &[u8], options: &Options) -> Report {
        verify(&self.path(), bundle, Trust::Key(&public("p256")), options, &()).unwrap()
    }

    /// The codes for which the model is refused, each once.
    pub(crate) fn codes(&self, bundle: &[u8], options: &Options) -> Vec<&'static str> {
        codes(&self.verify(bundle, options))
    }
}

pub(crate) fn codes(report: &Report) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.refused.iter().map(|refused| refused.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(report.verified(), codes.is_empty());
    codes
}
