//! What every verb that calls a contract has in common: options, dry run, cost and consent, receipt.

use clap::Args;
use modelmark_chain::{Call, CallPlan, CallReceipt, Chain, ChainId, DecodedCall, Patience, Wallet, Wei};
use serde_json::{Map, Value, json};

use crate::chain_source;
use crate::commands::mint::{agree, explain};
use crate::error::Result;
use crate::options::{ChainArgs, SendArgs, SignerArgs};
use crate::output::printable;
use crate::session::Session;
use crate::signer;

/// Options of verbs that call a contract.
#[derive(Clone, Debug, Args)]
pub(crate) struct TransactionArgs {
    #[command(flatten)]
    pub(crate) chain: ChainArgs,
    #[command(flatten)]
    pub(crate) signer: SignerArgs,
    #[command(flatten)]
    send: SendArgs,
    /// Send nothing: show the call as the contract would read it, and what it would cost
    #[arg(long, help_heading = "Sending")]
    dry_run: bool,
}

/// A chain and the account that acts on it.
pub(crate) struct Acting<'a> {
    pub(crate) chain: Chain,
    pub(crate) wallet: Wallet,
    args: &'a TransactionArgs,
}

/// What became of the calls.
pub(crate) enum Outcome {
    /// They are in blocks.
    Done(Vec<CallReceipt>),
    /// Nothing had to be sent.
    Nothing,
    /// Nothing was sent, as was asked for; the result is printed already.
    Shown,
}

impl Outcome {
    /// Tells whether the calls were only shown.
    pub(crate) const fn is_shown(&self) -> bool {
        matches!(self, Self::Shown)
    }
}

impl TransactionArgs {
    /// Tells whether nothing is to be sent.
    pub(crate) const fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Connects to the chain and opens the key.
    pub(crate) async fn act(&self, session: &Session<'_>) -> Result<Acting<'_>> {
        let chain = chain_source::connect(session, &self.chain).await?.chain;
        let wallet = signer::wallet(&self.signer, chain.id())?;
        let patience = Patience { confirmations: self.send.confirmations, ..Patience::default() };
        Ok(Acting { chain: chain.with_patience(patience), wallet, args: self })
    }
}

impl Acting<'_> {
    /// Makes the calls after showing what they cost, or only shows them.
    pub(crate) async fn make(&self, session: &Session<'_>, calls: Vec<Call>) -> Result<Outcome> {
        self.make_after(session, calls, || Ok(())).await
    }

    /// As [`Self::make`]. `keep` writes what the calls point at: once nothing stands against them, before they are sent, and never in a dry run.
    async fn make_after(&self, session: &Session<'_>, calls: Vec<Call>, keep: impl FnOnce() -> Result<()>) -> Result<Outcome> {
        if calls.is_empty() && !self.args.dry_run {
            keep()?;
            return Ok(Outcome::Nothing);
        }
        let plan = CallPlan::new(&self.chain, &self.wallet, calls).await.map_err(explain)?;
        if self.args.dry_run {
            self.show(session, &plan)?;
            return Ok(Outcome::Shown);
        }
        agree(session, &self.chain, plan.costs(), &self.args.send)?;
        keep()?;
        let receipts = plan.execute(&self.wallet).await.map_err(explain)?;
        for receipt in &receipts {
            let coin = self.chain.id().coin();
            session.output.step("sent", format!("{}: block {}, {} {coin} paid", receipt.what, receipt.block, receipt.spent.coins()));
        }
        Ok(Outcome::Done(receipts))
    }

    /// Makes the calls and prints `value` and `text` as the result, with the transactions.
    pub(crate) async fn make_and_tell(
        &self,
        session: &Session<'_>,
        calls: Vec<Call>,
        tell: impl FnOnce(&[CallReceipt]) -> Result<(Value, String)>,
    ) -> Result<()> {
        self.keep_make_and_tell(session, calls, || Ok(()), tell).await
    }

    /// As [`Self::make_and_tell`], with what the calls point at written in between, as [`Self::make_after`] has it.
    pub(crate) async fn keep_make_and_tell(
        &self,
        session: &Session<'_>,
        calls: Vec<Call>,
        keep: impl FnOnce() -> Result<()>,
        tell: impl FnOnce(&[CallReceipt]) -> Result<(Value, String)>,
    ) -> Result<()> {
        let receipts = match self.make_after(session, calls, keep).await? {
            Outcome::Shown => return Ok(()),
            Outcome::Nothing => Vec::new(),
            Outcome::Done(receipts) => receipts,
        };
        let (mut value, text) = tell(&receipts)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("transactions".to_owned(), json!(receipts));
        }
        session.output.result(&value, || text)
    }

    fn show(&self, session: &Session<'_>, plan: &CallPlan) -> Result<()> {
        let calls: Vec<DecodedCall> = plan.calls().iter().map(Call::decoded).collect();
        let (chain, costs) = (self.chain.id(), plan.costs());
        let value =
            json!({"dryRun": true, "chain": chain, "from": self.wallet.address().to_checksum(None), "calls": calls, "costs": costs});
        session.output.result(&value, || {
            let mut lines: Vec<_> = calls.iter().flat_map(|call| call_lines(call, chain)).collect();
            let coin = chain.coin();
            lines.push(format!(
                "would cost at most {} {coin} on {chain}, paid by {}; nothing was sent",
                costs.total.coins(),
                costs.account
            ));
            lines.join("\n")
        })
    }
}

/// Returns a call as lines for a person.
fn call_lines(call: &DecodedCall, chain: ChainId) -> Vec<String> {
    let mut lines = vec![format!("would {}", call.what), format!("  {} at {} on {chain}", call.contract, call.to)];
    lines.push(format!("  {}", if call.function.is_empty() { "a function that its interface does not have" } else { &call.function }));
    for argument in &call.arguments {
        lines.extend(argument_lines(&argument.name, &argument.value, 4));
    }
    if call.value != Wei::default() {
        lines.push(format!("  pays the contract {} {}", call.value.coins(), chain.coin()));
    }
    lines.push(format!("  data {}", call.data));
    lines
}

fn argument_lines(name: &str, value: &Value, indent: usize) -> Vec<String> {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => Map::iter(members).map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        Value::String(text) => return vec![format!("{:indent$}{name:<18} {}", "", printable(text))],
        other => return vec![format!("{:indent$}{name:<18} {other}", "")],
    };
    let mut lines = vec![format!("{:indent$}{name}{}", "", if members.is_empty() { ": none" } else { "" })];
    lines.extend(members.iter().flat_map(|(name, value)| argument_lines(name, value, indent + 2)));
    lines
}
