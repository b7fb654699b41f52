//! How many places have to keep something before anybody relies on it.
//!
//! ```text
//! policy = term { "and" term }
//! term   = "all" | ("all" | NUMBER) "of" "{" member { "," member } "}"
//! member = kind of place | URL of a place
//! ```

use std::fmt;
use std::str::FromStr;

use crate::Address;

/// Longest policy in bytes.
const MAX_BYTES: usize = 4096;
/// Most members of a set, and most terms.
const MAX_PARTS: usize = 64;

/// A demand on redundancy, such as `2 of {ipfs, arweave, s3}`. The default, `all`, is met when every place that was named keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy(Vec<Term>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// Every place that was named.
    All,
    /// So many of these.
    Of { needed: usize, members: Vec<Member> },
}

/// Counts once, however many places it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Kind(Kind),
    Place(Address),
}

/// A kind of place, as policies name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    name: &'static str,
    schemes: &'static [&'static str],
}

/// The kinds, and the schemes of the places that are of each.
const KINDS: [Kind; 10] = [
    Kind { name: "ipfs", schemes: &["ipfs+http", "ipfs+https", "pinning+http", "pinning+https", "pinata"] },
    Kind { name: "kubo", schemes: &["ipfs+http", "ipfs+https"] },
    Kind { name: "pinning", schemes: &["pinning+http", "pinning+https"] },
    Kind { name: "pinata", schemes: &["pinata"] },
    Kind { name: "arweave", schemes: &["ar", "ar+http", "ar+https"] },
    Kind { name: "s3", schemes: &["s3"] },
    Kind { name: "gs", schemes: &["gs"] },
    Kind { name: "az", schemes: &["az"] },
    Kind { name: "cloud", schemes: &["s3", "gs", "az"] },
    Kind { name: "file", schemes: &["file"] },
];

impl Default for Policy {
    fn default() -> Self {
        Self(vec![Term::All])
    }
}

impl Policy {
    /// Tells what is still missing when of the places that were `named` those in `kept` keep it: one line a demand; none when the policy is met.
    #[must_use]
    pub fn missing(&self, named: &[Address], kept: &[Address]) -> Vec<String> {
        self.0.iter().filter_map(|term| term.missing(named, kept)).collect()
    }

    /// Refuses a policy that the places that were `named` cannot meet, even if all of them keep it.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn check_possible(&self, named: &[Address]) -> Result<(), String> {
        match self.missing(named, named).as_slice() {
            [] => Ok(()),
            missing => Err(format!("`{self}` cannot be met by the places that are named: {}", missing.join("; "))),
        }
    }
}

impl Term {
    fn missing(&self, named: &[Address], kept: &[Address]) -> Option<String> {
        match self {
            Self::All => {
                let left: Vec<String> = named.iter().filter(|place| !kept.contains(place)).map(ToString::to_string).collect();
                (!left.is_empty()).then(|| format!("{} of {} places", left.len(), named.len()))
            }
            Self::Of { needed, members } => {
                let have = members.iter().filter(|member| kept.iter().any(|place| member.is(place))).count();
                (have < *needed).then(|| format!("`{self}` has {have}"))
            }
        }
    }
}

impl Member {
    fn is(&self, place: &Address) -> bool {
        match self {
            Self::Kind(kind) => kind.schemes.contains(&place.scheme()),
            Self::Place(address) => address == place,
        }
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        bounded(text)?;
        let mut rest = text.trim();
        let mut terms = Vec::new();
        loop {
            let (term, after) = term(rest).map_err(|reason| format!("{reason}; write it like `2 of {{ipfs, arweave, s3}}`, or `all`"))?;
            terms.push(term);
            if after.is_empty() {
                let policy = Self(terms);
                // URLs grow when what they may not hold is escaped, and what is shown has to read back.
                return bounded(&policy.to_string()).map(|()| policy);
            }
            rest = keyword(after, "and").ok_or_else(|| format!("`{after}` where `and` or the end was expected"))?;
            if terms.len() >= MAX_PARTS {
                return Err(format!("more than {MAX_PARTS} demands in one policy"));
            }
        }
    }
}

fn bounded(text: &str) -> Result<(), String> {
    if text.len() > MAX_BYTES { Err(format!("a policy of {} bytes; at most {MAX_BYTES} are accepted", text.len())) } else { Ok(()) }
}

/// Reads one term, and returns what follows it.
fn term(text: &str) -> Result<(Term, &str), String> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (count, rest) = text.split_at(end);
    let Some(rest) = keyword(rest.trim_start(), "of") else {
        return if count == "all" { Ok((Term::All, rest.trim_start())) } else { Err(format!("`{text}` is no demand")) };
    };
    let set = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let (set, after) = set.ok_or_else(|| format!("`{rest}` is no set in braces"))?;
    let members = set.split(',').map(|member| member.trim().parse()).collect::<Result<Vec<Member>, _>>()?;
    if members.len() > MAX_PARTS {
        return Err(format!("a set of {} members; at most {MAX_PARTS} are accepted", members.len()));
    }
    if let Some(twice) = members.iter().enumerate().find(|(at, member)| members.iter().take(*at).any(|earlier| earlier == *member)) {
        return Err(format!("`{}` is twice in one set", twice.1));
    }
    let needed = match count {
        "all" => members.len(),
        number => number.parse().map_err(|_| format!("`{number}` is no number"))?,
    };
    if needed == 0 || needed > members.len() {
        return Err(format!("{needed} of a set of {}", members.len()));
    }
    Ok((Term::Of { needed, members }, after.trim_start()))
}

/// Returns what follows the word, if the text starts with it.
fn keyword<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\n', '{'])).then(|| rest.trim_start())
}

