//! What a gatherer tells the user besides the facts: contradictions, gaps, and what it left out on purpose.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// What kind of thing was noticed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl FindingCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the code as machines read it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Returns what the code says, for the reference page.
            #[must_use]
            pub fn explanation(self) -> String {
                match self { $(Self::$variant => [$($doc),+].concat(),)+ }.trim().to_owned()
            }
        }
    };
}

codes! {
    /// Two sources say different things; the more explicit one was taken.
    Conflict = "value.conflict",
    /// The configuration names a model that the record's lineage does not.
    UndeclaredParent = "lineage.undeclared",
    /// A parent is only named; without a digest or token it does not enter the lineage.
    UnboundParent = "lineage.unbound",
    /// The licence is not on the SPDX list.
    LicenseReference = "license.reference",
    /// A file could not be read; nothing was taken from it.
    Unreadable = "source.unreadable",
    /// One value of a file could not be used.
    Unusable = "value.unusable",
    /// Settings of a training run were found under names that are not taken by themselves.
    Untaken = "settings.untaken",
    /// More was found than a record holds, or than can be told apart; the rest was not taken.
    TooMany = "source.too-many",
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that the user should know before the record becomes immutable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: FindingCode,
    /// The field of the record that it concerns.
    pub field: String,
    /// What was noticed, in words.
    pub message: String,
}

/// A value that was found but must not become public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The field that it would have filled.
    pub field: String,
    /// The file that holds it.
    pub file: String,
    /// What was recognised in it.
    pub reason: &'static str,
}

/// The facts cannot be gathered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The user's own file is wrong. (A foreign file that is wrong is a [`Finding`].)
    #[error("{file}: {reason}")]
    Project {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
}
