//! How a token and its ancestors stand, as it was found: what creators say of their own, and what the curators say whom the reader follows.

use std::fmt;

use modelmark_chain::{Judgement, Relation, Status, TokenRef};
use modelmark_digest::Sha256Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Look;
use crate::evidence::stored::{self, Step};

/// What is said of one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Standing {
    /// What its creator says.
    #[serde(with = "stored::spelled")]
    #[schemars(with = "String")]
    pub creator: Status,
    /// What the curators say whom the reader follows.
    #[serde(with = "stored::judgements")]
    #[schemars(with = "Look<Vec<stored::CuratorWord>>")]
    pub curators: Look<Vec<Judgement>>,
}

/// The way from a token to one of its ancestors: each step is a parent of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Step>", into = "Vec<Step>")]
pub struct Descent(pub Vec<(Relation, TokenRef)>);

/// One ancestor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ancestor {
    /// How the verified token comes from it; never empty.
    pub descent: Descent,
    /// Digest of its weights' CID.
    #[schemars(with = "String")]
    pub weights: Sha256Digest,
    /// Its record's id.
    #[schemars(with = "String")]
    pub record: Sha256Digest,
    /// How it stands.
    pub standing: Standing,
}

/// What a token comes from, as far as it was followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ancestry {
    /// Those that were looked at, nearest first.
    pub ancestors: Vec<Ancestor>,
    /// Those that nobody can look at from here, each with the reason: claimed parents in other registries, and tokens that are in the log alone.
    pub beyond: Vec<(Descent, String)>,
    /// Why the rest was not looked at, when there is a rest.
    pub cut_short: Option<String>,
}

impl Standing {
    /// Returns what is said of the token besides that it is active, one sentence for each voice.
    #[must_use]
    pub fn voices(&self) -> Vec<(Status, String)> {
        let own = (self.creator != Status::Active).then(|| (self.creator, format!("{}, says its creator", self.creator)));
        let judged = self.curators.found().into_iter().flatten().filter(|judgement| judgement.status != Status::Active);
        let judged = judged.map(|judgement| {
            let evidence = if judgement.evidence.is_zero() { String::new() } else { format!(", evidence {}", judgement.evidence) };
            (judgement.status, format!("{}, says {}{evidence}", judgement.status, judgement.curator))
        });
        own.into_iter().chain(judged).collect()
    }
}

impl Descent {
    /// Returns the way one step further.
    #[must_use]
    pub fn then(&self, relation: Relation, parent: TokenRef) -> Self {
        let mut steps = self.0.clone();
        steps.push((relation, parent));
        Self(steps)
    }

    /// Returns the token at its end.
    #[must_use]
    pub fn end(&self) -> Option<TokenRef> {
        self.0.last().map(|(_, token)| *token)
    }
}

/// From the verified token outwards: `merge of T2, finetune of T1`.
impl fmt::Display for Descent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (relation, token)) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{relation} of {token}")?;
        }
        Ok(())
    }
}
