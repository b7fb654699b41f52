//! The words that are one byte on chain and one word everywhere else.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::ModelInputError;

/// Defines an enum that is one byte on chain and one word everywhere else.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "lowercase")]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant = $number),* }

        impl $name {
            /// Returns the word that records, the command line and reports use.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Returns the number on chain.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = ModelInputError;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(ModelInputError::Word { what: $what, word: word.chars().take(80).collect() }),
                }
            }
        }

        impl TryFrom<u8> for $name {
            type Error = ModelInputError;

            fn try_from(number: u8) -> Result<Self, Self::Error> {
                match number {
                    $($number => Ok(Self::$variant),)*
                    _ => Err(ModelInputError::Word { what: $what, word: number.to_string() }),
                }
            }
        }
    };
}

words! {
    /// What a token stands for.
    Kind ("kind of token") {
        /// A whole model.
        Model = 0 "model",
        /// An adapter, useless without its base model.
        Adapter = 1 "adapter",
        /// A dataset.
        Dataset = 2 "dataset",
    }
}

words! {
    /// Where a token stands in its life.
    Status ("status") {
        /// Nothing speaks against it.
        Active = 0 "active",
        /// The creator advises against new use.
        Deprecated = 1 "deprecated",
        /// A newer version replaces it.
        Superseded = 2 "superseded",
        /// The creator withdraws it.
        Recalled = 3 "recalled",
        /// A curator disputes it.
        Disputed = 4 "disputed",
        /// A dispute was confirmed.
        Revoked = 5 "revoked",
    }
}

words! {
    /// How a child came from its parent.
    Relation ("relation") {
        /// The next version of the parent.
        Version = 0 "version",
        /// Trained further from the parent's weights.
        FineTune = 1 "finetune",
        /// An adapter for the parent.
        Adapter = 2 "adapter",
        /// Merged from the parent and others.
        Merge = 3 "merge",
        /// The parent with fewer bits.
        Quantized = 4 "quantized",
        /// The parent with parts removed.
        Pruned = 5 "pruned",
        /// Trained on the parent's outputs.
        Distilled = 6 "distilled",
        /// The parent in another format.
        Converted = 7 "converted",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a refused value is a failed test")]
    use super::*;

    #[test]
    fn words_and_numbers_agree() {
        for number in 0..8 {
            let relation = Relation::try_from(number).unwrap();
            assert_eq!((relation.number(), relation.word().parse()), (number, Ok(relation)));
        }
        assert!(Relation::try_from(8).is_err() && Kind::try_from(3).is_err() && Status::try_from(6).is_err());
        assert!("Merge".parse::<Relation>().is_err());
    }
}
