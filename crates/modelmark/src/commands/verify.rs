//! `modelmark verify`: are these files the ones on the record?

mod accept;
mod advice;
mod many;
mod named;
mod part;
mod proven;
mod reports;
pub(crate) mod shown;
mod summary;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use modelmark_record::foreign::MAX_METADATA_BYTES;
use modelmark_record::{MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES};
use modelmark_remote::arweave::MAX_HEAD_BYTES;
use modelmark_verify::{Gathered, Policy, RecordBytes, Scope, SignatureFile, Verdict};

use crate::commands::oms::beside::OmsArgs;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::{FindArgs, LookArgs, PolicyArgs, SourceArgs};
use crate::output_file::{refuse_overlaps, write_whole};
use crate::session::{Session, read_judged};
use crate::verifier::{Subject, Verifier};

use self::advice::advise;
use self::named::Named;
pub(crate) use self::part::read_outboard;
use self::part::{FileRangeArg, SampleArg, scope};
pub(crate) use self::shown::line;
use self::shown::text;

/// Verify that files are the ones on a record
///
/// Without `--token` the token is found by the digest of the weights. What a verification does not prove: that the record tells the truth, or that its
/// creator is who you think. Pin the creator with `--creator`. A model is refused that its creator recalled, or that comes from a recalled one.
///
/// A token of any other ERC-721 contract can be named too: the digest that its metadata states is held against the weights, which proves neither an author
/// nor anything about the files beside them.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 verified, 1 does not verify, 2 usage, 3 could not look, 4 refused by policy.\n\n\
                        Examples:\n  modelmark verify ./my-model --creator 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\n  \
                        modelmark verify ./model.safetensors --token eip155:1/erc721:0x…/7 --metadata 7.json --rpc-url https://…\n  \
                        modelmark verify eip155:8453/erc721:0x…/7\n  \
                        modelmark verify ./one ./two --list more.txt --json\n  \
                        modelmark verify ./my-model --oms-key publisher.pub.pem\n  \
                        modelmark verify ./my-model/model.sig --oms-key publisher.pub.pem\n  \
                        modelmark verify --root /var/lib/containers/storage/overlay/…/merged /models/llm\n  \
                        modelmark verify ./my-model --index https://index.example\n  \
                        modelmark verify ./my-model --oms-identity me@example.com --oms-issuer https://accounts.google.com\n  \
                        modelmark verify ./my-model --full --attest vsa.json --attest-key gate.pem --verifier https://example.org/gate\n  \
                        modelmark verify ./my-model --accept-vsa vsa.json --vsa-key gate.pub.pem --verifier https://example.org/gate")]
