//! `modelmark verify --accept-vsa`: another verifier's signed summary in the place of reading the files.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::TokenRef;
use modelmark_credential::Instant;
use modelmark_oms::{Envelope, MAX_BUNDLE_BYTES, MAX_KEY_BYTES, PublicKey};
use modelmark_record::{Timestamp, Uri};
use modelmark_verify::{BroughtSummary, SampleSize, Scope, VerificationSummary};

use crate::commands::{credential, oms};
use crate::error::{CommandError, OrKind as _, Result};
use crate::session::{read_input, read_judged};

/// By how many seconds the verifier's clock may be ahead of this one.
const CLOCKS_DIFFER: i64 = 300;

/// Whose word counts for the bytes, and for how long.
#[derive(Debug, Args)]
#[command(next_help_heading = "Summary")]
pub(super) struct AcceptArgs {
    /// Take the word of another verifier for the bytes: a summary that `--attest` wrote. Names and sizes are looked at here, and leaves with --sample; the chain is
    /// asked and the policy applies as ever. The verdict is one of its own, because whoever can change the files without changing their sizes is not found out
    #[arg(long, value_name = "FILE", group = "summary", requires_all = ["vsa_key", "verifier"], conflicts_with_all = ["full", "cached", "range", "partial", "proof"])]
    accept_vsa: Option<PathBuf>,
    /// The verifier's public key (PEM)
    #[arg(long, value_name = "FILE", requires = "accept_vsa")]
    vsa_key: Option<PathBuf>,
    /// How many days old that verification may be
    #[arg(long, value_name = "DAYS", requires = "accept_vsa", default_value_t = 7)]
    vsa_max_age: u32,
}

impl AcceptArgs {
    /// Reads the summary that was brought, if one was: how much is looked at then, and the token that it speaks of.
    pub(super) fn scope(&self, verifier: Option<&Uri>, sample: Option<SampleSize>) -> Result<Option<(Scope, Option<TokenRef>)>> {
        let (Some(path), Some(key), Some(verifier)) = (&self.accept_vsa, &self.vsa_key, verifier) else { return Ok(None) };
        let pem = read_input(key, MAX_KEY_BYTES as u64)?;
        let public = PublicKey::from_pem(&pem).map_err(|error| oms::bad_key(key, &error))?;
        let signed = signed(path, &public)?;
        let summary = signed.as_ref().ok().and_then(|statement| VerificationSummary::read(statement).ok());
        let token = summary.and_then(|summary| summary.resource.parse().ok());
        let now = credential::now()?.unix();
        let brought = BroughtSummary {
            source: path.display().to_string(),
            signed,
            signer: format!("the {} key {}", public.curve(), public.hint()),
            verifier: verifier.clone(),
            oldest: time(now.saturating_sub(i64::from(self.vsa_max_age) * 86_400).max(0))?,
            latest: time(now.saturating_add(CLOCKS_DIFFER))?,
            sample,
        };
        Ok(Some((Scope::Summary(Box::new(brought)), token)))
    }
}

/// Returns the statement in the envelope, or why it is not believed.
fn signed(path: &Path, key: &PublicKey) -> Result<std::result::Result<Vec<u8>, String>> {
    let bytes = read_judged(path, MAX_BUNDLE_BYTES)?;
    let statement = Envelope::read(&bytes).and_then(|envelope| envelope.authenticate(key).map(<[u8]>::to_vec));
    Ok(statement.map_err(|refused| refused.to_string()))
}

fn time(seconds: i64) -> Result<Timestamp> {
    let time = Instant::from_unix(seconds).ok_or_else(|| CommandError::usage("the system's clock is outside the years 1970 to 9999"))?;
    time.to_string().parse().or_usage()
}
