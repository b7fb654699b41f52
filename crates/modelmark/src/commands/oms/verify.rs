//! `modelmark oms verify`: is this the model that somebody whom you trust signed?

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use modelmark_oms::{
    Certificates, Claim, Code, MAX_BUNDLE_BYTES, MAX_CLAIMS_BYTES, MAX_KEY_BYTES, MAX_TRUST_ROOT_BYTES, Options, PublicKey, Refused,
    Report, Signer, Trust, TrustRoot, VerifyError, claims,
};
use modelmark_record::CanonicalRecord;
use modelmark_verify::exit_codes;
use serde_json::{Value, json};

use super::sign::certificates;
use super::{bad_key, carried_record, place};
use crate::commands::digest::HOLES;
use crate::commands::sign::read_record;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::HolesArgs;
use crate::output::{Tone, paint, printable};
use crate::progress::Progress;
use crate::session::{Session, read_head, read_input};

/// Whom you trust.
#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    Key(VerifyKeyArgs),
    Certificate(VerifyCertificateArgs),
    #[command(alias = "sigstore")]
    Keyless(VerifyKeylessArgs),
}

/// Verify a model that the holder of a key signed
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark oms verify key ./my-model --signature my-model/model.sig --public-key key.pub.pem")]
pub(crate) struct VerifyKeyArgs {
    #[command(flatten)]
    verifying: VerifyingArgs,
    /// Public key of the signer (PEM)
    #[arg(long, value_name = "FILE", alias = "public_key")]
    public_key: PathBuf,
}

/// Verify a model that somebody signed for whom certificates vouch
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark oms verify certificate ./my-model --signature model.sig --trust-roots root.pem")]
pub(crate) struct VerifyCertificateArgs {
    #[command(flatten)]
    verifying: VerifyingArgs,
    /// Certificates that you trust (PEM): authorities, or the signer's own; repeatable
    #[arg(long, value_name = "FILE", required = true, aliases = ["certificate-chain", "certificate_chain"])]
    trust_roots: Vec<PathBuf>,
}

/// Verify a model that somebody signed while logged in somewhere, with no key to be kept (Sigstore)
///
/// Nothing is fetched: the keys of Sigstore's public authority and logs are built in. Signing this way needs a browser and a network; other clients do it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark oms verify keyless ./my-model --signature model.sig --identity me@example.com \
                        --issuer https://accounts.google.com")]
pub(crate) struct VerifyKeylessArgs {
    #[command(flatten)]
    verifying: VerifyingArgs,
    /// Signer, letter by letter: an e-mail address, or the URI of a workflow
    #[arg(long, value_name = "IDENTITY", value_parser = NonEmptyStringValueParser::new())]
    identity: String,
    /// Where the signer was logged in, letter by letter
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new(), aliases = ["identity-provider", "identity_provider"])]
    issuer: String,
    /// Authority and logs of a private instance (`trusted_root.json`) [default: Sigstore's public instance]
    #[arg(long, value_name = "FILE", aliases = ["trust-config", "trust_config"])]
    trust_root: Option<PathBuf>,
    /// Trust Sigstore's staging instance instead, which is for tests
    #[arg(long, conflicts_with = "trust_root", aliases = ["use-staging", "use_staging"])]
    staging: bool,
}

/// What all have in common.
#[derive(Debug, Args)]
struct VerifyingArgs {
    /// Model: a folder, or a file
    model: PathBuf,
    /// The signature
    #[arg(long, value_name = "FILE", default_value = "model.sig")]
    signature: PathBuf,
    /// Path in the model that is not looked at, with everything below it; repeatable
    #[arg(long, value_name = "PATH", alias = "ignore_paths")]
    ignore_paths: Vec<PathBuf>,
    /// Do not look at files that are not signed
    #[arg(long, alias = "ignore_unsigned_files")]
    ignore_unsigned_files: bool,
    /// Take links to files for what they lead to; links to folders are refused, since nothing behind them is signed
    #[arg(long, alias = "allow_symlinks")]
    allow_symlinks: bool,
    /// Accept files where the signature does not look: in .git and .github, in what the signer left out, and empty ones between shards
    #[arg(long)]
    accept_uncovered: bool,
    #[command(flatten)]
    holes: HolesArgs,
    /// Claims about the model, all of which have to be signed by whom you trust
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Record that one of the claims has to carry
    #[arg(long, value_name = "FILE", requires = "claims")]
    record: Option<PathBuf>,
}

