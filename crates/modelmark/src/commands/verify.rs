//! `modelmark verify`: are these files the ones on the record?

mod advice;
mod part;
mod reports;
pub(crate) mod shown;
mod summary;

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{AddressBook, TokenRef};
use modelmark_digest::Request;
use modelmark_digest::cache::DigestCache;
use modelmark_digest::outboard::Outboard;
use modelmark_record::foreign::MAX_METADATA_BYTES;
use modelmark_record::{Account, MAX_RECORD_BYTES, MAX_SIGNATURES_BYTES, Spdx};
use modelmark_remote::arweave::MAX_HEAD_BYTES;
use modelmark_remote::http::{Rules, Web};
use modelmark_storage::{MemoryStore, Store};
use modelmark_verify::{Look, OmsEvidence, Policy, RecordBytes, Report, RequiredSigner, Scope, SignatureFile, Sources};

use crate::chain_source;
use crate::commands::oms::beside::OmsArgs;
use crate::error::{CommandError, OrKind as _, Result};
use crate::hub;
use crate::options::{ChainArgs, SourceArgs};
use crate::places;
use crate::progress::{Both, Progress, Reading};
use crate::session::{Session, read_judged};

use self::advice::advise;
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
                        modelmark verify ./my-model --oms-key publisher.pub.pem\n  \
                        modelmark verify ./my-model --oms-identity me@example.com --oms-issuer https://accounts.google.com\n  \
                        modelmark verify ./my-model --full --vsa model.vsa.json --verifier https://example.org/gate")]
pub(crate) struct VerifyArgs {
    /// Model: a file, a directory, or `ORG/NAME` or `ORG/NAME@REVISION` in the Hugging Face cache
    path: PathBuf,
    /// Token, as CAIP-19 `eip155:<chain>/erc721:<address>/<id>` [default: found by the digest of the weights]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Compute everything that the record states, also the SHA-256 of every file and the tensors; CIDs, which are always compared, bind every byte alone
    #[arg(long)]
    full: bool,
    /// Take the digests of files that did not change from the cache; whoever controls the clock or the raw disk could fool it
    #[arg(long)]
    cached: bool,
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
    #[arg(long, requires = "metadata", help_heading = "Tokens of others")]
    accept_unbound: bool,
    /// Policy: fetch the metadata from the web server that the token's URI names, and accept it although that may answer differently tomorrow. Only public
    /// addresses are asked, by `https:`
    #[arg(long, requires = "token", conflicts_with_all = ["metadata", "record"], help_heading = "Tokens of others")]
    accept_mutable_uri: bool,
    #[command(flatten)]
    oms: OmsArgs,
    /// Policy: accept this creator only; repeatable
    #[arg(long, value_name = "ADDRESS", help_heading = "Policy")]
    creator: Vec<String>,
    /// Policy: demand signatures over the record by so many of the accounts that it names, its creator and contributors
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, help_heading = "Policy")]
    require_signatures: usize,
    /// Policy: demand the signature over the record of `creator`, of all `contributors`, or of an account: an address, or `eip155:<chain>:0x…` for a contract
    /// wallet; repeatable
    #[arg(long, value_name = "SIGNER", value_parser = required_signer, help_heading = "Policy")]
    require_signature: Vec<RequiredSigner>,
    /// Policy: accept this licence only; repeatable
    #[arg(long, value_name = "SPDX", help_heading = "Policy")]
    license: Vec<String>,
    /// Policy: refuse a model that runs code when it is loaded, or may for all that can be seen: pickles of more than data, TorchScript, code that
    /// `config.json` asks for, containers that cannot be looked into. Needs the whole model
    #[arg(long, conflicts_with = "part", help_heading = "Policy")]
    deny_code: bool,
    /// Policy: follow this curator too, whose disputes and revocations of the token and of what it comes from refuse the model; repeatable
    #[arg(long, value_name = "ADDRESS", help_heading = "Policy")]
    curator: Vec<String>,
    /// Policy: accept a model although it, or one that it comes from, was recalled, or is disputed or revoked by a followed curator
    #[arg(long, help_heading = "Policy")]
    accept_recalled: bool,
    #[command(flatten)]
    summary: summary::SummaryArgs,
    /// Write the report to a file too, in the form that its name ends in: `.html` for auditors, `.md` for a job summary, `.sarif` for code scanning, `.xml` for
    /// JUnit, `.svg` for a badge, `.json`; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Summary")]
    report: Vec<PathBuf>,
    /// List the skipped checks too
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    places: SourceArgs,
}

/// The command line, checked.
struct Checked {
    scope: Scope,
    outboard: Option<Outboard>,
    path: PathBuf,
    token: Option<TokenRef>,
    policy: Policy,
    record: Option<RecordBytes>,
    signatures: Vec<SignatureFile>,
    metadata: Option<RecordBytes>,
    oms: Look<OmsEvidence>,
    address_book: AddressBook,
}

