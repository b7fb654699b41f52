//! `modelmark sign`: signatures over a record, by its creator and its contributors.

use std::path::{Path, PathBuf};

use clap::Args;
use modelmark_chain::{ChainId, TypedHash, Wallet, parse_address};
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, RecordSignature, SignatureBytes, SignedRecord, Signer, SigningRequest};

use crate::commands::store::read_signed;
use crate::error::{CommandError, OrKind as _, Result};
use crate::options::SignerArgs;
use crate::output_file::{refuse_overlaps, write_whole};
use crate::session::{Session, read_judged};
use crate::signer;

/// Sign a record as its creator or as a contributor
///
/// Prints the signature document, which stands beside the record. The signature is EIP-712 typed data without a chain, so it holds wherever the
/// record is minted; only a contract wallet's is bound to the wallet's chain. A key that is somewhere else signs what `--typed-data` prints.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  modelmark sign record.json --keystore creator.json --output record.sig.json\n  \
                        modelmark sign record.json --ledger --output record.sig.json\n  \
                        modelmark sign record.json --aws --aws-key-id alias/creator --output record.sig.json\n  \
                        modelmark sign record.json --keystore contributor.json --add record.sig.json > both.sig.json\n  \
                        modelmark sign record.json --account eip155:8453:0x… --typed-data > for-the-wallet.json")]
pub(crate) struct SignArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Signature document of this record whose signatures are taken over; repeatable
    #[arg(long, value_name = "FILE")]
    add: Vec<PathBuf>,
    /// Sign nothing: put the documents of `--add` together
    #[arg(long, requires = "add", conflicts_with_all = ["keystore", "password_file", "dev_account", "aws", "ledger", "account"])]
    merge: bool,
    /// Write the signature document here instead of to stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Who signs elsewhere: an address for a key, as in a browser, or `eip155:<chain>:0x…` for a contract wallet of that chain
    #[arg(long, value_name = "ACCOUNT", help_heading = "Signing elsewhere", conflicts_with_all = ["keystore", "password_file", "dev_account", "aws", "ledger"])]
    account: Option<String>,
    /// Print the JSON that `--account` signs with `eth_signTypedData_v4`
    #[arg(long, requires = "account", conflicts_with_all = ["add", "output"], help_heading = "Signing elsewhere")]
    typed_data: bool,
    /// The signature that `--account` made of it
    #[arg(long, value_name = "HEX", requires = "account", conflicts_with = "typed_data", help_heading = "Signing elsewhere")]
    signed: Option<String>,
    #[command(flatten)]
    signer: SignerArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &SignArgs) -> Result<()> {
    refuse_overlaps(&[args.output.as_deref()], &args.record, "record")?;
    let record = read_record(&args.record)?;
    let elsewhere = args.account.as_deref().map(|account| Elsewhere::of(account, &record)).transpose()?;
    if let Some(elsewhere) = elsewhere.as_ref().filter(|_| args.typed_data) {
        let json = elsewhere.request.typed_data_json();
        return session.output.result(&json, || format!("{json:#}"));
    }
    let taken: Vec<_> = args.add.iter().map(|path| read_signed(path, &record)).collect::<Result<_>>()?;
    let taken = taken.iter().flat_map(SignedRecord::signatures).cloned();
    let made = match elsewhere {
        _ if args.merge => None,
        Some(elsewhere) => Some(elsewhere.signature(args.signed.as_deref())?),
        None => Some(own(session, &record, &args.signer)?),
    };
    let mut all = taken.chain(made);
    let first = all.next().ok_or_else(|| CommandError::usage("there is nothing to put together"))?;
    let signed = SignedRecord::new(record, vec![first]).and_then(|signed| signed.with(all)).or_refused()?;
    if !signed.questions().is_empty() {
        session.output.note("whether a contract wallet accepts its signature only its chain can tell: `modelmark verify` asks it");
    }
    let document = signed.document_bytes().or_refused()?;
    match &args.output {
        Some(path) => write_whole(path, &document),
        None => session.output.document(&document),
    }
}