/// Returns the exit code.
pub(super) fn run(session: &Session<'_>, command: &VerifyCommand) -> Result<u8> {
    match command {
        VerifyCommand::Key(args) => {
            let pem = read_input(&args.public_key, MAX_KEY_BYTES as u64)?;
            let key = PublicKey::from_pem(&pem).map_err(|error| bad_key(&args.public_key, &error))?;
            verify(session, &args.verifying, Trust::Key(&key))
        }
        VerifyCommand::Certificate(args) => {
            let mut roots = Certificates::default();
            args.trust_roots.iter().try_for_each(|path| certificates(path).map(|more| roots.extend(more)))?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).or_unreachable()?;
            verify(session, &args.verifying, Trust::Certificates { roots: &roots, now })
        }
        VerifyCommand::Keyless(args) => {
            let root = trust_root(args.trust_root.as_deref(), args.staging)?;
            verify(session, &args.verifying, Trust::Keyless { root: &root, identity: &args.identity, issuer: &args.issuer })
        }
    }
}

/// Returns who vouches for keyless signatures: those of the file, or of Sigstore's public instance or its staging.
pub(super) fn trust_root(path: Option<&Path>, staging: bool) -> Result<TrustRoot> {
    match path {
        Some(path) => {
            let bytes = read_input(path, MAX_TRUST_ROOT_BYTES as u64)?;
            TrustRoot::from_json(&bytes).map_err(|error| CommandError::usage(format!("`{}`: {error}", path.display())))
        }
        None if staging => TrustRoot::staging().or_usage(),
        None => TrustRoot::public().or_usage(),
    }
}

fn verify(session: &Session<'_>, args: &VerifyingArgs, trust: Trust<'_>) -> Result<u8> {
    let bundle = read_bundle(&args.signature)?;
    let record = args.record.as_deref().map(read_record).transpose()?;
    let mut options = Options {
        ignore_unsigned_files: args.ignore_unsigned_files,
        allow_symlinks: args.allow_symlinks,
        accept_uncovered: args.accept_uncovered,
        holes: args.holes.read_holes,
        ignore_paths: place::ignored(&args.model, &args.ignore_paths)?,
        signature_path: place::below(&args.model, &args.signature),
    };
    options.ignore_paths.extend(args.claims.as_ref().and_then(|claims| place::below(&args.model, claims)));
    let mut report = {
        let progress = Progress::new(session.output, "verifying");
        modelmark_oms::verify(&args.model, &bundle, trust, &options, &progress).map_err(|error| explain(&args.model, error))?
    };
    let claimed = match (&args.claims, &report.statement) {
        (Some(path), Some(statement)) => {
            let lines = read_input(path, MAX_CLAIMS_BYTES as u64)?;
            let read = claims(&lines, statement.digest, trust).and_then(|found| carries(found, record.as_ref()));
            read.unwrap_or_else(|refused| {
                report.refused.push(refused);
                Vec::new()
            })
        }
        _ => Vec::new(),
    };
    session.output.result(&value(&report, &claimed), || text(&report, &claimed))?;
    Ok(if report.verified() { exit_codes::VERIFIED } else { exit_codes::DOES_NOT_VERIFY })
}

/// Reads one byte more than is accepted, so that the report says it and not the reader.
fn read_bundle(path: &Path) -> Result<Vec<u8>> {
    read_head(path, MAX_BUNDLE_BYTES as u64 + 1)
}

