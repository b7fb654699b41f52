//! Tokens that an index names for the model at hand. It is believed in nothing: what it names is confirmed on the chain or passed over with a note, and what it
//! hides, the chain's own logs show.

use modelmark_chain::{Address, Authenticity, Claim, MintedAt, Registry, TokenRef};
use modelmark_digest::Sha256Digest;

use super::{Gathering, pinned, with_causes};

/// How many tokens of an index are looked at for one model.
const MAX_LOOKED_AT: usize = 16;
/// How many of those that are passed over are told of.
const MAX_TOLD: usize = 3;

impl Gathering<'_> {
    /// Asks the index, if one is given. The time that it takes is its own, not that of chain and places.
    pub(super) async fn hinted(&self, digests: &[Sha256Digest]) -> (Vec<String>, Vec<String>) {
        let (mut tokens, mut notes) = (Vec::new(), Vec::new());
        let Some(index) = self.sources.index else { return (tokens, notes) };
        for digest in digests {
            match index.hints(digest).await {
                Ok(hints) => {
                    if hints.left_out > 0 {
                        notes.push(format!("the index {} names {} more tokens than are looked at", index.name(), hints.left_out));
                    }
                    tokens.extend(hints.tokens);
                }
                Err(error) => {
                    notes.push(format!("the index was no help: {}", with_causes(&error)));
                    break;
                }
            }
        }
        tokens.sort();
        tokens.dedup();
        (tokens, notes)
    }

    /// Returns those tokens that are what the index says, by the chain: of a registry that is ours or that the address book lists, and with these weights. Says
    /// of the others what they are.
    pub(super) async fn confirmed(
        &self,
        registry: &Registry,
        hints: &[String],
        known: &[TokenRef],
        weights: Sha256Digest,
        notes: &mut Vec<String>,
    ) -> Vec<(TokenRef, Claim)> {
        let (mut found, mut passed) = (Vec::new(), Vec::new());
        let mut looked = 0;
        for hint in hints {
            let confirmed = match hint.parse::<TokenRef>() {
                Ok(token) if known.contains(&token) => continue,
                Ok(_) if looked >= MAX_LOOKED_AT => Err("too many to look at".to_owned()),
                Ok(token) => {
                    looked += 1;
                    let look = self.deadline.within(self.confirm(registry, token, weights)).await;
                    look.and_then(|claim| claim).map(|claim| (token, claim))
                }
                Err(_) => Err("no name of a token".to_owned()),
            };
            match confirmed {
                Ok(claim) => found.push(claim),
                Err(why) => passed.push(format!("{hint}: {why}")),
            }
        }
        if let (Some(index), false) = (self.sources.index, passed.is_empty()) {
            let (count, told) = (passed.len(), passed.iter().take(MAX_TOLD).cloned().collect::<Vec<_>>().join("; "));
            let more = if count > MAX_TOLD { "; ..." } else { "" };
            notes.push(format!("the index {} names {count} tokens that were passed over: {told}{more}", index.name()));
        }
        found
    }

    async fn confirm(&self, registry: &Registry, token: TokenRef, weights: Sha256Digest) -> Result<Claim, String> {
        let chain = registry.chain();
        if token.chain() != chain.id() {
            return Err(format!("it is on another chain than {}", chain.id()));
        }
        let contract = modelmark_chain::authenticity(chain, token.contract(), self.sources.address_book).await;
        match contract.map_err(|error| with_causes(&error))? {
            Authenticity::Canonical
            | Authenticity::Collection { canonical_license_book: true, .. }
            | Authenticity::FactoryCollection { .. }
            | Authenticity::Listed { .. } => {}
            _ => return Err("its contract is no modelmark registry; name the token with --token if you mean it".to_owned()),
        }
        let registry = pinned::registry_at(registry, token.contract());
        let model = registry.model(token.id()).await.map_err(|error| with_causes(&error))?;
        let Some(model) = model else {
            // What the log tells is held against the id when the token is looked at, with its record.
            let logged = registry.logged(token.id()).await.map_err(|error| with_causes(&error))?;
            let logged = logged.ok_or("there is no such token")?;
            let claim = claim(token, logged.creator, logged.record, logged.minted);
            return if logged.weights == weights { Ok(claim) } else { Err("it is of other weights".to_owned()) };
        };
        if !model.is_bound() || model.weights != weights {
            return Err("it is of other weights".to_owned());
        }
        Ok(claim(token, model.creator, model.record, model.minted))
    }
}

fn claim(token: TokenRef, creator: Address, record: Sha256Digest, minted: MintedAt) -> Claim {
    // Where in its block the mint stands is not asked: it goes after those that are known.
    Claim { token_id: token.id(), creator, record, block: minted.block, log_index: u64::MAX, tx: minted.tx }
}
