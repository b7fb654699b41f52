//! What places ask for before they let somebody in, from the environment.

use std::env::VarError;
use std::path::Path;

use modelmark_remote::{Credentials, Secret};
use zeroize::Zeroizing;

use crate::error::{CommandError, Result};
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
