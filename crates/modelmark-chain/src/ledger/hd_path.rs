//! Which of a device's keys: a BIP-32 path, written in any of the usual ways.

use std::fmt;
use std::str::FromStr;

const HARDENED: u32 = 1 << 31;
/// The most steps that the app takes.
const MAX_STEPS: usize = 10;

/// A path from a device's seed to a key.
///
/// `m/44'/60'/0'/0/0`, with `h` for the apostrophe if the shell minds it; `live:3` is the fourth account of Ledger's own wallet (`m/44'/60'/3'/0/0`),
/// `legacy:3` the fourth of its old one (`m/44'/60'/0'/3`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HdPath(Vec<u32>);

/// The text is no such path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a path to a key: {reason} (wanted m/44'/60'/0'/0/0 or the like, live:N or legacy:N)")]
pub struct HdPathError {
    text: String,
    reason: &'static str,
}

impl HdPath {
    /// The number of steps and the steps, big-endian.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let count = u8::try_from(self.0.len()).unwrap_or(u8::MAX);
        std::iter::once(count).chain(self.0.iter().flat_map(|step| step.to_be_bytes())).collect()
    }
}

impl Default for HdPath {
    /// The first account of Ledger's own wallet, which is that of most others too.
    fn default() -> Self {
        Self(vec![44 | HARDENED, 60 | HARDENED, HARDENED, 0, 0])
    }
}

impl FromStr for HdPath {
    type Err = HdPathError;

    fn from_str(text: &str) -> Result<Self, HdPathError> {
        let wrong = |reason| HdPathError { text: text.chars().take(100).filter(|char| !char.is_control()).collect(), reason };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|step| digits && *step < HARDENED).ok_or_else(|| wrong("a step is a number below 2147483648"))
        };
        if let Some(index) = text.strip_prefix("live:") {
            return Ok(Self(vec![44 | HARDENED, 60 | HARDENED, number(index)? | HARDENED, 0, 0]));
        }
        if let Some(index) = text.strip_prefix("legacy:") {
            return Ok(Self(vec![44 | HARDENED, 60 | HARDENED, HARDENED, number(index)?]));
        }
        let step = |text: &str| match text.strip_suffix(['\'', 'h', 'H']) {
            Some(text) => number(text).map(|step| step | HARDENED),
            None => number(text),
        };
        let steps = text.strip_prefix("m/").unwrap_or(text).split('/').take(MAX_STEPS + 1).map(step).collect::<Result<Vec<_>, _>>()?;
        if steps.len() > MAX_STEPS { Err(wrong("it has more than 10 steps")) } else { Ok(Self(steps)) }
    }
}

impl fmt::Display for HdPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("m")?;
        self.0.iter().try_for_each(|step| write!(f, "/{}{}", step & !HARDENED, if step & HARDENED == 0 { "" } else { "'" }))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a path that is not read is a failed test")]
    use super::*;

    #[test]
    fn the_usual_spellings_name_the_same_key() {
        let shown = |text: &str| text.parse::<HdPath>().unwrap().to_string();
        for same in ["m/44'/60'/0'/0/0", "44'/60'/0'/0/0", "m/44h/60H/0h/0/0", "live:0"] {
            assert_eq!(same.parse::<HdPath>().unwrap(), HdPath::default(), "{same}");
        }
        assert_eq!(shown("live:3"), "m/44'/60'/3'/0/0");
        assert_eq!(shown("legacy:3"), "m/44'/60'/0'/3");
        assert_eq!(shown("m/2147483647'"), "m/2147483647'");
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let long = ["0"; 11].join("/");
        for text in
            ["", "m", "m/", "m//0", "m/-1", "m/+1", "m/2147483648", "m/0''", "m/0x1", "live:", "live:0'", "legacy:a", " m/0", "m/0/", &long]
        {
            let error = text.parse::<HdPath>().unwrap_err();
            assert!(error.to_string().contains("is not a path"), "{text}: {error}");
        }
        assert!("m/0/1/2/3/4/5/6/7/8/9".parse::<HdPath>().is_ok());
    }
}
