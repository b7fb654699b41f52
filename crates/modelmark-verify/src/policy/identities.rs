//! Whom a policy names to sign the files with OpenSSF model signing. What a file beside the policy says is put in its place before anything is judged: a
//! policy that is judged by, or stated in a summary, says all by itself.

use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use modelmark_digest::Sha256Digest;
use modelmark_record::Label;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::demands::Digest;
use super::rules::Rules;
use crate::{FoundSignature, OmsSigner};

/// Most characters of keys, certificates and trusted roots that stand in a policy.
const MAX_TEXT: usize = 64 << 10;
/// Most `*` in a pattern.
const MAX_STARS: usize = 8;

/// Who may have signed the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Identity {
    /// The holder of a key.
    Key(Key),
    /// Who was logged in somewhere while signing.
    Keyless {
        /// Who.
        who: Who,
        /// Where, letter by letter.
        issuer: Label,
        /// Who vouches for that, in the form of Sigstore's `trusted_root.json`; without, Sigstore's public instance does.
        vouching: Option<Vouching>,
    },
    /// For whom certificates vouch.
    Certificate {
        /// Authorities, or signers' own certificates, in PEM.
        vouching: Vouching,
        /// The subject of the signer's certificate, as RFC 4514 writes it, letter by letter; anybody's when left out.
        subject: Option<Label>,
    },
}

/// A key, as policies name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// By the SHA-256 of its PEM text: its id in signatures of OpenSSF model signing.
    Fingerprint(Digest),
    /// By its PEM text.
    Pem(String),
    /// By a file with its PEM text.
    File(Beside),
    /// By a DID that is the key.
    Did(Label),
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Letter by letter: an e-mail address, or the URI of a workflow.
    Exactly(Label),
    /// The same with `*` for what may be there.
    Like(Pattern),
}

/// Who vouches for signers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouching {
    /// As it stands in the policy.
    Text(String),
    /// As it stands in a file.
    File(Beside),
}

/// The path of a file below the folder that the policy file lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside(String);

/// A text with `*` for one or more characters, of which none is `/` or `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Label);

/// Who may have signed the files with OpenSSF model signing: the holder of a key (one of `key`, `pem`, `file`, `did`), who was logged in (`identity` or
/// `identity-pattern`, and `issuer`), or for whom certificates vouch (`roots` or `roots-file`).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "Identity")]
struct Written {
    /// SHA-256 of the key's PEM text, 0x-hex: its id in signatures of OpenSSF model signing.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Digest>,
    /// The public key in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pem: Option<String>,
    /// File with the public key in PEM, below the folder that the policy file lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    file: Option<String>,
    /// The key as `did:key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    did: Option<Label>,
    /// Letter by letter: an e-mail address, or the URI of a workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<Label>,
    /// The same with `*` for one or more characters, of which none is `/` or `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_pattern: Option<Label>,
    /// Where they were logged in, letter by letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<Label>,
    /// Who vouches for that, as the text of a `trusted_root.json`; Sigstore's public instance when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    trust_root: Option<String>,
    /// The same as a file, below the folder that the policy file lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    trust_root_file: Option<String>,
    /// Certificates in PEM that vouch for signers: authorities, or the signers' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    roots: Option<String>,
    /// The same as a file, below the folder that the policy file lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    roots_file: Option<String>,
    /// The subject of the signer's certificate, as RFC 4514 writes it, letter by letter; anybody's when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Label>,
}

impl JsonSchema for Identity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Written::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}

impl TryFrom<Written> for Identity {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { key, pem, file, did, identity, identity_pattern, issuer, trust_root, trust_root_file, roots, roots_file, subject } =
            written;
        let keys = [key.map(Key::Fingerprint), pem.map(text).transpose()?.map(Key::Pem), beside(file)?.map(Key::File), did.map(Key::Did)];
        let who = [identity.map(Who::Exactly), identity_pattern.map(Pattern::try_from).transpose()?.map(Who::Like)];
        let root = vouching(trust_root, trust_root_file, "`trust-root` and `trust-root-file`")?;
        let roots = vouching(roots, roots_file, "`roots` and `roots-file`")?;
        let (keys, who): (Vec<_>, Vec<_>) = (keys.into_iter().flatten().collect(), who.into_iter().flatten().collect());
        match (<[Key; 1]>::try_from(keys), <[Who; 1]>::try_from(who), issuer, root, roots, subject) {
            (Ok([key]), Err(none), None, None, None, None) if none.is_empty() => Ok(Self::Key(key)),
            (Err(none), Ok([who]), Some(issuer), vouching, None, None) if none.is_empty() => Ok(Self::Keyless { who, issuer, vouching }),
            (Err(keys), Err(who), None, None, Some(vouching), subject) if keys.is_empty() && who.is_empty() => {
                Ok(Self::Certificate { vouching, subject })
            }
            _ => Err("an identity is one of these: one of `key`, `pem`, `file` and `did`; `identity` or `identity-pattern`, with `issuer` and if need be \
                 `trust-root` or `trust-root-file`; `roots` or `roots-file`, and if need be `subject`"
                .to_owned()),
        }
    }
}

