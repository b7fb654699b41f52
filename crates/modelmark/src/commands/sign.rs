//! `modelmark sign`: the creator's signature over a record.

use std::path::PathBuf;

use clap::Args;
use modelmark_chain::{ChainId, Wallet};
use modelmark_record::{CanonicalRecord, MAX_RECORD_BYTES, SignedRecord};

use crate::error::{CommandError, OrKind as _, Result};
use crate::options::SignerArgs;
use crate::session::{Session, read_input};
use crate::signer;

/// Sign a record with the creator's key
///
/// Prints the signature document, which stands beside the record. The signature is EIP-712 typed data without a chain, so it holds wherever the
/// record is minted.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark sign record.json --keystore creator.json > record.sig.json")]
pub(crate) struct SignArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &SignArgs) -> Result<()> {
    let record = read_record(&args.record)?;
    // A record names no chain; only the development key is bound to one.
    let wallet = signer::wallet(&args.signer, ChainId::DEVELOPMENT)?;
    if wallet.is_development() {
        session.output.note("signed with a development key that everybody knows: worth nothing outside chain 31337");
    }
    let signed = sign(record, &wallet)?;
    session.output.document(&signed.document_bytes().or_refused()?)
}

/// Reads and checks a record file.
pub(crate) fn read_record(path: &std::path::Path) -> Result<CanonicalRecord> {
    let mut bytes = read_input(path, MAX_RECORD_BYTES as u64 + 1)?;
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
    let creator = record.record().provenance.creator.account.address();
    if creator != wallet.address() {
        return Err(CommandError::usage(format!("the record names {creator} as its creator, the key is {}'s", wallet.address()))
            .hint("sign with the creator's key, or make the record anew with this key's account"));
    }
    SignedRecord::sign_with(record, |authorship| wallet.sign_digest(&authorship.signing_hash().0)).or_refused()
}
