//! `modelmark oms sign`: `model.sig`, and a record as a claim beside it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use modelmark_oms::{
    Bundle, Certificates, KeyError, MAX_BUNDLE_BYTES, MAX_CLAIMS_BYTES, MAX_KEY_BYTES, PrivateKey, RECORD_PREDICATE, SignError, Signing,
    Statement,
};
use serde_json::json;

use super::{bad_key, place};
use crate::commands::digest::HOLES;
use crate::commands::sign::read_record;
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::HolesArgs;
use crate::output_file::write_whole;
use crate::progress::Progress;
use crate::session::{Session, read_input};
use crate::signer;

/// How verifiers will know the signer.
#[derive(Debug, Subcommand)]
pub(crate) enum SignCommand {
    Key(SignKeyArgs),
    Certificate(SignCertificateArgs),
}

/// Sign a model with a key that verifiers have
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark oms sign key ./my-model --private-key key.pem --signature my-model/model.sig\n  \
                        modelmark oms sign key ./my-model --private-key key.pem --signature model.sig --record record.json --claims claims.jsonl")]
pub(crate) struct SignKeyArgs {
    #[command(flatten)]
    signing: SigningArgs,
}

/// Sign a model with a key that certificates vouch for
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  modelmark oms sign certificate ./my-model --private-key key.pem --certificate leaf.pem --chain intermediate.pem \
                        --signature model.sig"
)]
pub(crate) struct SignCertificateArgs {
    #[command(flatten)]
    signing: SigningArgs,
    /// Certificate of the private key (PEM), for signing code
    #[arg(long, value_name = "FILE", aliases = ["signing-certificate", "signing_certificate"])]
    certificate: PathBuf,
    /// Certificates that vouch for it (PEM), nearest first; repeatable
    #[arg(long, value_name = "FILE", aliases = ["certificate-chain", "certificate_chain"])]
    chain: Vec<PathBuf>,
}

/// What both have in common.
#[derive(Debug, Args)]
struct SigningArgs {
    /// Folder of the model
    model: PathBuf,
    /// Private key on P-256, P-384 or P-521 (PEM; PKCS#8, encrypted or not, or SEC 1)
    #[arg(long, value_name = "FILE", alias = "private_key")]
    private_key: PathBuf,
    /// File with the key's password [default: $MODELMARK_PASSWORD, else a prompt on the terminal]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Where the signature goes; in the model's folder it is no part of what is signed
    #[arg(long, value_name = "FILE", default_value = "model.sig")]
    signature: PathBuf,
    /// Path in the model that is not signed, with everything below it; repeatable
    #[arg(long, value_name = "PATH", alias = "ignore_paths")]
    ignore_paths: Vec<PathBuf>,
    /// Record to sign too, as a claim about the same model
    #[arg(long, value_name = "FILE", requires = "claims")]
    record: Option<PathBuf>,
    /// File of claims that gets one more line
    #[arg(long, value_name = "FILE", requires = "record")]
    claims: Option<PathBuf>,
    #[command(flatten)]
    holes: HolesArgs,
}

/// Runs the verb.
pub(super) fn run(session: &Session<'_>, command: &SignCommand) -> Result<()> {
    match command {
        SignCommand::Key(args) => sign(session, &args.signing, None),
        SignCommand::Certificate(args) => {
            let mut chain = certificates(&args.certificate)?;
            args.chain.iter().try_for_each(|path| certificates(path).map(|more| chain.extend(more)))?;
            sign(session, &args.signing, Some(&chain))
        }
    }
}

/// Reads all certificates of a file.
pub(super) fn certificates(path: &Path) -> Result<Certificates> {
    // Collections of roots are a few hundred kilobytes.
    let pem = read_input(path, 64 * MAX_KEY_BYTES as u64)?;
    Certificates::from_pem(&pem).map_err(|error| bad_key(path, &error))
}