pub(crate) fn run(session: &Session<'_>, args: &VerifyArgs) -> Result<u8> {
    let path = hub::locate(session, &args.path)?;
    if !path.exists() && !path.is_symlink() {
        return Err(CommandError::usage(format!("there is nothing at `{}`", path.display())).hint("check the path"));
    }
    let forms = reports::forms(&args.report, &path)?;
    let oms = args.oms.look(session, &path)?;
    let checked = check(args, path.clone(), oms)?;
    let (policy, record) = (checked.policy.clone(), checked.record.clone());
    let mut report = session.block_on(report(session, args, checked))?;
    advise(args, &path, &mut report);
    reports::write(session, &forms, &report)?;
    session.output.result(&report, || text(&report, args.verbose))?;
    args.summary.write(session, &report, &policy, record)?;
    Ok(report.verdict.exit_code())
}

fn check(args: &VerifyArgs, path: PathBuf, oms: Look<OmsEvidence>) -> Result<Checked> {
    let creators = args.creator.iter().map(|text| account(text)).collect::<Result<_>>()?;
    let licenses = args.license.iter().map(|text| text.parse::<Spdx>().map_err(|error| CommandError::usage(format!("--license: {error}"))));
    let curators = args
        .curator
        .iter()
        .map(|text| modelmark_chain::parse_address(text).map_err(|error| CommandError::usage(format!("--curator: {error}"))));
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
    Ok(Checked {
        scope: scope(args, &path)?,
        outboard: args.outboard.as_deref().map(read_outboard).transpose()?,
        path,
        token: args.token.as_deref().map(str::parse).transpose().or_usage()?,
        policy: Policy {
            creators,
            licenses: licenses.collect::<Result<_>>()?,
            signatures: args.require_signatures,
            signers: args.require_signature.clone(),
            deny_code: args.deny_code,
            curators: curators.collect::<Result<_>>()?,
            accept_recalled: args.accept_recalled,
            accept_unbound: args.accept_unbound,
            accept_mutable: args.accept_mutable_uri,
        },
        record: record.transpose()?,
        signatures: signatures.collect::<Result<_>>()?,
        metadata: metadata.transpose()?,
        oms,
        address_book: AddressBook::built_in().or_usage()?,
    })
}

pub(crate) fn account(text: &str) -> Result<Account> {
    let address = text.strip_prefix("eip155:1:").unwrap_or(text);
    modelmark_chain::parse_address(address).map(Account::from).map_err(|error| CommandError::usage(format!("--creator: {error}")))
}

/// Reads a signature document as it is.
pub(crate) fn signature_file(path: &Path) -> Result<SignatureFile> {
    let bytes = without_newline(read_judged(path, MAX_SIGNATURES_BYTES)?);
    Ok(SignatureFile { bytes, source: path.display().to_string(), brought: true })
}

/// Reads whose signature is demanded.
pub(crate) fn required_signer(text: &str) -> std::result::Result<RequiredSigner, String> {
    match text {
        "creator" => Ok(RequiredSigner::Creator),
        "contributors" => Ok(RequiredSigner::Contributors),
        wallet if wallet.starts_with("eip155:") => wallet.parse().map(RequiredSigner::Account).map_err(|error| format!("{error}")),
        address => match modelmark_chain::parse_address(address) {
            Ok(address) => Ok(RequiredSigner::Account(Account::from(address).into())),
            Err(error) => Err(format!("neither `creator` nor `contributors` nor an account: {error}")),
        },
    }
}

/// A record or signature that went through an editor or `echo` has the newline that text files end with.
pub(crate) fn without_newline(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

async fn report(session: &Session<'_>, args: &VerifyArgs, checked: Checked) -> Result<Report> {
    // A chain or store that is out of reach is a finding of the report, so that everything else is still looked at.
    let registry = match chain_source::connect(session, &args.chain).await {
        Ok(connected) => Ok(connected.registry),
        Err(error) if error.exit_code() == modelmark_verify::exit_codes::USAGE => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    let empty = MemoryStore::new();
    let store: &dyn Store = match session.store() {
        Ok(store) => store,
        Err(error) => {
            session.output.note(error.to_string());
            &empty
        }
    };
    let (progress, reading) = (Progress::new(session.output, "verify"), Reading::default());
    let remote = places::reader(session, &args.places.places)?;
    let web = args.accept_mutable_uri.then(|| Web::new(Rules::default()));
    let sources = Sources {
        path: Some(&checked.path),
        scope: checked.scope,
        outboard: checked.outboard,
        request: Request { sha256: args.full, tensors: args.full, ..Request::cids() },
        observer: &Both(&progress, &reading),
        cache: session.cache().filter(|_| args.cached).map(|cache| cache as &dyn DigestCache),
        registry: registry.as_ref().map_err(Clone::clone),
        address_book: &checked.address_book,
        token: checked.token,
        store,
        remote: remote.as_ref(),
        web: web.as_ref(),
        record: checked.record,
        signatures: checked.signatures,
        metadata: checked.metadata,
        oms: checked.oms,
    };
    let mut report = modelmark_verify::verify(sources, &checked.policy).await.or_usage()?;
    report.notes.extend(reading.remark());
    report.notes.extend(remote.as_ref().map(places::dismissed).unwrap_or_default());
    Ok(report)
}
