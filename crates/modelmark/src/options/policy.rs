//! Whose word counts, and what is accepted: what the user demands beyond truth.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_record::{Account, Spdx};
use modelmark_verify::{Form, MAX_POLICY_BYTES, NameError, Policy, PolicyError, RequiredSigner, Rules};

use super::policy_files;
use crate::error::{CommandError, Result};
use crate::session::read_head;

/// A policy, as options.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    /// Policy: demand what this file demands, TOML or YAML by its name's end (docs/reference/policy.md); what other options demand has to hold besides
    #[arg(long = "policy", id = "policy_file", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Policy: accept this creator only; repeatable
    #[arg(long, value_name = "ADDRESS")]
    creator: Vec<String>,
    /// Policy: demand signatures over the record by so many of the accounts that it names, its creator and contributors
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    require_signatures: usize,
    /// Policy: demand the signature over the record of `creator`, of all `contributors`, or of an account: an address, or `eip155:<chain>:0x…` for a contract
    /// wallet; repeatable
    #[arg(long, value_name = "SIGNER", value_parser = required_signer)]
    require_signature: Vec<RequiredSigner>,
    /// Policy: accept this licence only, of several that a record offers one (`MIT OR GPL-3.0-only`); repeatable
    #[arg(long, value_name = "SPDX")]
    license: Vec<String>,
    /// Policy: refuse a model whose weights somebody else claimed before its creator did, by a commitment that was shown (`anchor reveal`) or by the mint. Who
    /// copies a model that its maker did not register yet is first all the same
    #[arg(long)]
    first_claim: bool,
    /// Policy: follow this curator too, whose disputes and revocations of the token and of what it comes from refuse the model; repeatable
    #[arg(long, value_name = "ADDRESS")]
    curator: Vec<String>,
    /// Policy: accept a model although it, or one that it comes from, was recalled, or is disputed or revoked by a followed curator; a policy file says so itself
    #[arg(long, conflicts_with = "policy_file")]
    accept_recalled: bool,
}

impl PolicyArgs {
    /// Tells whether nobody was named whom the record has to be by.
    pub(crate) const fn takes_any_author(&self) -> bool {
        self.file.is_none() && self.creator.is_empty() && self.require_signatures == 0 && self.require_signature.is_empty()
    }

    /// Returns the policy that the options come to.
    pub(crate) fn policy(&self) -> Result<Policy> {
        let licenses =
            self.license.iter().map(|text| text.parse::<Spdx>().map_err(|error| CommandError::usage(format!("--license: {error}"))));
        let curators = self
            .curator
            .iter()
            .map(|text| modelmark_chain::parse_address(text).map_err(|error| CommandError::usage(format!("--curator: {error}"))));
        Ok(Policy {
            creators: self.creator.iter().map(|text| account(text)).collect::<Result<_>>()?,
            licenses: licenses.collect::<Result<_>>()?,
            signatures: self.require_signatures,
            signers: self.require_signature.clone(),
            first_claim: self.first_claim,
            curators: curators.collect::<Result<_>>()?,
            accept_recalled: self.accept_recalled,
            file: self.file.as_deref().map(policy_file).transpose()?.map(Box::new),
            ..Policy::default()
        })
    }
}

fn account(text: &str) -> Result<Account> {
    let address = text.strip_prefix("eip155:1:").unwrap_or(text);
    modelmark_chain::parse_address(address).map(Account::from).map_err(|error| CommandError::usage(format!("--creator: {error}")))
}

/// Reads whose signature is demanded.
pub(crate) fn required_signer(text: &str) -> std::result::Result<RequiredSigner, String> {
    text.parse().map_err(|error: NameError| error.to_string())
}

/// Reads a policy file, and what it names beside it.
pub(crate) fn policy_file(path: &Path) -> Result<Rules> {
    let wrong = |error: PolicyError| CommandError::usage(format!("the policy `{}`: {error}", path.display()));
    let form = Form::of(path).ok_or_else(|| wrong(PolicyError::Form))?;
    let bytes = read_head(path, MAX_POLICY_BYTES as u64 + 1)?;
    let mut rules = Rules::read(&bytes, form).map_err(wrong)?;
    policy_files::settle(path, &mut rules)?;
    Ok(rules)
}
