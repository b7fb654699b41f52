//! What a verifier demands beyond truth.

mod demands;
mod explain;
mod file;
mod finding;
mod identities;
mod keys;
mod names;
mod problems;
mod rules;
mod schema;
mod template;

pub use demands::{
    AgeRules, ChainRules, Collection, ContractRules, Digest, FormatRules, Keep, MetricRule, Number, ParentRule, ParentRules, StorageRules,
};
pub use file::{Form, MAX_POLICY_BYTES, PolicyError};
pub use finding::Finding;
pub use identities::{Beside, Identity, Key, Pattern, Vouching, Who};
pub use names::{NameError, Named, RequiredSigner};
pub use problems::Problem;
pub use rules::{ClaimRules, CodeRule, Licenses, Reaction, Rules, Signers, StatusRules, Threshold, Version};
pub use template::{Example, template};

use modelmark_chain::{Address, Status};
use modelmark_record::{Account, Spdx};

/// A policy: what single options say, and what a file says. Both have to hold. The default demands only that neither the token nor what it comes from was
/// recalled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Accounts of which the creator must be one; empty accepts everybody.
    pub creators: Vec<Account>,
    /// Licences of which one has to do, by evaluation of the record's SPDX expression; empty accepts all.
    pub licenses: Vec<Spdx>,
    /// How many accounts that the record names must have signed it, its creator among them; 0 demands none.
    pub signatures: usize,
    /// Who must have signed it.
    pub signers: Vec<RequiredSigner>,
    /// Whether a model is refused whose files run code when they are loaded, or may do so for all that can be seen.
    pub deny_code: bool,
    /// Whether a model is refused whose weights somebody else claimed earlier.
    pub first_claim: bool,
    /// Curators whose disputes and revocations count; nobody's count by themselves.
    pub curators: Vec<Address>,
    /// Whether a model is accepted although it, or one that it comes from, was recalled, disputed or revoked. A file decides by itself.
    pub accept_recalled: bool,
    /// Whether the metadata of a foreign token is accepted although nothing binds its bytes to the token.
    pub accept_unbound: bool,
    /// Whether the metadata of a foreign token is accepted although a web server sent it, which may answer differently tomorrow.
    pub accept_mutable: bool,
    /// What a policy file demands besides.
    pub file: Option<Box<Rules>>,
}

impl Policy {
    /// Returns the curators who are followed, each once.
    #[must_use]
    pub fn curators(&self) -> Vec<Address> {
        let mut curators = self.curators.clone();
        for curator in self.file.iter().flat_map(|rules| &rules.status.curators) {
            let curator = curator.signer().address();
            if !curators.contains(&curator) {
                curators.push(curator);
            }
        }
        curators
    }

    /// Tells whether the file names who has to have signed the files with OpenSSF model signing.
    #[must_use]
    pub fn names_signers_of_files(&self) -> bool {
        self.file.as_ref().is_some_and(|rules| rules.identities().next().is_some())
    }

    /// Tells whether a model is refused whose weights somebody else claimed earlier.
    #[must_use]
    pub fn wants_first_claim(&self) -> bool {
        self.first_claim || self.file.as_ref().is_some_and(|rules| rules.claim.first)
    }

    /// Tells whether a model is refused that runs code, or may.
    #[must_use]
    pub fn denies_code(&self) -> bool {
        self.deny_code || self.file.as_ref().is_some_and(|rules| rules.code.deny)
    }

    /// Tells what is done about a word against a token or an ancestor of it.
    #[must_use]
    pub fn reaction(&self, status: Status) -> Reaction {
        let Some(rules) = self.file.as_ref().map(|rules| &rules.status) else {
            let bad = matches!(status, Status::Recalled | Status::Disputed | Status::Revoked);
            return if bad && !self.accept_recalled { Reaction::Deny } else { Reaction::Allow };
        };
        match status {
            Status::Active => Reaction::Allow,
            Status::Deprecated => rules.deprecated,
            Status::Superseded => rules.superseded,
            Status::Recalled => rules.recalled,
            Status::Disputed => rules.disputed,
            Status::Revoked => rules.revoked,
        }
    }
}
