//! Keys on Ledger devices: its Ethereum app shows what is to be signed, and signs when its owner agrees.
//!
//! The app's own protocol (APDUs over USB, or over TCP to Ledger's emulator Speculos) is spoken here, because an answer's status word is what tells a
//! locked device from a refusal. A device is never believed: whatever it answers has to be a signature of the account that it named before.

mod apdu;
mod hd_path;
mod tcp;
mod usb;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alloy::primitives::{Address, B256, Signature, U256, keccak256};

pub use hd_path::{HdPath, HdPathError};

use crate::{TypedHash, WalletError};
use apdu::Command;

/// How long a device may take for what it answers by itself.
const ANSWER: Duration = Duration::from_secs(15);
/// How long its owner may take to read and agree.
const AGREEMENT: Duration = Duration::from_secs(600);

/// Where the device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerLink {
    /// The first one on USB.
    Usb,
    /// Behind a TCP port that passes APDUs on as Speculos, Ledger's emulator, does: `host:port`.
    Tcp(String),
}

/// Called with what the owner is asked to confirm on the device, before it is asked.
pub type LedgerPrompt = Arc<dyn Fn(&str) + Send + Sync>;

/// Why a Ledger device did not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// On this system USB is not spoken.
    #[error("a Ledger on USB is asked on Linux only; elsewhere a proxy has to pass commands on (LEDGER_PROXY_PORT)")]
    NoUsb,
    /// Nothing is there.
    #[error(
        "no Ledger is found on USB: connect it, unlock it and open its Ethereum app (on Linux the udev rules of Ledger have to be installed)"
    )]
    NotFound,
    /// It cannot be reached, or went away.
    #[error("the Ledger ({link}) cannot be asked: {reason}")]
    Link {
        /// Where it is.
        link: String,
        /// Why.
        reason: String,
    },
    /// Its owner has to enter the PIN.
    #[error("the Ledger is locked: unlock it and try again")]
    Locked,
    /// Another app, or none, answered.
    #[error("the Ledger's Ethereum app is not open, or too old (before 1.5.0): open it and try again")]
    App,
    /// Its owner said no.
    #[error("{what} was refused on the Ledger")]
    Refused {
        /// What was to be signed.
        what: String,
    },
    /// It shows hashes only to those who want to see them.
    #[error(
        "the Ledger does not sign {what}: allow \"blind signing\" in the settings of its Ethereum app, and compare the hashes that it shows"
    )]
    Blind {
        /// What was to be signed.
        what: String,
    },
    /// Another status word.
    #[error("the Ledger answered {what} with status 0x{status:04x}")]
    Status {
        /// What was asked for.
        what: String,
        /// The status word.
        status: u16,
    },
    /// The answer is none of its app's.
    #[error("what the Ledger answered to {what} is no such answer: {reason}")]
    Answer {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The signature is of another key.
    #[error("the Ledger signed {what} with another key than that of {account}")]
    OtherKey {
        /// What was signed.
        what: String,
        /// The account that the device named.
        account: Address,
    },
    /// There is nothing to show.
    #[error("a Ledger signs transactions and typed messages, and no bare digest")]
    Bare,
}

impl LedgerError {
    /// Tells whether it is a matter of the device's state, and not a refusal.
    #[must_use]
    pub const fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::NoUsb | Self::NotFound | Self::Link { .. } | Self::Locked | Self::App | Self::Status { .. } | Self::Answer { .. }
        )
    }
}

/// Carries one command to the app and its answer back, status word included.
trait Wire: Send {
    fn exchange(&mut self, command: &Command, deadline: Duration) -> Result<Vec<u8>, LedgerError>;
}

/// A key of a device and its account.
#[derive(Clone)]
pub(crate) struct LedgerKey {
    wire: Arc<Mutex<Box<dyn Wire>>>,
    path: HdPath,
    address: Address,
    prompt: LedgerPrompt,
}

impl LedgerKey {
    /// Asks the device for the account at `path`. Nothing has to be confirmed for that.
    pub(crate) fn open(link: &LedgerLink, path: HdPath, prompt: LedgerPrompt) -> Result<Self, WalletError> {
        let wire: Box<dyn Wire> = match link {
            LedgerLink::Usb => usb::open()?,
            LedgerLink::Tcp(place) => Box::new(tcp::TcpWire::connect(place)?),
        };
        Ok(Self::over(wire, path, prompt)?)
    }

    fn over(mut wire: Box<dyn Wire>, path: HdPath, prompt: LedgerPrompt) -> Result<Self, LedgerError> {
        let what = "the question for its account";
        let answer = apdu::data(wire.exchange(&Command::address(&path), ANSWER)?, what).map_err(|error| match error {
            // Nobody is asked for an account, so nobody refused: older firmware says so when it is locked.
            LedgerError::Refused { .. } => LedgerError::Locked,
            error => error,
        })?;
        let address = apdu::address(&answer).map_err(|reason| LedgerError::Answer { what: what.to_owned(), reason })?;
        Ok(Self { wire: Arc::new(Mutex::new(wire)), path, address, prompt })
    }

    pub(crate) const fn address(&self) -> Address {
        self.address
    }

    /// Signs a transaction, encoded as for its signature. `chain_id` is that of one in the old form (EIP-155), which ends in it.
    pub(crate) fn sign_transaction(&self, encoded: &[u8], chain_id: Option<u64>) -> Result<Signature, WalletError> {
        let commands = Command::transaction(&self.path, encoded, chain_id);
        (self.prompt)("the transaction");
        Ok(self.sign("the transaction", &commands, keccak256(encoded))?)
    }

    /// Signs a typed message, of which the device shows both hashes.
    pub(crate) fn sign_typed(&self, hash: &TypedHash) -> Result<Signature, WalletError> {
        let command = Command::typed(&self.path, hash);
        (self.prompt)(&format!("the message with domain hash {} and message hash {}", hash.domain(), hash.message()));
        Ok(self.sign("the message", &[command], hash.digest())?)
    }

    fn sign(&self, what: &str, commands: &[Command], digest: B256) -> Result<Signature, LedgerError> {
        // A panic of another thread while it held the wire leaves at worst an answer unread, which will not be a signature of this digest.
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answer = Vec::new();
        for command in commands {
            answer = apdu::data(wire.exchange(command, AGREEMENT)?, what)?;
        }
        let (r, s) = apdu::signature(&answer).map_err(|reason| LedgerError::Answer { what: what.to_owned(), reason })?;
        self.recover(r, s, &digest).ok_or_else(|| LedgerError::OtherKey { what: what.to_owned(), account: self.address })
    }

    /// Finds the parity that leads to the account: what the app puts into `v` differs by version, kind of transaction and chain id.
    fn recover(&self, r: B256, s: B256, digest: &B256) -> Option<Signature> {
        let number = |bytes: B256| U256::from_be_bytes(bytes.0);
        [false, true]
            .map(|parity| Signature::new(number(r), number(s), parity).normalized_s())
            .into_iter()
            .find(|signature| signature.recover_address_from_prehash(digest).is_ok_and(|signer| signer == self.address))
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerKey").field("path", &self.path).field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
