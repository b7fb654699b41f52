//! `modelmark verify --bundle` and `--prove`: what the chain says is proven, not told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use modelmark_chain::TokenRef;
use modelmark_digest::Request;
use modelmark_digest::cache::DigestCache;
use modelmark_verify::{
    Bundle, ChainLevel, Gathered, Look, MAX_BUNDLE_BYTES, Offline, Policy, RecordBytes, TrustedBlock, bundle_evidence, judge,
};

use super::VerifyArgs;
use crate::chain_source;
use crate::commands::bundle::{Wishes, block_hash, make};
use crate::error::{OrKind as _, Result};
use crate::files_signed;
use crate::progress::{Both, Progress, Reading};
use crate::session::{Session, read_judged};

/// Whether there are proofs in the place of the chain's word, and what they are held against.
#[derive(Debug, Args)]
#[command(next_help_heading = "Proofs")]
pub(super) struct ProvenArgs {
    /// Bundle that `modelmark bundle` made. It takes the place of chain, block store and places: nobody is asked, and all of it is as of the bundle's block
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["token", "index", "record", "signature", "metadata", "part", "outboard", "accept_vsa", "oms_key", "oms_certificate_roots", "oms_identity"],
        group = "proofs"
    )]
    bundle: Option<PathBuf>,
    /// Ask nobody. With --bundle that is so anyway
    #[arg(long, requires = "bundle")]
    offline: bool,
    /// Have the endpoint prove what it says of the token and its ancestors (eth_getProof), against the hash of the block
    #[arg(
        long,
        conflicts_with_all = ["bundle", "record", "signature", "metadata", "part", "outboard", "accept_vsa", "oms_key", "oms_certificate_roots", "oms_identity"],
        group = "proofs"
    )]
    prove: bool,
    /// Hash of a block that you know to be one of the chain's, as from a light client: proofs of any other are refused, and nobody else has to be believed.
    /// With --prove, everything is read at the first one. A further one can be the block of the mint, of a token whose statement is in the log alone
    #[arg(long, value_name = "HASH", value_parser = block_hash, requires = "proofs")]
    block_hash: Vec<TrustedBlock>,
}

impl ProvenArgs {
    /// Tells whether a bundle takes the chain's place.
    pub(super) const fn is_offline(&self) -> bool {
        self.bundle.is_some()
    }

    /// Tells whether there is to be a proof of any kind.
    pub(super) const fn asked(&self) -> bool {
        self.is_offline() || self.prove
    }

    /// Tells whether what the chain says has to be proven.
    pub(super) const fn proves(&self) -> bool {
        self.prove
    }
}

/// Verifies with the bundle of the command line. No client is made, no store opened, and nothing waits for anybody.
pub(super) fn offline(session: &Session<'_>, args: &VerifyArgs, policy: &Policy, path: &Path) -> Result<(Gathered, Option<RecordBytes>)> {
    let file = args.proven.bundle.as_deref().unwrap_or(Path::new(""));
    let bundle = read_judged(file, MAX_BUNDLE_BYTES)?;
    with(session, args, policy, path, (&bundle, &file.display().to_string(), ChainLevel::Bundle))
}

/// Has the endpoint prove what the token is, and verifies with the proof instead of the endpoint's word.
pub(super) fn prove(
    session: &Session<'_>,
    args: &VerifyArgs,
    policy: &Policy,
    path: &Path,
    token: TokenRef,
) -> Result<(Gathered, Option<RecordBytes>)> {
    let curators = policy.curators();
    let made = make(
        session,
        &args.chain,
        &args.places,
        token,
        Wishes { at: args.proven.block_hash.first().copied(), curators: &curators, lineage: false },
    );
    let bundle = session.block_on(made)?.to_bytes().or_refused()?;
    // Several endpoints had to agree on the block, or nothing was read.
    let word = if args.chain.chain.rpc_url.len() > 1 { ChainLevel::Agreement } else { ChainLevel::Endpoint };
    with(session, args, policy, path, (&bundle, "the block store or the places", word))
}

fn with(
    session: &Session<'_>,
    args: &VerifyArgs,
    policy: &Policy,
    path: &Path,
    (bundle, source, word): (&[u8], &str, ChainLevel),
) -> Result<(Gathered, Option<RecordBytes>)> {
    // Nobody's signature is looked for here but theirs whom the policy file names: one that was brought without is refused as ever.
    args.oms.look(session, path, None, policy.names_signers_of_files())?;
    let rules = policy.file.as_deref().filter(|_| policy.names_signers_of_files());
    let signed = match rules {
        Some(rules) => files_signed::look(session, path, &args.oms.brought(None), rules)?,
        None => Look::NotAsked,
    };
    let (progress, reading) = (Progress::new(session.output, "verify"), Reading::default());
    let offline = Offline {
        path,
        bundle,
        source,
        trusted: &args.proven.block_hash,
        word,
        chain: chain_source::demanded(&args.chain.chain)?,
        // An endpoint was held to that before it was asked for proofs.
        max_age: args.chain.max_block_age.filter(|seconds| *seconds > 0 && !args.proven.prove).map(Duration::from_secs),
        signed,
        request: Request { sha256: args.full, tensors: args.full, ..Request::cids() },
        observer: &Both(&progress, &reading),
        cache: args.cached.then(|| session.cache()).flatten().map(|cache| cache as &dyn DigestCache),
    };
    let evidence = bundle_evidence(&offline, policy).or_usage()?;
    let mut report = judge(&evidence, policy);
    report.notes.extend(reading.remark());
    let record = Bundle::parse(bundle).ok().map(|bundle| RecordBytes { bytes: bundle.record().to_vec(), source: source.to_owned() });
    Ok((Gathered { report, evidence }, record))
}
