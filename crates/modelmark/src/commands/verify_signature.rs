//! `modelmark verify-signature`: who signed a record, from files alone. Only a contract wallet's signature takes a chain.

use std::path::PathBuf;

use clap::Args;
use modelmark_record::CanonicalRecord;
use modelmark_verify::{
    Policy, RequiredSigner, SignatureFile, Status, Verdict, WalletAnswer, ask_wallets, exit_codes, judge_signatures, wallet_questions,
};
use serde_json::json;

use crate::chain_source;
use crate::commands::sign::read_record;
use crate::commands::verify::{line, signature_file};
use crate::error::Result;
use crate::options::LookArgs;
use crate::options::required_signer;
use crate::session::Session;

/// Verify who signed a record, without the model, a token or a store
///
/// Every signature of every document has to hold and to be of an account that the record names. It says nothing about the model's files: `modelmark
/// verify` holds those against the record. A chain is asked only about contract wallets.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every signature holds, 1 one does not, 3 only a contract wallet's chain can tell, 4 the policy demands more.\n\n\
                        Example:\n  modelmark verify-signature record.json record.sig.json --require-signature creator --require-signatures 3"
)]
pub(crate) struct VerifySignatureArgs {
    /// Record file, or - for stdin
    record: PathBuf,
    /// Signature documents of the record
    #[arg(required = true, value_name = "SIGNATURES")]
    signatures: Vec<PathBuf>,
    /// Policy: demand signatures by so many of the accounts that the record names, its creator and contributors
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, help_heading = "Policy")]
    require_signatures: usize,
    /// Policy: demand the signature of `creator`, of all `contributors`, or of an account: an address, or `eip155:<chain>:0x…` for a contract wallet;
    /// repeatable
    #[arg(long, value_name = "SIGNER", value_parser = required_signer, help_heading = "Policy")]
    require_signature: Vec<RequiredSigner>,
    #[command(flatten)]
    chain: LookArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &VerifySignatureArgs) -> Result<u8> {
    let record = read_record(&args.record)?;
    let files: Vec<_> = args.signatures.iter().map(|path| signature_file(path)).collect::<Result<_>>()?;
    let policy = Policy { signatures: args.require_signatures, signers: args.require_signature.clone(), ..Policy::default() };
    let wallets = wallets(session, args, &record, &files)?;
    let checks = judge_signatures(&record, &files, &wallets, &policy);
    let verdict = Verdict::of(&checks);
    let result = json!({
        "record": record.id().to_string(),
        "creator": record.record().provenance.creator.account.to_string(),
        "verdict": verdict,
        "checks": checks,
    });
    session.output.result(&result, || {
        let mut text = String::new();
        checks.iter().filter(|check| check.status != Status::Skipped).for_each(|check| line(&mut text, check));
        text.trim_end().to_owned()
    })?;
    Ok(verdict.exit_code())
}

/// Asks contract wallets, if the documents have signatures of any.
fn wallets(
    session: &Session<'_>,
    args: &VerifySignatureArgs,
    record: &CanonicalRecord,
    files: &[SignatureFile],
) -> Result<Vec<WalletAnswer>> {
    let questions = wallet_questions(record, files);
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    session.block_on(async {
        // A chain that is out of reach is a finding, so that everything else is still told.
        let connected = match chain_source::connect_to_look(session, &args.chain).await {
            Ok(connected) => Ok(connected),
            Err(error) if error.exit_code() == exit_codes::USAGE => return Err(error),
            Err(error) => Err(error.to_string()),
        };
        let chain = match connected {
            Ok(connected) => connected.chain.sight().await.map(|sight| sight.chain).map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        Ok(ask_wallets(chain.as_ref(), None, questions).await)
    })
}