fn explain(model: &Path, error: VerifyError) -> CommandError {
    match &error {
        VerifyError::Model(modelmark_digest::DigestError::Missing(_)) if !model.exists() => CommandError::usage(error),
        VerifyError::Model(modelmark_digest::DigestError::Hollow { .. }) => CommandError::unreachable(error).hint(HOLES),
        _ => CommandError::unreachable(error),
    }
}

/// Makes sure that one of the claims carries the record.
fn carries(found: Vec<Claim>, record: Option<&CanonicalRecord>) -> std::result::Result<Vec<Claim>, Refused> {
    match record {
        Some(record) if !found.iter().any(|claim| carried_record(&claim.statement) == Some(record.id())) => {
            Err(Refused::new(Code::ClaimRecord, format!("no claim carries the record {}", record.id())))
        }
        _ => Ok(found),
    }
}

fn value(report: &Report, claimed: &[Claim]) -> Value {
    json!({
        "verified": report.verified(),
        "signer": report.signer.as_ref().map(signer_value),
        "subject": report.statement.as_ref().map(|statement| json!({"name": statement.name, "sha256": statement.digest})),
        "signed": report.predicate.as_ref().map(|predicate| predicate.resources().len()),
        "matched": report.matched,
        "refused": report.refused.iter().map(|refused| json!({"code": refused.code.as_str(), "message": refused.message})).collect::<Vec<_>>(),
        "notes": report.notes,
        "claims": claimed.iter().map(|claim| json!({
            "predicateType": claim.statement.predicate_type,
            "record": carried_record(&claim.statement),
        })).collect::<Vec<_>>(),
    })
}

fn signer_value(signer: &Signer) -> Value {
    match signer {
        Signer::Key { hint, curve } => json!({"method": "key", "keyHint": hint, "curve": curve.to_string()}),
        Signer::Certificate { subject, hint, curve } => {
            json!({"method": "certificate", "subject": subject, "keyHint": hint, "curve": curve.to_string()})
        }
        Signer::Keyless { identity, issuer, signed_at, curve } => {
            json!({"method": "keyless", "identity": identity, "issuer": issuer, "signedAt": signed_at, "curve": curve.to_string()})
        }
        _ => Value::Null,
    }
}

/// Names the signer.
pub(crate) fn told_signer(signer: Option<&Signer>) -> String {
    match signer {
        Some(Signer::Key { hint, curve }) => format!("the {curve} key {hint}"),
        Some(Signer::Certificate { subject, .. }) => subject.clone(),
        Some(Signer::Keyless { identity, issuer, .. }) => format!("{identity}, logged in at {issuer},"),
        _ => "nobody whom you trust".to_owned(),
    }
}

fn text(report: &Report, claimed: &[Claim]) -> String {
    let signer = printable(&told_signer(report.signer.as_ref()));
    let mut lines = if report.verified() {
        vec![format!("{}  {} files are as {signer} signed them", paint(Tone::Good, "VERIFIED"), report.matched)]
    } else {
        let told = report.refused.iter().map(|refused| format!("  {:<20}  {}", refused.code.as_str(), printable(&refused.message)));
        std::iter::once(paint(Tone::Bad, "DOES NOT VERIFY")).chain(told).collect()
    };
    lines.extend(report.notes.iter().map(|note| format!("  {:<20}  {}", "note", printable(note))));
    if report.refused.iter().any(|refused| refused.code == Code::FileUncovered) {
        lines.push("  --accept-uncovered accepts files where the signature does not look; --ignore-paths names some".to_owned());
    }
    lines.extend(claimed.iter().map(|claim| match carried_record(&claim.statement) {
        Some(id) => format!("  {:<20}  the record {id}", "claim"),
        None => format!("  {:<20}  {}", "claim", printable(&claim.statement.predicate_type)),
    }));
    lines.join("\n")
}