fn text(text: String) -> Result<String, String> {
    if text.len() > MAX_TEXT { Err(format!("it is longer than {MAX_TEXT} bytes")) } else { Ok(text) }
}

fn beside(path: Option<String>) -> Result<Option<Beside>, String> {
    path.map(|path| path.parse()).transpose()
}

fn vouching(inline: Option<String>, file: Option<String>, names: &str) -> Result<Option<Vouching>, String> {
    match (inline, file) {
        (Some(_), Some(_)) => Err(format!("of {names} one is enough")),
        (inline, file) => Ok(inline.map(text).transpose()?.map(Vouching::Text).or(beside(file)?.map(Vouching::File))),
    }
}

impl From<Identity> for Written {
    fn from(identity: Identity) -> Self {
        let none = Self::default();
        match identity {
            Identity::Key(Key::Fingerprint(key)) => Self { key: Some(key), ..none },
            Identity::Key(Key::Pem(pem)) => Self { pem: Some(pem), ..none },
            Identity::Key(Key::File(file)) => Self { file: Some(file.0), ..none },
            Identity::Key(Key::Did(did)) => Self { did: Some(did), ..none },
            Identity::Keyless { who, issuer, vouching } => {
                let (identity, identity_pattern) = match who {
                    Who::Exactly(who) => (Some(who), None),
                    Who::Like(pattern) => (None, Some(pattern.0)),
                };
                let (trust_root, trust_root_file) = Vouching::written(vouching);
                Self { identity, identity_pattern, issuer: Some(issuer), trust_root, trust_root_file, ..none }
            }
            Identity::Certificate { vouching, subject } => {
                let (roots, roots_file) = Vouching::written(Some(vouching));
                Self { roots, roots_file, subject, ..none }
            }
        }
    }
}

impl Vouching {
    fn written(vouching: Option<Self>) -> (Option<String>, Option<String>) {
        match vouching {
            None => (None, None),
            Some(Self::Text(text)) => (Some(text), None),
            Some(Self::File(file)) => (None, Some(file.0)),
        }
    }

    /// Returns what signatures are known by that were held against it; `None` while it stands in a file.
    #[must_use]
    pub fn digest(&self) -> Option<Sha256Digest> {
        match self {
            Self::Text(text) => Some(Sha256Digest::of(text.as_bytes())),
            Self::File(_) => None,
        }
    }
}

impl Identity {
    /// Tells whether a signature that was found is by whom this names.
    #[must_use]
    pub fn is(&self, found: &FoundSignature) -> bool {
        let Some(signer) = found.signer() else { return false };
        match (self, signer) {
            (Self::Key(Key::Fingerprint(key)), OmsSigner::Key(signer)) => key.get() == signer,
            (Self::Keyless { who, issuer, vouching }, OmsSigner::Keyless { identity, issuer: by }) => {
                let vouched = vouching.as_ref().map_or(Some(None), |vouching| vouching.digest().map(Some));
                who.is(identity) && issuer.as_str() == by && vouched == Some(found.vouched)
            }
            (Self::Certificate { vouching, subject }, OmsSigner::Certificate { subject: signer, .. }) => {
                let named = subject.as_ref().is_none_or(|subject| subject.as_str() == signer);
                named && vouching.digest().is_some_and(|digest| Some(digest) == found.vouched)
            }
            _ => false,
        }
    }

    /// Tells whether more than one signer may be meant.
    pub(super) const fn means_several(&self) -> bool {
        matches!(self, Self::Keyless { who: Who::Like(_), .. } | Self::Certificate { subject: None, .. })
    }
}

impl Who {
    /// Tells whether this is who is meant.
    #[must_use]
    pub fn is(&self, who: &str) -> bool {
        match self {
            Self::Exactly(name) => name.as_str() == who,
            Self::Like(pattern) => pattern.fits(who),
        }
    }
}

impl Pattern {
    /// Tells whether a text has the pattern's form, from its beginning to its end.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let parts: Vec<&str> = self.0.as_str().split('*').collect();
        let [first, middle @ .., last] = parts.as_slice() else { return false };
        let Some(mut rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
        // The first place that fits is as good as any later one: what stands for a `*` only grows by characters that it may not have.
        for part in middle {
            let Some((before, after)) = rest.char_indices().skip(1).find_map(|(at, _)| {
                let (before, after) = rest.split_at_checked(at)?;
                Some((before, after.strip_prefix(part)?))
            }) else {
                return false;
            };
            if !stands_for_star(before) {
                return false;
            }
            rest = after;
        }
        stands_for_star(rest)
    }

    /// Tells whether anybody at all could be meant: a workflow of any owner, or an address of any domain.
    pub(super) fn is_wide(&self) -> bool {
        let text = self.0.as_str();
        match text.split_once("://") {
            // Host and owner.
            Some((_, rest)) => rest.split('/').take(2).any(|part| part.contains('*')) || rest.split('/').count() < 3,
            None => text.rsplit_once('@').is_none_or(|(_, domain)| domain.contains('*')),
        }
    }
}

