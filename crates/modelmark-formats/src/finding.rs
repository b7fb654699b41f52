//! What a person should know about a file, by codes. Each code is public interface: scripts match on them, so they are never renamed or given another
//! meaning.

use std::fmt;

use serde::Serialize;

/// Something worth knowing about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: FindingCode,
    /// What was noticed, in words. May hold names from the file: escape it before showing it on a terminal.
    pub message: String,
}

/// How much a finding matters to somebody who is about to use the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Nothing happens by itself.
    Low,
    /// To be looked at before the model is used.
    Medium,
    /// Using the model as usual runs code, or is not possible.
    High,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $severity:ident;)+) => {
        /// What kind of thing was noticed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[non_exhaustive]
        pub enum FindingCode {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl FindingCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the code as machines read it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Returns how much it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
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
    /// Loading it with the usual tool runs code that stands in it or that it names.
    CodeBearing = "code.bearing", High;
    /// A container that code can hide in and that cannot be looked into: compressed, of an unknown kind, or malformed.
    CodeOpaque = "code.opaque", High;
    /// Code lies in the model. Nothing that was seen asks a loader to run it.
    CodeBeside = "code.beside", Medium;
    /// It does not run without code from elsewhere, such as the library of a custom operator.
    CodeNeeded = "code.needed", Medium;
    /// A template (Jinja) that programs carry out when they put a conversation into words.
    CodeTemplate = "code.template", Low;
    /// A pickle that holds nothing but data lies beside weights that need none.
    PickleBeside = "pickle.beside", Low;
    /// The weights are there in several formats, or several times.
    SeveralSets = "weights.several", Info;
    /// A set of weights holds the same as another that by its name is the same model.
    SameWeights = "weights.same", Info;
    /// A set of weights holds the same values as another, some in types of another width.
    OtherPrecision = "weights.precision", Info;
    /// A set of weights is another one, rounded to a narrower type, as far as can be told.
    RoundedWeights = "weights.rounded", Info;
    /// Of two sets of weights that by their names are the same model, one is a part of the other.
    PartOfWeights = "weights.part", Info;
    /// A set of weights shares tensors with another that by its name is the same model; the others are stored in another way, or differ.
    RelatedWeights = "weights.related", Low;
    /// Sets of weights that by their names are the same model cannot be compared: quantised, or not read.
    IncomparableWeights = "weights.incomparable", Info;
    /// A set of weights is another model than the set beside it that by its name is the same: which one is used depends on the program.
    DifferentWeights = "weights.different", Medium;
    /// The extension speaks of another format.
    Extension = "name.extension", Medium;
    /// The pointer of Git LFS stands in place of the file.
    Pointer = "file.pointer", High;
    /// The model names a file outside itself, which is read when it is loaded or run.
    Outside = "file.outside", High;
    /// A header is malformed or not true of its file.
    Malformed = "header.malformed", High;
    /// A part of the model is not there, although an index lists it or the other parts count it.
    ShardMissing = "shard.missing", High;
    /// A tensor stands in two shards of one model.
    ShardTwice = "shard.twice", High;
    /// A part of a model counts itself or its tensors wrongly.
    ShardCount = "shard.count", Medium;
    /// An index lists tensors that stand in no shard.
    IndexAbsent = "index.absent", Medium;
    /// Shards hold tensors that their index does not list: loaders pass them over.
    IndexUnlisted = "index.unlisted", Medium;
    /// A tensor stands in another shard than its index says.
    IndexElsewhere = "index.elsewhere", Medium;
    /// An index states another size than the tensors have.
    IndexSize = "index.size", Low;
    /// A key stands twice in an index: programs differ in which of the two they take.
    IndexTwice = "index.twice", High;
    /// An index names a file outside the model.
    IndexPath = "index.path", High;
    /// Tensors take parts of the same bytes without being the same.
    Overlap = "bytes.overlap", Medium;
    /// A tensor is stored as its values and their positions.
    Sparse = "tensor.sparse", Info;
    /// The weights lie in another file than the one that was named.
    ExternalBeside = "external.beside", Medium;
    /// A file with weights, which the model names, is not in it or too short.
    ExternalMissing = "external.missing", High;
    /// A file with weights has further names (hard links): whoever holds one of them can change it.
    ExternalLinked = "external.linked", Medium;
    /// A model states checksums of files with its weights that no reader checks, or that cannot be true: the digests of the files themselves count.
    ExternalChecksum = "external.checksum", Low;
    /// A path of the machine that made the model, which may tell who made it.
    Private = "privacy.path", Medium;
    /// Files of the model state different licences.
    LicenseConflict = "license.conflict", Medium;
    /// The model that this one is made from is named without a commit: its owner can change it.
    ParentUnpinned = "parent.unpinned", Low;
    /// Bytes after everything that the format accounts for.
    Trailing = "bytes.trailing", Low;
    /// A part of the file that is not a tensor.
    Stray = "member.stray", Low;
    /// Only a part of what the file says is kept.
    Cut = "contents.cut", Info;
}

impl FindingCode {
    /// Tells whether it is about code.
    #[must_use]
    pub const fn is_about_code(self) -> bool {
        matches!(self, Self::CodeBearing | Self::CodeOpaque | Self::CodeBeside | Self::CodeNeeded | Self::CodeTemplate)
    }

    /// Tells whether somebody who loads the model as usual runs code of the model's, or may for all that can be seen. What a policy without code refuses.
    #[must_use]
    pub const fn runs_code(self) -> bool {
        matches!(self, Self::CodeBearing | Self::CodeOpaque)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_one_way_and_once() {
        let all: std::collections::BTreeSet<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(all.len(), FindingCode::ALL.len());
        for code in FindingCode::ALL {
            assert_eq!(serde_json::json!(code), code.as_str());
            assert!(!code.explanation().is_empty());
        }
    }

    #[test]
    fn what_runs_code_is_grave() {
        assert!(FindingCode::ALL.iter().all(|code| !code.runs_code() || code.severity() == Severity::High));
    }
}
