//! How a model or dataset of the hub is named on a command line: `org/name` or `org/name@revision`.

use std::fmt;
use std::str::FromStr;

/// Longest part of a name, as on the hub.
const MAX_PART_BYTES: usize = 96;
/// How the addresses of datasets begin.
const DATASETS: &str = "datasets/";
/// Longest accepted revision.
const MAX_REVISION_BYTES: usize = 255;

/// A repository and perhaps a revision of it. Holds nothing that could lead out of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubName {
    repository: String,
    dataset: bool,
    revision: Option<String>,
}

/// The text does not name a model of the hub.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no name of a model on the Hugging Face hub (`org/name` or `org/name@revision`): {reason}")]
pub struct HubNameError {
    text: String,
    reason: &'static str,
}

impl HubName {
    /// Returns the repository, such as `org/name`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Reads the name of a dataset, which may begin with `datasets/` as the hub's addresses do.
    ///
    /// # Errors
    /// When the text names nothing on the hub.
    pub fn dataset(text: &str) -> Result<Self, HubNameError> {
        let name: Self = text.strip_prefix(DATASETS).unwrap_or(text).parse()?;
        Ok(Self { dataset: true, ..name })
    }

    /// Tells whether it is the name of a dataset.
    #[must_use]
    pub const fn is_dataset(&self) -> bool {
        self.dataset
    }

    /// Returns the repository as the hub's addresses have it: `org/name` of a model, `datasets/org/name` of a dataset.
    #[must_use]
    pub fn address(&self) -> String {
        let kind = if self.dataset { DATASETS } else { "" };
        format!("{kind}{}", self.repository)
    }

    /// Returns the branch, tag or commit, if one is named.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// Returns the name of the repository's folder in a cache.
    #[must_use]
    pub fn folder(&self) -> String {
        let kind = if self.dataset { "datasets" } else { "models" };
        format!("{kind}--{}", self.repository.replace('/', "--"))
    }
}

impl FromStr for HubName {
    type Err = HubNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (repository, revision) = text.split_once('@').map_or((text, None), |(name, revision)| (name, Some(revision)));
        let reason = fault(repository).or_else(|| revision.and_then(fault_of_revision));
        match reason {
            None => Ok(Self { repository: repository.to_owned(), dataset: false, revision: revision.map(str::to_owned) }),
            Some(reason) => Err(HubNameError { text: text.chars().take(200).collect(), reason }),
        }
    }
}

impl fmt::Display for HubName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())?;
        self.revision.iter().try_for_each(|revision| write!(f, "@{revision}"))
    }
}

/// The rules of the hub's own client for names.
fn fault(repository: &str) -> Option<&'static str> {
    let parts: Vec<&str> = repository.split('/').collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let well_formed = |part: &&str| {
        part.len() <= MAX_PART_BYTES && part.chars().all(plain) && edge(part.chars().next()) && edge(part.chars().next_back())
    };
    match () {
        () if parts.len() > 2 => Some("more than one slash"),
        () if !parts.iter().all(well_formed) => {
            Some("a part is empty, too long or has other characters than letters, digits, `-`, `_` and `.`")
        }
        () if repository.contains("--") || repository.contains("..") => Some("`--` and `..` are not allowed"),
        () if repository.ends_with(".git") => Some("it ends in `.git`"),
        () => None,
    }
}

/// Branches and tags may have slashes, and are files in a folder of the cache.
fn fault_of_revision(revision: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let safe = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(plain);
    let fine = revision.len() <= MAX_REVISION_BYTES && revision.split('/').all(safe);
    (!fine).then_some("the revision is no branch, tag or commit")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    #[test]
    fn names_are_read_as_the_hub_has_them() {
        let name: HubName = "Qwen/Qwen3-0.6B@refs/pr/1".parse().unwrap();
        assert_eq!((name.repository(), name.revision()), ("Qwen/Qwen3-0.6B", Some("refs/pr/1")));
        assert_eq!((name.folder().as_str(), name.to_string().as_str()), ("models--Qwen--Qwen3-0.6B", "Qwen/Qwen3-0.6B@refs/pr/1"));
        for text in ["org/data@v1", "datasets/org/data@v1"] {
            let data = HubName::dataset(text).unwrap();
            assert_eq!((data.folder().as_str(), data.to_string().as_str()), ("datasets--org--data", "datasets/org/data@v1"));
            assert!(data.is_dataset());
        }
        assert!(HubName::dataset("datasets/../x").is_err());
        let plain: HubName = "gpt2".parse().unwrap();
        assert_eq!((plain.folder().as_str(), plain.revision()), ("models--gpt2", None));
    }

    #[test]
    fn names_that_lead_elsewhere_are_none() {
        for text in [
            "",
            "/",
            "a/",
            "/a",
            "a/b/c",
            "..",
            "../x",
            "a/..",
            "a/.b",
            "a/b.",
            "-a/b",
            "a--b/c",
            "a..b/c",
            "a/b.git",
            "a b/c",
            "a/b@",
            "a/b@../x",
            "a/b@x/../y",
            "a/b@/x",
            "a/b@x//y",
            "a/b@x\0",
            "a\\b",
            "./a",
            "ü/b",
            "a/b@x@y",
        ] {
            assert!(text.parse::<HubName>().is_err(), "{text:?}");
        }
        assert!("a".repeat(97).parse::<HubName>().is_err());
        assert!(format!("a@{}", "r".repeat(256)).parse::<HubName>().is_err());
    }
}
