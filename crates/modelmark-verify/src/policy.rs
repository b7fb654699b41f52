//! What a verifier demands beyond truth.

use modelmark_chain::Address;
use modelmark_record::{Account, Spdx};

/// A policy. The default demands only that neither the token nor what it comes from was recalled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Accounts of which the creator must be one; empty accepts everybody.
    pub creators: Vec<Account>,
    /// Licences of which the record's must be one, compared as normalised SPDX expressions; empty accepts all.
    pub licenses: Vec<Spdx>,
    /// Whether a model is refused whose files run code when they are loaded, or may do so for all that can be seen.
    pub deny_code: bool,
    /// Curators whose disputes and revocations count; nobody's count by themselves.
    pub curators: Vec<Address>,
    /// Whether a model is accepted although it, or one that it comes from, was recalled, disputed or revoked.
    pub accept_recalled: bool,
}
