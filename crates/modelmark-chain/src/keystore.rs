//! Encrypted key files: Web3 Secret Storage, version 3.
//!
//! Reads what geth, foundry and MetaMask write. The file is bounded and every parameter checked before anything is derived: a hostile
//! file can ask scrypt for terabytes, or give lengths that make a careless reader crash.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::num::NonZeroU32;
use std::path::Path;

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use alloy::primitives::{Address, hex, keccak256};
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use zeroize::Zeroizing;

use crate::WalletError;

/// A keystore has about 500 bytes.
const MAX_FILE: u64 = 64 << 10;
/// geth's `--lightkdf` is 2^12 and its default 2^18; 2^17 is what OWASP asks for.
const SCRYPT_LOG_N: u8 = 17;
/// scrypt takes 128·r·n bytes.
const MAX_SCRYPT_BYTES: u64 = 1 << 30;
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

#[derive(Serialize, Deserialize)]
struct Keystore {
    version: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// geth once wrote the key with a capital.
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

/// An encrypted private key of 32 bytes, and how its password is stretched.
#[derive(Serialize, Deserialize)]
pub(crate) struct Crypto {
    cipher: String,
    ciphertext: String,
    cipherparams: CipherParams,
    /// The definition puts `kdf` and `kdfparams` beside the cipher. The format is not ours, so this is no choice of ours either.
    #[serde(flatten)]
    kdf: Kdf,
    mac: String,
}

#[derive(Serialize, Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { dklen: u32, n: u64, r: u32, p: u32, salt: String },
    Pbkdf2 { dklen: u32, c: u32, prf: String, salt: String },
}

/// Decrypts the key in the file at `path`.
pub(crate) fn open(path: &Path, password: &Zeroizing<String>) -> Result<Zeroizing<[u8; 32]>, WalletError> {
    let format = |reason: String| WalletError::Format { path: shown(path), reason };
    let text = read(path).map_err(|source| WalletError::File { path: shown(path), source })?;
    let keystore: Keystore = serde_json::from_str(&text).map_err(|error| format(fault(&error)))?;
    match decrypt(&keystore, password.as_bytes()) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(WalletError::Password { path: shown(path) }),
        Err(reason) => Err(format(reason.into())),
    }
}

/// Returns a new private key. One in 2^128 random numbers is not a key; it is refused later rather than looked for here.
pub(crate) fn random_key() -> Result<Zeroizing<[u8; 32]>, WalletError> {
    let mut key = Zeroizing::new([0; 32]);
    fill(key.as_mut_slice())?;
    Ok(key)
}

/// Encrypts `key` into a new file at `path`.
pub(crate) fn create(path: &Path, key: &Zeroizing<[u8; 32]>, address: Address, password: &Zeroizing<String>) -> Result<(), WalletError> {
    let text = encrypt(key, address, password.as_bytes())?;
    write(path, &text).map_err(|source| WalletError::File { path: shown(path), source })
}

/// Reads a key file, as far as one can be long.
pub(crate) fn read(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a new key file for its owner alone.
pub(crate) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Says what kind of fault the file has and where. serde's own text quotes what it found, which is the key when the file is not encrypted.
pub(crate) fn fault(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        Category::Io | Category::Syntax => "not JSON",
        Category::Eof => "the JSON ends too early",
        Category::Data => "the JSON does not have a keystore's fields",
    };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}

/// Returns the key, or `None` when the password is wrong.
fn decrypt(keystore: &Keystore, password: &[u8]) -> Result<Option<Zeroizing<[u8; 32]>>, &'static str> {
    if keystore.version != 3 { Err("the version is not 3") } else { unseal(&keystore.crypto, password) }
}

