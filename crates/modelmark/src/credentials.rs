//! What places ask for before they let somebody in, from the environment.

use std::env::VarError;
use std::path::Path;
use std::sync::Arc;

use modelmark_chain::Wallet;
use modelmark_remote::{Address, Credentials, EthereumKey, Secret};
use zeroize::Zeroizing;

use crate::error::{CommandError, Result};
use crate::places;
use crate::session::read_input;

/// What object stores call their variables.
const OBJECT_STORES: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];
/// Longest accepted key file in bytes; an RSA key of 4096 bits has about 3200.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// Reads the environment, and the key files that it names.
pub(crate) fn gather() -> Result<Credentials> {
    Ok(Credentials {
        pinning_token: secret("MODELMARK_PINNING_TOKEN")?,
        pinata_jwt: secret("PINATA_JWT")?,
        ipfs_auth: secret("MODELMARK_IPFS_AUTH")?,
        arweave_key: secret("MODELMARK_ARWEAVE_KEY")?.map(|path| key_file("MODELMARK_ARWEAVE_KEY", &path)).transpose()?,
        ethereum: None,
        object_stores: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| OBJECT_STORES.iter().any(|prefix| name.starts_with(prefix)) && !value.is_empty())
            .map(|(name, value)| (name, Secret::new(value)))
            .collect(),
    })
}

/// Adds the account that signs, for `place`, if it is one that takes what an account has signed, and the user names no key of the place's own.
///
/// An account whose key everybody knows signs for this machine alone.
pub(crate) fn with_account(credentials: &Credentials, place: &Address, wallet: &Wallet) -> Result<Credentials> {
    let mut credentials = credentials.clone();
    if wants_account(&credentials, place) && (!wallet.is_development() || places::is_near(place)) {
        let wallet = wallet.clone();
        let sign = move |digest: &[u8; 32]| wallet.sign_digest(digest).map_err(|error| error.to_string());
        let key = EthereumKey::of(Arc::new(sign)).map_err(|reason| {
            CommandError::usage(format!("the account cannot sign for {place}: {reason}"))
                .hint("MODELMARK_ARWEAVE_KEY names an Arweave wallet")
        })?;
        credentials.ethereum = Some(key);
    }
    Ok(credentials)
}

/// Tells whether an account has to sign for a place.
pub(crate) fn wants_account(credentials: &Credentials, place: &Address) -> bool {
    place.scheme() == "ar" && credentials.arweave_key.is_none()
}

fn key_file(variable: &str, path: &Secret) -> Result<Secret> {
    let bytes = Zeroizing::new(
        read_input(Path::new(path.expose()), MAX_KEY_BYTES).map_err(|error| error.hint(format!("{variable} names this file")))?,
    );
    let text =
        std::str::from_utf8(&bytes).map_err(|_| CommandError::usage(format!("the key file that {variable} names is not UTF-8 text")))?;
    Ok(Secret::new(text))
}

fn secret(variable: &str) -> Result<Option<Secret>> {
    match std::env::var(variable) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(Secret::new(value))),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(CommandError::usage(format!("{variable} is not UTF-8 text"))),
    }
}
