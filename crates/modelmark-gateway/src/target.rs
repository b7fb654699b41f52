//! What a request's path names: a CID and the names below it, each percent-decoded once.

use std::fmt::Write as _;

use cid::Cid;
use modelmark_digest::ContentId;

use crate::refusal::Refusal;

/// Multihash code of the hash that is the bytes themselves.
const IDENTITY: u64 = 0;
const RAW: u64 = 0x55;

/// What a content path begins at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// A block.
    Block(ContentId),
    /// A few bytes that stand in the CID itself. Clients probe a gateway with the empty one, `bafkqaaa`.
    Inline(Cid),
}

impl Root {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let refused = match ContentId::from_any_version(text) {
            Ok(id) => return Ok(Self::Block(id)),
            Err(error) => error,
        };
        match Cid::try_from(text) {
            Ok(cid) if cid.hash().code() == IDENTITY && cid.codec() == RAW => Ok(Self::Inline(cid)),
            _ => Err(Refusal::bad(refused.to_string())),
        }
    }

    /// Returns the CID as version 1 in base32.
    pub(crate) fn cid(&self) -> String {
        match self {
            Self::Block(id) => id.to_string(),
            Self::Inline(cid) => cid.to_string(),
        }
    }
}

/// A content path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) root: Root,
    /// The CID as it was spelled.
    pub(crate) spelled: String,
    pub(crate) names: Vec<String>,
    /// Whether the path ends with a slash.
    pub(crate) slash: bool,
}

impl Target {
    /// Reads what follows `/ipfs/` in a request's path.
    pub(crate) fn parse(rest: &str, most_names: usize) -> Result<Self, Refusal> {
        let path = decode(rest).ok_or_else(|| Refusal::bad("the path is not percent-encoded UTF-8"))?;
        let mut parts = path.split('/');
        let spelled = parts.next().unwrap_or_default().to_owned();
        let root = Root::parse(&spelled)?;
        let mut names = Vec::new();
        for part in parts {
            match part {
                "" | "." => {}
                ".." => {
                    names.pop().ok_or_else(|| Refusal::bad("the path leads out of its CID"))?;
                }
                name => names.push(name.to_owned()),
            }
            if names.len() > most_names {
                return Err(Refusal::bad(format!("the path has more than {most_names} names")));
            }
        }
        Ok(Self { root, spelled, names, slash: path.ends_with('/') })
    }

    /// Returns the path as RFC 3986 has it, everything but unreserved characters percent-encoded, from the CID on.
    pub(crate) fn encoded(&self) -> String {
        let mut path = self.root.cid();
        for name in &self.names {
            path.push('/');
            encode(name, &mut path);
        }
        if self.slash {
            path.push('/');
        }
        path
    }

    /// Returns the decoded path from `/ipfs/` on; none when it cannot stand in a header.
    pub(crate) fn plain(&self) -> Option<String> {
        let mut path = format!("/ipfs/{}", self.spelled);
        self.names.iter().for_each(|name| path.extend(["/", name]));
        if self.slash {
            path.push('/');
        }
        path.bytes().all(|byte| matches!(byte, b' '..=b'~')).then_some(path)
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high << 4 | low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Appends `text` with everything but unreserved characters percent-encoded.
pub(crate) fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed parse is a failed test")]
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    fn names(rest: &str) -> Result<(Vec<String>, bool), u16> {
        Target::parse(&format!("{FILE}{rest}"), 8).map(|target| (target.names, target.slash)).map_err(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn paths_are_decoded_once_and_lead_nowhere_else() {
        let is = |rest, expected: &[&str], slash| assert_eq!(names(rest), Ok((expected.iter().map(ToString::to_string).collect(), slash)));
        is("", &[], false);
        is("/", &[], true);
        is("/a/b", &["a", "b"], false);
        is("//a/./b/", &["a", "b"], true);
        is("/a%2Fb", &["a", "b"], false);
        is("/a%2F..%2Fplain%2Etxt", &["plain.txt"], false);
        is("/Portugal%252C+Espa%C3%B1a", &["Portugal%2C+España"], false);
        for bad in ["/..", "/a/../..", "/%zz", "/%4", "/%ff", "/1/2/3/4/5/6/7/8/9"] {
            assert_eq!(names(bad), Err(400), "{bad}");
        }
    }

    #[test]
    fn roots_are_blocks_and_bytes_in_a_cid() {
        let version_0 = Target::parse("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH/a", 8).unwrap();
        assert_eq!(version_0.encoded(), "bafybeif7ztnhq65lumvvtr4ekcwd2ifwgm3awq4zfr3srh462rwyinlb4y/a");
        assert_eq!(version_0.plain().unwrap(), "/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH/a");
        assert!(matches!(Target::parse("bafkqaaa", 8).unwrap().root, Root::Inline(cid) if cid.hash().digest().is_empty()));
        // Not a CID; dag-cbor; a SHA-512; nothing.
        for bad in ["x", "bafyreiaqi3kqiqmjs2c2a6x7hzrfcgvpbgxvqlahknnjgyhvl5b2jq7xja", "bafkrgqg5v46u2lp5vtqmfqgk", ""] {
            assert!(Target::parse(bad, 8).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(names in proptest::collection::vec("[^/\\p{C}]{1,12}", 0..8), slash: bool) {
            prop_assume!(!names.iter().any(|name| name == "." || name == ".."));
            let root = Root::parse(FILE).unwrap();
            let target = Target { root, spelled: FILE.to_owned(), slash, names };
            prop_assert_eq!(Target::parse(&target.encoded(), 8).unwrap(), target);
        }

        #[test]
        fn no_path_breaks_it(path in ".{0,200}") {
            let _ = Target::parse(&path, 8);
        }
    }
}
