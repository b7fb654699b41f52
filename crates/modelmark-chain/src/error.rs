//! Why a chain could not be asked, or did not do what it was asked.
//!
//! Nothing here carries a key, a password or an RPC address beyond its host: paths and queries of RPC addresses hold access keys.

use alloy::primitives::{Address, B256};

use crate::{ChainId, Contract, Gas, ModelInputError, WalletError, Wei};

/// The chain could not be asked, or a transaction did not go through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The RPC address is not one that modelmark can use.
    #[error("not an RPC address: {0}; the address must start with http:// or https://, as http://localhost:8545 does")]
    Address(String),
    /// Nobody answered, or not in time.
    #[error("{endpoint} cannot be reached: {reason}; check the address and that the node runs, or use another endpoint")]
    Unreachable {
        /// Scheme and host of the RPC.
        endpoint: String,
        /// What happened.
        reason: String,
    },
    /// The answer is not what the question asks for: the endpoint is no Ethereum node, is broken, or lies.
    #[error("{endpoint} answered {what} with something else: {detail}; use another endpoint")]
    Nonsense {
        /// Scheme and host of the RPC.
        endpoint: String,
        /// The question.
        what: String,
        /// What is wrong with the answer.
        detail: String,
    },
    /// The endpoint serves another chain.
    #[error("{endpoint} serves {found}, but {expected} was asked for; use an endpoint of {expected}")]
    WrongChain {
        /// Scheme and host of the RPC.
        endpoint: String,
        /// The chain that the caller named.
        expected: ChainId,
        /// The chain that answered.
        found: ChainId,
    },
    /// The endpoint answered with a JSON-RPC error that is not a contract's.
    #[error("{endpoint} refused {what}: {message} (code {code})")]
    Refused {
        /// Scheme and host of the RPC.
        endpoint: String,
        /// The question.
        what: String,
        /// JSON-RPC error code.
        code: i64,
        /// The endpoint's words, clipped and without control characters.
        message: String,
    },
    /// A contract refused.
    #[error("{what}: {reason}")]
    Reverted {
        /// What was tried.
        what: String,
        /// Why the contract refused.
        reason: Revert,
    },
    /// There is no contract at the address, or none that answers like the one that is looked for.
    #[error("no {} answers at {address} on {chain}; deploy the contracts there, or name the address of another", .contract.label())]
    NoContract {
        /// What was looked for.
        contract: Contract,
        /// Where it was looked for.
        address: Address,
        /// On which chain.
        chain: ChainId,
    },
    /// The CREATE2 factory, through which contracts get the same address everywhere, is not on this chain.
    #[error(
        "{chain} has no CREATE2 factory at {factory}: send 0.01 coins to 0x3fAB184622Dc19b6109349B94811493BF45362d2 and broadcast the factory's \
         pre-signed transaction (github.com/Arachnid/deterministic-deployment-proxy), or use a chain that has it"
    )]
    NoFactory {
        /// The chain.
        chain: ChainId,
        /// Where the factory would be.
        factory: Address,
    },
    /// The account cannot pay.
    #[error("{account} has {} {coin} on {chain}, but the transactions may cost {} {coin}; send it more, or use another account", .available.coins(), .needed.coins(), coin = .chain.coin())]
    Funds {
        /// The account that would pay.
        account: Address,
        /// On which chain.
        chain: ChainId,
        /// The most that the transactions may cost.
        needed: Wei,
        /// What the account has.
        available: Wei,
    },
    /// A step would now cost more than the plan said, so that nothing was sent.
    #[error("{what} now needs {needed} where at most {planned} were planned; plan again")]
    CostGrew {
        /// The step.
        what: String,
        /// The limit of the plan.
        planned: Gas,
        /// The estimate of now.
        needed: Gas,
    },
    /// The transaction was sent, but is not confirmed in time. It may still be.
    #[error(
        "{what}: transaction {transaction} is not confirmed after {seconds} s; it may still be: run the same again later, it will find what is there"
    )]
    Deadline {
        /// What was tried.
        what: String,
        /// The transaction.
        transaction: B256,
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// Other transactions of the same account kept getting in between.
    #[error("{account} keeps sending other transactions at the same time, so that {what} could not be sent; run the same again")]
    Contended {
        /// What was tried.
        what: String,
        /// The account.
        account: Address,
    },
    /// The endpoint answers so little at a time that looking through the chain's history would take too many questions.
    #[error(
        "{endpoint} answers {what} for too few blocks at a time: {questions} questions did not reach the end; start at the registry's deployment block, or use another endpoint"
    )]
    TooLong {
        /// Scheme and host of the RPC.
        endpoint: String,
        /// The question.
        what: String,
        /// How often it was asked.
        questions: usize,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The model's statement is not one that a registry accepts.
    #[error(transparent)]
    Model(#[from] ModelInputError),
}

/// Why a contract refused, as a sentence fragment for people and the name of the contract's error for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revert {
    /// Name of the contract's custom error, when it is one of ours.
    pub error: Option<&'static str>,
    /// The reason as a sentence fragment.
    pub sentence: String,
}

impl std::fmt::Display for Revert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// Returns foreign text fit for a terminal and a log: one line, no control characters, at most 300 characters.
pub(crate) fn tame(text: &str) -> String {
    let mut out: String = text.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(300).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_tamed() {
        assert_eq!(tame("a\u{1b}[31mb\nc"), "a [31mb c");
        assert_eq!(tame(&"x".repeat(5000)).chars().count(), 301);
    }
}