impl FromStr for Member {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            let place: Address = text.parse()?;
            let shown = place.to_string();
            // Two slashes behind a path name no host and no folder, and may be gone when the URL is shown.
            return match shown.contains("://") && shown.parse().as_ref() == Ok(&place) {
                true => Ok(Self::Place(place)),
                false => Err(format!("`{text}` is no URL of a place")),
            };
        }
        let kind = KINDS.into_iter().find(|kind| kind.name == text);
        let known = || KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
        kind.map(Self::Kind).ok_or_else(|| format!("`{text}` is no kind of place ({}) and no URL", known()))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, &self.0, " and ")
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Of { needed, members } => {
                write!(f, "{needed} of {{")?;
                separated(f, members, ", ")?;
                f.write_str("}")
            }
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => f.write_str(kind.name),
            Self::Place(address) => address.fmt(f),
        }
    }
}

fn separated<T: fmt::Display>(f: &mut fmt::Formatter<'_>, parts: &[T], separator: &str) -> fmt::Result {
    parts.iter().enumerate().try_for_each(|(at, part)| write!(f, "{}{part}", if at == 0 { "" } else { separator }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test says where")]

    use proptest::prelude::*;

    use super::*;

    fn places(urls: &[&str]) -> Vec<Address> {
        urls.iter().map(|url| url.parse().unwrap()).collect()
    }

    fn policy(text: &str) -> Policy {
        text.parse().unwrap()
    }

    #[test]
    fn two_of_three_kinds() {
        let policy = policy("2 of {ipfs, arweave, s3}");
        let named = places(&["ipfs+http://127.0.0.1:5001", "pinning+https://pins.example", "ar://arweave.net", "s3://bucket/a"]);
        assert_eq!(policy.missing(&named, &named), Vec::<String>::new());
        // Two places of one kind count once.
        assert_eq!(policy.missing(&named, &named[..2]), ["`2 of {ipfs, arweave, s3}` has 1"]);
        assert_eq!(policy.missing(&named, &named[1..3]), Vec::<String>::new());
        assert!(policy.check_possible(&named[..2]).unwrap_err().contains("cannot be met"));
    }

    #[test]
    fn all_are_those_that_were_named() {
        let named = places(&["file:///a", "file:///b"]);
        assert_eq!(Policy::default().missing(&named, &named[..1]), ["1 of 2 places"]);
        assert_eq!(Policy::default().missing(&named, &named), Vec::<String>::new());
        assert_eq!(Policy::default().missing(&[], &[]), Vec::<String>::new());
    }

    #[test]
    fn demands_are_joined() {
        let policy = policy(" 1 of {file:///a,file:///b} and all of{ s3 , gs } and all ");
        assert_eq!(policy.to_string(), "1 of {file:///a, file:///b} and 2 of {s3, gs} and all");
        let named = places(&["file:///b", "s3://x", "gs://y"]);
        assert_eq!(policy.missing(&named, &named), Vec::<String>::new());
        assert_eq!(policy.missing(&named, &named[..2]).len(), 2);
    }

    /// Found by fuzzing: a URL that is hardly more than slashes was shown as what is no policy.
    #[test]
    fn a_slash_at_the_end_makes_no_other_place() {
        for text in ["all of{pin://}", "1 of {file:///}", "1 of {s3://b/}", "2 of {s3://b/a//, https://g.example/}", "1 of {x:///}"] {
            assert_eq!(policy(&policy(text).to_string()), policy(text), "{text}");
        }
        let (named, again) = (places(&["s3://b/a"]), places(&["s3://b/a/"]));
        assert_eq!(named, again);
        assert!(policy("2 of {s3, file}").check_possible(&[named, again].concat()).is_err());
        assert!("2 of {s3://b, s3://b/}".parse::<Policy>().unwrap_err().contains("twice in one set"));
    }

    /// Found by fuzzing.
    #[test]
    fn slashes_behind_a_path_make_no_place() {
        assert!("1 of {fop:/a://..}".parse::<Policy>().unwrap_err().contains("no URL of a place"));
    }

    /// Found by fuzzing.
    #[test]
    fn what_grows_too_long_is_refused() {
        let text = format!("1 of {{s3://b/{}x}}", "\u{1}".repeat(2000));
        assert!(text.parse::<Policy>().unwrap_err().contains("a policy of 6"));
    }

    #[test]
    fn what_is_no_policy_is_told() {
        for (text, word) in [
            ("", "no demand"),
            ("2", "no demand"),
            ("two of {ipfs}", "no number"),
            ("0 of {ipfs}", "0 of a set"),
            ("2 of {ipfs}", "2 of a set"),
            ("1 of {}", "no kind of place"),
            ("1 of {ipfs", "no set in braces"),
            ("1 of ipfs", "no set in braces"),
            ("1 of {ipfs, ipfs}", "twice"),
            ("1 of {tape}", "no kind of place"),
            ("1 of {s3://u:p@b}", "no user name"),
            ("all or nothing", "`and` or the end"),
            ("all and", "no demand"),
            ("-1 of {ipfs}", "no number"),
        ] {
            let error = text.parse::<Policy>().unwrap_err();
            assert!(error.contains(word), "{text:?}: {error}");
        }
        assert!("all and ".repeat(65).parse::<Policy>().is_err());
        assert!("x".repeat(5000).parse::<Policy>().unwrap_err().contains("5000 bytes"));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in "[a-z0-9 ,{}:/]{0,40}|(1|2|all) of \\{(ipfs|s3|az|file:///[a-z]{1,3})(, ?(gs|arweave))?\\}( and all)?") {
            if let Ok(policy) = text.parse::<Policy>() {
                prop_assert_eq!(policy.to_string().parse::<Policy>(), Ok(policy));
            }
        }
    }
}