/// Returns the key behind a password, or `None` when that is wrong.
pub(crate) fn unseal(crypto: &Crypto, password: &[u8]) -> Result<Option<Zeroizing<[u8; 32]>>, &'static str> {
    if crypto.cipher != "aes-128-ctr" {
        return Err("the cipher is not aes-128-ctr");
    }
    let mut key = Zeroizing::new(bytes::<32>(&crypto.ciphertext).ok_or("the ciphertext is not 32 bytes")?);
    let iv = bytes::<16>(&crypto.cipherparams.iv).ok_or("the iv is not 16 bytes")?;
    let mac = bytes::<32>(&crypto.mac).ok_or("the mac is not 32 bytes")?;
    let derived = derive(&crypto.kdf, password)?;
    if mac_of(&derived, &key) != mac {
        return Ok(None);
    }
    aes_128_ctr(&derived, iv, &mut key);
    Ok(Some(key))
}

fn encrypt(key: &Zeroizing<[u8; 32]>, address: Address, password: &[u8]) -> Result<String, WalletError> {
    let crypto = seal(key, password)?;
    let mut id = [0; 16];
    fill(&mut id)?;
    let keystore = Keystore { version: 3, id: Some(uuid(id)), address: Some(hex::encode(address)), crypto };
    serde_json::to_string(&keystore).map_err(|error| WalletError::Crypto(error.to_string()))
}

/// Encrypts a key with a password.
pub(crate) fn seal(key: &Zeroizing<[u8; 32]>, password: &[u8]) -> Result<Crypto, WalletError> {
    let (mut salt, mut iv) = ([0; 32], [0; 16]);
    fill(&mut salt)?;
    fill(&mut iv)?;
    let kdf = Kdf::Scrypt { dklen: 32, n: 1 << SCRYPT_LOG_N, r: 8, p: 1, salt: hex::encode(salt) };
    let derived = derive(&kdf, password).map_err(|reason| WalletError::Crypto(reason.into()))?;
    let mut ciphertext = key.clone();
    aes_128_ctr(&derived, iv, &mut ciphertext);
    Ok(Crypto {
        cipher: "aes-128-ctr".into(),
        ciphertext: hex::encode(*ciphertext),
        cipherparams: CipherParams { iv: hex::encode(iv) },
        kdf,
        mac: hex::encode(mac_of(&derived, &ciphertext)),
    })
}

/// Derives 32 bytes from the password: the first half encrypts, the second authenticates.
fn derive(kdf: &Kdf, password: &[u8]) -> Result<Zeroizing<[u8; 32]>, &'static str> {
    let mut derived = Zeroizing::new([0; 32]);
    match kdf {
        Kdf::Scrypt { dklen: 32, n, r, p, salt } => {
            let too_much =
                128_u64.checked_mul(u64::from(*r)).and_then(|bytes| bytes.checked_mul(*n)).is_none_or(|bytes| bytes > MAX_SCRYPT_BYTES);
            if !n.is_power_of_two() || *n < 2 || *r == 0 || *p == 0 || *p > 16 || too_much {
                return Err("the scrypt parameters are unusual");
            }
            let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| "the scrypt parameters are unusual")?;
            let params = scrypt::Params::new(log_n, *r, *p).map_err(|_| "the scrypt parameters are unusual")?;
            scrypt::scrypt(password, &salt_of(salt)?, &params, derived.as_mut_slice()).map_err(|_| "scrypt failed")?;
        }
        Kdf::Pbkdf2 { dklen: 32, c, prf, salt } if prf == "hmac-sha256" => {
            let rounds = NonZeroU32::new(*c).filter(|c| c.get() <= MAX_PBKDF2_ROUNDS).ok_or("the number of pbkdf2 rounds is unusual")?;
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt_of(salt)?, password, derived.as_mut_slice());
        }
        _ => return Err("the key derivation is not scrypt or pbkdf2-hmac-sha256 with 32 bytes"),
    }
    Ok(derived)
}

fn mac_of(derived: &[u8; 32], ciphertext: &[u8; 32]) -> [u8; 32] {
    let mut input = Zeroizing::new([0_u8; 48]);
    let bytes = derived.iter().skip(16).chain(ciphertext);
    input.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    keccak256(input.as_slice()).0
}

