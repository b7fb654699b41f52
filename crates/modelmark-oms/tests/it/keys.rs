//! Keys in the forms in which tools write them, and those that are not taken.

use std::fs;

use modelmark_oms::{Certificates, Curve, KeyError, PrivateKey, PublicKey};

use crate::world::{key, public, vectors};

fn pem(path: &str) -> Vec<u8> {
    fs::read(vectors().join(path)).unwrap()
}

#[test]
fn all_forms_give_the_public_key_that_belongs_to_them() {
    for (name, curve) in
        [("p256", Curve::P256), ("p384", Curve::P384), ("p521", Curve::P521), ("sec1", Curve::P384), ("encrypted", Curve::P256)]
    {
        let public = public(name);
        assert_eq!(key(name).public_key().unwrap(), public, "{name}");
        assert_eq!(public.curve(), curve);
        // The hint is the digest of the file that OpenSSL writes.
        assert_eq!(public.to_pem().as_bytes(), pem(&format!("keys/{name}.pub.pem")));
        assert_eq!(public.hint(), modelmark_digest::Sha256Digest::of(&pem(&format!("keys/{name}.pub.pem"))));
    }
    let with_parameters =
        [b"-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n".to_vec(), pem("keys/sec1.pem")].concat();
    assert!(PrivateKey::from_pem(&with_parameters, None).is_ok());
}

#[test]
fn passwords_are_asked_for_and_checked() {
    let encrypted = pem("keys/encrypted.pem");
    assert_eq!(PrivateKey::from_pem(&encrypted, None).unwrap_err(), KeyError::PasswordNeeded);
    assert_eq!(PrivateKey::from_pem(&encrypted, Some(b"other")).unwrap_err(), KeyError::WrongPassword);
    let old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
    assert!(matches!(PrivateKey::from_pem(old.as_bytes(), None), Err(KeyError::Encryption(_))));
}

#[test]
fn other_curves_are_named() {
    for (name, shown) in [("secp256k1", "secp256k1"), ("ed25519", "Ed25519"), ("root-rsa", "RSA")] {
        let private = PrivateKey::from_pem(&pem(&format!("keys/{name}.pem")), None).unwrap_err();
        assert_eq!(private, KeyError::Curve(shown.to_owned()));
        assert_eq!(PublicKey::from_pem(&pem(&format!("keys/{name}.pub.pem"))).unwrap_err(), KeyError::Curve(shown.to_owned()));
    }
    let leaf = Certificates::from_pem(&pem("certificates/leaf-ed25519.pem")).unwrap();
    assert_eq!(leaf.first_key().unwrap_err(), KeyError::Curve("Ed25519".to_owned()));
}

#[test]
fn other_files_are_no_keys() {
    assert!(matches!(PrivateKey::from_pem(&pem("keys/p256.pub.pem"), None), Err(KeyError::NoKey(_))));
    assert!(matches!(PublicKey::from_pem(&pem("keys/p256.pem")), Err(KeyError::NoKey(_))));
    assert!(matches!(Certificates::from_pem(&pem("keys/p256.pem")), Err(KeyError::NoKey(_))));
    let cut = pem("keys/p256.pem");
    assert!(matches!(PrivateKey::from_pem(&cut[..80], None), Err(KeyError::Malformed { .. })));
    let off_curve = String::from_utf8(pem("keys/p256.pub.pem")).unwrap();
    let line = off_curve.lines().nth(2).unwrap();
    let bent = off_curve.replace(line, &line.replace(&line[..1], if line.starts_with('A') { "B" } else { "A" }));
    assert!(matches!(PublicKey::from_pem(bent.as_bytes()), Err(KeyError::Malformed { .. })));
}