pub(crate) struct VerifyArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache; or a signature of OpenSSF model signing, which stands for what
    /// it speaks of: `model.sig` (or `oms:FILE`) for the folder that it lies in, `NAME.sig` for `NAME` beside it. Or what has no files: a token, the CID of a
    /// record, of a model's folder or of weights, `record:FILE`; the verdict then says that no files were looked at, and the exit code is 0. Several, and
    /// `--list`, give a report each and the worst exit code
    #[arg(value_name = "PATH|TOKEN|CID", required_unless_present_any = ["list", "record"])]
    subjects: Vec<PathBuf>,
    /// Verify what stands in this file too, one PATH, TOKEN or CID a line; `-` is stdin. `--json` gives one report a line
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    #[command(flatten)]
    find: FindArgs,
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>` [default: found by the digest of the weights]
    #[arg(long, value_name = "TOKEN", conflicts_with = "index")]
    token: Option<String>,
    /// Compute everything that the record states, also the SHA-256 of every file and the tensors; CIDs, which are always compared, bind every byte alone
    #[arg(long)]
    full: bool,
    /// Take the digests of files that did not change from the cache; whoever controls the clock or the raw disk could fool it
    #[arg(long)]
    cached: bool,
    /// Stop at what fails first. With --token the bytes of the files come last: after the token, the record, its signatures and the policy, and after names and
    /// sizes; so they are read once only, whatever CID profile the record has. A refusal says nothing then of what was not looked at
    #[arg(long, conflicts_with = "part")]
    fail_fast: bool,
    /// Look only at these bytes of a file of the model, and the leaves that hold them; a model that is one file needs no PATH; repeatable. As every look at
    /// a part it needs --token, --record or --outboard
    #[arg(long, value_name = "PATH:START..END", group = "part", conflicts_with_all = ["full", "cached"], help_heading = "Looking at a part")]
    range: Vec<FileRangeArg>,
    /// Look only at so many leaves (`1000`) or such a share of them (`1%`), chosen at random. That is no verification: the report says what it would miss.
    /// Needs --token, --record or --outboard
    #[arg(long, value_name = "N", group = "part", conflicts_with_all = ["full", "cached", "range"], help_heading = "Looking at a part")]
    sample: Option<SampleArg>,
    /// Look at a download that may not be finished: which bytes are there and right, and from which byte to go on. Exits with 0 when nothing is wrong with
    /// what is there. Needs --token, --record or --outboard
    #[arg(long, group = "part", conflicts_with_all = ["full", "cached", "range", "sample"], help_heading = "Looking at a part")]
    partial: bool,
    /// Hold the bytes that a proof of `digest --range` or `digest --slice` speaks of against the record. The rest need not be there: of a range PATH may be the
    /// leaves that hold it, alone in a file; of a slice it is the file that `digest --slice … --bytes` wrote. Needs --token or --record
    #[arg(long, value_name = "FILE", group = "part", conflicts_with_all = ["full", "cached", "range", "sample", "partial", "outboard"], help_heading = "Looking at a part")]
    proof: Option<PathBuf>,
    /// Leaf digests, as `digest --outboard` writes them: to hold a part against [default: the trees in the block store], and of a whole model to tell which
    /// bytes differ
    #[arg(long, value_name = "FILE", help_heading = "Looking at a part")]
    outboard: Option<PathBuf>,
    /// Record file to use instead of looking in the block store
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Signature document that belongs to the record; repeatable
    #[arg(long, value_name = "FILE")]
    signature: Vec<PathBuf>,
    /// Metadata of a token of a contract that is no modelmark registry [default: the block store and the places, if its URI is `ipfs:`; on chain, if it is
    /// `data:`]. The bytes are held against the CID in the token's URI. For an `ar:` URI the whole data item (ANS-104), whose signature is checked
    #[arg(long, value_name = "FILE", requires = "token", conflicts_with = "record", help_heading = "Tokens of others")]
    metadata: Option<PathBuf>,
    /// Policy: accept --metadata although nothing binds it to the token, because its URI names a web server, Arweave and FILE is no data item, or a folder whose blocks are not at hand
    #[arg(long, requires = "metadata", conflicts_with = "policy_file", help_heading = "Tokens of others")]
    accept_unbound: bool,
    /// Policy: fetch the metadata from the web server that the token's URI names, and accept it although that may answer differently tomorrow. Only public
    /// addresses are asked, by `https:`
    #[arg(long, requires = "token", conflicts_with_all = ["metadata", "record", "policy_file"], help_heading = "Tokens of others")]
    accept_mutable_uri: bool,
    #[command(flatten)]
    oms: OmsArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Policy: refuse a model that runs code when it is loaded, or may for all that can be seen: pickles of more than data, TorchScript, code that
    /// `config.json` asks for, containers that cannot be looked into. Needs the whole model
    #[arg(long, conflicts_with = "part", help_heading = "Policy")]
    deny_code: bool,
    #[command(flatten)]
    proven: proven::ProvenArgs,
    #[command(flatten)]
    summary: summary::SummaryArgs,
    #[command(flatten)]
    accept: accept::AcceptArgs,
    /// Write the report to a file too, in the form that its name ends in: `.html` for auditors, `.md` for a job summary, `.sarif` for code scanning, `.xml` for
    /// JUnit, `.svg` for a badge, `.json`; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Summary")]
    report: Vec<PathBuf>,
    /// Write what was found to a file too, for `modelmark policy try`, which judges it by other policies without looking again: the record, its signatures, what the
    /// chain and the files were seen to be. Whoever gets it has nothing but your word for it (docs/spec/evidence.md)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["part", "accept_vsa"], help_heading = "Summary")]
    save_evidence: Option<PathBuf>,
    /// How long the network may take for everything beyond this machine, in seconds: chain and places together, to be reached and then for each model. What
    /// was not seen by then could not be looked at
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    deadline: u64,
    /// List the skipped checks too
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    chain: LookArgs,
    #[command(flatten)]
    places: SourceArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &VerifyArgs) -> Result<u8> {
    let mut named = named::all(session, args)?;
    let policy = Policy {
        deny_code: args.deny_code,
        accept_unbound: args.accept_unbound,
        accept_mutable: args.accept_mutable_uri,
        ..args.policy.policy()?
    };
    let (path, signature) = match named.pop() {
        Some(Named::Files(path)) if named.is_empty() && args.list.is_none() => (path, None),
        Some(Named::Signed { model, signature }) if named.is_empty() && args.list.is_none() && !args.proven.asked() => {
            (model, Some(signature))
        }
        _ if args.proven.asked() => {
            return Err(CommandError::usage("--bundle and --prove take one model, named by its path"));
        }
        last => {
            named.extend(last);
            let signatures = args.signature.iter().map(|path| signature_file(path)).collect::<Result<Vec<_>>>()?;
            return many::run(session, args, named, &policy, &signatures);
        }
    };
    let forms = reports::forms(&args.report, &path)?;
    args.summary.check(&path)?;
    refuse_overlaps(&[args.save_evidence.as_deref()], &path, "model")?;
    let (gathered, record) = if args.proven.is_offline() {
        proven::offline(session, args, &policy, &path)?
    } else {
        online(session, args, &policy, (&path, signature.as_deref()))?
    };
    let Gathered { mut report, evidence } = gathered;
    advise(args, &policy, &path, &mut report);
    if let Some(file) = &args.save_evidence {
        write_whole(file, &evidence.to_bytes().or_refused()?)?;
        session.output.step("wrote", file.display());
    }
    reports::write(session, &forms, &report)?;
    session.output.result(&report, || text(&report, args.verbose))?;
    args.summary.write(session, &report, &policy, record)?;
    Ok(report.verdict.exit_code())
}

/// Asks the chain, and has it proven if that was asked for: of a model whose token is not named, once it is found.
fn online(
    session: &Session<'_>,
    args: &VerifyArgs,
    policy: &Policy,
    (path, signature): (&Path, Option<&Path>),
) -> Result<(Gathered, Option<RecordBytes>)> {
    let subject = subject(session, args, policy, (path, signature))?;
    let (named, record) = (subject.token.filter(|_| args.proven.proves()), subject.record.clone());
    if let Some(token) = named {
        return proven::prove(session, args, policy, path, token);
    }
    let index = args.find.index()?;
    let gathered = session.block_on(async {
        let deadline = Duration::from_secs(args.deadline);
        let verifier = Verifier::unconnected(session, &args.places, policy.clone(), deadline)?.with_index(index);
        verifier.connect_and_gather(&args.chain, subject).await
    })?;
    // A policy that wants proofs is asked again when there are some.
    let report = &gathered.report;
    let found = report.token.as_deref().and_then(|token| token.parse().ok());
    match found.filter(|_| args.proven.proves() && matches!(report.verdict, Verdict::Verified | Verdict::PolicyRefused)) {
        Some(token) => proven::prove(session, args, policy, path, token),
        None => Ok((gathered, record)),
    }
}

/// Reads what the command line names.
fn subject<'p>(
    session: &Session<'_>,
    args: &VerifyArgs,
    policy: &Policy,
    (path, signature): (&'p Path, Option<&Path>),
) -> Result<Subject<'p>> {
    let oms = args.oms.look(session, path, signature, policy.names_signers_of_files())?;
    let named = args.token.as_deref().map(str::parse).transpose().or_usage()?;
    let accepted = args.accept.scope(args.summary.verifier(), args.sample.map(SampleArg::size))?;
    let (scope, told) = match accepted {
        Some((scope, told)) => (scope, told),
        None => (scope(args, path)?, None),
    };
    let token = named.or(told);
    if matches!(scope, Scope::Summary(_)) && token.is_none() && args.record.is_none() {
        return Err(CommandError::usage("the summary names no token, or is not believed").hint("name the token with --token"));
    }
    let record = args.record.as_deref().map(|path| {
        let bytes = read_judged(path, MAX_RECORD_BYTES)?;
        Ok(RecordBytes { bytes: without_newline(bytes), source: path.display().to_string() })
    });
    let signatures = args.signature.iter().map(|path| signature_file(path));
    let metadata = args.metadata.as_deref().map(|path| {
        // An Arweave item has more before its data.
        let bytes = read_judged(path, MAX_HEAD_BYTES + MAX_METADATA_BYTES)?;
        Ok(RecordBytes { bytes, source: path.display().to_string() })
    });
    Ok(Subject {
        path: Some(path),
        scope,
        full: args.full,
        cached: args.cached,
        outboard: args.outboard.as_deref().map(read_outboard).transpose()?,
        token,
        record: record.transpose()?,
        signatures: signatures.collect::<Result<_>>()?,
        metadata: metadata.transpose()?,
        oms,
        oms_signatures: args.oms.brought(signature),
        fail_fast: args.fail_fast,
    })
}

/// Reads a signature document as it is.
pub(crate) fn signature_file(path: &Path) -> Result<SignatureFile> {
    let bytes = without_newline(read_judged(path, MAX_SIGNATURES_BYTES)?);
    Ok(SignatureFile { bytes, source: path.display().to_string(), brought: true })
}

/// A record or signature that went through an editor or `echo` has the newline that text files end with.
pub(crate) fn without_newline(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}
