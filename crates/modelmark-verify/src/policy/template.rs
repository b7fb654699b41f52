//! A policy file to begin with: every rule, explained, and none of them in force but those that were filled in.

use std::fmt::Write as _;

use modelmark_chain::TokenRef;
use modelmark_record::{CanonicalRecord, Spdx};

/// What a template is filled in with: a model that the policy is to accept.
#[derive(Clone, Debug, Default)]
pub struct Example<'r> {
    /// Its record.
    pub record: Option<&'r CanonicalRecord>,
    /// Its token.
    pub token: Option<TokenRef>,
}

/// Returns a policy file in TOML, with a comment for every rule.
#[must_use]
pub fn template(example: &Example<'_>) -> String {
    let mut text = TEMPLATE.to_owned();
    let mut put = |commented: &str, line: String| text = text.replacen(commented, &line, 1);
    if let Some(provenance) = example.record.map(|record| &record.record().provenance) {
        put("# creators = [\"0x…\"]", format!("creators = [\"{}\"]", provenance.creator.account.address().to_checksum(None)));
        let mut licenses = String::new();
        let _ = write!(licenses, "allow = [{}]", quoted(&provenance.license.spdx));
        put("# allow = [\"Apache-2.0\", \"MIT\"]", licenses);
        if let Some(format) = &provenance.weights.format {
            put("# allow = [\"safetensors\", \"gguf\"]", format!("allow = [\"{format}\"]"));
        }
    }
    if let Some(token) = example.token {
        put("# collections = [\"eip155:1:0x…\"]", format!("collections = [\"{}:{}\"]", token.chain(), token.contract().to_checksum(None)));
        put("# allow = [\"eip155:1\"]", format!("allow = [\"{}\"]", token.chain()));
    }
    text
}

/// A licence expression has no character that TOML escapes.
fn quoted(license: &Spdx) -> String {
    format!("\"{license}\"")
}

const TEMPLATE: &str = r##"# A policy of modelmark: what a gate demands of a model beyond that its files are the ones on its record.
# `modelmark policy check FILE` says what is contradictory, `modelmark policy explain FILE` says it in plain sentences. docs/reference/policy.md explains all of it.
# What is commented out demands nothing.
version = 1
# title = "Production gate"

[signers]
# The record's creator is one of these: addresses, `eip155:1:0x…`, or `did:pkh:eip155:1:0x…`.
# creators = ["0x…"]
# Each of these signed the record: `creator`, `contributors` (all of them), or an account.
# required = ["creator"]
# So many of the accounts that the record names signed it.
# minimum = 1

# Two of these signed, accounts the record and others the files (see `identities` below); more such sections may follow.
# [[signers.thresholds]]
# minimum = 2
# of = ["0x…", "0x…", "0x…"]
# identities = [{ file = "keys/release.pub.pem" }]

[licenses]
# One of these will do. The SPDX expression is evaluated: `MIT OR GPL-3.0-only` can be taken as MIT.
# allow = ["Apache-2.0", "MIT"]
# deny = ["AGPL-3.0-only"]

[claim]
# Nobody else claimed the weights before the creator did, by a commitment that was shown or by a mint.
# first = true

[contract]
# The token is of one of these contracts: addresses, or `eip155:<chain>:0x…`.
# collections = ["eip155:1:0x…"]
# What is known of its code, at least: `canonical`, `factory-collection`, `collection` or `listed` (docs/reference/assurance.md).
# assurance = "collection"

[chain]
# allow = ["eip155:1"]
# On whose word the state of the chain rests, at least: `endpoint`, `agreement` and better; and how final the block is: `latest`, `safe` or `finalized`.
# assurance = "agreement"
# finality = "finalized"

[parents]
# Each named by `token`, `record` or `weights`, and `relation` and `depth` (1 for a parent) where wanted.
# require = [{ token = "eip155:1/erc721:0x…/7", relation = "finetune", depth = 1 }]
# forbid = [{ weights = "bafybei…" }]

# Measurements on the record, which are the creator's word; more such sections may follow.
# [[metrics]]
# metric = "accuracy"
# dataset = "glue/sst2"
# min = 0.9

[formats]
# Every weights file is one of these, by its content.
# allow = ["safetensors", "gguf"]

[code]
# Nothing runs code when the model is loaded.
# deny = true
# Findings about files that are refused as well, by code (docs/reference/findings.md).
# deny-findings = ["code.beside", "pickle.beside"]

[age]
# How many days ago the record was made at most, by its own word.
# max-days = 365

[storage]
# Places that said that they took the model.
# keep = "2 of {ipfs, arweave, s3}"

# Who signed the files with OpenSSF model signing: one of these. Their signature is looked for in `model.sig` and `model.*.sig` in the model's folder.
# The holder of a key: `key` (SHA-256 of its PEM text), `pem` (the text), `file` (beside this one) or `did` (a did:key).
# [[identities]]
# file = "keys/release.pub.pem"
# For whom certificates vouch: `roots` (PEM) or `roots-file`, and `subject`.
# [[identities]]
# roots-file = "keys/ca.pem"
# subject = "CN=release,O=Example"
# Who was logged in: `identity`, or `identity-pattern` with `*` for what has no `/` and no `@`; `trust-root-file` for a Sigstore of one's own.
# [[identities]]
# identity = "https://github.com/ORG/REPO/.github/workflows/release.yml@refs/heads/main"
# issuer = "https://token.actions.githubusercontent.com"

[status]
# What is done when it, or what it comes from, is so: `deny`, `warn` or `allow`.
recalled = "deny"
disputed = "deny"
revoked = "deny"
deprecated = "allow"
superseded = "allow"
# When it comes from a token in another registry, which is not looked at.
elsewhere = "allow"
# Whose disputes and revocations count.
# curators = ["0x…"]
# How many generations of what it comes from count.
# generations = 16
"##;