/// Signs with the key at hand.
fn own(session: &Session<'_>, record: &CanonicalRecord, args: &SignerArgs) -> Result<RecordSignature> {
    // A record names no chain; only the development key is bound to one.
    let wallet = signer::wallet(args, ChainId::DEVELOPMENT)?;
    if wallet.is_development() {
        session.output.note("signed with a development key that everybody knows: worth nothing outside chain 31337");
    }
    let request = record.signing_request(wallet.address()).ok_or_else(|| not_named(record, &wallet))?;
    let bytes = wallet.sign_typed(&typed(&request)).or_refused()?;
    RecordSignature::new(&request, bytes).or_refused()
}

/// An account whose key is not here.
struct Elsewhere {
    request: SigningRequest,
    wallet: Option<Signer>,
}

impl Elsewhere {
    fn of(text: &str, record: &CanonicalRecord) -> Result<Self> {
        let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("--account: {error}"));
        let wallet = text.starts_with("eip155:").then(|| text.parse::<Signer>()).transpose().map_err(|error| wrong(&error))?;
        let address = match &wallet {
            Some(wallet) => wallet.address(),
            None => parse_address(text).map_err(|error| wrong(&error))?,
        };
        let request = record
            .signing_request(address)
            .ok_or_else(|| CommandError::usage(format!("the record names {address} neither as its creator nor as a contributor")))?;
        let request = match &wallet {
            Some(wallet) => request.on_chain(wallet.chain()),
            None => request,
        };
        Ok(Self { request, wallet })
    }

    fn signature(self, hex: Option<&str>) -> Result<RecordSignature> {
        let hex = hex.ok_or_else(|| {
            CommandError::usage("what --account signed is missing")
                .hint("`--typed-data` prints what to sign; give the signature with `--signed HEX`")
        })?;
        let wrong = |error: &dyn std::fmt::Display| CommandError::usage(format!("--signed: {error}"));
        let bytes = alloy::hex::decode(hex.trim()).map_err(|error| wrong(&error))?;
        match self.wallet {
            Some(wallet) => Ok(RecordSignature::of_wallet(wallet, SignatureBytes::try_from(bytes).map_err(|error| wrong(&error))?)),
            None => {
                let bytes =
                    bytes.try_into().map_err(|bytes: Vec<u8>| wrong(&format!("a key's signature has 65 bytes, not {}", bytes.len())))?;
                RecordSignature::new(&self.request, bytes).or_refused()
            }
        }
    }
}

/// Reads and checks a record file.
pub(crate) fn read_record(path: &Path) -> Result<CanonicalRecord> {
    let mut bytes = read_judged(path, MAX_RECORD_BYTES)?;
    // An editor or `echo` may have added the newline that text files end with; it is no part of the record.
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    CanonicalRecord::parse(&bytes).map_err(|error| {
        let hint = if is_report_of_record(&bytes) {
            "this is the output of `record --json`; leave `--json` out"
        } else {
            "`modelmark record` makes one; a record is never edited by hand"
        };
        CommandError::refused(format!("`{}` is not a record: {error}", path.display())).hint(hint)
    })
}

/// Tells whether the bytes are what `record --json` prints: the record in the middle of what was noticed about it.
fn is_report_of_record(bytes: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    value.is_some_and(|value| ["id", "record", "leftOut"].iter().all(|key| value.get(key).is_some()))
}

/// Signs the record with the wallet, which has to be the creator's.
pub(crate) fn sign(record: CanonicalRecord, wallet: &Wallet) -> Result<SignedRecord> {
    if record.authorship().account() != wallet.address() {
        return Err(not_named(&record, wallet));
    }
    SignedRecord::sign_with(record, |request| wallet.sign_typed(&typed(request))).or_refused()
}

fn typed(request: &SigningRequest) -> TypedHash {
    TypedHash::new(request.domain_separator(), request.struct_hash())
}

fn not_named(record: &CanonicalRecord, wallet: &Wallet) -> CommandError {
    let creator = record.authorship().account();
    CommandError::usage(format!("the record names {creator} as its creator, the key is {}'s", wallet.address()))
        .hint("sign with the creator's key, or one of a contributor's, or make the record anew with this key's account")
}
