//! `modelmark royalty withdraw --sign` and `submit`: withdrawals of accounts that have nothing to pay gas with.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use alloy::primitives::U256;
use clap::Args;
use modelmark_chain::{Address, RoyaltyVault, SignedWithdrawal, Wei, Withdrawal};
use serde_json::json;

use super::{owed, vault};
use crate::chain_source;
use crate::commands::mint::{explain, genuine};
use crate::error::{CommandError, OrKind as _, Result};
use crate::money;
use crate::session::{Session, read_input};
use crate::transaction::{Acting, TransactionArgs};

const MAX_WORD_BYTES: u64 = 16 << 10;
const DAY: u64 = 86_400;

/// Submit a withdrawal that its account signed
///
/// Whoever submits it pays the gas and chooses nothing: the money goes where the account signed that it goes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark royalty submit word.json --dry-run")]
pub(crate) struct SubmitArgs {
    /// What `royalty withdraw --sign` printed, or - for stdin
    word: PathBuf,
    #[command(flatten)]
    transaction: TransactionArgs,
}

/// Signs the account's word and prints it.
pub(super) async fn sign(
    session: &Session<'_>,
    acting: &Acting<'_>,
    vault: &RoyaltyVault,
    (currency, to): (Address, Address),
    days: u64,
) -> Result<()> {
    let account = acting.wallet.address();
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() + days * DAY;
    let nonce = vault.withdrawal_nonce(account).await.map_err(explain)?;
    let word = Withdrawal { account, currency, to, nonce, deadline: U256::from(deadline) };
    let signature = vault.sign_withdrawal(&word, &acting.wallet).map_err(explain)?;
    let document = SignedWithdrawal { chain: acting.chain.id(), vault: vault.address(), account, currency, to, nonce, deadline, signature };
    let json = serde_json::to_string_pretty(&document).or_refused()?;
    session.output.result(&document, || json)
}

pub(super) async fn submit(session: &Session<'_>, args: &SubmitArgs) -> Result<()> {
    let bytes = read_input(&args.word, MAX_WORD_BYTES)?;
    let document: SignedWithdrawal = serde_json::from_slice(&bytes)
        .map_err(|error| CommandError::usage(format!("`{}` is no account's word: {error}", args.word.display())))?;
    let acting = args.transaction.act(session).await?;
    if document.chain != acting.chain.id() {
        let (signed, served) = (document.chain, acting.chain.id());
        return Err(CommandError::usage(format!("the account signed for {signed}, and the endpoint serves {served}")));
    }
    let registry = chain_source::registry(&acting.chain, &args.transaction.chain)?;
    genuine(&registry).await?;
    let vault = vault(&registry).await?;
    if vault.address() != document.vault {
        return Err(CommandError::refused(format!(
            "the account signed for the vault {}, and that of {} is {}",
            document.vault,
            registry.address(),
            vault.address()
        ))
        .hint("name a registry with that vault with `--registry`"));
    }
    let SignedWithdrawal { account, currency, to, nonce, .. } = document;
    let next = vault.withdrawal_nonce(account).await.map_err(explain)?;
    if nonce != next {
        let told = format!("the word has number {nonce}, and the vault waits for number {next} of {account}; nothing was sent");
        return Err(CommandError::refused(told).hint("words are submitted once each, in the order of their numbers"));
    }
    let amount: Wei = owed(&vault, account, currency).await?;
    let call = vault.submit_withdrawal(&document.word(), document.signature);
    acting
        .make_and_tell(session, vec![call], |_| {
            let value = json!({"account": account.to_checksum(None), "to": to.to_checksum(None), "currency": currency.to_checksum(None), "amount": amount});
            Ok((value, format!("{} of {account} to {to}", money::shown(amount.get(), currency, &acting.chain))))
        })
        .await
}
