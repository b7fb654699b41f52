//! What a verifier demands beyond truth.

use modelmark_chain::Address;
use modelmark_record::{Account, Signer, Spdx};

/// A policy. The default demands only that neither the token nor what it comes from was recalled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Accounts of which the creator must be one; empty accepts everybody.
    pub creators: Vec<Account>,
    /// Licences of which the record's must be one, compared as normalised SPDX expressions; empty accepts all.
    pub licenses: Vec<Spdx>,
    /// How many accounts that the record names must have signed it, its creator among them; 0 demands none.
    pub signatures: usize,
    /// Who must have signed it.
    pub signers: Vec<RequiredSigner>,
    /// Whether a model is refused whose files run code when they are loaded, or may do so for all that can be seen.
    pub deny_code: bool,
    /// Curators whose disputes and revocations count; nobody's count by themselves.
    pub curators: Vec<Address>,
    /// Whether a model is accepted although it, or one that it comes from, was recalled, disputed or revoked.
    pub accept_recalled: bool,
    /// Whether the metadata of a foreign token is accepted although nothing binds its bytes to the token.
    pub accept_unbound: bool,
    /// Whether the metadata of a foreign token is accepted although a web server sent it, which may answer differently tomorrow.
    pub accept_mutable: bool,
}

/// Whose signature over the record a policy demands. That the creator consented to the mint is no such signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequiredSigner {
    /// The creator.
    Creator,
    /// Every contributor whom the record names. The creator's signature stands for the creator's own part.
    Contributors,
    /// This account: of a key one of chain 1, of a contract wallet the one on its chain.
    Account(Signer),
}