fn stands_for_star(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '@'])
}

impl TryFrom<Label> for Pattern {
    type Error = String;

    fn try_from(text: Label) -> Result<Self, String> {
        match text.as_str().matches('*').count() {
            0 => Err("an identity-pattern has a `*`; without, it is an `identity`".to_owned()),
            1..=MAX_STARS if !text.as_str().contains("**") => Ok(Self(text)),
            1..=MAX_STARS => Err("`**` says no more than `*`".to_owned()),
            _ => Err(format!("an identity-pattern has at most {MAX_STARS} `*`")),
        }
    }
}

impl Beside {
    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl FromStr for Beside {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if path.is_empty() || path.len() > 512 || !inside || path.contains(['\\', '\0', ':']) {
            let shown: String = path.chars().take(100).collect();
            return Err(format!("{shown:?} is no path below the folder that the policy file lies in, such as \"keys/release.pub.pem\""));
        }
        Ok(Self(path.to_owned()))
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(Key::Fingerprint(key)) => write!(f, "the holder of the key {key}"),
            Self::Key(Key::Pem(_)) => f.write_str("the holder of a key that stands in the policy"),
            Self::Key(Key::File(file)) => write!(f, "the holder of the key in {file}"),
            Self::Key(Key::Did(did)) => write!(f, "the holder of {did}"),
            Self::Keyless { who, issuer, vouching } => {
                match who {
                    Who::Exactly(who) => write!(f, "{who}, logged in at {issuer}")?,
                    Who::Like(pattern) => write!(f, "anybody like {}, logged in at {issuer}", pattern.0)?,
                }
                if vouching.is_some() { f.write_str(", by a trusted root of the policy's own") } else { Ok(()) }
            }
            Self::Certificate { subject: Some(subject), .. } => write!(f, "{subject}, for whom certificates of the policy vouch"),
            Self::Certificate { subject: None, .. } => f.write_str("anybody for whom certificates of the policy vouch"),
        }
    }
}

impl Rules {
    /// Returns all who are named to have signed the files: those of whom one has to have, and those of thresholds.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.identities.iter().chain(self.signers.thresholds.iter().flat_map(|threshold| &threshold.identities))
    }

    /// Returns the same, so that what stands in files can be put in its place.
    pub fn identities_mut(&mut self) -> impl Iterator<Item = &mut Identity> {
        self.identities.iter_mut().chain(self.signers.thresholds.iter_mut().flat_map(|threshold| &mut threshold.identities))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a broken expectation is a failed test")]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::try_from(text.parse::<Label>().unwrap()).unwrap()
    }

    #[test]
    fn patterns_take_what_they_say_and_nothing_longer() {
        for (form, text, fits) in [
            ("*@example.com", "me@example.com", true),
            ("*@example.com", "@example.com", false),
            ("*@example.com", "me@example.com.evil.org", false),
            ("*@example.com", "me@evil.org/@example.com", false),
            ("*@example.com", "me@x@example.com", false),
            ("me@*.example.com", "me@a.b.example.com", true),
            (
                "https://github.com/org/*/.github/workflows/*.yml@refs/heads/main",
                "https://github.com/org/a/.github/workflows/b.yml@refs/heads/main",
                true,
            ),
            (
                "https://github.com/org/*/.github/workflows/*.yml@refs/heads/main",
                "https://github.com/org/a/b/.github/workflows/b.yml@refs/heads/main",
                false,
            ),
            (
                "https://github.com/org/*/.github/workflows/*.yml@refs/heads/main",
                "https://github.com/org/a/.github/workflows/b.yml@refs/heads/main2",
                false,
            ),
            ("https://github.com/org/*", "https://github.com/org/", false),
            ("https://github.com/org/*", "https://github.com/organisation/x", false),
            ("a*b*c", "axbxbxc", true),
            ("a*b*c", "abc", false),
            ("ä*ö", "äüö", true),
            ("*", "anybody", true),
        ] {
            assert_eq!(pattern(form).fits(text), fits, "{form} {text}");
        }
    }

    #[test]
    fn patterns_for_everybody_are_noticed() {
        for (form, wide) in [
            ("*", true),
            ("*@example.com", false),
            ("me@*", true),
            ("https://github.com/*/x", true),
            ("https://*/org/x", true),
            ("https://github.com/org*/x", true),
            ("https://github.com/*", true),
            ("https://github.com/org/*", false),
        ] {
            assert_eq!(pattern(form).is_wide(), wide, "{form}");
        }
    }

    #[test]
    fn files_lie_beside_the_policy() {
        for good in ["a.pem", "keys/a.pem", "keys/sub/a b.pem", "..a"] {
            assert_eq!(good.parse::<Beside>().unwrap().path(), Path::new(good));
        }
        for bad in ["", "/etc/passwd", "../a.pem", "keys/../../a.pem", "./a.pem", "a\\b", "c:a", "a\0b", &"a".repeat(513)] {
            assert!(bad.parse::<Beside>().is_err(), "{bad:?}");
        }
    }
}