fn sign(session: &Session<'_>, args: &SigningArgs, certificates: Option<&Certificates>) -> Result<()> {
    refuse_other_file(&args.signature)?;
    let mut ignore_paths = place::ignored(&args.model, &args.ignore_paths)?;
    ignore_paths.extend(args.claims.as_ref().and_then(|claims| place::below(&args.model, claims)));
    let record = args.record.as_deref().map(read_record).transpose()?;
    let key = private_key(&args.private_key, args.password_file.as_deref())?;
    let signing = Signing {
        key: &key,
        certificates,
        ignore_paths,
        signature_path: place::below(&args.model, &args.signature),
        holes: args.holes.read_holes,
    };
    let (statement, bundle) = {
        let progress = Progress::new(session.output, "signing");
        modelmark_oms::sign(&args.model, &signing, &progress).map_err(explain)?
    };
    if let (Some(record), Some(path)) = (&record, &args.claims) {
        let predicate = serde_json::from_slice(record.bytes()).or_refused()?;
        let claim = Statement { predicate_type: RECORD_PREDICATE.to_owned(), predicate, ..statement.clone() };
        add_claim(path, &claim, &signing)?;
    }
    write_whole(&args.signature, &bundle.bytes())?;
    let files = statement.predicate.get("resources").and_then(|list| list.as_array()).map_or(0, Vec::len);
    let value = json!({
        "signature": args.signature,
        "method": bundle.material().method(),
        "keyHint": key.public_key().or_usage()?.hint(),
        "subject": {"name": statement.name, "sha256": statement.digest},
        "files": files,
        "claims": args.claims,
    });
    session.output.result(&value, || format!("signed {files} files, root {}, in {}", statement.digest, args.signature.display()))
}

/// A signature replaces a signature, and nothing else: the path could be one of the model's files.
fn refuse_other_file(path: &Path) -> Result<()> {
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    let is_bundle = || read_input(path, MAX_BUNDLE_BYTES as u64).is_ok_and(|bytes| bytes.is_empty() || Bundle::read(&bytes).is_ok());
    if found.is_file() && !is_bundle() {
        return Err(
            CommandError::usage(format!("`{}` is there and is no signature", path.display())).hint("name another file with --signature")
        );
    }
    Ok(())
}

/// Reads a private key; the password of an encrypted one comes from the file, the environment or a prompt.
pub(crate) fn private_key(path: &Path, password_file: Option<&Path>) -> Result<PrivateKey> {
    let pem = zeroize::Zeroizing::new(read_input(path, MAX_KEY_BYTES as u64)?);
    let failed = |error| bad_key(path, &error);
    match PrivateKey::from_pem(&pem, None) {
        Err(KeyError::PasswordNeeded) => {
            let password = signer::password_of(password_file, path)?;
            PrivateKey::from_pem(&pem, Some(password.as_bytes())).map_err(failed)
        }
        read => read.map_err(failed),
    }
}

/// Adds a line, if all lines that are there are about the same model.
fn add_claim(path: &Path, claim: &Statement, signing: &Signing<'_>) -> Result<()> {
    let mut lines = if path.exists() { read_input(path, MAX_CLAIMS_BYTES as u64)? } else { Vec::new() };
    if lines.last().is_some_and(|last| *last != b'\n') {
        lines.push(b'\n');
    }
    let is_about_it = |line: &[u8]| {
        let statement = Bundle::read(line).and_then(|bundle| Statement::read(bundle.payload()));
        statement.is_ok_and(|statement| statement.digest == claim.digest)
    };
    if let Some(other) = lines.split(|byte| *byte == b'\n').position(|line| !line.is_empty() && !is_about_it(line)) {
        let told = format!("line {} of `{}` is no claim about this model", other + 1, path.display());
        return Err(CommandError::usage(told).hint("name another file with --claims"));
    }
    lines.extend(signing.seal(claim).map_err(explain)?.bytes());
    lines.push(b'\n');
    write_whole(path, &lines)
}

fn explain(error: SignError) -> CommandError {
    let kind = match &error {
        SignError::Key(_) | SignError::OtherKey | SignError::LongChain => Kind::Usage,
        SignError::Model(modelmark_digest::DigestError::Missing(_)) => Kind::Usage,
        SignError::Model(
            modelmark_digest::DigestError::Read { .. }
            | modelmark_digest::DigestError::Changed(_)
            | modelmark_digest::DigestError::Hollow { .. },
        ) => Kind::Unreachable,
        _ => Kind::Refused,
    };
    let hint = match &error {
        SignError::Model(modelmark_digest::DigestError::Hollow { .. }) => Some(HOLES),
        SignError::SingleFile => Some("sign the folder that the file lies in"),
        SignError::Model(modelmark_digest::DigestError::Link { .. }) => {
            Some("put the file itself in the place of the link, or leave it out with --ignore-paths")
        }
        _ => None,
    };
    let told = CommandError::new(kind, error);
    match hint {
        Some(hint) => told.hint(hint),
        None => told,
    }
}