/// AES-128 in counter mode over the two blocks of a key. The counter is the whole block, big-endian.
fn aes_128_ctr(derived: &[u8; 32], iv: [u8; 16], data: &mut [u8; 32]) {
    let mut half = Zeroizing::new([0_u8; 16]);
    half.iter_mut().zip(derived).for_each(|(to, from)| *to = *from);
    let cipher = Aes128::new((&*half).into());
    let mut counter = u128::from_be_bytes(iv);
    for block in data.chunks_exact_mut(16) {
        let mut stream = counter.to_be_bytes().into();
        cipher.encrypt_block(&mut stream);
        block.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= key);
        counter = counter.wrapping_add(1);
    }
}

fn salt_of(salt: &str) -> Result<Vec<u8>, &'static str> {
    hex::decode(salt).map_err(|_| "the salt is not hexadecimal")
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode_to_array(text).ok()
}

fn fill(bytes: &mut [u8]) -> Result<(), WalletError> {
    SystemRandom::new().fill(bytes).map_err(|_| WalletError::Crypto("the system gives no random numbers".into()))
}

/// Formats 16 random bytes as a version 4 UUID, which the format wants as the file's id.
fn uuid(bytes: [u8; 16]) -> String {
    let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a file that does not open is a failed test")]
    use super::*;
    use crate::Wallet;

    /// The two test vectors of the Web3 Secret Storage Definition (ethereum.org), password "testpassword".
    const PBKDF2: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
    const SCRYPT: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},"ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt","kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},"mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
    const KEY: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

    fn password(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.into())
    }

    fn open_text(text: &str, word: &str) -> Result<Zeroizing<[u8; 32]>, WalletError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        open(file.path(), &password(word))
    }

    #[test]
    fn the_definitions_vectors_open() {
        for text in [PBKDF2, SCRYPT] {
            assert_eq!(hex::encode(*open_text(text, "testpassword").unwrap()), KEY);
        }
        assert!(matches!(open_text(PBKDF2, "hunter2"), Err(WalletError::Password { .. })));
    }

    #[test]
    fn what_is_created_opens_again_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key.json");
        let made = Wallet::create_keystore(&path, &password("pass")).unwrap();
        assert_eq!(Wallet::from_keystore(&path, &password("pass")).unwrap().address(), made.address());
        assert!(matches!(Wallet::create_keystore(&path, &password("other")), Err(WalletError::File { .. })), "never overwritten");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn hostile_files_are_refused_quickly() {
        let tampered = |from: &str, to: &str| SCRYPT.replace(from, to);
        for text in [
            String::new(),
            "[]".into(),
            "\u{0}".into(),
            "{\"version\":3".into(),
            "[".repeat(100_000),
            tampered("\"version\":3", "\"version\":1"),
            tampered("\"n\":262144", "\"n\":9223372036854775808"),
            tampered("\"n\":262144", "\"n\":3"),
            tampered("\"n\":262144", "\"n\":0"),
            tampered("\"n\":262144", "\"n\":-1"),
            tampered("\"r\":1", "\"r\":4294967295"),
            tampered("\"p\":8", "\"p\":4294967295"),
            tampered("\"dklen\":32", "\"dklen\":1"),
            tampered("\"iv\":\"83db", "\"iv\":\"83"),
            tampered("\"ciphertext\":\"d1", "\"ciphertext\":\""),
            tampered("aes-128-ctr", "aes-128-cbc"),
            PBKDF2.replace("262144", "4294967295"),
            PBKDF2.replace("262144", "0"),
            PBKDF2.replace("hmac-sha256", "hmac-sha1"),
        ] {
            let shown: String = text.chars().take(80).collect();
            assert!(matches!(open_text(&text, "testpassword"), Err(WalletError::Format { .. })), "{shown}");
        }
        assert!(matches!(open(Path::new("/nonexistent/key"), &password("")), Err(WalletError::File { .. })));
    }

    #[test]
    fn ids_are_version_four_uuids() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
