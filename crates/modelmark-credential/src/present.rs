//! What the holder of a selective-disclosure token does: choose what to show, and sign that for the reader who asked.

use serde_json::Value;

use crate::credential::IssueError;
use crate::disclosure::Disclosure;
use crate::holder::{Challenge, holder_key, prove};
use crate::key::SecretKey;
use crate::report::Fault;
use crate::sd_jwt::{Presented, joined};
use crate::unpack::{Step, check_hash, unpack};
use crate::{Instant, PublicKey};

/// So many places are named when a path leads nowhere.
const NAMED: usize = 1000;
/// Longest place that is named, in characters.
const MAX_PLACE: usize = 200;

/// A token with the disclosures that were chosen, and the holder's signature if there was a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// The compact form.
    pub token: String,
    /// How many disclosures it has.
    pub disclosed: usize,
    /// How many disclosures of the token at hand it has not.
    pub withheld: usize,
    /// The key that the token was issued to, if to one.
    pub holder: Option<PublicKey>,
}

/// A token cannot be presented so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// The text is no token with disclosures, or not a good one.
    #[error("not a token that can be presented: {0}")]
    Token(String),
    /// The token was presented already, for somebody.
    #[error("the token has a key binding already: present the one that was issued")]
    Bound,
    /// There is nothing at the path.
    #[error("the token has nothing at {path:?} to disclose")]
    NothingAt {
        /// The path.
        path: String,
        /// Where the token at hand has disclosures.
        held: Vec<String>,
    },
    /// The key is not the one that the token was issued to.
    #[error("the token was issued to {to}, not to {given}")]
    OtherHolder {
        /// The key in the token, or that there is none.
        to: String,
        /// The key that was given.
        given: String,
    },
    /// The key binding cannot be written.
    #[error(transparent)]
    Unwritable(#[from] IssueError),
}

impl From<Fault> for PresentError {
    fn from(fault: Fault) -> Self {
        Self::Token(fault.detail)
    }
}

/// Presents a token: with the disclosures at, above and below each of `paths` (JSON Pointers into its claims, RFC 6901) and no others.
///
/// With a key and a challenge the holder signs the presentation at the time `at`. The issuer's signature is left to those who verify.
///
/// # Errors
/// The text is no such token, a path leads nowhere, or the key is not the holder's.
pub fn present(
    token: &str,
    paths: &[&str],
    signing: Option<(&SecretKey, &Challenge<'_>)>,
    at: Instant,
) -> Result<Presentation, PresentError> {
    let presented = Presented::read(token.trim_ascii())?;
    if presented.binding.is_some() {
        return Err(PresentError::Bound);
    }
    let holder = holder_key(&presented.token.claims)?;
    let chosen = choose(&presented, paths)?;
    let texts = presented.texts.iter().zip(&chosen).filter_map(|(text, chosen)| chosen.then_some(*text));
    let mut token = joined(presented.text, texts);
    if let Some((key, challenge)) = signing {
        if holder.as_ref() != Some(&key.public()) {
            let to = holder.as_ref().map_or_else(|| "no key".into(), PublicKey::did);
            return Err(PresentError::OtherHolder { to, given: key.public().did() });
        }
        let binding = prove(&token, key, challenge, at)?;
        token.push_str(&binding);
    }
    let disclosed = chosen.iter().filter(|chosen| **chosen).count();
    Ok(Presentation { token, disclosed, withheld: chosen.len() - disclosed, holder })
}

/// Returns for each disclosure whether a path asks for it.
fn choose(presented: &Presented<'_>, paths: &[&str]) -> Result<Vec<bool>, PresentError> {
    let wanted: Vec<Vec<String>> = paths.iter().map(|path| steps(path)).collect();
    let (mut chosen, mut held) = (vec![false; presented.disclosures.len()], Vec::new());
    let disclosures: &[Disclosure] = &presented.disclosures;
    check_hash(&presented.token.claims)?;
    let unpacked = unpack(&presented.token.claims, disclosures, &mut |index, place| {
        if let Some(chosen) = chosen.get_mut(index) {
            *chosen = wanted.iter().any(|wanted| wanted.iter().zip(place).all(|(wanted, step)| is(*step, wanted)));
        }
        if held.len() < NAMED {
            held.push(pointer(place));
        }
    })?;
    let claims = Value::Object(unpacked.claims);
    match paths.iter().find(|path| claims.pointer(path).is_none()) {
        Some(path) => {
            held.sort_unstable();
            Err(PresentError::NothingAt { path: (*path).to_owned(), held })
        }
        None => Ok(chosen),
    }
}

/// Returns the steps of a JSON Pointer.
fn steps(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn is(step: Step<'_>, wanted: &str) -> bool {
    match step {
        Step::Name(name) => name == wanted,
        Step::Index(index) => wanted.parse() == Ok(index),
    }
}

/// Returns the JSON Pointer of a place, cut to what a message can carry.
fn pointer(place: &[Step<'_>]) -> String {
    let mut pointer = String::new();
    for step in place {
        pointer.push('/');
        match step {
            Step::Name(name) => pointer.extend(name.chars().take(MAX_PLACE).map(String::from).map(|c| match c.as_str() {
                "~" => "~0".to_owned(),
                "/" => "~1".to_owned(),
                _ => c,
            })),
            Step::Index(index) => pointer.push_str(&index.to_string()),
        }
    }
    crate::did::shorten(&pointer)
}
